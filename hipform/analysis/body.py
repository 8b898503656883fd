"""From a raw pose to the measures of the working side: tracking, side, facing, view and points outside the image."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hipform.config import Settings
from hipform.exercises.declaration import WorkingSide
from hipform.kinematics.angles import between, length
from hipform.kinematics.both_sides import far_side_change_deg, straightness
from hipform.kinematics.load import behind_load, covers_hips
from hipform.kinematics.measures import (
    MEASURES,
    SIDE_POINTS,
    SideView,
    measure_all,
    pelvis_drop_deg,
    trunk_thigh_flexion_deg,
)
from hipform.kinematics.orientation import (
    PLANTED_MEMORY_S,
    SIDE_MEMORY_S,
    STANCE_MEMORY_S,
    ViewAngles,
    ViewReader,
    Vote,
    compute_facing,
    compute_front_foot,
    compute_near_side,
    compute_stance,
    compute_stance_foot,
    midline,
    planted,
    side_of,
    side_projection,
)
from hipform.kinematics.reading_errors import interval_growth
from hipform.kinematics.tracking import Continuity, Tracked, Tracker, trunk_length_px
from hipform.kinematics.uncertainty import SPEED_HELD_DEG_PER_S, Motion, measure_u95
from hipform.pose.poses import Disc, Pose, per_pose
from hipform.segmentation.rep_signal import RepSignal
from hipform.segmentation.resampling import samples_between
from hipform.segmentation.samples import Sample
from hipform.types import FloatArray, Side
from hipform.video.frames import ClipInfo

EDGE_RATIO = 0.02
"""Landmarks further outside the image than this, relative to its size, are extrapolated by the model.

Basis: guess, checked on real and rendered clips.
"""
GUESS_RATIO = 0.1
"""Up to here, an extrapolated shoulder, hip or knee is good enough to count a repetition, but not to judge it.

Basis: guess, checked on real and rendered clips.
"""
LEAP_S = 0.2
"""A landmark jump is over by then; a hip that stays elsewhere for longer has really moved.

Basis: guess, checked on real and rendered clips.
"""
LEAP_RATIO = 1.15
"""No bone changes its length in the image by this factor between two frames.

Basis: guess, checked on real and rendered clips.
"""
OBLIQUE_DEG = 45.0
"""Further off the side view than this, angles come from the model's 3-D points, except near a straight line.

Basis: guess, checked on real and rendered clips.
"""
STANCE_VIEW_DEG = 35.0
"""Further off the side view than this, feet beside each other look as if one were in front.

Basis: guess, checked on real and rendered clips.
"""
FRONT_DEG = 65.0
"""Further off the side view than this, everything comes from the 3-D points, and no angle is judged.

Basis: guess, checked on real and rendered clips.
"""
LEG_OUT_DEG = 15.0
"""A leg whose hip is straighter than the other by more than this is the one held out.

Basis: guess, checked on real and rendered clips.
"""
LOADED_TRUNKS = 0.3
"""Hands whose heights differ by more than this, in trunk lengths, do not hold the same load.

Basis: guess, checked on real and rendered clips.
"""
HIDDEN_S = 1.0
"""A plate on the hip that is not seen for this long may have been put away. Basis: guess."""
EXTENDED_DEG = 30.0
"""A hip more flexed than this is measured as inaccurately at rest as in motion.

Basis: guess, checked on real and rendered clips.
"""
THIGH_TRUNKS = 0.9
"""Usual length of the thigh in the image, in trunk lengths. Basis: guess, checked on real and rendered clips."""
SPEED_WINDOW_S = 0.1
"""Span over which the hip's angular speed is measured. Basis: guess, checked on real and rendered clips."""
_SIDE_MEMORY_S = {WorkingSide.PLANTED: PLANTED_MEMORY_S, WorkingSide.FRONT: STANCE_MEMORY_S}
_BOTH_WORK = (WorkingSide.NEAR, WorkingSide.STANCE)
_NEEDED = ("shoulder", "hip", "knee")
_BIASED = ("trunk_thigh_flexion_deg", "other_trunk_thigh_flexion_deg")
_FEET = [SIDE_POINTS[side][name] for side in Side for name in ("ankle", "heel", "foot_index")]
_COUNTED_BY = [SIDE_POINTS[side][name] for side in Side for name in _NEEDED]


