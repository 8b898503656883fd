"""The camera check before a set: one thing to change at a time, until the view allows judging.

The position of the camera relative to the body comes from the model's 3-D points. With lifters rendered 25 and 40
degrees off the side view, in four exercises, the side of the camera was correct in all sixteen clips. The angle off the
side view is within 4 degrees when the camera stands on the side of the feet or front, and 7 to 19 degrees too small on
the side of the head or back: there the check is lenient. The downward tilt is within 3 degrees for lying lifters, and 7
to 10 degrees too small for standing ones. So the check reports a wrong height only when it is certain, and "ok" means
only that no problem was seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.orientation import Vote, across_m, compute_facing, compute_near_side, side_of
from hipform.kinematics.tracking import trunk_length_px
from hipform.pose.poses import Pose
from hipform.texts import english
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo

MEAN_S = 0.5
"""Time constant of the running means; long enough to outlast errors of single frames. Basis: guess."""
STEADY_S = 0.6
"""A new state must last this long before it replaces the previous one. Basis: guess."""
SAME_WORDS_S = 2.5
"""The text stays this long while the state is the same: a number that jitters cannot be read. Basis: guess."""
READY_S = 1.0
"""Everything must have been right for this long. Basis: guess."""
OFF_SIDE_DEG = 20.0
"""Beyond this angle off the side view the low back is not measured, nor, with a camera too high, any angle.

Basis: tuned on real and rendered clips.
"""
TILT_DEG = 20.0
"""A steeper tilt up or down shortens upright segments by 6 % or more, and shows the flank.

Basis: definition, the cosine of 20 degrees is 0.94.
"""
FRONT_DEG = 60.0
"""From this angle on the lifter faces the camera rather than being slightly turned.

Basis: convention, the limit of interval growth with the view.
"""
MIN_SHARE = 0.3
"""The landmarks of a body smaller than this share of the frame jitter by degrees.

Basis: tuned on real and rendered clips.
"""
MAX_SHARE = 0.94
"""A body larger than this share of the frame leaves it during a repetition. Basis: guess."""
DARK_RATIO = 0.15
"""Darker frames are noise to the pose model; clips from gyms and living rooms have 0.23 and more.

Basis: tuned on real and rendered clips.
"""
BURNT_RATIO = 0.3
"""A larger overexposed share means a window or lamp behind the lifter: clips from rooms have up to 0.25. A white studio
exceeds it too, without harm.

Basis: tuned on real and rendered clips.
"""
FRAMES_PER_LIFT = 4
"""Frames that the quickest lift must have for its start and duration to be known.

Basis: definition, sampling: start, middle, end and one more.
"""
PEOPLE_KNOWN_S = 3.0
"""A count of people is valid for this long; people are not counted in every frame. Basis: guess."""
MIN_VISIBILITY = 0.3
"""A point inside the frame with a lower visibility, 0 to 1, is hidden. Basis: tuned on real and rendered clips."""
_BODY = [
    points[name]
    for points in SIDE_POINTS.values()
    for name in ("ear", "shoulder", "hip", "knee", "ankle", "heel", "foot_index")
]
_ENDS = {"head": ("ear", "shoulder"), "feet": ("ankle", "foot_index"), "hips": ("hip", "knee")}
_ENDS_OF_FAMILY = {"lying": (english("feet"), english("head")), "standing": (english("front"), english("back"))}
"""Ends of the lifter in a positive and a negative direction, by family of postures; others face the floor."""
_HYSTERESIS = 0.15
"""A wrong value must pass its limit by this share before it is right again. Basis: guess."""
_LEG_ENDS = ("hip", "ankle")
_STANDING_TRUNKS = 1.2
"""A lifter whose hips are higher above the ankles than this, in trunk lengths, is standing. Basis: guess."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameCheck:
    """What one frame shows of lifter, camera and room.

    Attributes
    ----------
    pose
        Landmarks of the lifter, with the time of the frame.
    people
        Number of people found; ``None`` if they were not counted in this frame.
    light_ratio
        Mean brightness of the frame, 0 black to 1 white; NaN if not measured.
    burnt_ratio
        Share of overexposed pixels, 0..1; NaN if not measured.
    fps
        Recent frames per second, from capture times; NaN until known.
    """

    pose: Pose
    people: int | None
    light_ratio: float
    burnt_ratio: float
    fps: float


