"""The answers of the rules for repetitions whose faults are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import rankdata

from hipform.analysis.judged_reps import SetResult
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Status
from scripts.evaluate.reps import Matching
from scripts.evaluate.truth import TrueFault, TrueRep

NOT_COUNTED = "not_counted"
"""Replaces the verdict of a repetition that was not counted, so that no rule judged it."""

AMOUNT_STEP = {"deg": 5.0, "s": 0.1, "%": 10.0, "deg/s": 50.0, "deg/rep": 2.0}
"""Width of the bins of a fault's amount, by its unit."""

_OTHER_STEP = 0.5

ROC_FAULTS = {
    "incomplete-lockout": "incomplete-lockout",
    "lumbar-overextension": "lumbar-overextension",
    "lumbar-compensation": "lumbar-overextension",
    "lumbar-rounding": "lumbar-rounding",
}
"""Faults, with their rules, whose measured value is compared with the truth; the value grows with the fault."""

LEAST_FOR_ROC = 5
"""Least number of faulty repetitions, and of good ones, for an ROC area."""

BRINGS_ALONG = {
    "asymmetry": "incomplete-lockout",
    "overload": "incomplete-lockout",
    "lean-back": "lumbar-overextension",
    "leg-too-high": "lumbar-overextension",
}
"""Faults that include what another rule looks for."""

ALONE = ", no good repetition to compare with"
"""Appended to the rule where the whole set has a fault that is judged by comparison with its good repetitions."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule's answer for one repetition (or set) beside the truth.

    Attributes
    ----------
    clip, model, rule
        Where it was given, with which pose model, by which rule (with `ALONE` where that applies).
    faults
        The true faults that this rule shall find; empty when there is none.
    answer
        A status of hipform, or `NOT_COUNTED`.
    measured
        The quantity that was judged; ``None`` where there was none.
    """

    clip: str
    model: str
    rule: str
    faults: tuple[TrueFault, ...]
    answer: str
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """One rule's answers: by truth (``True`` is faulty) and answer, and how many clips they come from."""

    clips: int
    counts: Counter[tuple[bool, str]]

    @property
    def precision(self) -> float | None:
        """Share of the reported faults that are true; ``None`` when none was reported."""
        return _share(self.counts[True, Status.FAULT], self.counts[False, Status.FAULT])

    @property
    def recall(self) -> float | None:
        """Share of the judged true faults that were reported; ``None`` when there is none."""
        return _share(self.counts[True, Status.FAULT], self.counts[True, Status.OK])

    @property
    def found(self) -> float | None:
        """Share of all true faults that were reported, judged or not; ``None`` when there is none."""
        faulty = sum(n for (is_there, _), n in self.counts.items() if is_there)
        called = self.counts[True, Status.FAULT]
        return _share(called, faulty - called)

    @property
    def assessed(self) -> float | None:
        """Share of the repetitions on which the rule gave an answer; ``None`` when there is none."""
        answered = sum(n for (_, answer), n in self.counts.items() if answer in {Status.OK, Status.FAULT})
        return _share(answered, self.counts.total() - answered)


def _share(yes: int, no: int) -> float | None:
    return yes / (yes + no) if yes + no else None


def set_verdicts(
    matching: Matching, sets: Sequence[SetResult], exercise: Exercise, where: tuple[str, str]
) -> Iterator[RuleAnswer]:
    """Yield the verdicts on one clip: one a repetition by each of the rules, one a set by those that judge sets.

    *where* names the clip and the pose model.
    """
    true = [rep for rep, _ in matching.pairs]
    for rule in exercise.rules:
        name = rule.id if _has_reference(rule.id, true) else f"{rule.id}{ALONE}"
        for rep, found in matching.pairs:
            if _brought_along(rep, rule.id):
                continue
            findings = found.findings if found else ()
            yield RuleAnswer(*where, name, _of_rule([rep], rule.id), *_answer(findings, rule.id))
    for set_rule in exercise.set_rules:
        for found_set in sets:
            inside = [rep for rep in true if found_set.start_s <= rep.top_start_s <= found_set.end_s]
            answer = _answer(found_set.findings, set_rule.id)
            yield RuleAnswer(*where, set_rule.id, _of_rule(inside, set_rule.id), *answer)