def more_extended(pose: Pose, facing: int, last: Side) -> Side:
    """Return the side whose hip is clearly less flexed; the *last* one while both are similar or unknown.

    The model often swaps the legs of a kneeling lifter. The angle must come from the leg that is held out in this
    frame; its side is decided over the whole top. While a leg returns under the hip, it remains the measured one.
    """
    flexion = {side: trunk_thigh_flexion_deg(SideView.of(pose, side, facing)) for side in (last, last.other)}
    return last.other if flexion[last.other] < flexion[last] - LEG_OUT_DEG else last


def loaded_arm(pose: Pose, near: Side) -> Side:
    """Return the side of the arm that holds the load: that of the clearly lower hand, otherwise the near side.

    With one hand on the hip, as in a kickstand deadlift, only the other one shows where the load is.
    """
    own, other = (float(pose.image_px[SIDE_POINTS[side]["wrist"], 1]) for side in (near, near.other))
    return near.other if other - own > LOADED_TRUNKS * trunk_length_px(pose) else near


def _conditions(pose: Pose, side: Side, view: SideView, flexion_deg: float) -> dict[str, float]:
    """Return the conditions of one frame that widen the intervals, by name; NaN where not known.

    The model's image points and its 3-D points are separate outputs, so that they differ where the model is unsure.
    """
    # From the lifter's right side, flexing the hip turns the thigh counter-clockwise.
    from_depth_deg = trunk_thigh_flexion_deg(SideView.of(side_projection(pose), side, 1))
    trunk_px, thigh_px = length(between(view.shoulder, view.hip)), length(between(view.hip, view.knee))
    return {
        "depth_difference_deg": abs(flexion_deg - from_depth_deg),
        "hidden_ratio": 1.0 - float(pose.visibility[[SIDE_POINTS[side][name] for name in _NEEDED]].min()),
        "thigh_error_ratio": abs(thigh_px / (THIGH_TRUNKS * trunk_px) - 1.0) if trunk_px else math.nan,
    }


def _joined(image_deg: float, depth_deg: float) -> float:
    """Return the flexion in an oblique view: from the image near straight, and from the model's depth when flexed.

    A straight line is straight from every side, and image points are more accurate; but an image hides flexion that
    points toward the camera.
    """
    if math.isnan(image_deg):
        return depth_deg
    straight = straightness(depth_deg)
    return straight * image_deg + (1.0 - straight) * depth_deg


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The athlete in one frame.

    Attributes
    ----------
    continuity
        How the frame continues the previous one.
    sample
        Measures of the working side; ``None`` while shoulder, hip and knee are not all seen.
    side
        Working side.
    motion
        Whether the hip is held or moving.
    between
        Interpolated samples since the previous frame, if frames are sparse.
    load
        The plate that the lifter moves; ``None`` where it is not seen.
    """

    t_s: float
    continuity: Continuity
    sample: Sample | None
    side: Side
    motion: Motion
    between: tuple[Sample, ...] = ()
    load: Disc | None = None

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Samples since the previous frame, in time order; empty while a needed joint is unseen."""
        return (*self.between, self.sample) if self.sample else ()

    def u95(self, exercise_u95_scale: float = 1.0) -> dict[str, float]:
        """Return the half-width of the 95 % interval of each measure; NaN while nothing is seen.

        Parameters
        ----------
        exercise_u95_scale
            Factor by which the exercise widens the intervals.
        """
        if self.sample is None:
            return dict.fromkeys(MEASURES, math.nan)
        growth = interval_growth({"view_off_deg": self.sample.view_off_deg, **self.sample.conditions})
        noise = self.sample.noise
        return {name: measure_u95(name, self.motion, growth, noise, exercise_u95_scale) for name in MEASURES}


@per_pose
def _outside(pose: Pose, size_px: tuple[int, int], margin_ratio: float) -> NDArray[np.bool_]:
    """Return which points lie outside the image by more than *margin_ratio* of its size, shape (33,)."""
    margin_px = margin_ratio * np.array(size_px, dtype=float)
    beyond = (pose.image_px < -margin_px) | (pose.image_px > size_px + margin_px)
    return np.asarray(beyond[:, 0] | beyond[:, 1])