class ItemState(StrEnum):
    """State of an item of the camera check; what was not seen is never ``ok``."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One item of the camera check.

    Attributes
    ----------
    name
        Name of the item, in one or two words.
    state
        Whether the item is right.
    advice
        What to change, in a few words; empty for nothing.
    is_required
        Whether a set waits for this item. What the lifter may not be able to change, such as a bystander, is only
        reported.
    """

    name: str
    state: ItemState
    advice: str = ""
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The camera check at one frame.

    Attributes
    ----------
    items
        All items, most important first.
    ready
        Whether all required items have been right for `READY_S`. Light and the like may be unknown, but the whole body
        and the side view must be known to be right.
    advice
        The one thing to change now; empty for nothing.
    """

    items: tuple[CheckItem, ...]
    ready: bool
    advice: str


_OK = (ItemState.OK, "")
_UNKNOWN = (ItemState.UNKNOWN, "")
_StateAndAdvice = tuple[ItemState, str]


class _Mean:
    """A running mean over time; ignores NaN, and is NaN before the first value."""

    def __init__(self) -> None:
        self.value = math.nan
        self._t_s = math.nan

    def push(self, t_s: float, value: float) -> float:
        if math.isfinite(value):
            keep = math.exp(-(t_s - self._t_s) / MEAN_S) if math.isfinite(self.value) else 0.0
            self.value = keep * self.value + (1 - keep) * value if keep else value
            self._t_s = t_s
        return self.value


class _Steady:
    """One item, whose state changes only when a new state has lasted for a while."""

    def __init__(self, name: str, *, is_required: bool = True) -> None:
        self.item = CheckItem(name=name, state=ItemState.UNKNOWN, is_required=is_required)
        self._other_since_s = math.nan
        self._text_since_s = -math.inf
        self._other: ItemState | None = None

    @property
    def is_wrong(self) -> bool:
        return self.item.state is ItemState.WRONG

    def push(self, t_s: float, answer: _StateAndAdvice) -> None:
        state, advice = answer
        if state is self.item.state:
            self._other = None
            if advice != self.item.advice and t_s - self._text_since_s >= SAME_WORDS_S:
                self._take(t_s, state, advice)
            return
        if state is not self._other:
            self._other, self._other_since_s = state, t_s
        if t_s - self._other_since_s >= STEADY_S:
            self._take(t_s, state, advice)

    def _take(self, t_s: float, state: ItemState, advice: str) -> None:
        self.item = CheckItem(name=self.item.name, state=state, advice=advice, is_required=self.item.is_required)
        self._text_since_s, self._other = t_s, None


class CameraCheck:
    """Report what to change about camera, light and room, without flicker from single frames.

    Parameters
    ----------
    info
        Size of the camera's frames.
    exercise
        Next exercise; ``None`` if it is not known yet.
    settings
        Values in force.
    """

    def __init__(self, info: ClipInfo, exercise: Exercise | None, settings: Settings) -> None:
        self._size_px = (float(info.width_px), float(info.height_px))
        self._exercise = exercise
        self._least_fps = FRAMES_PER_LIFT / max(settings["reps.lift_min_s"], 0.1)
        self._body = _Steady(english("Whole body"))
        self._alone = _Steady(english("Alone"), is_required=False)
        self._side = _Steady(english("Side view"))
        self._distance = _Steady(english("Distance"))
        self._height = _Steady(english("Height"))
        self._light = _Steady(english("Light"))
        self._exposure = _Steady(english("Exposure"), is_required=False)
        self._rate = _Steady(english("Frame rate"), is_required=False)
        self._means: dict[str, _Mean] = {}
        self._near = Vote()
        self._facing = Vote()
        self._people: tuple[float, int] | None = None
        self._first_s = self._right_since_s = math.nan

    def push(self, sight: FrameCheck) -> CheckReport:
        """Take the next frame, in time order, and return the current report."""
        t_s = sight.pose.t_s
        if math.isnan(self._first_s):
            self._first_s = t_s
        for steady, answer in (
            (self._body, self._whole_body),
            (self._side, self._side_view),
            (self._distance, self._share),
            (self._height, self._tilt),
        ):
            steady.push(t_s, answer(sight.pose) if sight.pose.found else _UNKNOWN)
        self._alone.push(t_s, self._others(sight))
        self._light.push(t_s, self._brightness(sight))
        self._exposure.push(t_s, self._burnt(sight))
        self._rate.push(t_s, self._frame_rate(sight))
        return self._report(sight.pose)

    def _report(self, pose: Pose) -> CheckReport:
        order = (
            self._body,
            self._side,
            self._distance,
            self._height,
            self._light,
            self._alone,
            self._exposure,
            self._rate,
        )
        items = tuple(steady.item for steady in order)
        known = all(steady.item.state is ItemState.OK for steady in (self._body, self._side))
        if not known or any(item.state is ItemState.WRONG and item.is_required for item in items):
            self._right_since_s = math.nan
        elif math.isnan(self._right_since_s):
            self._right_since_s = pose.t_s
        ready = pose.t_s - self._right_since_s >= READY_S
        return CheckReport(items=items, ready=ready, advice=self._advice(pose.t_s, items))

    def _advice(self, t_s: float, items: tuple[CheckItem, ...]) -> str:
        """Return the first thing to change; if nobody is seen, bad light may be the reason."""
        wrong = [item.advice for item in items if item.state is ItemState.WRONG]
        if not wrong and self._body.item.state is ItemState.UNKNOWN and t_s - self._first_s >= STEADY_S:
            return self._body.item.advice or english("Step into view")
        return next(iter(wrong), "")

    def _mean(self, name: str, t_s: float, value: float) -> float:
        return self._means.setdefault(name, _Mean()).push(t_s, value)

    # ----------------------------------------------------------------------------------------------------- the body

    def _whole_body(self, pose: Pose) -> _StateAndAdvice:
        points = SIDE_POINTS[side_of(self._near.push(pose.t_s, compute_near_side(pose)))]
        for part, names in (
            (english("head"), ("ear", "shoulder")),
            (english("feet"), ("ankle", "foot_index")),
            (english("hips"), ("hip", "knee")),
        ):
            at_px = pose.image_px[[points[name] for name in names]]
            edge = self._edge(at_px)
            if edge:
                return ItemState.WRONG, self._cut_off(pose, part, edge)
            if pose.visibility[[points[name] for name in names]].max() < MIN_VISIBILITY:
                return ItemState.UNKNOWN, english("Your {part} cannot be seen", part=part)
        return _OK

    def _edge(self, at_px: FloatArray) -> str:
        """Return the edge of the frame beyond which points lie; empty if all lie inside."""
        (left, top), (right, bottom) = at_px.min(axis=0), at_px.max(axis=0)
        width, height = self._size_px
        margin = -0.01 * max(width, height) if self._body.is_wrong else 0.0
        beyond = {"left": -left, "right": right - width, "top": -top, "bottom": bottom - height}
        edge = max(beyond, key=lambda name: beyond[name])
        return edge if beyond[edge] > margin else ""

    def _cut_off(self, pose: Pose, part: str, edge: str) -> str:
        """Return the advice for a cut-off body: turn the camera if the body fits the frame, else move back."""
        left, top, right, bottom = _box(pose)
        width, height = self._size_px
        fits = right - left < 0.9 * width if edge in ("left", "right") else bottom - top < 0.9 * height
        if fits and edge in ("left", "right"):
            return english("Turn the camera toward your {part}", part=part)
        is_head = part == "head"
        lost = english("your head is cut off") if is_head else english("your {part} are cut off", part=part)
        if not fits:
            return english("Move back: {lost}", lost=lost)
        if edge == "top":
            return english("Tilt the camera up: {lost}", lost=lost)
        return english("Tilt the camera down: {lost}", lost=lost)

    def _side_view(self, pose: Pose) -> _StateAndAdvice:
        normal = _near_normal(pose)
        round_deg = math.degrees(math.atan2(normal[0], -normal[2]))
        # Near a front view the sign flips from frame to frame; a mean of both signs would look like a side view.
        off_deg, to_right = self._mean("off", pose.t_s, abs(round_deg)), self._mean("round", pose.t_s, round_deg) > 0
        facing = self._facing.push(pose.t_s, compute_facing(pose))
        if math.isnan(off_deg):
            return _UNKNOWN
        if off_deg <= OFF_SIDE_DEG * (1 - _HYSTERESIS * self._side.is_wrong):
            return _OK
        if off_deg > FRONT_DEG:
            return ItemState.WRONG, english("Turn side-on to the camera")
        toward_front = to_right is (facing > 0)
        if is_standing(pose):
            deg = 5 * round(off_deg / 5)
            if toward_front:
                return ItemState.WRONG, english("Turn about {deg} degrees toward the camera", deg=deg)
            return ItemState.WRONG, english("Turn about {deg} degrees away from the camera", deg=deg)
        return ItemState.WRONG, move_camera(off_deg, self._exercise, is_positive=toward_front)

    def _tilt(self, pose: Pose) -> _StateAndAdvice:
        normal = _near_normal(pose)
        sine = normal[1] / max(math.hypot(*normal), 1e-9)
        tilt_deg = self._mean("tilt", pose.t_s, math.degrees(math.asin(min(max(sine, -1.0), 1.0))))
        if math.isnan(tilt_deg):
            return _UNKNOWN
        if abs(tilt_deg) <= TILT_DEG * (1 - _HYSTERESIS * self._height.is_wrong):
            return _OK
        if self._exercise is None:
            lower, higher = english("Lower the camera to hip height"), english("Raise the camera to hip height")
        else:
            cm = 100 * self._exercise.camera.height_m
            lower = english("Lower the camera, to {cm:.0f} cm", cm=cm)
            higher = english("Raise the camera, to {cm:.0f} cm", cm=cm)
        return ItemState.WRONG, lower if tilt_deg > 0 else higher

    def _share(self, pose: Pose) -> _StateAndAdvice:
        left, top, right, bottom = _box(pose)
        width, height = self._size_px
        share = self._mean("share", pose.t_s, max((right - left) / width, (bottom - top) / height))
        if math.isnan(share):
            return _UNKNOWN
        hysteresis = _HYSTERESIS * self._distance.is_wrong
        if share < MIN_SHARE * (1 + hysteresis):
            return ItemState.WRONG, english("Come closer to the camera")
        if share > MAX_SHARE * (1 - 0.3 * hysteresis):
            return ItemState.WRONG, english("Move back from the camera")
        return _OK

    # ---------------------------------------------------------------------------------------------------- the room

    def _others(self, sight: FrameCheck) -> _StateAndAdvice:
        t_s = sight.pose.t_s
        if sight.people is not None:
            self._people = t_s, sight.people
        if self._people is None or t_s - self._people[0] > PEOPLE_KNOWN_S or self._people[1] == 0:
            return _UNKNOWN
        return (ItemState.WRONG, english("Someone else is in view")) if self._people[1] > 1 else _OK

    def _brightness(self, sight: FrameCheck) -> _StateAndAdvice:
        light = self._mean("light", sight.pose.t_s, sight.light_ratio)
        limit = DARK_RATIO * (1 + _HYSTERESIS * self._light.is_wrong)
        return self._limited(light, lambda: light < limit, english("Too dark: switch on a light"))

    def _burnt(self, sight: FrameCheck) -> _StateAndAdvice:
        burnt = self._mean("burnt", sight.pose.t_s, sight.burnt_ratio)
        limit = BURNT_RATIO * (1 - _HYSTERESIS * self._exposure.is_wrong)
        return self._limited(burnt, lambda: burnt > limit, english("Too bright: avoid a window behind you"))

    def _frame_rate(self, sight: FrameCheck) -> _StateAndAdvice:
        fps = self._mean("fps", sight.pose.t_s, sight.fps)
        limit = self._least_fps * (1 + 0.3 * _HYSTERESIS * self._rate.is_wrong)
        words = english("Only {n:.0f} frames per second: tempo will be rough", n=fps) if math.isfinite(fps) else ""
        return self._limited(fps, lambda: fps < limit, words)

    @staticmethod
    def _limited(value: float, is_wrong: Callable[[], bool], advice: str) -> _StateAndAdvice:
        if math.isnan(value):
            return _UNKNOWN
        return (ItemState.WRONG, advice) if is_wrong() else _OK


def move_camera(off_deg: float, exercise: Exercise | None, *, is_positive: bool) -> str:
    """Return the advice to move the camera by *off_deg*, rounded, toward an end of the lifter; see `end_toward`."""
    end = end_toward(exercise, is_positive=is_positive)
    return english("Move the camera about {deg} degrees toward your {end}", deg=5 * round(off_deg / 5), end=end)


def end_toward(exercise: Exercise | None, *, is_positive: bool) -> str:
    """Return the end of the lifter that a move of the camera leads to; the sign is that of `Sample.camera_move_deg`.

    Without an *exercise*, the lifter is taken to lie on the back.
    """
    family = exercise.posture.family if exercise else "lying"
    positive, negative = _ENDS_OF_FAMILY.get(family, ("head", "feet"))
    return positive if is_positive else negative


def _near_normal(pose: Pose) -> tuple[float, float, float]:
    """Return the lifter's left-right axis toward the camera: (0, 0, -1) in a true side view."""
    x, y, z = across_m(pose)
    return (x, y, z) if z < 0 else (-x, -y, -z)


def _box(pose: Pose) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of head, trunk and legs in pixels."""
    points = pose.image_px[_BODY]
    (left, top), (right, bottom) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    return float(left), float(top), float(right), float(bottom)


def is_standing(pose: Pose) -> bool:
    """Return whether the lifter stands, upright or bent forward, rather than lies, sits or kneels."""
    hip, ankle = (pose.image_px[[points[name] for points in SIDE_POINTS.values()]].mean(axis=0) for name in _LEG_ENDS)
    return bool(ankle[1] - hip[1] > _STANDING_TRUNKS * trunk_length_px(pose))
