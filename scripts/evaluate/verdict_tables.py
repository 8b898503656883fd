"""The page's tables of verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hipform.exercises.findings import Status
from scripts.evaluate.evaluation import Evaluation, clip_groups
from scripts.evaluate.markdown import clip_number, percent, plain, table
from scripts.evaluate.verdicts import (
    ALONE,
    NOT_COUNTED,
    ROC_FAULTS,
    RuleAnswer,
    amount_bins,
    by_rule,
    confusion,
    roc_area,
)

CLIPS_FOR_AMOUNTS = 5
"""A fault on fewer clips than this is not split by its amount."""

_ANSWERS = (Status.FAULT.value, Status.OK.value, Status.NOT_ASSESSED.value, NOT_COUNTED)

_INTRODUCTION = """\
Repetitions of rendered clips (for `overload` and `asymmetry`: sets). A repetition without the fault that a rule looks
for counts as *no fault*. It is excluded if another fault implies the rule's (a leg that stops short for asymmetry does
stop short; leaning back or lifting the leg too high arches the back). *Precision*: share of the reported faults that
are true; *recall*: share of the judged true faults that were reported; neither includes what was not assessed or not
counted.
A rounded back is compared with the set's first repetition and a shallow range with the fullest one. If that repetition
has the fault as well, the fault cannot be found, so those sets have a row of their own and are in no other table."""

_ROC_INTRODUCTION = """\
*ROC area*: share of all pairs, one repetition with the fault and one without any that the rule looks for, in which the
former measures more; 0.5 is chance. `lumbar-compensation` hides in the measured angle: more than
chance cannot be expected there."""


def verdict_section(found: Evaluation, models: Sequence[str]) -> Iterator[str]:
    """Yield the verdicts of each rule by the true faults."""
    yield from ("## Verdicts", "", _INTRODUCTION)
    for model in models:
        own = [verdict for verdict in found.verdicts if verdict.model == model]
        findable = [verdict for verdict in own if not verdict.rule.endswith(ALONE)]
        yield from ("", f"### Rules, model {model}", "", *confusion_table(_in_code(by_rule(own)), "rule"))
        views = {group: [v for v in findable if v.clip in clips] for group, clips in clip_groups(found.rows).items()}
        yield from ("", f"### All rules by view, model {model}", "", *confusion_table(views, "clips"))
        yield from ("", f"### Faults by amount, model {model}", "", *_amount_lines(findable))
        yield from ("", f"### ROC areas, model {model}", "", _ROC_INTRODUCTION, "")
        yield from _roc_table(findable)
    if found.unruled:
        missing = ", ".join(f"`{fault}` ({n} repetitions)" for fault, n in sorted(found.unruled.items()))
        yield from ("", f"Faults in these clips for which hipform has no rule: {missing}.")


def _in_code(groups: Mapping[str, Sequence[RuleAnswer]]) -> dict[str, Sequence[RuleAnswer]]:
    return {f"`{rule.removesuffix(ALONE)}`{ALONE * rule.endswith(ALONE)}": group for rule, group in groups.items()}


def confusion_table(groups: Mapping[str, Sequence[RuleAnswer]], title: str) -> Iterator[str]:
    """Yield a table of the answers of each group, with and without the fault, under the head *title*."""
    rows = []
    for name, group in groups.items():
        if not group:
            continue
        answers = confusion(group)
        cells = [" / ".join(str(answers.counts[faulty, answer]) for answer in _ANSWERS) for faulty in (True, False)]
        shares = map(percent, (answers.precision, answers.recall, answers.assessed))
        rows.append((name, clip_number(answers.clips), *cells, *shares))
    order = "fault / ok / not assessed / not counted"
    head = (title, "n clips", f"fault is there: {order}", f"no fault: {order}", "precision", "recall", "assessed")
    yield from table(head, rows)


def _roc_table(verdicts: Sequence[RuleAnswer]) -> Iterator[str]:
    rows: list[tuple[object, ...]] = []
    for fault, rule in ROC_FAULTS.items():
        roc = roc_area(by_rule(verdicts).get(rule, []), fault)
        cells = (clip_number(roc.clips), roc.faulty, roc.good, plain(roc.area, 2)) if roc else ("-",) * 4
        rows.append((f"`{fault}`", *cells))
    yield from table(("fault", "n clips", "measured with it", "measured without", "ROC area"), rows)


def _amount_lines(verdicts: Sequence[RuleAnswer]) -> Iterator[str]:
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
