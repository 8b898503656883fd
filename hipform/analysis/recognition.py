"""Recognition of the exercise: a trained classifier and the traits that each exercise declares judge every movement.

All movements of the hip are found first, whatever the exercise. Each movement has a cost for each exercise, the
negative logarithm of its probability, and the cheapest path through the clip - one exercise, several in sequence, or
none - wins. A change of exercise costs as well, so that a single odd movement does not split a set.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import mean

import numpy as np

from hipform.analysis.analyzer import LONGEST_REP_S
from hipform.analysis.body import BodyReader
from hipform.analysis.movement_classifier import (
    NONE,
    MovementClassifier,
    Plate,
    movement_numbers,
    plate_of,
    shipped_classifier,
)
from hipform.analysis.session import Section
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.features.rep_summary import RepSummary, summarise
from hipform.kinematics.tracking import Continuity, Tracked, Tracker
from hipform.pose.poses import Pose
from hipform.segmentation.samples import Sample
from hipform.segmentation.turning_points import FORGOTTEN_S, Movement, TurningPointFinder
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo

NULL_COST = 6.0
"""Penalty by traits of assigning a movement to no exercise; an exercise must fit better than this.

Basis: tuned on real and rendered clips.
"""
TRAIT_WEIGHT = 0.25
"""Weight of the penalties by traits beside the classifier, which has weight 1; best in the cross-validation.

Basis: tuned in the cross-validation by person.
"""
HIGHEST_PENALTY = 8.0
"""Highest penalty by traits that counts beside the classifier. Basis: tuned on real and rendered clips."""
REJECTED_COST = 1.0
"""Further cost of an exercise whose traits would keep the movement from being counted.

Basis: tuned on real and rendered clips.
"""
TRANSITION_COST = 3.0
"""Cost of each change from one exercise to another.

Basis: tuned on a real clip and a kinematic one, in which a movement on one leg speaks by 1.8 to 2.7 against both legs:
a set of three is to change the exercise, a single movement is not. 2.5 to 4 recognise the same clips of unseen people.
"""
SET_COST = 1.0
"""Cost of beginning or ending a set: of each change between an exercise and none.

Basis: tuned in the cross-validation by person, four partitions: 0.5 to 1 recognise one clip more than 3, of a single
lift after setting up and of a set that is badly seen; none of something else.
"""
CARRIED_S = 8.0
"""A plate that one movement shows is still there in the next one, unless the pause between them is longer.

Basis: guess, longer than the reset between two deadlifts.
"""
OUTLIER_COST = 2.0 * TRANSITION_COST
"""Highest cost of one odd movement for the exercise around it: that of a change to and fro. Basis: definition."""
NOT_FOUND = 16.0
"""Penalty of an exercise whose working leg did not move when another leg did.

Basis: tuned on real and rendered clips.
"""
LEAST_RANGE_DEG = 12.0
"""Movements of the hip smaller than this belong to no exercise. Basis: guess, checked on real and rendered clips."""
CUT_RANGE_DEG = 30.0
"""A lift that the clip cuts off is used for recognition if its range is at least this. Basis: guess."""
SINGLE_RATIO = 0.8
"""Smallest range of a single repetition relative to the largest movement of no exercise in the clip.

Basis: guess, checked on real and rendered clips.
"""
SETTLED_LIKELIHOOD = 0.6
"""A single movement with this likelihood, 0 to 1, is enough.

Basis: tuned in the cross-validation by person, two partitions: 0.6 settles right within two movements on 66 to 69 of 89
clips and wrong first on 12 to 13, 0.7 on 64 and 10 to 12, 0.5 on 71 to 72 and 15 to 17.
"""
SETTLED_MOVEMENTS = 2
"""Number of movements from which a lower likelihood is enough. Basis: tuned on real clips."""
LIKELY = 0.4
"""A likelihood, 0 to 1, enough from two movements on: of the clips recognised with 0.4 to 0.6, two thirds are right.

Basis: tuned on real clips.
"""
RIVAL_RATIO = 0.25
"""Another exercise this likely relative to the recognised one is named beside it.

Basis: tuned in the cross-validation by person: three of nine wrong ones then name the right exercise, and 13 of 72
right ones name another.
"""
NEAREST_RATIO = 0.5
"""Movements smaller than this share of the largest one do not say what a clip of no exercise resembles: most are
setting up. Basis: guess, checked on the real clips that are refused.
"""
RECENT_MOVEMENTS = 40
"""Movements that a running guess considers; more would cost time in a long training session without a benefit.