@per_pose
def _inside(pose: Pose, size_px: tuple[int, int]) -> Pose:
    """Return *pose* without the points outside the image, but keep extrapolated ones that counting needs."""
    outside = _outside(pose, size_px, EDGE_RATIO).copy()
    outside[_COUNTED_BY] = _outside(pose, size_px, GUESS_RATIO)[_COUNTED_BY]
    if not outside.any():
        return pose
    image_px = np.where(np.expand_dims(outside, 1), np.nan, pose.image_px)
    return replace(pose, image_px=image_px)


def _load_row(load: Disc | None, pose: Pose) -> FloatArray:
    """Return `Sample.load`."""
    if load is None:
        return np.full(5, np.nan)
    feet_px = pose.image_px[_FEET, 1]
    floor_px = float(feet_px[np.isfinite(feet_px)].max(initial=-math.inf))
    above_floor_px = floor_px - load.center_px[1] if math.isfinite(floor_px) else math.nan
    return np.array([*load.center_px, load.radius_px[1], load.radius_px[1] / pose.px_per_m, above_floor_px])


def _without_body(sample: Sample) -> Sample:
    """Return a sample of the load alone: the landmarks of the body cannot be right."""
    return replace(
        sample,
        values=dict.fromkeys(sample.values, math.nan),
        trunk_px=math.nan,
        thigh_px=math.nan,
        ankle_px=np.full(2, np.nan),
        signal_deg=math.nan,
        is_hidden=True,
    )


