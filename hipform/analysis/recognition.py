"""Which exercise it is: every movement is held against what each exercise declares of itself.

No exercise is asked for; movements of the hip are found first, whatever they are. Each then costs an exercise as much
as speaks against it, and the cheapest course through the clip - one exercise, several in turn, or none - wins.
Changing from one to another costs as well, so that a single odd movement splits no set.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hipform.analysis.analyzer import LONGEST_REP_S
from hipform.analysis.body import BodyReader
from hipform.analysis.session import Section
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.features.rep_summary import summarise
from hipform.kinematics.tracking import Continuity
from hipform.pose.poses import Pose
from hipform.segmentation.samples import Sample
from hipform.segmentation.turning_points import FORGOTTEN_S, Movement, TurningPointFinder
from hipform.video.frames import ClipInfo

NONE = ""
"""Stands for no exercise, beside the slugs."""
NULL_COST = 6.0
"""What speaks against any movement being none of the exercises; one of them must fit better than this."""
TRANSITION_COST = 4.0
"""What each change from one exercise to another, or to none, must be worth."""
OUTLIER_COST = NULL_COST + 2.0
"""Most that one odd movement can speak against the exercise around it."""
NOT_FOUND = 16.0
"""Speaks against an exercise whose working leg did not move when another one did."""
LEAST_RANGE_DEG = 12.0
"""Movements of the hip smaller than this are none of any exercise."""
CUT_RANGE_DEG = 30.0
"""A lift that the clip cuts off tells the exercise once it went this far."""
SINGLE_RATIO = 0.8
"""Range of a single repetition, of the largest movement that is none: what a clip is about is not its small part."""
SETTLED_CONFIDENCE = 0.9
"""One movement suffices when it is this clear."""
SETTLED_MOVEMENTS = 2
LIKELY_CONFIDENCE = 0.5
"""From two movements on this is enough: the exercise is as likely as all others together."""
RECENT_MOVEMENTS = 40
"""A running guess looks back so far; more would cost more with every movement of a long training and tell no more."""
_BROKEN = (Continuity.LOST, Continuity.CUT, Continuity.JUMPED)
_FASTEST_DEG_PER_S = max(exercise.fastest_hip_deg_per_s for exercise in EXERCISES.values())


@dataclass(frozen=True, slots=True)
class _Seen:
    """A movement as one working leg shows it: when, how far, and what speaks against each exercise of that leg."""

    start_s: float
    end_s: float
    range_deg: float
    mismatch: Mapping[str, float]

    def overlaps(self, other: _Seen) -> bool:
        """Tell whether both are the same movement: they share most of the shorter one."""
        shared_s = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        return shared_s > 0.5 * min(self.end_s - self.start_s, other.end_s - other.start_s)


class _Follower:
    """Finds every lift of one kind of working leg, small or large, whatever the exercise."""

    def __init__(self, info: ClipInfo, working_side: WorkingSide, settings: Settings) -> None:
        self._settings = settings
        self._exercises = [exercise for exercise in EXERCISES.values() if exercise.working_side is working_side]
        self._reader = BodyReader(info, working_side, _FASTEST_DEG_PER_S, settings)
        self._turns = TurningPointFinder(settings["reps.turn_ratio"], LEAST_RANGE_DEG)
        self._samples: deque[Sample] = deque()

    def push(self, pose: Pose) -> list[_Seen]:
        """Take the next pose; return the movements that it ends."""
        body = self._reader.push(pose)
        found = [self.finish()] if body.continuity in _BROKEN else [self._follow(sample) for sample in body.samples]
        return [seen for seen in found if seen]

    def _follow(self, sample: Sample) -> _Seen | None:
        self._samples.append(sample)
        seen = self._take(self._turns.push(sample.t_s, sample.values["trunk_thigh_flexion_deg"]))
        self._forget(sample.t_s)
        return seen

    def finish(self) -> _Seen | None:
        """Return the movement under way, if any, and start afresh."""
        movement = self._turns.finish()
        cut_short = movement and not movement.top_seen and movement.start_deg - movement.turn_deg < CUT_RANGE_DEG
        seen = self._take(None if cut_short else movement)
        self._turns.reset()
        self._samples.clear()
        return seen

    def _take(self, movement: Movement | None) -> _Seen | None:
        if movement is None:
            return None
        rep = summarise(list(self._samples), movement, self._settings)
        self._turns.accept(rep.range.value)
        while movement.end_t_s is not None and self._samples[0].t_s < movement.end_t_s:
            self._samples.popleft()
        start_s = movement.start_t_s if rep.timing.start_s is None else rep.timing.start_s
        mismatch = {exercise.slug: exercise.mismatch(rep) for exercise in self._exercises}
        return _Seen(start_s, rep.timing.seen_end_s, rep.range.value, mismatch)

    def _forget(self, now_s: float) -> None:
        keep_from_s = now_s - LONGEST_REP_S if self._turns.under_way else now_s - FORGOTTEN_S
        while self._samples[0].t_s < keep_from_s:
            self._samples.popleft()


@dataclass(slots=True)
class _Event:
    """One movement as all working legs show it."""

    seen: list[_Seen]

    @property
    def start_s(self) -> float:
        return min(seen.start_s for seen in self.seen)

    @property
    def end_s(self) -> float:
        return max(seen.end_s for seen in self.seen)

    @property
    def range_deg(self) -> float:
        return max(seen.range_deg for seen in self.seen)

    def mismatch(self, slug: str) -> float:
        """Return what speaks against an exercise, or against none."""
        if slug == NONE:
            return NULL_COST
        return min((seen.mismatch[slug] for seen in self.seen if slug in seen.mismatch), default=NOT_FOUND)

    def likelihood(self, slug: str) -> float:
        """Return the share of an exercise among all that the movement could be, 0..1."""
        weights = {other: math.exp(-self.mismatch(other)) for other in _STATES}
        return weights[slug] / sum(weights.values())


_STATES = (NONE, *EXERCISES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a lifter seems to be doing now.

    Attributes
    ----------
    slug
        Exercise; empty for none of them.
    confidence
        Mean share of that exercise among all that its movements could be, 0..1.
    movements
        Movements it rests on.
    """

    slug: str
    confidence: float
    movements: int

    @property
    def settled(self) -> bool:
        """Whether the guess may be acted on; a guess of none never: one leg may yet show what another does not."""
        needed = SETTLED_CONFIDENCE if self.movements < SETTLED_MOVEMENTS else LIKELY_CONFIDENCE
        return self.slug != NONE and self.confidence >= needed


