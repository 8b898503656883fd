"""What the rules said of repetitions whose faults are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hipform.exercises.base import Exercise
from hipform.types import Finding, SetResult, Status
from scripts.evaluate.reps import Matching
from scripts.evaluate.truth import TrueFault, TrueRep

NOT_COUNTED = "not_counted"
"""Stands in for a verdict where the repetition was not counted, so that no rule looked at it."""

AMOUNT_STEP = {"deg": 5.0, "s": 0.1, "%": 10.0, "deg/s": 50.0, "deg per rep": 2.0}
"""Width of the bins of a fault's amount, by its unit."""

_OTHER_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer for one repetition (or set) beside the truth.

    Attributes
    ----------
    clip, model, rule
        Where it was given, with which pose model, by which rule.
    faults
        The true faults that this rule shall find; empty when there is none.
    answer
        A status of hipform, or `NOT_COUNTED`.
    """

    clip: str
    model: str
    rule: str
    faults: tuple[TrueFault, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Confusion:
    """One rule's answers: by truth (``True`` is faulty) and answer, and how many clips they come from."""

    clips: int
    counts: Counter[tuple[bool, str]]

    @property
    def precision(self) -> float | None:
        """Share of the faults called that were there; ``None`` when none was called."""
        return _share(self.counts[True, Status.FAULT], self.counts[False, Status.FAULT])

    @property
    def recall(self) -> float | None:
        """Share of the faults that were judged and there which were called; ``None`` when there was none."""
        return _share(self.counts[True, Status.FAULT], self.counts[True, Status.OK])

    @property
    def found(self) -> float | None:
        """Share of all faults that were called, judged or not; ``None`` when there was none."""
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
) -> Iterator[Verdict]:
    """Yield the verdicts on one clip: one a repetition by each of the rules, one a set by those that judge sets.

    *where* names the clip and the pose model.
    """
    for rule in exercise.rules:
        for rep, found in matching.pairs:
            answer = NOT_COUNTED if found is None else _answer(found.findings, rule.id)
            yield Verdict(*where, rule.id, _of_rule(rep, rule.id), answer)
    for set_rule in exercise.set_rules:
        faults = dict.fromkeys(fault for rep, _ in matching.pairs for fault in _of_rule(rep, set_rule.id))
        for found_set in sets:
            yield Verdict(*where, set_rule.id, tuple(faults), _answer(found_set.findings, set_rule.id))


def _of_rule(rep: TrueRep, rule: str) -> tuple[TrueFault, ...]:
    return tuple(fault for fault in rep.faults if fault.rule == rule)


def _answer(findings: Sequence[Finding], rule: str) -> str:
    return next((finding.status.value for finding in findings if finding.rule == rule), NOT_COUNTED)


def confusion(verdicts: Sequence[Verdict]) -> Confusion:
    """Count the answers of one rule."""
    counts = Counter((bool(verdict.faults), verdict.answer) for verdict in verdicts)
    return Confusion(len({verdict.clip for verdict in verdicts}), counts)


def by_rule(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Return the verdicts by rule, in the order the rules came."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.rule, []).append(verdict)
    return groups


@dataclass(frozen=True, slots=True)
class AmountBin:
    """Faults of one kind and size: how many there were, on how many clips, and what was said of them."""

    fault: str
    unit: str
    low: float
    high: float
    clips: int
    answers: Counter[str]


def amount_bins(verdicts: Iterable[Verdict]) -> list[AmountBin]:
    """Return the answers to true faults by fault and amount; the sign of an amount (feet near or far) is left out."""
    groups: dict[tuple[str, str, int], list[Verdict]] = {}
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
