"""The page's tables of verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hipform.types import Status
from scripts.evaluate.evaluation import Evaluation
from scripts.evaluate.markdown import percent, table
from scripts.evaluate.verdicts import NOT_COUNTED, Verdict, amount_bins, by_rule, confusion

CLIPS_FOR_AMOUNTS = 5
"""A fault on fewer clips than this is not split by its amount."""

_ANSWERS = (Status.FAULT.value, Status.OK.value, Status.NOT_ASSESSED.value, NOT_COUNTED)

_INTRODUCTION = """\
Repetitions of rendered clips (for `overload`: sets). A repetition without the fault that a rule looks for stands under
*no fault*, whatever else is wrong with it. *Precision*: share of the faults called that are there; *recall*: share of
the judged faults that were called; what was not assessed or not counted is in neither."""


def verdict_section(found: Evaluation, models: Sequence[str]) -> Iterator[str]:
    """Hold the verdicts of each rule against the faults that are there."""
    yield from ("## Verdicts", "", _INTRODUCTION)
    for model in models:
        own = [verdict for verdict in found.verdicts if verdict.model == model]
        yield from ("", f"### Rules, model {model}", "", *_confusion_table(own))
        yield from ("", f"### Faults by amount, model {model}", "", *_amount_lines(own))
    if found.unruled:
        missing = ", ".join(f"`{fault}` ({n} repetitions)" for fault, n in sorted(found.unruled.items()))
        yield from ("", f"Faults in these clips for which hipform has no rule: {missing}.")


def _confusion_table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    rows = []
    for rule, group in by_rule(verdicts).items():
        answers = confusion(group)
        cells = [" / ".join(str(answers.counts[faulty, answer]) for answer in _ANSWERS) for faulty in (True, False)]
        shares = map(percent, (answers.precision, answers.recall, answers.assessed))
        rows.append((f"`{rule}`", answers.clips, *cells, *shares))
    order = "fault / ok / not assessed / not counted"
    head = ("rule", "n clips", f"fault is there: {order}", f"no fault: {order}", "precision", "recall", "assessed")
    yield from table(head, rows)


def _amount_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    clips: dict[str, set[str]] = {}
    answers: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        for fault in verdict.faults:
            clips.setdefault(fault.id, set()).add(verdict.clip)
            answers.setdefault(fault.id, Counter())[verdict.answer] += 1
    few = [name for name in sorted(clips) if len(clips[name]) < CLIPS_FOR_AMOUNTS]
    bins = [part for part in amount_bins(verdicts) if part.fault not in few]
    head = ("fault", "amount", "n clips", "judged", "found", "share", "not judged")
    rows = [(f"`{b.fault}`", f"{b.low:g} to {b.high:g} {b.unit}", b.clips, *_answered(b.answers)) for b in bins]
    if rows:
        yield from (*table(head, rows), "")
    yield f"On fewer than {CLIPS_FOR_AMOUNTS} clips, too few to split by amount:"
    rows = [(f"`{name}`", "any", len(clips[name]), *_answered(answers[name])) for name in few]
    yield from ("", *(table(head, rows) if rows else ["none"]))


def _answered(answers: Counter[str]) -> tuple[int, int, str, int]:
    """Return how many were judged and found, the share, and how many were not judged."""
    called = answers[Status.FAULT.value]
    judged = called + answers[Status.OK.value]
    return judged, called, percent(called / judged if judged else None), answers.total() - judged