class Recogniser:
    """Tell the exercises of a clip apart, pose by pose.

    Parameters
    ----------
    info
        The clip, for the size of its picture.
    settings
        Values in force.
    """

    def __init__(self, info: ClipInfo, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        # In the order of the sides, not of the exercises: which leg is asked first must not change with a new exercise.
        asked = {exercise.working_side for exercise in EXERCISES.values()}
        self._followers = [_Follower(info, side, settings) for side in WorkingSide if side in asked]
        self._events: list[_Event] = []
        self._guess: Guess | None = None

    def push(self, pose: Pose) -> None:
        """Take the next pose, in time order."""
        for follower in self._followers:
            for seen in follower.push(pose):
                self._note(seen)
                self._guess = self._guessed()

    def finish(self) -> tuple[Section, ...]:
        """Return the exercises of the clip in their order; empty if it shows none of them."""
        for follower in self._followers:
            last = follower.finish()
            if last:
                self._note(last)
        runs = _runs(self._events)
        sets = [run for run in runs if run.slug != NONE and len(run.events) > 1] or _single(runs)
        return tuple(_sections(_joined((run.slug, run.events) for run in sets)))

    def guess(self) -> Guess | None:
        """Return what the last movements seem to be; ``None`` before the first. Costs nothing to ask at every pose."""
        return self._guess

    def _guessed(self) -> Guess:
        runs = _runs(self._events[-RECENT_MOVEMENTS:])
        return Guess(slug=runs[-1].slug, confidence=runs[-1].confidence, movements=len(runs[-1].events))

    def _note(self, seen: _Seen) -> None:
        same = next((event for event in self._events[-4:] if any(seen.overlaps(one) for one in event.seen)), None)
        if same:
            same.seen.append(seen)
        else:
            self._events.append(_Event([seen]))
            self._events.sort(key=lambda event: event.start_s)


@dataclass(frozen=True, slots=True)
class _Run:
    """Movements in a row that are the same exercise."""

    slug: str
    events: Sequence[_Event]

    @property
    def confidence(self) -> float:
        return sum(event.likelihood(self.slug) for event in self.events) / len(self.events)


def _runs(events: Sequence[_Event]) -> list[_Run]:
    """Return the cheapest course through the movements (Viterbi), as runs of one exercise or none."""
    return _joined((slug, [event]) for event, slug in zip(events, _cheapest_course(events), strict=True))


def _joined(parts: Iterable[tuple[str, Sequence[_Event]]]) -> list[_Run]:
    """Return the parts with neighbours of the same exercise made one."""
    runs: list[_Run] = []
    for slug, events in parts:
        if runs and runs[-1].slug == slug:
            runs[-1] = _Run(slug, [*runs[-1].events, *events])
        else:
            runs.append(_Run(slug, events))
    return runs


def _single(runs: Sequence[_Run]) -> list[_Run]:
    """Return the one exercise of a clip without a set, unless its movements are small beside what is no exercise.

    Beside whole sets a single movement is a pick-up, a put-down or a logo; without any, single movements that look like
    different exercises are the same one, seen badly.
    """
    foreign_deg = max((event.range_deg for run in runs if run.slug == NONE for event in run.events), default=0.0)
    events = [run.events[0] for run in runs if run.slug != NONE]
    events = [event for event in events if event.range_deg > SINGLE_RATIO * foreign_deg]
    if not events:
        return []
    slug = min(EXERCISES, key=lambda slug: sum(min(event.mismatch(slug), OUTLIER_COST) for event in events))
    return [_Run(slug, events)]


def _cheapest_course(events: Sequence[_Event]) -> list[str]:
    """Return the state of each movement on the cheapest course through all of them."""
    cost = dict.fromkeys(_STATES, 0.0)
    came_from: list[dict[str, str]] = []
    for event in events:
        best = min(cost, key=lambda state: cost[state])
        origin = {state: state if cost[state] <= cost[best] + TRANSITION_COST else best for state in _STATES}
        changed = {state: cost[origin[state]] + TRANSITION_COST * (origin[state] != state) for state in _STATES}
        cost = {state: changed[state] + min(event.mismatch(state), OUTLIER_COST) for state in _STATES}
        came_from.append(origin)
    course = [min(cost, key=lambda state: cost[state])]
    for origin in reversed(came_from[1:]):
        course.append(origin[course[-1]])
    return course[::-1] if events else []


def _sections(runs: Sequence[_Run]) -> list[Section]:
    """Return where each run begins: half-way between it and the one before; the first holds the clip's begin."""
    between = ((before.events[-1].end_s + after.events[0].start_s) / 2 for before, after in pairwise(runs))
    starts_s = [-math.inf, *between]
    return [
        Section(exercise=EXERCISES[run.slug], start_s=start_s, confidence=run.confidence)
        for run, start_s in zip(runs, starts_s, strict=False)
    ]
