"""Analysis of a whole clip: sections of one exercise each, and their sets, each judged by a separate analyzer."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.frame_measures import FrameMeasures
from hipform.analysis.judged_reps import Calibration, Rep, SetResult, Step
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Status
from hipform.pose.poses import Pose
from hipform.texts import english
from hipform.video.frames import ClipInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of a clip with one exercise, in one or several sets.

    Attributes
    ----------
    exercise
        The exercise that the lifter does.
    start_s
        Start time; the section ends where the next one starts. The first section starts with the clip.
    confidence
        Confidence that this is the exercise, 0..1; ``None`` if the user named it.
    alternative
        Slug of the exercise that it may be as well; ``None`` if it is clear.
    """

    exercise: Exercise
    start_s: float = -math.inf
    confidence: float | None = None
    alternative: str | None = None


class Session:
    """Judge all sets of a clip.

    Parameters
    ----------
    sections
        The exercises of the clip, in time order; at least one.
    info
        The clip.
    settings
        Values in force.
    calibrations
        The lifter's lockouts and neutrals; each applies to the sets of its exercise.

    Notes
    -----
    `push` is causal, like `Analyzer.push`. A set is over when the next section starts, or when its last counted
    repetition ended ``sets.rest_s`` ago, no lift is in progress and the athlete is tracked, so that a rest never splits
    a lift or a gap. The next set includes the rest before it.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        info: ClipInfo,
        settings: Settings | None = None,
        calibrations: Iterable[Calibration] = (),
    ) -> None:
        self._calibrations = {calibration.exercise: calibration for calibration in calibrations}
        self._sections = tuple(sections)
        self._later_starts_s = [section.start_s for section in self._sections[1:]]
        self._info = info
        self._settings = settings or Settings()
        self._running: tuple[Section, Analyzer] | None = None
        self._analyzers: list[tuple[float, Analyzer]] = []
        self._sets: list[SetResult] = []
        self._section_of_last_set: Section | None = None

    def push(self, pose: Pose) -> Step:
        """Process the next pose, in time order.

        Returns
        -------
        Step
            The result of `Analyzer.push`, with the number of the set.
        """
        analyzer = self._analyzer_at(pose.t_s)
        step = analyzer.push(pose)
        return replace(step, observation=replace(step.observation, set_number=len(self._sets) + 1))

    @property
    def rep_is_ending(self) -> bool:
        """Whether a repetition is practically over; see `Analyzer.rep_is_ending`."""
        return self._running is not None and self._running[1].rep_is_ending

    @property
    def closed(self) -> tuple[SetResult, ...]:
        """The finished sets, in time order; what follows may still extend the last one."""
        return tuple(self._sets)

    def so_far(self) -> tuple[SetResult, ...]:
        """Return what `finish` would return now, without ending anything."""
        return deepcopy(self).finish()

    def finish(self, *, before_s: float = math.inf) -> tuple[SetResult, ...]:
        """End what is in progress and return the sets in time order; call once, after the last pose.

        Every section with a pose has at least one set, which may have no repetition.

        Parameters
        ----------
        before_s
            When the last set was over; movements of it that come later are left out.
        """
        if self._running:
            section, analyzer = self._running
            self._keep(section, analyzer.finish(before_s=before_s))
        return tuple(self._sets)

    def measure_again(self) -> Callable[[Pose], FrameMeasures]:
        """Return a function that measures all poses again, in time order from the first; call after `finish`.

        See `Analyzer.measure_again`.
        """
        remaining = deque((start_s, analyzer.measure_again()) for start_s, analyzer in self._analyzers)

        def measure(pose: Pose) -> FrameMeasures:
            while len(remaining) > 1 and pose.t_s >= remaining[1][0]:
                remaining.popleft()
            return remaining[0][1](pose)

        return measure

    def _analyzer_at(self, t_s: float) -> Analyzer:
        """Return the current analyzer, or a new one if a set ends before *t_s*."""
        section = self._sections[bisect_right(self._later_starts_s, t_s)]
        if self._running:
            before, analyzer = self._running
            # Also False for NaN, which means that there is no rest.
            rest_is_over = analyzer.rested_s >= self._settings["sets.rest_s"]
            if before is section and not rest_is_over:
                return analyzer
            self._keep(before, analyzer.finish(english("another exercise starts mid-lift")))
        calibration = self._calibrations.get(section.exercise.base_slug)
        self._running = section, Analyzer(section.exercise, self._info, self._settings, calibration)
        self._analyzers.append((t_s, self._running[1]))
        return self._running[1]

    def _keep(self, section: Section, found: SetResult) -> None:
        """Store a finished set; one without repetitions extends the last set if that is in the same section."""
        if section is not self._section_of_last_set or found.reps or found.partial_reps:
            number, alternative = len(self._sets) + 1, section.alternative
            found = replace(found, number=number, confidence=section.confidence, alternative=alternative)
            self._sets.append(_for_either(found, section.exercise) if alternative else found)
            self._section_of_last_set = section
            return
        last = self._sets[-1]
        self._sets[-1] = replace(
            last, end_s=found.end_s, rejected=(*last.rejected, *found.rejected), gaps=(*last.gaps, *found.gaps)
        )


def _for_either(found: SetResult, exercise: Exercise) -> SetResult:
    """Return a set that may be one of its alternative, with no fault by a rule that the alternative does not have.

    What is a fault in one exercise is how the other is done: bent knees of a deadlift squat a Romanian deadlift.
    """
    other = find_exercise(found.alternative or "")
    shared = {rule.id for rule in other.all_rules}
    why = english(
        "a fault in a {exercise}, but it may be a {other}",
        exercise=exercise.name_in_sentence,
        other=other.name_in_sentence,
    )

    def judged(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(
            replace(one, status=Status.NOT_ASSESSED, text=why, excess=0.0)
            if one.status is Status.FAULT and one.rule not in shared
            else one
            for one in findings
        )

    def with_findings(reps: tuple[Rep, ...]) -> tuple[Rep, ...]:
        return tuple(replace(rep, findings=judged(rep.findings)) for rep in reps)

    return replace(
        found,
        reps=with_findings(found.reps),
        partial_reps=with_findings(found.partial_reps),
        findings=judged(found.findings),
    )