Basis: guess.
"""
_RECENT_EVENTS = 6
"""Number of latest movements to which one more may belong: a leg may show one where another shows several.

Basis: guess.
"""
PART_RATIO = 0.8
"""A movement that lies in another one for this share of its time, and is seen on fewer legs, is a part of that one.

Basis: tuned on real clips, in the cross-validation by person; 0.65 to 0.9 recognise the same clips.
"""
_BROKEN = (Continuity.LOST, Continuity.CUT, Continuity.JUMPED)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A movement as seen on one working leg.

    Attributes
    ----------
    leg
        The kind of working leg that it was seen on.
    mismatch
        Penalty by traits for each exercise of that leg.
    refusals
        Why the exercises of that leg would not count the movement, by exercise; only those that would not.
    is_whole
        Whether tracking followed all of it: no cut, loss or jump ended it.
    numbers, plate
        What the classifier looks at.
    has_depth
        Whether its landmarks have 3-D points, without which the classifier says nothing.
    """

    leg: WorkingSide
    start_s: float
    end_s: float
    range_deg: float
    mismatch: Mapping[str, float]
    refusals: Mapping[str, str]
    is_whole: bool
    numbers: FloatArray
    plate: Plate
    has_depth: bool

    def overlaps(self, other: _Seen) -> bool:
        """Return whether both are the same movement: they share most of the shorter one."""
        return self._shared_s(other) > 0.5 * min(self.end_s - self.start_s, other.end_s - other.start_s)

    def overlap_ratio(self, other: _Seen) -> float:
        """Return the time that both share relative to the time that either lasts; not positive if they share none."""
        return self._shared_s(other) / (max(self.end_s, other.end_s) - min(self.start_s, other.start_s))

    def _shared_s(self, other: _Seen) -> float:
        return min(self.end_s, other.end_s) - max(self.start_s, other.start_s)


class _Follower:
    """Finds every lift of one kind of working leg, small or large, whatever the exercise."""

    def __init__(
        self, info: ClipInfo, working_side: WorkingSide, settings: Settings, classifier: MovementClassifier
    ) -> None:
        self._settings = settings
        self._working_side = working_side
        self._classifier = classifier
        self._exercises = [exercise for exercise in EXERCISES.values() if exercise.working_side is working_side]
        fastest_deg_per_s = max(exercise.fastest_hip_deg_per_s for exercise in EXERCISES.values())
        self._reader = BodyReader(info, working_side, fastest_deg_per_s, settings)
        self._turns = TurningPointFinder(settings["reps.turn_ratio"], LEAST_RANGE_DEG)
        self._samples: deque[Sample] = deque()
        self._at_top: _Seen | None = None

    def push(self, tracked: Tracked) -> list[_Seen]:
        """Process the next pose; return the movements that it ends."""
        body = self._reader.read(tracked)
        if body.continuity in _BROKEN:
            broken = self.finish()
            return [replace(broken, is_whole=False)] if broken else []
        return [seen for sample in body.samples if (seen := self._follow(sample))]

    def _follow(self, sample: Sample) -> _Seen | None:
        self._samples.append(sample)
        seen = self._take(self._turns.push(sample.t_s, sample.signal_deg))
        if self._turns.gone_there is None:
            self._at_top = None
        self._forget(sample.t_s)
        return seen

    @property
    def under_way(self) -> bool:
        """Whether a movement has begun and is not over."""
        return self._turns.under_way

    def at_top(self) -> _Seen | None:
        """Return the movement in progress once it halts at its top or returns; ``None`` if it went too little way."""
        lift = self._turns.gone_there
        if lift and self._at_top is None and lift.start_deg - lift.turn_deg >= CUT_RANGE_DEG:
            self._at_top = self._seen(lift, summarise(list(self._samples), lift, self._settings))
        return self._at_top

    def finish(self) -> _Seen | None:
        """Return the movement in progress, if any, and start again."""
        movement = self._turns.finish()
        cut_short = movement and not movement.top_seen and movement.start_deg - movement.turn_deg < CUT_RANGE_DEG
        seen = self._take(None if cut_short else movement)
        self._turns.reset()
        self._samples.clear()
        self._at_top = None
        return seen

    def _take(self, movement: Movement | None) -> _Seen | None:
        if movement is None:
            return None
        rep = summarise(list(self._samples), movement, self._settings)
        self._turns.accept(rep.range.value)
        while movement.end_t_s is not None and self._samples[0].t_s < movement.end_t_s:
            self._samples.popleft()
        return self._seen(movement, rep)

    def _seen(self, movement: Movement, rep: RepSummary) -> _Seen | None:
        """Return a movement as seen on this leg; ``None`` for one of a few degrees."""
        if rep.range.value < LEAST_RANGE_DEG:
            return None
        start_s = movement.start_t_s if rep.timing.start_s is None else rep.timing.start_s
        known = self._classifier.classes
        mismatch = {
            exercise.slug: exercise.mismatch(rep) if exercise.slug in known or exercise.is_seen(rep) else NOT_FOUND
            for exercise in self._exercises
        }
        refusals = {exercise.slug: reason for exercise in self._exercises if (reason := exercise.rejection(rep))}
        return _Seen(
            leg=self._working_side,
            start_s=start_s,
            end_s=rep.timing.seen_end_s,
            range_deg=rep.range.value,
            mismatch=mismatch,
            refusals=refusals,
            is_whole=True,
            numbers=movement_numbers(rep, self._working_side),
            plate=plate_of(rep),
            has_depth=bool(np.isfinite(rep.postures).all()),
        )

    def _forget(self, now_s: float) -> None:
        keep_from_s = now_s - LONGEST_REP_S if self._turns.under_way else now_s - FORGOTTEN_S
        while self._samples[0].t_s < keep_from_s:
            self._samples.popleft()