class BodyReader:
    """Track the athlete and measure the working side, frame by frame.

    Parameters
    ----------
    info
        The clip, for the size of its frames.
    working_side
        Leg to measure.
    fastest_hip_deg_per_s
        Angular speed of the hip above which a landmark has jumped.
    settings
        Values in force.
    flexion_bias_deg
        How much too flexed MediaPipe's trunk-thigh angles read; the share of it that the landmarks have is subtracted.
    """

    def __init__(
        self,
        info: ClipInfo,
        working_side: WorkingSide,
        fastest_hip_deg_per_s: float,
        settings: Settings,
        flexion_bias_deg: float = 0.0,
    ) -> None:
        self._size_px = (info.width_px, info.height_px)
        self._working_side = working_side
        self._given_view_deg, self._noise = info.view_off_deg, info.noise
        self._given_side = info.side
        self._fastest_deg_per_s = fastest_hip_deg_per_s
        self._flexion_bias_deg = info.noise.bias_ratio * flexion_bias_deg
        self._tracker = Tracker(settings)
        self._forget()

    def _forget(self) -> None:
        """Reset the evidence for side and facing, as after a cut."""
        self._side_vote = Vote(memory_s=_SIDE_MEMORY_S.get(self._working_side, SIDE_MEMORY_S))
        self._facing_vote = Vote()
        self._oblique_vote = Vote()
        self._apart_vote = Vote()
        self._stance_vote = Vote(memory_s=STANCE_MEMORY_S)
        self._was_oblique = False
        self._view = ViewReader(self._given_view_deg)
        self._last_moving: Side | None = None
        self._recent: deque[Sample] = deque()
        self._before: Sample | None = None
        self._signal = RepSignal()
        self._hidden_s = -math.inf

    @property
    def side(self) -> Side:
        """The side that the user named; else the near or the working one, judging by the frames so far."""
        vote = self._stance_vote if self._apart_vote.sign > 0 else self._side_vote
        return self._given_side or side_of(vote.sign)

    def push(self, raw: Pose) -> Body:
        """Process the next pose, in time order."""
        return self.read(self._tracker.push(raw))

    def read(self, tracked: Tracked) -> Body:
        """Process the next pose of a tracker that several readers share, in place of `push`."""
        if tracked.continuity in (Continuity.CUT, Continuity.JUMPED):
            self._forget()
        pose = tracked.pose
        if not pose.found:
            self._before = None
            return Body(pose.t_s, tracked.continuity, None, self.side, self._motion(None))
        angles = self._view.push(pose)
        self._side_vote.push(pose.t_s, self._side_evidence(pose))
        if self._working_side is WorkingSide.STANCE:
            self._push_stance(_inside(pose, self._size_px), angles.off_deg)
        side = self.side
        sample = self._measure(pose, side, angles)
        between = tuple(samples_between(self._before, sample)) if self._before and sample else ()
        self._before = sample
        motion = self._motion(sample)
        load = pose.discs[0] if pose.discs else None
        return Body(pose.t_s, tracked.continuity, sample, sample.side if sample else side, motion, between, load)

    def _side_evidence(self, pose: Pose) -> float:
        """Return the evidence of one frame that the right side is the one to measure, -1 to 1."""
        match self._working_side:
            case WorkingSide.PLANTED:
                return compute_stance_foot(pose)
            case WorkingSide.FRONT:
                return compute_front_foot(pose, self._facing_vote.sign or 1)
            case _:
                return compute_near_side(pose)

    def _push_stance(self, pose: Pose, off_deg: float) -> None:
        """Note whether the feet are apart, and which leg works; they count as together where the view does not show it.

        Feet that are apart stay so for a whole repetition, but the model may swap the legs from frame to frame.
        """
        stance = compute_stance(pose, self._facing_vote.sign or 1) if off_deg <= STANCE_VIEW_DEG else 0.0
        self._apart_vote.push(pose.t_s, 2.0 * abs(stance) - 1.0)
        self._stance_vote.push(pose.t_s, stance or math.nan)

    @property
    def _legs_work_alike(self) -> bool:
        """Whether both legs do the same work, judging by the exercise and by the feet so far."""
        return self._working_side in _BOTH_WORK and self._apart_vote.sign <= 0

    def _side_on(self, seen: Pose, off_deg: float) -> tuple[Pose, bool]:
        """Return the pose to measure, from the pose inside the image, and whether it holds the image points themselves.

        Image points are more accurate near the side view, where angles are judged. From the front they show no flexion,
        but repetitions must still be counted; there a side projection of the model's 3-D points is used, if it has any.
        """
        is_oblique = self._oblique_vote.push(seen.t_s, (off_deg - OBLIQUE_DEG) / OBLIQUE_DEG) > 0
        if is_oblique is not self._was_oblique:
            # A lifter who faces left in the image may face right in the projection: the votes do not mix.
            self._facing_vote, self._was_oblique = Vote(), is_oblique
        if not (is_oblique and np.isfinite(seen.world_m).any()):
            return behind_load(seen, seen.discs[0]) if seen.discs else seen, True
        side_on = side_projection(seen)
        # Both legs do the same work unless only one is planted; their mean suppresses jumps of a half-hidden leg.
        return midline(side_on) if self._working_side in _BOTH_WORK else side_on, False

    def _measure(self, pose: Pose, side: Side, angles: ViewAngles) -> Sample | None:
        off_deg = angles.off_deg
        inside = _inside(pose, self._size_px)
        seen, is_picture = self._side_on(inside, off_deg)
        seen = planted(seen, side) if self._working_side is WorkingSide.PLANTED else seen
        facing = self._facing_vote.push(seen.t_s, compute_facing(seen)) or 1
        moving = self._working_side is WorkingSide.MOVING
        side = more_extended(seen, facing, self._last_moving or side) if moving else side
        self._last_moving = side
        load = pose.discs[0] if pose.discs else None
        view = SideView.of(seen, side, facing)
        # Seen from the right, flexing the hip turns the thigh counter-clockwise, and clockwise from the left.
        image_facing = facing if is_picture or angles.near_side is None else 1 if angles.near_side is Side.RIGHT else -1
        image = SideView.of(inside, side, image_facing)
        image_deg = trunk_thigh_flexion_deg(image)
        conditions = _conditions(pose, side, image, image_deg) | {"tilt_deg": angles.tilt_deg}
        # Bird dog lifts the arm of the other side.
        values = measure_all(seen, side, facing, side.other if moving else loaded_arm(seen, side))
        if is_picture:
            values["trunk_thigh_flexion_deg"] += self._far_side_change_deg(view, seen, side)
        else:
            # Pelvis drop is visible from the front; all other measures come from the side projection.
            values["pelvis_drop_deg"] = pelvis_drop_deg(SideView.of(inside, side, facing))
            if off_deg <= FRONT_DEG:
                image_deg += self._far_side_change_deg(image, inside, side)
                values["trunk_thigh_flexion_deg"] = _joined(image_deg, values["trunk_thigh_flexion_deg"])
        for name in _BIASED:
            values[name] -= self._flexion_bias_deg
        ankle_px = seen.image_px[SIDE_POINTS[side]["ankle"]]
        sample = Sample(
            t_s=seen.t_s,
            side=side,
            values=values,
            view_off_deg=off_deg,
            camera_move_deg=image_facing * angles.azimuth_deg if math.isfinite(angles.tilt_deg) else math.nan,
            conditions=conditions,
            extrapolated=self._is_extrapolated(pose, side),
            trunk_px=length(between(view.shoulder, view.hip)),
            thigh_px=length(between(view.hip, view.knee)),
            ankle_px=ankle_px if is_picture else np.full(2, np.nan),
            world_m=pose.world_m,
            signal_deg=values["trunk_thigh_flexion_deg"],
            is_hidden=self._hip_is_hidden(pose, load) and is_picture,
            load=_load_row(load, pose),
            noise=self._noise,
        )
        if not math.isfinite(sample.signal_deg) or self._leapt(sample):
            sample = _without_body(sample)
        signal_deg = self._signal.push(sample.t_s, sample.signal_deg, load)
        return replace(sample, signal_deg=signal_deg) if math.isfinite(signal_deg) else None

    def _far_side_change_deg(self, view: SideView, seen: Pose, side: Side) -> float:
        """Return the correction of the trunk-thigh angle from the other side of the body, for the legs of this set."""
        return far_side_change_deg(view, seen, side, both_legs_work=self._legs_work_alike)

    def _is_extrapolated(self, pose: Pose, side: Side) -> bool:
        """Return whether a point that the hip is measured with lies outside the image."""
        needed = [SIDE_POINTS[side][name] for name in _NEEDED]
        return bool(_outside(pose, self._size_px, EDGE_RATIO)[needed].any())

    def _hip_is_hidden(self, pose: Pose, load: Disc | None) -> bool:
        """Return whether a plate lies on the hip; one that is not seen for a moment still does."""
        if load and covers_hips(pose, load):
            self._hidden_s = pose.t_s
        elif load:
            self._hidden_s = -math.inf
        return pose.t_s - self._hidden_s <= HIDDEN_S

    def _leapt(self, sample: Sample) -> bool:
        """Return whether a landmark jumped: the hip is impossibly fast, or a bone suddenly changed its length."""
        if not self._recent or sample.t_s - self._recent[-1].t_s >= LEAP_S:
            return False
        last = self._recent[-1]
        turned_deg = abs(sample.values["trunk_thigh_flexion_deg"] - last.values["trunk_thigh_flexion_deg"])
        too_fast = turned_deg > self._fastest_deg_per_s * (sample.t_s - last.t_s)
        trunk_ratio, thigh_ratio = sample.trunk_px / last.trunk_px, sample.thigh_px / last.thigh_px
        stretched = max(trunk_ratio, thigh_ratio, 1 / trunk_ratio, 1 / thigh_ratio) > LEAP_RATIO
        return too_fast or stretched

    def _motion(self, sample: Sample | None) -> Motion:
        if sample is None or not math.isfinite(sample.values["trunk_thigh_flexion_deg"]):
            return Motion.MOVING
        self._recent.append(sample)
        # With sparse frames, the last two are compared, however far apart.
        while len(self._recent) > 2 and sample.t_s - self._recent[0].t_s > SPEED_WINDOW_S:
            self._recent.popleft()
        elapsed_s = sample.t_s - self._recent[0].t_s
        turned_deg = sample.values["trunk_thigh_flexion_deg"] - self._recent[0].values["trunk_thigh_flexion_deg"]
        fast = elapsed_s > 0 and abs(turned_deg) / elapsed_s > SPEED_HELD_DEG_PER_S
        flexed = sample.values["trunk_thigh_flexion_deg"] > EXTENDED_DEG
        return Motion.MOVING if fast or flexed else Motion.HELD
