"""What is said of the repetitions of the running set: their numbers, cues, and why one does not count."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hipform.analysis.judged_reps import Event, RejectedMovement, Rep, Step
from hipform.feedback import voice_lines
from hipform.feedback.coach import Commentary
from hipform.feedback.cues import Cue
from hipform.feedback.voice_lines import Utterance


class RepTalk:
    """Turn the steps of an analysis into words.

    The number of a repetition is said when it is as good as over, its cue when it is judged. There is at most one word
    about form for each repetition; the cue of a partial one is shown, and said is that it was partial.

    Attributes
    ----------
    set_number
        Number of the running set.
    rep_count
        Repetitions of the running set that were announced.
    cue, last_rep
        As from `Commentary`.
    rep_end_s
        When the last counted repetition was over; NaN before the first of the training.
    """

    def __init__(self) -> None:
        self._commentary = Commentary()
        self._partial_count = 0
        self.set_number = 1
        self.rep_count = 0
        self.cue: Cue | None = None
        self.last_rep: Rep | None = None
        self.rep_end_s = math.nan

    def push(self, steps: Sequence[Step], *, rep_is_ending: bool) -> list[Utterance]:
        """Take the steps of one frame, in time order, and return what to say with it.

        Parameters
        ----------
        steps
            More than one when the exercise has just been recognised: then only what stands at their end is said.
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
            says = [voice_lines.count(counted)] if counted else []
        if rep_is_ending and self.rep_count == counted:
            self.rep_count += 1
            says.append(voice_lines.count(self.rep_count))
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
            says = [voice_lines.count(seen.rep_count)]
        if step.events or seen.rep_count > self.rep_count:
            # One that was announced and is judged otherwise is taken back.
            self.rep_count = seen.rep_count
        self._partial_count = seen.partial_count
        return says

    def _of_event(self, event: Event, step: Step) -> list[Utterance]:
        """Return why a movement does not count; a single partial one before the first full one is mostly setting up."""
        if isinstance(event, RejectedMovement):
            return [voice_lines.not_counted(event)]
        if isinstance(event, Rep) and event.partial:
            return [voice_lines.PARTIAL] if step.observation.partial_count > self._partial_count else []
        if isinstance(event, Rep):
            self.rep_end_s = event.timing.seen_end_s
        return []