@dataclass(slots=True)
class _Event:
    """One movement as seen on all working legs, at most once on each."""

    _classifier: MovementClassifier
    seen: list[_Seen]
    _carried: Plate = Plate.UNSEEN
    _costs: dict[str, float] = field(default_factory=dict)

    @property
    def start_s(self) -> float:
        return min(seen.start_s for seen in self.seen)

    @property
    def end_s(self) -> float:
        return max(seen.end_s for seen in self.seen)

    @property
    def range_deg(self) -> float:
        return max(seen.range_deg for seen in self.seen)

    @property
    def plate(self) -> Plate:
        """What most of the legs that show a plate show of it."""
        shown = Counter(seen.plate for seen in self.seen if seen.plate is not Plate.UNSEEN)
        return shown.most_common(1)[0][0] if shown else Plate.UNSEEN

    def plate_of(self, seen: _Seen) -> Plate:
        """Return the plate of the movement on one of the legs: as seen, or else as another leg or movement shows it."""
        return self._carried if seen.plate is Plate.UNSEEN else seen.plate

    def is_same(self, seen: _Seen) -> bool:
        """Return whether *seen* may be this movement as seen on another leg."""
        return all(seen.leg is not one.leg for one in self.seen) and any(map(seen.overlaps, self.seen))

    def is_part_of(self, other: _Event) -> bool:
        """Return whether this is a part of another movement, which one leg shows as a movement of its own."""
        shared_s = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        return len(self.seen) < len(other.seen) and shared_s > PART_RATIO * (self.end_s - self.start_s)

    def overlap_ratio(self, seen: _Seen) -> float:
        """Return the largest share of common time with *seen* among the legs."""
        return max(map(seen.overlap_ratio, self.seen))

    def add(self, seen: _Seen) -> None:
        """Add the same movement as seen on another leg."""
        self.seen.append(seen)
        self._costs.clear()

    def carry_plate(self, neighbours: Sequence[_Event]) -> None:
        """Take the plate of a neighbouring movement where this one shows none: a plate is hidden for a while."""
        near = [one for one in neighbours if max(one.start_s - self.end_s, self.start_s - one.end_s) < CARRIED_S]
        carried = next((one.plate for one in (self, *near) if one.plate is not Plate.UNSEEN), Plate.UNSEEN)
        if carried is not self._carried:
            self._carried = carried
            self._costs.clear()

    def cost(self, state: str) -> float:
        """Return the cost of an exercise, or of none: the negative logarithm of its probability."""
        if not self._costs:
            deep = [seen for seen in self.seen if seen.has_depth]
            said = [self._classifier.log_probabilities(seen.numbers, self.plate_of(seen)) for seen in deep]
            scores = {one: self._score(one, said) for one in _states()}
            total = math.log(sum(map(math.exp, scores.values())))
            self._costs |= {one: total - score for one, score in scores.items()}
        return self._costs[state]

    def likelihood(self, state: str) -> float:
        """Return the probability of an exercise, or of none, 0..1."""
        return math.exp(-self.cost(state))

    def _score(self, state: str, said: Sequence[Mapping[str, float]]) -> float:
        """Return the logarithm of the likelihood of a state, up to a constant.

        *said* holds what the classifier says of each leg with 3-D points.
        """
        own = [seen for seen in self.seen if state in seen.mismatch]
        penalty = NULL_COST if state == NONE else min((seen.mismatch[state] for seen in own), default=NOT_FOUND)
        if not said:
            return -penalty
        # To the classifier, an exercise that it was not trained with is one of the other movements; its traits decide.
        score = mean(one.get(state, max(one[NONE], -math.log(len(one)))) for one in said)
        is_counted = state == NONE or any(state not in seen.refusals for seen in own)
        if state not in said[0] and not (is_counted and penalty < NULL_COST):
            return score - penalty
        score -= TRAIT_WEIGHT * min(penalty, HIGHEST_PENALTY)
        return score if is_counted else score - REJECTED_COST

    @property
    def is_whole(self) -> bool:
        """Whether tracking followed all of the movement, on one of the legs."""
        return any(seen.is_whole for seen in self.seen)

    def refusal(self, slug: str) -> str | None:
        """Return why an exercise would not count the movement; ``None`` if it would on one of the legs."""
        own = [seen for seen in self.seen if slug in seen.mismatch]
        reasons = [seen.refusals[slug] for seen in own if slug in seen.refusals]
        return reasons[0] if reasons and len(reasons) == len(own) else None

    def worst_fit(self, slug: str) -> str | None:
        """Return which part of the body fits an exercise least, in words; ``None`` if the classifier did not judge."""
        judged = [seen.numbers for seen in self.seen if seen.has_depth]
        return self._classifier.worst_fit(judged[0], slug) if judged and slug in self._classifier.classes else None


