"""One cue at a time: the gravest fault of the last repetition, never the same cue twice in a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import zip_longest

from hipform.analysis.judged_reps import Rep, SetResult, Step
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Severity, Status
from hipform.feedback.cues import Cue, ShownCue

PRAISE = "Better, keep that"
SHOWN_S = 4.0
"""A cue stays up for this long, or until the next one; long enough to read across a room."""
_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


def worst_fault(exercise: Exercise, findings: tuple[Finding, ...]) -> Finding | None:
    """Return the gravest fault among *findings*, by severity, then by how far past its limit; ``None`` without any."""
    faults = [finding for finding in findings if finding.status is Status.FAULT]
    return max(faults, key=lambda fault: fault_severity(exercise, fault), default=None)


def fault_severity(exercise: Exercise, fault: Finding) -> tuple[int, float]:
    """Return what ranks *fault* among others: severity, then excess as a share of the limit."""
    share = fault.excess / fault.limit if fault.limit else fault.excess
    return _GRAVITY[exercise.rule(fault.rule).severity], share


class Coach:
    """Choose the cue of the moment from the steps of an analysis; deterministic and driven by frame time."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._cue: Cue | None = None
        self._until_s = float("-inf")
        self._faults_before: tuple[str, ...] = ()
        self._said_last = ""
        self._praised_last = False

    def push(self, step: Step) -> Cue | None:
        """Take a step and return the cue to show at its time, if any."""
        now_s = step.observation.t_s
        for event in step.events:
            if isinstance(event, Rep):
                self._cue = self.choose(event)
                self._until_s = now_s + SHOWN_S
        return self._cue if now_s < self._until_s else None

    def choose(self, rep: Rep) -> Cue | None:
        """Take the next repetition and return what to say of it.

        That is the gravest fault's cue unless it was said last time, praise for a fault that is gone, or ``None``.
        """
        faults = tuple(finding.rule for finding in rep.findings if finding.status is Status.FAULT)
        mended = [finding.rule for finding in rep.findings if _is_mended(finding, self._faults_before)]
        self._faults_before = faults
        fresh = tuple(finding for finding in rep.findings if finding.rule != self._said_last)
        fault = worst_fault(self._exercise, fresh)
        self._said_last = fault.rule if fault else ""
        if fault:
            return Cue(rule=fault.rule, text=self._exercise.rule(fault.rule).cue)
        praised, self._praised_last = bool(mended) and not self._praised_last, bool(mended)
        return Cue(rule=mended[0], text=PRAISE, is_praise=True) if praised else None


def cues_of(sets: Iterable[SetResult]) -> tuple[ShownCue, ...]:
    """Return what to say of finished sets, and when: after the repetition it speaks of, until the next one is over.

    Parameters
    ----------
    sets
        All sets of a clip, in time order.

    Returns
    -------
    tuple of ShownCue
        In time order; a repetition that is over with the last frame of its set has no time left for a cue.
    """
    shown: list[ShownCue] = []
    for found in sets:
        coach = Coach(find_exercise(found.exercise))
        reps = sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.seen_end_s)
        for rep, following in zip_longest(reps, reps[1:]):
            cue = coach.choose(rep)
            until_s = min(rep.timing.seen_end_s + SHOWN_S, following.timing.seen_end_s if following else found.end_s)
            if cue and until_s > rep.timing.seen_end_s:
                shown.append(ShownCue(start_s=rep.timing.seen_end_s, end_s=until_s, **asdict(cue)))
    return tuple(shown)


class Commentary:
    """What the picture says of the running set besides its numbers; nothing is carried over into the next set."""

    def __init__(self) -> None:
        self._set: tuple[str, int] | None = None

    def push(self, step: Step) -> tuple[Cue | None, Rep | None]:
        """Take a step; return the cue to show at its time and the last repetition, if any."""
        seen = step.observation
        if self._set != (seen.exercise, seen.set_number):
            self._set = seen.exercise, seen.set_number
            self._coach = Coach(find_exercise(seen.exercise))
            self._last_rep: Rep | None = None
        self._last_rep = next((event for event in step.events if isinstance(event, Rep)), self._last_rep)
        return self._coach.push(step), self._last_rep


def _is_mended(finding: Finding, faults_before: tuple[str, ...]) -> bool:
    return finding.status is Status.OK and finding.rule in faults_before