def _has_reference(rule: str, reps: Sequence[TrueRep]) -> bool:
    """Return whether a set has the good repetition with which a rule compares the others, if it needs one.

    `lumbar-rounding` compares with the first, `shallow-range` with the one of the largest range.
    """
    needed = {"lumbar-rounding": reps[:1], "shallow-range": reps}.get(rule, ())
    return not needed or any(not _of_rule([rep], rule) for rep in needed)


def _brought_along(rep: TrueRep, rule: str) -> bool:
    """Return whether faults other than the rule's own make its right answer unclear."""
    return not _of_rule([rep], rule) and any(BRINGS_ALONG.get(fault.id) == rule for fault in rep.faults)


def _of_rule(reps: Iterable[TrueRep], rule: str) -> tuple[TrueFault, ...]:
    return tuple(dict.fromkeys(fault for rep in reps for fault in rep.faults if fault.rule == rule))


def _answer(findings: Sequence[Finding], rule: str) -> tuple[str, float | None]:
    """Return a rule's answer and what it measured."""
    finding = next((finding for finding in findings if finding.rule == rule), None)
    if finding is None:
        return NOT_COUNTED, None
    return finding.status.value, finding.measured.value if finding.measured else None


def confusion(verdicts: Sequence[RuleAnswer]) -> Confusion:
    """Count the answers of one rule."""
    counts = Counter((bool(verdict.faults), verdict.answer) for verdict in verdicts)
    return Confusion(len({verdict.clip for verdict in verdicts}), counts)


def by_rule(verdicts: Iterable[RuleAnswer]) -> dict[str, list[RuleAnswer]]:
    """Return the verdicts by rule, in the order the rules came."""
    groups: dict[str, list[RuleAnswer]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.rule, []).append(verdict)
    return groups


@dataclass(frozen=True, slots=True)
class AmountBin:
    """Faults of one kind and size: their number of clips, and the answers for them."""

    fault: str
    unit: str
    low: float
    high: float
    clips: int
    answers: Counter[str]


@dataclass(frozen=True, slots=True)
class RocArea:
    """Share of all pairs of a faulty and a good repetition in which the faulty one measures more; chance is 0.5."""

    area: float
    faulty: int
    good: int
    clips: int


def amount_bins(verdicts: Iterable[RuleAnswer]) -> list[AmountBin]:
    """Return the answers to true faults by fault and amount; the sign of an amount (feet near or far) is ignored."""
    groups: dict[tuple[str, str, int], list[RuleAnswer]] = {}
    for verdict in verdicts:
        for fault in verdict.faults:
            step = AMOUNT_STEP.get(fault.unit, _OTHER_STEP)
            # A hair more than the amount, so that one on the edge (0.3 s in steps of 0.1) falls into the upper bin.
            groups.setdefault((fault.id, fault.unit, int(abs(fault.amount) / step + 1e-9)), []).append(verdict)
    return [
        AmountBin(
            fault=fault,
            unit=unit,
            low=number * AMOUNT_STEP.get(unit, _OTHER_STEP),
            high=(number + 1) * AMOUNT_STEP.get(unit, _OTHER_STEP),
            clips=len({verdict.clip for verdict in group}),
            answers=Counter(verdict.answer for verdict in group),
        )
        for (fault, unit, number), group in sorted(groups.items())
    ]


def roc_area(verdicts: Iterable[RuleAnswer], fault: str) -> RocArea | None:
    """Return how well a rule's measured value separates a fault from repetitions without a fault of that rule.

    ``None`` where either kind occurs fewer than `LEAST_FOR_ROC` times. The value must grow with the fault.
    """
    measured = [verdict for verdict in verdicts if verdict.measured is not None]
    faulty = [verdict for verdict in measured if any(one.id == fault for one in verdict.faults)]
    good = [verdict for verdict in measured if not verdict.faults]
    if min(len(faulty), len(good)) < LEAST_FOR_ROC:
        return None
    ranks = rankdata([verdict.measured for verdict in (*faulty, *good)])
    pairs_won = float(ranks[: len(faulty)].sum()) - len(faulty) * (len(faulty) + 1) / 2
    clips = len({verdict.clip for verdict in (*faulty, *good)})
    return RocArea(pairs_won / (len(faulty) * len(good)), len(faulty), len(good), clips)