def _states() -> tuple[str, ...]:
    """Return everything that a movement can belong to; exercises may be added while the program runs."""
    return (NONE, *EXERCISES)


def movements_of(info: ClipInfo, poses: Iterable[Pose]) -> Iterator[tuple[FloatArray, Plate, float]]:
    """Yield what the classifier judges of each movement, as seen on each leg, and its range, degrees."""
    recogniser = Recogniser(info)
    for pose in poses:
        recogniser.push(pose)
    recogniser.finish()
    for event in _without_parts(recogniser.events):
        yield from ((seen.numbers, event.plate_of(seen), seen.range_deg) for seen in event.seen if seen.has_depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The exercise that a lifter seems to be doing now.

    Attributes
    ----------
    slug
        The exercise; empty for no exercise.
    likelihood
        Mean likelihood of that exercise among all that its movements could be, 0..1.
    confidence
        How often an exercise of that likelihood was the right one in the cross-validation, 0..1.
    movements
        Number of movements that it is based on.
    start_s
        When it began: half-way after the movement of something else before it, or the beginning.
    """

    slug: str
    likelihood: float
    confidence: float
    movements: int
    start_s: float = -math.inf

    @property
    def settled(self) -> bool:
        """Whether the guess may be acted on; False for no exercise, because another leg may still show one."""
        needed = SETTLED_LIKELIHOOD if self.movements < SETTLED_MOVEMENTS else LIKELY
        return self.slug != NONE and self.likelihood >= needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The exercise that a clip of none of them resembles most.

    Attributes
    ----------
    slug
        The exercise.
    mismatch
        What does not fit, in words for people.
    """

    slug: str
    mismatch: str


class Recogniser:
    """Recognise the exercises of a clip, pose by pose.

    Parameters
    ----------
    info
        The clip, for the size of its frames.
    settings
        Values in force.
    classifier
        What distinguishes movements beside the traits; the one that comes with hipform if not given.

    Attributes
    ----------
    likelihoods
        Mean likelihood of each section that `finish` returned, 0..1, from which its confidence follows.
    """

    def __init__(
        self, info: ClipInfo, settings: Settings | None = None, classifier: MovementClassifier | None = None
    ) -> None:
        settings = settings or Settings()
        self._classifier = classifier = classifier or shipped_classifier()
        # In the order of the sides, not of the exercises, so that a new exercise does not change the order of the legs.
        sides = {exercise.working_side for exercise in EXERCISES.values()}
        self._followers = [_Follower(info, side, settings, classifier) for side in WorkingSide if side in sides]
        self._tracker = Tracker(settings)
        self.events: list[_Event] = []
        self.likelihoods: tuple[float, ...] = ()
        self._guess: Guess | None = None
        self._early_guess: Guess | None = None
        self._early_basis: tuple[Guess | _Seen | None, ...] = ()

    def push(self, pose: Pose) -> None:
        """Process the next pose, in time order."""
        tracked = self._tracker.push(pose)
        for follower in self._followers:
            for seen in follower.push(tracked):
                self._note(seen)
                self._guess = self._guessed(self.events[-RECENT_MOVEMENTS:])

    def finish(self) -> tuple[Section, ...]:
        """Return the exercises of the clip in time order; empty if it shows none of them."""
        for follower in self._followers:
            last = follower.finish()
            if last:
                self._note(last)
        runs = _runs(_without_parts(self.events))
        sets = [run for run in runs if run.slug != NONE and len(run.events) > 1] or _single(runs)
        sets = _joined((run.slug, run.events) for run in sets)
        self.likelihoods = tuple(run.likelihood for run in sets)
        return tuple(_sections(sets, self._classifier))

    def nearest(self) -> Nearest | None:
        """Return the exercise that the movements resemble most, and what does not fit; ``None`` without a movement."""
        movements = _without_parts(self.events)
        if not movements:
            return None
        largest_deg = max(event.range_deg for event in movements)
        events = [event for event in movements if event.range_deg >= NEAREST_RATIO * largest_deg]
        slug = min(EXERCISES, key=lambda slug: sum(min(event.cost(slug), OUTLIER_COST) for event in events))
        refusals = Counter(reason for event in events if (reason := event.refusal(slug)))
        worst = Counter(part for event in events if (part := event.worst_fit(slug)))
        if 2 * sum(event.is_whole for event in events) < len(events):
            mismatch = "cuts, people who come and go, or jumps of the tracking break most of its movements"
        elif refusals:
            mismatch = refusals.most_common(1)[0][0]
        elif worst:
            mismatch = f"what differs most: {worst.most_common(1)[0][0]}"
        else:
            mismatch = f"{len(events)} unlike movements"
        return Nearest(slug=slug, mismatch=mismatch)

    def guess(self) -> Guess | None:
        """Return the exercise of the last movements; ``None`` before the first. Cheap enough to call at every pose."""
        return self._guess

    def early_guess(self) -> Guess | None:
        """Return the guess that counts the movement in progress too, once all legs that move are at its top."""
        moving = [follower for follower in self._followers if follower.under_way]
        seen = [one for follower in moving if (one := follower.at_top())]
        over = [one for event in self.events[-1:] for one in event.seen]
        if not seen or len(seen) < len(moving) or any(one.overlaps(old) for one in seen for old in over):
            return self._guess
        basis = (self._guess, *seen)
        # The same objects, not equal ones: what is seen holds arrays, which do not compare as a whole.
        if [*map(id, basis)] != [*map(id, self._early_basis)]:
            event = _Event(self._classifier, seen)
            event.carry_plate(self.events[-1:])
            self._early_guess = self._guessed([*self.events[-RECENT_MOVEMENTS:], event])
            self._early_basis = basis
        return self._early_guess

    def _guessed(self, events: Sequence[_Event]) -> Guess:
        runs = _runs(_without_parts(events))
        run = runs[-1]
        return Guess(
            slug=run.slug,
            likelihood=run.likelihood,
            confidence=self._classifier.confidence(run.likelihood),
            movements=len(run.events),
            start_s=_starts_s(runs)[-1],
        )

    def _note(self, seen: _Seen) -> None:
        same = [event for event in self.events[-_RECENT_EVENTS:] if event.is_same(seen)]
        if same:
            max(same, key=lambda event: event.overlap_ratio(seen)).add(seen)
        else:
            self.events.append(_Event(self._classifier, [seen]))
        self.events.sort(key=lambda event: event.start_s)
        for at in range(max(len(self.events) - _RECENT_EVENTS, 0), len(self.events)):
            self.events[at].carry_plate([*self.events[max(at - 1, 0) : at], *self.events[at + 1 : at + 2]])


def _without_parts(events: Sequence[_Event]) -> list[_Event]:
    """Return the movements, in order of their starts, without those that are parts of another one."""
    near = [events[max(at - _RECENT_EVENTS, 0) : at + _RECENT_EVENTS + 1] for at in range(len(events))]
    return [one for one, others in zip(events, near, strict=True) if not any(map(one.is_part_of, others))]


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive movements of the same exercise."""

    slug: str
    events: Sequence[_Event]

    @property
    def likelihood(self) -> float:
        return self._likelihood_of(self.slug)

    @property
    def alternative(self) -> str | None:
        """The exercise that it may be as well; ``None`` if the next one is far less likely."""
        second = max((slug for slug in EXERCISES if slug != self.slug), key=self._likelihood_of)
        return second if self._likelihood_of(second) >= RIVAL_RATIO * self.likelihood else None

    def _likelihood_of(self, slug: str) -> float:
        return mean(event.likelihood(slug) for event in self.events)


def _runs(events: Sequence[_Event]) -> list[_Run]:
    """Return the cheapest path through the movements (Viterbi), as runs of one exercise or none."""
    return _joined((slug, [event]) for event, slug in zip(events, _cheapest_path(events), strict=True))


def _joined(parts: Iterable[tuple[str, Sequence[_Event]]]) -> list[_Run]:
    """Return the parts as runs, merging neighbours of the same exercise."""
    runs: list[_Run] = []
    for slug, events in parts:
        if runs and runs[-1].slug == slug:
            runs[-1] = _Run(slug, [*runs[-1].events, *events])
        else:
            runs.append(_Run(slug, events))
    return runs


def _single(runs: Sequence[_Run]) -> list[_Run]:
    """Return the one exercise of a clip without a set, unless its movements are small relative to other movements.

    Beside whole sets, a single movement is a pick-up, a put-down or a logo. Without any set, single movements that look
    like different exercises are the same exercise, seen badly.
    """
    foreign_deg = max((event.range_deg for run in runs if run.slug == NONE for event in run.events), default=0.0)
    events = [run.events[0] for run in runs if run.slug != NONE]
    events = [event for event in events if event.range_deg > SINGLE_RATIO * foreign_deg]
    if not events:
        return []
    slug = min(EXERCISES, key=lambda slug: sum(min(event.cost(slug), OUTLIER_COST) for event in events))
    return [_Run(slug, events)]


def _cheapest_path(events: Sequence[_Event]) -> list[str]:
    """Return the state of each movement on the cheapest path through all of them."""
    states = _states()
    cost = dict.fromkeys(states, 0.0)
    came_from: list[dict[str, str]] = []
    for event in events:
        # To none, the cheapest way is from the best exercise, and to an exercise from there or from none.
        best = min(EXERCISES, key=lambda state: cost[state])
        origin = {
            state: min((state, NONE, best), key=lambda one: cost[one] + _change_cost(one, state)) for state in states
        }
        changed = {state: cost[origin[state]] + _change_cost(origin[state], state) for state in states}
        cost = {state: changed[state] + min(event.cost(state), OUTLIER_COST) for state in states}
        came_from.append(origin)
    path = [min(cost, key=lambda state: cost[state])]
    for origin in reversed(came_from[1:]):
        path.append(origin[path[-1]])
    return path[::-1] if events else []


def _change_cost(before: str, after: str) -> float:
    if before == after:
        return 0.0
    return SET_COST if NONE in (before, after) else TRANSITION_COST


def _starts_s(runs: Sequence[_Run]) -> list[float]:
    """Return the start of each run: half-way after the previous one; the first one starts with the clip."""
    between = ((before.events[-1].end_s + after.events[0].start_s) / 2 for before, after in pairwise(runs))
    return [-math.inf, *between][: len(runs)]


def _sections(runs: Sequence[_Run], classifier: MovementClassifier) -> list[Section]:
    """Return the sections of the runs."""
    return [
        Section(
            exercise=EXERCISES[run.slug],
            start_s=start_s,
            confidence=classifier.confidence(run.likelihood),
            alternative=run.alternative,
        )
        for run, start_s in zip(runs, _starts_s(runs), strict=True)
    ]
