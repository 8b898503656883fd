"""What the voice says about the repetitions of the current set: number, cue, and why one does not count."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hipform.analysis.judged_reps import Event, RejectedMovement, Rep, Step
from hipform.feedback import voice_lines
from hipform.feedback.coach import Commentary
from hipform.feedback.cues import Cue
from hipform.feedback.voice_lines import Utterance


class RepTalk:
    """Turn the steps of an analysis into utterances.

    The number of a repetition is spoken just before it ends, its cue once it is judged. A repetition gets at most one
    cue; that of a partial repetition is shown, while the voice says that it was partial.

    Parameters
    ----------
    target_reps
        Planned number of repetitions of a set; ``None`` if not given.

    Attributes
    ----------
    set_number
        Number of the current set.
    rep_count
        Repetitions of the current set announced so far.
    cue, last_rep
        As from `Commentary`.
    rep_end_s
        End of the last counted repetition, seconds; NaN before the first one.
    """

    def __init__(self, target_reps: int | None = None) -> None:
        self._target_reps = target_reps
        self._commentary = Commentary()
        self._partial_count = 0
        self.set_number = 1
        self.rep_count = 0
        self.cue: Cue | None = None
        self.last_rep: Rep | None = None
        self.rep_end_s = math.nan

    def push(self, steps: Sequence[Step], *, rep_is_ending: bool) -> list[Utterance]:
        """Take the steps of one frame, in time order, and return what to say.

        Parameters
        ----------
        steps
            More than one once the exercise has just been recognised; then only the final count is spoken.
        rep_is_ending
            As `Analyzer.rep_is_ending`, after the last of them.
        """
        says: list[Utterance] = []
        for step in steps:
            says = self._after(step)
        if not steps:
            return says
        counted = steps[-1].observation.rep_count
        if len(steps) > 1:
            says = [voice_lines.count(counted, self._target_reps)] if counted else []
        if rep_is_ending and self.rep_count == counted:
            self.rep_count += 1
            says.append(voice_lines.count(self.rep_count, self._target_reps))
        return says

    def _after(self, step: Step) -> list[Utterance]:
        seen = step.observation
        if seen.set_number != self.set_number:
            self.set_number, self.rep_count, self._partial_count = seen.set_number, 0, 0
        before, (self.cue, self.last_rep) = self.cue, self._commentary.push(step)
        says = [said for event in step.events for said in self._of_event(event, step)]
        if self.cue is not None and self.cue is not before and not says:
            says = [voice_lines.form(self.cue)]
        if seen.rep_count > self.rep_count and not says:
            says = [voice_lines.count(seen.rep_count, self._target_reps)]
        if step.events or seen.rep_count > self.rep_count:
            # Take back an announced repetition that is rejected.
            self.rep_count = seen.rep_count
        self._partial_count = seen.partial_count
        return says

    def _of_event(self, event: Event, step: Step) -> list[Utterance]:
        """Return why a movement does not count; one partial rep before the first full one is mostly setting up."""
        if isinstance(event, RejectedMovement):
            return [voice_lines.not_counted(event)]
        if isinstance(event, Rep) and event.partial:
            return [voice_lines.PARTIAL] if step.observation.partial_count > self._partial_count else []
        if isinstance(event, Rep):
            self.rep_end_s = event.timing.seen_end_s
        return []
