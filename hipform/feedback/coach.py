"""One cue at a time: that of the most severe fault of the last repetition, never the same cue twice in a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import zip_longest

from hipform.analysis.judged_reps import Rep, SetResult, Step
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Severity, Status
from hipform.feedback.cues import Cue, ShownCue
from hipform.texts import english

PRAISE = english("Better, keep that")
SHOWN_S = 4.0
"""A cue is shown for this long, or until the next one; long enough to read across a room. Basis: guess."""
_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def worst_fault(exercise: Exercise, findings: tuple[Finding, ...]) -> Finding | None:
    """Return the most severe fault in *findings*, or ``None``; excess past the limit decides among equals."""
    faults = [finding for finding in findings if finding.status is Status.FAULT]
    return max(faults, key=lambda fault: fault_severity(exercise, fault), default=None)


def fault_severity(exercise: Exercise, fault: Finding) -> tuple[int, float]:
    """Return the sort key of *fault*: severity, then excess as a share of the limit."""
    share = fault.excess / fault.limit if fault.limit else fault.excess
    return _SEVERITY_RANK[exercise.rule(fault.rule).severity], share


class Coach:
    """Choose the current cue from the steps of an analysis; deterministic and driven by frame times."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._cue: Cue | None = None
        self._until_s = float("-inf")
        self._faults_before: tuple[str, ...] = ()
        self._last_rule = ""
        self._has_just_praised = False

    def push(self, step: Step) -> Cue | None:
        """Take a step and return the cue to show at its time, or ``None``."""
        now_s = step.observation.t_s
        for event in step.events:
            if isinstance(event, Rep):
                self._cue = self.choose(event)
                self._until_s = now_s + SHOWN_S
        return self._cue if now_s < self._until_s else None

    def choose(self, rep: Rep) -> Cue | None:
        """Take the next repetition and return its cue.

        That is the cue of the most severe fault that was not cued last time, praise for a corrected fault, or ``None``.
        """
        faults = tuple(finding.rule for finding in rep.findings if finding.status is Status.FAULT)
        corrected = [finding.rule for finding in rep.findings if _is_corrected(finding, self._faults_before)]
        self._faults_before = faults
        fresh = tuple(finding for finding in rep.findings if finding.rule != self._last_rule)
        fault = worst_fault(self._exercise, fresh)
        self._last_rule = fault.rule if fault else ""
        if fault:
            return Cue(rule=fault.rule, text=self._exercise.rule(fault.rule).cue)
        praised, self._has_just_praised = bool(corrected) and not self._has_just_praised, bool(corrected)
        return Cue(rule=corrected[0], text=PRAISE, is_praise=True) if praised else None


def cues_of(sets: Iterable[SetResult]) -> tuple[ShownCue, ...]:
    """Return the cues of finished sets with their times: from the end of a repetition until the end of the next one.

    Parameters
    ----------
    sets
        All sets of a clip, in time order.

    Returns
    -------
    tuple of ShownCue
        In time order. A repetition that ends with the last frame of its set gets no cue.
    """
    shown: list[ShownCue] = []
    for result in sets:
        coach = Coach(find_exercise(result.exercise))
        reps = sorted((*result.reps, *result.partial_reps), key=lambda rep: rep.timing.seen_end_s)
        for rep, following in zip_longest(reps, reps[1:]):
            cue = coach.choose(rep)
            until_s = min(rep.timing.seen_end_s + SHOWN_S, following.timing.seen_end_s if following else result.end_s)
            if cue and until_s > rep.timing.seen_end_s:
                shown.append(ShownCue(start_s=rep.timing.seen_end_s, end_s=until_s, **asdict(cue)))
    return tuple(shown)


class Commentary:
    """Cue and last repetition of the current set; nothing carries over into the next set."""

    def __init__(self) -> None:
        self._set: tuple[str, int] | None = None

    def push(self, step: Step) -> tuple[Cue | None, Rep | None]:
        """Take a step and return the cue to show at its time and the last repetition, or ``None`` for each."""
        seen = step.observation
        if self._set != (seen.exercise, seen.set_number):
            self._set = seen.exercise, seen.set_number
            self._coach = Coach(find_exercise(seen.exercise))
            self._last_rep: Rep | None = None
        self._last_rep = next((event for event in step.events if isinstance(event, Rep)), self._last_rep)
        return self._coach.push(step), self._last_rep


def _is_corrected(finding: Finding, faults_before: tuple[str, ...]) -> bool:
    return finding.status is Status.OK and finding.rule in faults_before
