"""A whole clip: its sections of one exercise each, and the sets in them, each judged by an analyzer of its own."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.frame_measures import FrameMeasures
from hipform.analysis.judged_reps import Calibration, SetResult, Step
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.pose.poses import Pose
from hipform.video.frames import ClipInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of a clip in which one exercise is done, in one set or several.

    Attributes
    ----------
    exercise
        What the lifter does.
    start_s
        First time it applies; it ends where the next section begins. The first section of a clip begins with it.
    confidence
        How sure it is that this is the exercise, 0..1; ``None`` when the user named it.
    """

    exercise: Exercise
    start_s: float = -math.inf
    confidence: float | None = None


class Session:
    """Judge all sets of a clip.

    Parameters
    ----------
    sections
        What is done when, in time order; at least one.
    info
        The clip.
    settings
        Values in force.
    calibrations
        The lifter's own lockouts and neutrals; each holds in the sets of its exercise.

    Notes
    -----
    `push` is causal, as `Analyzer.push` is. A set is over when the next section begins, or when its last counted
    repetition lies ``sets.rest_s`` back, no lift is under way and the athlete is followed: so neither a lift nor a gap
    is cut in two by a rest. What comes then, rest included, is the next set.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        info: ClipInfo,
        settings: Settings | None = None,
        calibrations: Iterable[Calibration] = (),
    ) -> None:
        self._calibrations = {one.exercise: one for one in calibrations}
        self._sections = tuple(sections)
        self._later_starts_s = [section.start_s for section in self._sections[1:]]
        self._info = info
        self._settings = settings or Settings()
        self._running: tuple[Section, Analyzer] | None = None
        self._analyzers: list[tuple[float, Analyzer]] = []
        self._sets: list[SetResult] = []
        self._section_of_last_set: Section | None = None

    def push(self, pose: Pose) -> Step:
        """Take the next pose, in time order.

        Returns
        -------
        Step
            As from `Analyzer.push`, numbered by set.
        """
        analyzer = self._analyzer_at(pose.t_s)
        step = analyzer.push(pose)
        return replace(step, observation=replace(step.observation, set_number=len(self._sets) + 1))

    @property
    def rep_is_ending(self) -> bool:
        """As `Analyzer.rep_is_ending`."""
        return self._running is not None and self._running[1].rep_is_ending

    @property
    def closed(self) -> tuple[SetResult, ...]:
        """The sets that are over, in time order; the last one may yet grow by what follows it."""
        return tuple(self._sets)

    def so_far(self) -> tuple[SetResult, ...]:
        """Return what `finish` would return now; nothing is closed by it."""
        return deepcopy(self).finish()

    def finish(self) -> tuple[SetResult, ...]:
        """Close what is under way and return the sets in time order; call once, after the last pose.

        Every section that a pose fell into has one set at least, if only to say that there was no repetition.
        """
        if self._running:
            section, analyzer = self._running
            self._keep(section, analyzer.finish())
        return tuple(self._sets)

    def measure_again(self) -> Callable[[Pose], FrameMeasures]:
        """Return what measures all poses again, in time order from the first, once `finish` was called.

        As `Analyzer.measure_again`.
        """
        remaining = deque((start_s, analyzer.measure_again()) for start_s, analyzer in self._analyzers)

        def measure(pose: Pose) -> FrameMeasures:
            while len(remaining) > 1 and pose.t_s >= remaining[1][0]:
                remaining.popleft()
            return remaining[0][1](pose)

        return measure

    def _analyzer_at(self, t_s: float) -> Analyzer:
        """Return the running analyzer, or a fresh one where a set ends before *t_s*."""
        section = self._sections[bisect_right(self._later_starts_s, t_s)]
        if self._running:
            before, analyzer = self._running
            # NaN, where no rest is under way, is not over either.
            rest_is_over = analyzer.rested_s >= self._settings["sets.rest_s"]
            if before is section and not rest_is_over:
                return analyzer
            self._keep(before, analyzer.finish("another exercise starts mid-lift"))
        calibration = self._calibrations.get(section.exercise.base_slug)
        self._running = section, Analyzer(section.exercise, self._info, self._settings, calibration)
        self._analyzers.append((t_s, self._running[1]))
        return self._running[1]

    def _keep(self, section: Section, found: SetResult) -> None:
        """Take in a finished set; what follows the last repetition of a section joins the set of that repetition."""
        if section is not self._section_of_last_set or found.reps or found.partial_reps:
            self._sets.append(replace(found, number=len(self._sets) + 1, confidence=section.confidence))
            self._section_of_last_set = section
            return
        last = self._sets[-1]
        self._sets[-1] = replace(
            last, end_s=found.end_s, rejected=(*last.rejected, *found.rejected), gaps=(*last.gaps, *found.gaps)
        )
