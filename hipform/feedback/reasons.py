"""Why rules could not judge a set: reasons of one kind share a sentence, with counts, ranges and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Status
from hipform.texts import english

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_REMEDIES = (
    ("only visible from the front", english("Film a set from the front or from behind.")),
    ("off the side view", english("Film straight from the side.")),
    ("direction is not known", english("Film straight from the side, with the whole body in the frame.")),
    ("too close to the limit", english("Treat it as borderline.")),
    ("not seen", english("Keep these parts of the body in the frame and uncovered.")),
    ("not in the clip", english("Let the recording run from before the first rep until after the last.")),
    ("a trend needs", english("Film a longer set.")),
    ("no other repetition", english("Film two reps or more.")),
    ("reference", english("A calibration from your best set judges these too.")),
    ("too roughly", english("A closer clip, straight from the side, is measured better.")),
)
"""What the lifter can do about a reason that contains the phrase; the first that fits applies."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of reason within one rule: its sentence with the ranges of its numbers, and how often it was given."""

    text: str
    count: int
    of: int


def reasons_in_words(exercise: Exercise, by_rule: Mapping[str, Sequence[Finding]]) -> list[str]:
    """Return a sentence for each kind of reason why rules were not judged, with the rules and what to do about it.

    Reasons are of one kind if they differ in nothing but their numbers; these become ranges. Rules of which every
    finding has the reason stand without a count.

    Parameters
    ----------
    exercise
        The exercise of the set.
    by_rule
        Findings of the counted repetitions and of the set, by rule.
    """
    titles: dict[str, list[str]] = {}
    for rule_id, findings in by_rule.items():
        for kind in _kinds(findings):
            title = exercise.rule(rule_id).title.lower()
            counted = english("{title} ({n} of {of})", title=title, n=kind.count, of=kind.of)
            counted = title if kind.count == kind.of else counted
            titles.setdefault(kind.text, []).append(counted)
    return [_in_words(", ".join(rules), text) for text, rules in titles.items()]


def _in_words(rules: str, reason: str) -> str:
    """Return which rules were not judged and why, with what the lifter can do about it, if there is anything."""
    remedy = next((remedy for phrase, remedy in _REMEDIES if phrase in reason), None)
    if remedy is None:
        return english("{rules}: {reason}", rules=rules, reason=reason)
    return english("{rules}: {reason}. {remedy}", rules=rules, reason=reason, remedy=remedy)


def _kinds(findings: Sequence[Finding]) -> list[_Kind]:
    """Return the kinds of reasons of one rule, most frequent first."""
    alike: dict[str, list[str]] = {}
    for finding in findings:
        if finding.status is Status.NOT_ASSESSED:
            reason = _reason(finding)
            alike.setdefault(_NUMBER.sub("#", reason), []).append(reason)
    kinds = [_Kind(_with_ranges(reasons), len(reasons), len(findings)) for reasons in alike.values()]
    return sorted(kinds, key=lambda kind: kind.count, reverse=True)


def _reason(finding: Finding) -> str:
    if finding.has_figure:
        return english("too close to the limit to call within the measurement error")
    return finding.text


def _with_ranges(reasons: Sequence[str]) -> str:
    """Return reasons that differ only in their numbers as one, with a range for each number that varies."""
    columns = iter(zip(*(_NUMBER.findall(reason) for reason in reasons), strict=True))

    def span(_: re.Match[str]) -> str:
        numbers = sorted(set(next(columns)), key=float)
        return numbers[0] if len(numbers) == 1 else english("{low} to {high}", low=numbers[0], high=numbers[-1])

    return _NUMBER.sub(span, reasons[0])
