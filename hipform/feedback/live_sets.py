"""The sets of a live training: recognise the exercise if it was not given, then judge as in a file."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hipform.analysis import Recogniser, Section, Session
from hipform.analysis.judged_reps import Calibration, SetResult, Step
from hipform.analysis.movement_classifier import NONE
from hipform.analysis.recognition import LIKELY, Guess
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Exercise
from hipform.pose.poses import Pose
from hipform.video.frames import ClipInfo

KEPT_S = 45.0
"""Poses of this long are kept until the exercise is known: enough for setting up and two slow repetitions.

Basis: guess.
"""

CHANGE_S = 0.5
"""Another exercise is followed once it has been guessed for this long.

A movement is seen on one leg after the other, and until the last of them a guess may flip and flip back.

Basis: guess, checked on a real recording, whose movements end up to 0.3 s apart on the legs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSet:
    """A set with its exercise and result."""

    exercise: Exercise
    result: SetResult

    @property
    def has_reps(self) -> bool:
        """Whether the set has any repetition, counted or partial."""
        return bool(self.result.reps or self.result.partial_reps)


class LiveSets:
    """Judge the sets of a training, pose by pose.

    Parameters
    ----------
    info
        Size and rate of the camera's frames.
    exercise
        First exercise; ``None`` to recognise it.
    settings
        Values in force.
    calibrations
        The lifter's calibrations.

    Notes
    -----
    While the exercise is being recognised, the latest poses are kept. Once the exercise is known, or turns out to be a
    different one, those since its first movement go through a new session, so that its first repetitions count as its
    own and no longer to the exercise before.
    """

    def __init__(
        self, info: ClipInfo, exercise: Exercise | None, settings: Settings, calibrations: Iterable[Calibration] = ()
    ) -> None:
        self._info = info
        self._settings = settings
        self._calibrations = tuple(calibrations)
        self._over: list[FoundSet] = []
        self._sections: list[Section] = []
        self._begin(exercise, -math.inf)

    def _begin(self, exercise: Exercise | None, start_s: float) -> None:
        self._start_s = start_s
        self._named = exercise
        self._recogniser = None if exercise else Recogniser(self._info, self._settings)
        self._kept: deque[Pose] = deque()
        self._new_guess: Guess | None = None
        self._other, self._other_since_s = "", start_s
        self.exercise: Exercise | None = None
        self._session: Session | None = None
        if exercise:
            self._open(exercise)

    def _open(self, exercise: Exercise, confidence: float | None = None) -> None:
        self.exercise = exercise
        section = Section(exercise=exercise, confidence=confidence)
        self._session = Session([section], self._info, self._settings, self._calibrations)

    # -------------------------------------------------------------------------------------------------------- frames

    def push(self, pose: Pose) -> list[Step]:
        """Take the next pose, in time order.

        Returns
        -------
        list of Step
            Usually one; none while the exercise is unknown, and those of all kept poses once it is known. Set numbers
            run through the whole training.
        """
        if self._recogniser is None:
            return [self._judge(pose)]
        self._keep(pose)
        before = self._recogniser.guess()
        self._recogniser.push(pose)
        guess = self._recogniser.guess()
        self._new_guess = None if guess is before else guess
        # The top of the first movement tells already what it is; another exercise has to show a whole one.
        likely = guess if self._session else self._recogniser.early_guess()
        if likely and likely.settled and self._is_to_follow(likely, pose.t_s):
            start_s = self._earliest_start_s(likely)
            self._close(start_s)
            self._open(EXERCISES[likely.slug], likely.confidence)
            return [self._judge(kept) for kept in self._kept if kept.t_s >= start_s]
        return [self._judge(pose)] if self._session else []

    def _is_to_follow(self, guess: Guess, now_s: float) -> bool:
        """Return whether a settled guess opens a session: the first one at once, another exercise after `CHANGE_S`."""
        if self.exercise is None:
            return True
        if guess.slug != self._other:
            self._other, self._other_since_s = guess.slug, now_s
        return guess.slug != self.exercise.slug and now_s - self._other_since_s >= CHANGE_S

    def _earliest_start_s(self, guess: Guess) -> float:
        """Return when the exercise of a guess began, but not before the kept poses or the end of a finished set."""
        closed = self._session.closed if self._session else ()
        return max([guess.start_s, self._kept[0].t_s, *(one.end_s for one in closed)])

    def _keep(self, pose: Pose) -> None:
        self._kept.append(pose)
        while pose.t_s - self._kept[0].t_s > KEPT_S:
            self._kept.popleft()

    def _judge(self, pose: Pose) -> Step:
        assert self._session is not None
        step = self._session.push(pose)
        number = step.observation.set_number + len(self._over)
        return replace(step, observation=replace(step.observation, set_number=number))

    # --------------------------------------------------------------------------------------------------------- asking

    @property
    def recognised(self) -> bool:
        """Whether the exercise is recognised rather than given by the user."""
        return self._recogniser is not None

    @property
    def may_have_begun(self) -> bool:
        """Whether the last pose ended a movement that is probably an exercise, although it is not yet certain which."""
        guess = self._new_guess if self._session is None else None
        return guess is not None and guess.slug != NONE and guess.likelihood >= LIKELY

    @property
    def rep_is_ending(self) -> bool:
        """As `Analyzer.rep_is_ending`; never while the exercise is unknown."""
        return self._session is not None and self._session.rep_is_ending

    @property
    def over(self) -> tuple[FoundSet, ...]:
        """The finished sets, in order."""
        return (*self._over, *(self._found(self._session.closed) if self._session else ()))

    def so_far(self) -> tuple[FoundSet, ...]:
        """Return the sets as they would be if the training ended now."""
        return (*self._over, *(self._found(self._session.so_far()) if self._session else ()))

    # -------------------------------------------------------------------------------------------------------- closing

    def next_exercise(self, now_s: float) -> None:
        """End the current exercise; recognise what follows after *now_s* as a new one."""
        before = len(self._over)
        self._close()
        if self._named is None or len(self._over) > before:
            self._sections += self._own_sections()
        # The current frame may have ended a repetition; it belongs to the exercise before.
        self._begin(None, math.nextafter(now_s, math.inf))

    def finish(self) -> tuple[Section, ...]:
        """Close the current set and return the sections of the training; call once, after the last pose.

        Recognised exercises come from the whole training and may correct what was announced live.
        """
        self._close()
        return (*self._sections, *self._own_sections())

    def _close(self, before_s: float = math.inf) -> None:
        """Finish the current set; what came from *before_s* on does not belong to it."""
        if self._session:
            self._over += self._found(self._session.finish(before_s=before_s))
            self._session = None

    def _found(self, results: Iterable[SetResult]) -> list[FoundSet]:
        assert self.exercise is not None
        found = [FoundSet(exercise=self.exercise, result=result) for result in results]
        return [one for one in found if one.has_reps]

    def _own_sections(self) -> list[Section]:
        if self._named:
            return [Section(exercise=self._named, start_s=self._start_s)]
        assert self._recogniser is not None
        found = self._recogniser.finish()
        return [replace(section, start_s=max(section.start_s, self._start_s)) for section in found]
