"""Lifters built from joint angles by forward kinematics, so that every true angle and time is known.

Three layers, each a plain value:

1. `Posture`: joint angles and the place of the hips. `lying` solves bridges and thrusts with shoulders and foot in
   place, `hinge` what is done standing, `quadruped` and `prone` what is done face down; `squat`, `sit_up`, `plank` and
   `walk` make what is no repetition.
2. `RepSet`: the true trunk-thigh angle over time, from a schedule of `RepPlan`. `RepSet.motion` turns it into postures.
3. `film`: a `SyntheticCamera` looks at a motion (time -> posture) and gives a `SyntheticClip` of poses.

Lifter's axes: *f* along the floor (lying: toward the feet; standing: forward), *u* up, *l* toward the lifter's left.
Directions in the sagittal plane run counter-clockwise from *f*; joint angles are signed as in
`hipform.kinematics.measures`.
"""

from __future__ import annotations

import cmath
import importlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from hipform.analysis import Analyzer
from hipform.analysis.judged_reps import SetResult, Step
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Exercise
from hipform.kinematics.back_outline import back_hollow_ratio, belly_bulge_ratio
from hipform.kinematics.lumbar_extension import BACK_FREE, BACK_ON_FLOOR
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import MIRROR_ORDER, swap_sides
from hipform.pose.poses import CONTOUR_STATIONS, N_LANDMARKS, Disc, Landmark, Pose, TrunkContour
from hipform.segmentation.turning_points import StartsAt
from hipform.types import Side
from hipform.video.frames import ClipInfo

# ------------------------------------------------------------------------------------------------------------- the body


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Segment lengths in metres."""

    trunk_m: float = 0.50
    thigh_m: float = 0.42
    shank_m: float = 0.42
    neck_m: float = 0.20
    upper_arm_m: float = 0.29
    forearm_m: float = 0.25
    ankle_height_m: float = 0.08
    hip_width_m: float = 0.20
    shoulder_width_m: float = 0.34


BODY = Body()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """Joint angles in the sagittal plane and the place of the hips.

    ``trunk_deg`` is the direction shoulder -> hip; ``arm_deg`` turns the arm from there, forward positive.
    ``other_hip_deg``, ``other_knee_deg`` and ``other_arm_deg`` (shoulder and elbow) are for the limbs that are not on
    the `working` side; None means that both do the same. ``pelvis_drop_deg`` lowers the hip of that other side.
    ``lumbar_deg`` bends the low back, extension positive: it shows in the outline of the trunk alone.
    """

    hip_m: tuple[float, float]
    trunk_deg: float
    hip_deg: float
    knee_deg: float
    neck_deg: float = 0.0
    arm_deg: float = 0.0
    elbow_deg: float = 10.0
    working: Side = Side.RIGHT
    other_hip_deg: float | None = None
    other_knee_deg: float | None = None
    other_arm_deg: tuple[float, float] | None = None
    pelvis_drop_deg: float = 0.0
    lumbar_deg: float = 0.0

    def leg(self, side: Side) -> tuple[float, float]:
        """Return hip and knee flexion of one leg."""
        if side is self.working or self.other_hip_deg is None:
            return self.hip_deg, self.knee_deg
        return self.other_hip_deg, self.other_knee_deg or 0.0

    def arm(self, side: Side) -> tuple[float, float]:
        """Return shoulder and elbow of one arm."""
        own = self.arm_deg, self.elbow_deg
        return own if side is self.working or self.other_arm_deg is None else self.other_arm_deg

    def shoulder(self, body: Body) -> complex:
        """Return the place of the shoulders in the sagittal plane."""
        return complex(*self.hip_m) - _toward(self.trunk_deg, body.trunk_m)


Motion = Callable[[float], Posture]


def _toward(angle_deg: float, length_m: float) -> complex:
    """Return a step in the sagittal plane, f + u * 1j: complex numbers turn and add without arrays."""
    return cmath.rect(length_m, math.radians(angle_deg))


def _side_points(posture: Posture, side: Side, body: Body) -> dict[str, tuple[complex, float]]:
    """Return the landmarks of one side below the head by part: place in the sagittal plane and distance to the left."""
    sign = 1 if side is Side.LEFT else -1
    half_hip, half_shoulder = sign * body.hip_width_m / 2, sign * body.shoulder_width_m / 2
    hip, shoulder = complex(*posture.hip_m), posture.shoulder(body)
    arm_deg, elbow_deg = posture.arm(side)
    elbow = shoulder + _toward(posture.trunk_deg + arm_deg, body.upper_arm_m)
    wrist = elbow + _toward(posture.trunk_deg + arm_deg + elbow_deg, body.forearm_m)
    hip_deg, knee_deg = posture.leg(side)
    shank_deg = posture.trunk_deg + hip_deg - knee_deg
    knee = hip + _toward(posture.trunk_deg + hip_deg, body.thigh_m)
    ankle = knee + _toward(shank_deg, body.shank_m)
    dropped_m = 0.0 if side is posture.working else body.hip_width_m * math.tan(math.radians(posture.pelvis_drop_deg))
    leg = {
        "HIP": hip - 1j * dropped_m,
        "KNEE": knee,
        "ANKLE": ankle,
        "HEEL": ankle + _toward(shank_deg, 0.05),
        "FOOT_INDEX": ankle + _toward(shank_deg + 80, 0.17),
    }
    arm = {"SHOULDER": shoulder, "ELBOW": elbow} | dict.fromkeys(("WRIST", "PINKY", "INDEX", "THUMB"), wrist)
    return {part: (at, half_hip) for part, at in leg.items()} | {part: (at, half_shoulder) for part, at in arm.items()}


def joints(posture: Posture, body: Body = BODY) -> np.ndarray:
    """Return the 33 landmarks of *posture* in the lifter's axes (f, u, l), metres, shape (33, 3)."""
    head_deg = posture.trunk_deg + 180 + posture.neck_deg
    shoulder = posture.shoulder(body)
    ear = shoulder + _toward(head_deg, body.neck_m)
    face = ear + _toward(head_deg - 90, 0.1)
    places = {"NOSE": (face, 0.0)}
    for side, sign in ((Side.LEFT, 1), (Side.RIGHT, -1)):
        name = side.name
        places |= {f"{name}_{part}": (face, sign * 0.03) for part in ("EYE_INNER", "EYE", "EYE_OUTER")}
        places |= {f"{name}_EAR": (ear, sign * 0.07), f"MOUTH_{name}": (face, sign * 0.02)}
        places |= {f"{name}_{part}": place for part, place in _side_points(posture, side, body).items()}
    in_order = (places[landmark.name] for landmark in Landmark)
    return np.array([(at.real, at.imag, left) for at, left in in_order])


# --------------------------------------------------------------------------------------------------------- the postures

FLOOR_M = 0.06
"""Height of the shoulders in a bridge."""
BENCH_M = 0.42
"""Height of the shoulders in a hip thrust."""
ALL_FOURS_DEG = 80.0
"""Trunk-thigh angle on hands and knees, thighs upright; the shoulders are a little higher than the hips."""


def lying(
    hip_deg: float,
    *,
    shoulder_height_m: float = FLOOR_M,
    shin_lean_deg: float = 0.0,
    neck_deg: float = 0.0,
    arm_deg: float = 0.0,
    elbow_deg: float = 10.0,
    planted: Side | None = None,
    held_out: float = 1.0,
    pelvis_drop_deg: float = 0.0,
    lumbar_deg: float = 0.0,
    body: Body = BODY,
) -> Posture:
    """Return a bridge or thrust at a trunk-thigh angle, shoulders and foot in place.

    Parameters
    ----------
    shin_lean_deg
        Lean of the shank when shoulder, hip and knee form a straight line: tells how far away the foot is planted.
    planted
        The only planted leg, the other one held out straight; None plants both.
    held_out
        How far the other leg is held out: 0 plants it as well.
    """
    level_m = shoulder_height_m
    straight_m = body.trunk_m + body.thigh_m
    lean = math.radians(shin_lean_deg)
    rise_m = body.ankle_height_m + body.shank_m * math.cos(lean) - level_m
    ankle = complex(math.sqrt(straight_m**2 - rise_m**2) - body.shank_m * math.sin(lean), body.ankle_height_m)
    shoulder = complex(0.0, level_m)
    # Seen from the shoulder the knee is as far away as the hip angle makes it; seen from the ankle, a shank's length.
    to_knee = body.trunk_m + _toward(hip_deg, body.thigh_m)
    knee = _upper_crossing(shoulder, abs(to_knee), ankle, body.shank_m)
    trunk_deg = math.degrees(cmath.phase(knee - shoulder) - cmath.phase(to_knee))
    shank_deg = math.degrees(cmath.phase(ankle - knee))
    hip = shoulder + _toward(trunk_deg, body.trunk_m)
    single = planted is not None
    return Posture(
        hip_m=(hip.real, hip.imag),
        trunk_deg=trunk_deg,
        hip_deg=hip_deg,
        knee_deg=trunk_deg + hip_deg - shank_deg,
        neck_deg=neck_deg,
        arm_deg=arm_deg,
        elbow_deg=elbow_deg,
        working=planted or Side.RIGHT,
        other_hip_deg=hip_deg if single else None,
        other_knee_deg=(1 - held_out) * (trunk_deg + hip_deg - shank_deg) if single else None,
        pelvis_drop_deg=pelvis_drop_deg,
        lumbar_deg=lumbar_deg,
    )


def _upper_crossing(first: complex, first_m: float, second: complex, second_m: float) -> complex:
    """Return the upper of the two points that are *first_m* from *first* and *second_m* from *second*."""
    distance_m = abs(second - first)
    along_m = (distance_m**2 + first_m**2 - second_m**2) / (2 * distance_m)
    return first + (second - first) / distance_m * complex(along_m, math.sqrt(first_m**2 - along_m**2))


def hinge(
    hip_deg: float,
    *,
    knee_deg: float = 0.0,
    shin_lean_deg: float = 0.0,
    neck_deg: float = 0.0,
    arm_deg: float = 0.0,
    elbow_deg: float = 0.0,
    ahead_ratio: float | None = None,
    lumbar_deg: float = 0.0,
    planted: Side | None = None,
    body: Body = BODY,
) -> Posture:
    """Return a stand or a hinge at a trunk-thigh angle, foot in place; the trunk leans by hip - knee + shin.

    Parameters
    ----------
    arm_deg
        Direction of the upper arm from straight down, forward positive.
    ahead_ratio
        How far the hands of straight arms are ahead of the leg at their height, in thigh lengths; takes the place of
        *arm_deg*.
    planted
        The only planted leg, the other one in line with the trunk; None plants both.
    """
    stand = _standing(hip_deg, knee_deg, shin_lean_deg, 0.5, body)
    stand = replace(stand, neck_deg=neck_deg, elbow_deg=elbow_deg, lumbar_deg=lumbar_deg)
    if planted:
        stand = replace(stand, working=planted, other_hip_deg=0.0, other_knee_deg=0.0)

    down_deg = arm_deg if ahead_ratio is None else _toward_leg_deg(stand, ahead_ratio, body)
    return replace(stand, arm_deg=down_deg - 90 - stand.trunk_deg)


def _toward_leg_deg(stand: Posture, ahead_ratio: float, body: Body) -> float:
    """Return the direction from straight down in which a straight arm ends so far ahead of the leg at its height."""
    reach_m, shoulder = body.upper_arm_m + body.forearm_m, stand.shoulder(body)
    points = _side_points(stand, stand.working, body)
    leg = [points[part][0] for part in ("ANKLE", "KNEE", "HIP")]
    forward, up = [at.real for at in leg], [at.imag for at in leg]
    down = 0.0
    for _ in range(10):
        ahead_m = np.interp(shoulder.imag - reach_m * math.cos(down), up, forward) + ahead_ratio * body.thigh_m
        down = math.asin(min(max((ahead_m - shoulder.real) / reach_m, -1.0), 1.0))
    return math.degrees(down)


def quadruped(
    hip_deg: float,
    *,
    working: Side = Side.RIGHT,
    knee_deg: float | None = None,
    elbow_deg: float = 5.0,
    neck_deg: float = 0.0,
    pelvis_drop_deg: float = 0.0,
) -> Posture:
    """Return a bird dog on hands and knees: the *working* leg and the opposite arm go out together as the hip extends.

    ``knee_deg`` and ``elbow_deg`` are of those two; by itself the knee straightens with the hip.
    """
    out = min(max(1 - hip_deg / ALL_FOURS_DEG, 0.0), 1.0)
    return Posture(
        hip_m=(0.5, 0.47),
        trunk_deg=-90 - ALL_FOURS_DEG,
        hip_deg=hip_deg,
        knee_deg=90 * (1 - out) if knee_deg is None else knee_deg,
        neck_deg=neck_deg,
        arm_deg=ALL_FOURS_DEG,
        elbow_deg=0.0,
        working=working,
        other_hip_deg=ALL_FOURS_DEG,
        other_knee_deg=90.0,
        other_arm_deg=(ALL_FOURS_DEG + out * (180 - ALL_FOURS_DEG), elbow_deg * out),
        pelvis_drop_deg=pelvis_drop_deg,
    )


def prone(hip_deg: float, *, knee_deg: float = 5.0, neck_deg: float = 0.0) -> Posture:
    """Return a reverse hyperextension: trunk level on a high bench, hands on it, both legs moving."""
    return Posture(hip_m=(0.7, 0.9), trunk_deg=-180, hip_deg=hip_deg, knee_deg=knee_deg, neck_deg=neck_deg, arm_deg=80)


def squat(depth_ratio: float, body: Body = BODY) -> Posture:
    """Return a squat: 0 stands, 1 is deep; the foot stays put."""
    return _standing(95 * depth_ratio, 105 * depth_ratio, 30 * depth_ratio, 0.0, body)


def _standing(hip_deg: float, knee_deg: float, lean_deg: float, ankle_f_m: float, body: Body = BODY) -> Posture:
    shank_deg = -90 - lean_deg
    thigh_deg = shank_deg + knee_deg
    ankle = complex(ankle_f_m, body.ankle_height_m)
    hip = ankle - _toward(shank_deg, body.shank_m) - _toward(thigh_deg, body.thigh_m)
    return Posture(hip_m=(hip.real, hip.imag), trunk_deg=thigh_deg - hip_deg, hip_deg=hip_deg, knee_deg=knee_deg)


def walk(t_s: float, speed_m_per_s: float = 0.6, steps_per_s: float = 1.8) -> Posture:
    """Return a walk forward: legs swing against each other, the trunk stays upright."""
    swing = math.sin(math.pi * steps_per_s * t_s)
    return Posture(
        hip_m=(speed_m_per_s * t_s, 0.9),
        trunk_deg=-92,
        hip_deg=8 + 22 * swing,
        knee_deg=20 - 12 * swing,
        other_hip_deg=8 - 22 * swing,
        other_knee_deg=20 + 12 * swing,
    )


def sit_up(rise_deg: float) -> Posture:
    """Return a sit-up: hips, thighs and feet stay, the trunk rises by *rise_deg* from the floor."""
    return Posture(hip_m=(0.5, 0.1), trunk_deg=-rise_deg, hip_deg=50 + rise_deg, knee_deg=105)


def plank(pike_deg: float, body: Body = BODY) -> Posture:
    """Return a plank on straight legs, elbows and toes in place, hips piked up by *pike_deg*."""
    to_ankle = body.trunk_m + _toward(pike_deg, body.thigh_m + body.shank_m)
    # The ankle stays 0.2 m lower than the shoulder; piking pulls it closer.
    trunk_deg = 180 + math.degrees(math.asin(0.2 / abs(to_ankle)) - cmath.phase(to_ankle))
    hip = complex(1.4, 0.35) + _toward(trunk_deg, body.trunk_m)
    return Posture(hip_m=(hip.real, hip.imag), trunk_deg=trunk_deg, hip_deg=pike_deg, knee_deg=0, arm_deg=90)


def blend(first: Posture, second: Posture, ratio: float) -> Posture:
    """Return the posture *ratio* of the way from *first* to *second*."""

    def mix(a: float, b: float) -> float:
        return a + (b - a) * ratio

    return Posture(
        hip_m=(mix(first.hip_m[0], second.hip_m[0]), mix(first.hip_m[1], second.hip_m[1])),
        trunk_deg=mix(first.trunk_deg, second.trunk_deg),
        hip_deg=mix(first.hip_deg, second.hip_deg),
        knee_deg=mix(first.knee_deg, second.knee_deg),
        neck_deg=mix(first.neck_deg, second.neck_deg),
    )


def to_and_fro(posture: Callable[[float], Posture], low: float, high: float, period_s: float) -> Motion:
    """Return a motion that swings the argument of *posture* between *low* and *high*, beginning at *low*."""
    return lambda t_s: posture(low + (high - low) * (0.5 - 0.5 * math.cos(2 * math.pi * t_s / period_s)))


def then(*parts: tuple[float, Motion]) -> Motion:
    """Return the motion that runs each (duration, motion) in turn; the last one runs on."""
    starts = np.concatenate([[0.0], np.cumsum([duration_s for duration_s, _ in parts])])

    def motion(t_s: float) -> Posture:
        index = min(int(np.searchsorted(starts, t_s, side="right")) - 1, len(parts) - 1)
        return parts[index][1](t_s - float(starts[index]))

    return motion


# --------------------------------------------------------------------------------------------------------- the schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class RepPlan:
    """One repetition as ordered: times in seconds and the trunk-thigh angle at both ends."""

    lift_s: float = 0.8
    hold_s: float = 0.6
    lower_s: float = 1.0
    rest_s: float = 0.5
    lockout_deg: float = 0.0
    bottom_deg: float = 50.0


@dataclass(frozen=True)
class RepSet:
    """The true trunk-thigh angle of a set over time.

    Attributes
    ----------
    plans
        Repetitions in order. Each ends where the next one starts, the last where it started itself.
    lead_s
        Rest at the first start before the first repetition.
    is_eased
        Whether lifting and lowering start and stop smoothly; straight ramps otherwise.
    starts_at
        End of the range that each repetition starts from; from the top it is lowered, rests, is lifted and held.
    """

    plans: tuple[RepPlan, ...]
    lead_s: float = 0.6
    is_eased: bool = True
    starts_at: StartsAt = StartsAt.BOTTOM

    @staticmethod
    def of(
        count: int, lead_s: float = 0.6, is_eased: bool = True, starts_at: StartsAt = StartsAt.BOTTOM, **plan: float
    ) -> RepSet:
        """Return *count* equal repetitions; keywords as in `RepPlan`."""
        return RepSet((RepPlan(**plan),) * count, lead_s, is_eased, starts_at)

    @cached_property
    def knots(self) -> tuple[np.ndarray, np.ndarray]:
        """Times and angles between which the angle moves."""
        return self._from_bottom() if self.starts_at is StartsAt.BOTTOM else self._from_top()

    def _from_top(self) -> tuple[np.ndarray, np.ndarray]:
        times, angles = [0.0, self.lead_s], [self.plans[0].lockout_deg] * 2
        for plan in self.plans:
            times += list(times[-1] + np.cumsum([plan.lower_s, plan.rest_s, plan.lift_s, plan.hold_s]))
            angles += [plan.bottom_deg, plan.bottom_deg, plan.lockout_deg, plan.lockout_deg]
        return np.array(times), np.array(angles)

    def _from_bottom(self) -> tuple[np.ndarray, np.ndarray]:
        times, angles = [0.0, self.lead_s], [self.plans[0].bottom_deg] * 2
        after = [plan.bottom_deg for plan in self.plans[1:]] + [self.plans[-1].bottom_deg]
        for plan, low_deg in zip(self.plans, after, strict=True):
            times += list(times[-1] + np.cumsum([plan.lift_s, plan.hold_s, plan.lower_s, plan.rest_s]))
            angles += [plan.lockout_deg, plan.lockout_deg, low_deg, low_deg]
        return np.array(times), np.array(angles)

    @property
    def duration_s(self) -> float:
        """Length of the whole schedule."""
        return float(self.knots[0][-1])

    def rep_times(self, number: int) -> tuple[float, float, float, float]:
        """Return when rep *number* (from 1) leaves its start, reaches the other end, leaves it, and is back."""
        first = 1 + 4 * (number - 1)
        return tuple(float(t_s) for t_s in self.knots[0][first : first + 4])

    def number_at(self, t_s: float) -> int:
        """Return the repetition (from 1) under way; a rest at the bottom belongs to the lift that follows."""
        first = 0 if self.starts_at is StartsAt.BOTTOM else 1
        starts_s = self.knots[0][first::4][: len(self.plans)]
        return max(1, int(np.searchsorted(starts_s, t_s, side="right")))

    def angle_deg(self, t_s: float) -> float:
        """Return the true trunk-thigh angle."""
        times, angles = self.knots
        if not self.is_eased:
            return float(np.interp(t_s, times, angles))
        index = int(np.clip(np.searchsorted(times, t_s, side="right") - 1, 0, len(times) - 2))
        span_s = times[index + 1] - times[index]
        ratio = float(np.clip((t_s - times[index]) / span_s, 0, 1)) if span_s else 1.0
        ratio = 0.5 - 0.5 * math.cos(math.pi * ratio)
        return float(angles[index] + (angles[index + 1] - angles[index]) * ratio)

    def motion(self, posture: Callable[[float], Posture] = lying) -> Motion:
        """Return the set as a motion of *posture*, a function of the trunk-thigh angle."""
        return lambda t_s: posture(self.angle_deg(t_s))


def bridge(hip_deg: float) -> Posture:
    """Glute bridge on the floor."""
    return lying(hip_deg)


def thrust(hip_deg: float) -> Posture:
    """Hip thrust on a bench."""
    return lying(hip_deg, shoulder_height_m=BENCH_M)


def single_leg(planted: Side) -> Callable[[float], Posture]:
    """Return the single-leg bridge that stands on *planted*."""
    return lambda hip_deg: lying(hip_deg, planted=planted)


def performance_of(slug: str) -> Performance:
    """Return how a lifter does an exercise, from its file in tests/exercise_samples."""
    return importlib.import_module(f"tests.exercise_samples.{slug.replace('-', '_')}").PERFORMANCE


def bottom_deg_of(slug: str) -> float:
    """Return the trunk-thigh angle at the bottom of an ordinary repetition of an exercise."""
    return performance_of(slug).bottom_deg


def posture_of(slug: str, planted: Side = Side.RIGHT, **change: float) -> Callable[[float], Posture]:
    """Return what an exercise looks like at a trunk-thigh angle.

    *planted* is the leg that works alone, if one does: the one that stands, in bird dog the one that is held out.
    *change* is as in the function that makes the posture.
    """
    return lambda hip_deg: performance_of(slug).posture(hip_deg, planted, **change)


def plan_of(slug: str, **change: float) -> RepPlan:
    """Return an ordinary repetition of an exercise; *change* as in `RepPlan`."""
    return RepPlan(**({"bottom_deg": bottom_deg_of(slug)} | performance_of(slug).tempo | change))


def set_of(slug: str, plans: int | Sequence[RepPlan], **how: float) -> RepSet:
    """Return a set of an exercise, ordinary repetitions or these *plans*; *how* as in `RepSet`."""
    plans = (plan_of(slug),) * plans if isinstance(plans, int) else tuple(plans)
    return RepSet(plans, starts_at=EXERCISES[slug].starts_at, **how)


# ----------------------------------------------------------------------------------------------------------- the camera


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticCamera:
    """A distant camera (no perspective).

    Attributes
    ----------
    facing
        +1: feet (lying) or front (standing) toward the right of the picture, the lifter's right side near; -1: left.
    azimuth_deg
        How far the camera stands off the side view, toward the feet.
    tilt_deg
        How far it looks down.
    px_per_m, origin_px
        Scale, and where the lifter's origin is in the picture (measured from the side the head is on).
    """

    facing: int = 1
    azimuth_deg: float = 0.0
    tilt_deg: float = 0.0
    px_per_m: float = 300.0
    origin_px: tuple[float, float] = (320.0, 620.0)
    width_px: int = 960
    height_px: int = 720

    @property
    def near(self) -> Side:
        """Side of the lifter that is nearer, for azimuths within 90 degrees."""
        return Side.RIGHT if self.facing > 0 else Side.LEFT

    @property
    def view_off_deg(self) -> float:
        """True angle between the camera's axis and the lifter's left-right axis."""
        return math.degrees(math.acos(math.cos(math.radians(self.azimuth_deg)) * math.cos(math.radians(self.tilt_deg))))

    @property
    def info(self) -> ClipInfo:
        """The clip that it films."""
        return ClipInfo(name="synthetic.mp4", width_px=self.width_px, height_px=self.height_px, fps=30.0)

    def look(self, points_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return points of the lifter's axes in pixels, and in metres along the camera's axes."""
        yaw, tilt = math.radians(self.facing * self.azimuth_deg), math.radians(self.tilt_deg)
        x, up, depth = self.facing * points_m[:, 0], points_m[:, 1], self.facing * points_m[:, 2]
        x, depth = x * math.cos(yaw) + depth * math.sin(yaw), depth * math.cos(yaw) - x * math.sin(yaw)
        down, depth = -up * math.cos(tilt) - depth * math.sin(tilt), depth * math.cos(tilt) - up * math.sin(tilt)
        origin_x = self.origin_px[0] if self.facing > 0 else self.width_px - self.origin_px[0]
        image_px = np.column_stack([x, down]) * self.px_per_m + (origin_x, self.origin_px[1])
        return image_px, np.column_stack([x, down, depth])


SIDE_ON = SyntheticCamera()


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How a synthetic lifter does an exercise; tests/exercise_samples has a file with one for each exercise.

    Attributes
    ----------
    posture
        The lifter at a trunk-thigh angle, called as ``posture(hip_deg, working_side, **changes)``; the changes are as
        in the function that makes the posture.
    bottom_deg
        Trunk-thigh angle at the bottom of an ordinary repetition.
    tempo
        Times of an ordinary repetition that differ from those of `RepPlan`.
    fps
        Frames per second of its clips.
    shoulders_cut_off
        Camera that leaves the shoulders a little outside the picture at the top, where a pose model guesses them.
    has_plate
        Whether it is recognised by a plate on the hips; clips are without one unless `with_plate` adds it.
    """

    posture: Callable[..., Posture]
    bottom_deg: float
    tempo: Mapping[str, float] = field(default_factory=dict)
    fps: float = 16.0
    shoulders_cut_off: SyntheticCamera
    has_plate: bool = False


@dataclass(frozen=True)
class SyntheticClip:
    """Poses of a synthetic lifter, and the clip they stand for."""

    poses: tuple[Pose, ...]
    info: ClipInfo = field(default_factory=lambda: SIDE_ON.info)

    def but(self, poses: Iterable[Pose]) -> SyntheticClip:
        """Return the clip with other poses."""
        return SyntheticClip(tuple(poses), self.info)

    @property
    def t_s(self) -> np.ndarray:
        """Times of the frames."""
        return np.array([pose.t_s for pose in self.poses])


def frame_times(duration_s: float, fps: float = 20.0, jitter: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return the times of frames; *jitter* varies the steps by up to that share (0..1), as phones do."""
    count = max(1, math.floor(duration_s * fps + 1e-9) + 1)
    steps = np.full(count, 1 / fps)
    if jitter:
        steps *= 1 + jitter * np.random.default_rng(seed).uniform(-1, 1, count)
    return np.concatenate([[0.0], np.cumsum(steps)[:-1]])


def shoot(posture: Posture, t_s: float = 0.0, camera: SyntheticCamera = SIDE_ON, body: Body = BODY) -> Pose:
    """Return one posture as a pose."""
    image_px, camera_m = camera.look(joints(posture, body))
    world_m = camera_m - camera_m[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    visibility = np.full(N_LANDMARKS, 0.99)
    hidden = 0.35 * abs(math.cos(math.radians(camera.azimuth_deg)))
    for part in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
        visibility[Landmark[f"{camera.near.other.name}_{part}"]] -= hidden
    return Pose(t_s, image_px, world_m, visibility, contour=outline(posture.lumbar_deg, camera.facing))


def _bump(at: float) -> np.ndarray:
    # Small enough to be no step, as an arm before the trunk makes.
    return 0.1 * np.exp(-(((CONTOUR_STATIONS - at) / 0.15) ** 2))


FLAT = np.full(len(CONTOUR_STATIONS), 0.2)
HOLLOW_PER_DEG = _bump(0.6) / back_hollow_ratio(TrunkContour(FLAT, FLAT - _bump(0.6)), 1) / BACK_FREE.hollow_deg
RISE_PER_DEG = _bump(0.7) / belly_bulge_ratio(TrunkContour(FLAT + _bump(0.7), FLAT), 1) / BACK_ON_FLOOR.bulge_deg


def outline(lumbar_deg: float, facing: int = 1) -> TrunkContour:
    """Return the outline of a trunk whose low back reads *lumbar_deg*: by the back, or lying by the belly."""
    ventral, dorsal = FLAT + lumbar_deg * RISE_PER_DEG, FLAT - lumbar_deg * HOLLOW_PER_DEG
    return TrunkContour(ventral, dorsal) if facing > 0 else TrunkContour(dorsal, ventral)


def film(
    motion: Motion,
    t_s: Sequence[float] | np.ndarray,
    camera: SyntheticCamera = SIDE_ON,
    *,
    noise_px: float = 0.0,
    seed: int = 0,
    body: Body = BODY,
) -> SyntheticClip:
    """Return the clip of a *motion* at the times *t_s*; noise is the standard deviation in pixels."""
    poses = (shoot(motion(float(t)), float(t), camera, body) for t in t_s)
    if noise_px:
        rng = np.random.default_rng(seed)
        poses = (_shaken(pose, rng, noise_px, camera.px_per_m) for pose in poses)
    return SyntheticClip(tuple(poses), camera.info)


def _shaken(pose: Pose, rng: np.random.Generator, noise_px: float, px_per_m: float) -> Pose:
    return replace(
        pose,
        image_px=pose.image_px + rng.normal(0, noise_px, pose.image_px.shape),
        world_m=pose.world_m + rng.normal(0, noise_px / px_per_m, pose.world_m.shape),
    )


def film_set(
    reps: RepSet,
    posture: Callable[[float], Posture] = lying,
    camera: SyntheticCamera = SIDE_ON,
    *,
    fps: float = 20.0,
    jitter: float = 0.0,
    noise_px: float = 0.0,
    seed: int = 0,
) -> SyntheticClip:
    """Return the clip of a whole set."""
    times = frame_times(reps.duration_s, fps, jitter, seed)
    return film(reps.motion(posture), times, camera, noise_px=noise_px, seed=seed)


def film_exercise(slug: str, reps: RepSet | int = 3, camera: SyntheticCamera = SIDE_ON, **how: float) -> SyntheticClip:
    """Return an ordinary set of an exercise; *reps* is a number or a schedule, *how* as in `film_set`."""
    schedule = set_of(slug, reps) if isinstance(reps, int) else reps
    return film_set(schedule, posture_of(slug, camera.near), camera, **how)


# ----------------------------------------------------------------------------------------------- changes to whole clips


def moved(poses: Iterable[Pose], by_px: tuple[float, float]) -> list[Pose]:
    """Return *poses* elsewhere in the picture."""
    return [replace(pose, image_px=pose.image_px + by_px) for pose in poses]


def scaled(poses: Iterable[Pose], factor: float) -> list[Pose]:
    """Return *poses* in a picture enlarged by *factor*."""
    return [replace(pose, image_px=pose.image_px * factor) for pose in poses]


def mirrored(poses: Iterable[Pose], width_px: float) -> list[Pose]:
    """Return *poses* of the mirrored picture, in which a left side is a right side."""

    def mirror(pose: Pose) -> Pose:
        return Pose(
            pose.t_s,
            (pose.image_px * (-1, 1) + (width_px, 0))[MIRROR_ORDER],
            (pose.world_m * (-1, 1, 1))[MIRROR_ORDER],
            pose.visibility[MIRROR_ORDER],
            pose.shot,
            pose.contour and TrunkContour(pose.contour.clockwise_ratio, pose.contour.counter_clockwise_ratio),
        )

    return [mirror(pose) for pose in poses]


def retimed(poses: Iterable[Pose], by_s: float) -> list[Pose]:
    """Return *poses* later by *by_s*."""
    return [replace(pose, t_s=pose.t_s + by_s) for pose in poses]


def dropped(poses: Iterable[Pose], is_dropped: Callable[[float], bool]) -> list[Pose]:
    """Return *poses* with nobody found where ``is_dropped(t_s)``."""
    return [Pose.unseen(pose.t_s, pose.shot) if is_dropped(pose.t_s) else pose for pose in poses]


def between_times(start_s: float, end_s: float) -> Callable[[float], bool]:
    """Return the condition start <= t < end."""
    return lambda t_s: start_s <= t_s < end_s


def with_plate(clip: SyntheticClip, radius_trunks: float = 0.5) -> SyntheticClip:
    """Return the clip with a plate on the hips."""

    def change(pose: Pose) -> Pose:
        hip, shoulder = (pose.image_px[SIDE_POINTS[Side.RIGHT][name]] for name in ("hip", "shoulder"))
        radius_px = radius_trunks * np.linalg.norm(shoulder - hip)
        return replace(pose, discs=(Disc(hip - [0, radius_px / 2], np.full(2, radius_px), 0.9),))

    return clip.but(map(change, clip.poses))


def changed(poses: Iterable[Pose], change: Callable[[Pose], Pose], when: Callable[[float], bool]) -> list[Pose]:
    """Return *poses* with *change* applied where ``when(t_s)``."""
    return [change(pose) if when(pose.t_s) else pose for pose in poses]


def without(pose: Pose, *parts: str) -> Pose:
    """Return *pose* with body parts unseen on both sides, such as ``"ankle"``."""
    image_px = pose.image_px.copy()
    for part in parts:
        image_px[[Landmark[f"{side.name}_{part.upper()}"] for side in Side]] = np.nan
    return replace(pose, image_px=image_px)


def cut_at(poses: Iterable[Pose], t_s: float) -> list[Pose]:
    """Return *poses* with a cut: from *t_s* on they belong to the next shot."""
    return [replace(pose, shot=pose.shot + (pose.t_s >= t_s)) for pose in poses]


def mislabelled(pose: Pose) -> Pose:
    """Return *pose* as a model gives it that mistakes left for right."""
    return swap_sides(pose)


# --------------------------------------------------------------------------------------------------------- the analysis


def analyse(
    clip: SyntheticClip, exercise: Exercise | str = "glute-bridge", settings: Settings | None = None
) -> tuple[list[Step], SetResult]:
    """Push a clip through a fresh analyzer; return every step and the result."""
    declared = EXERCISES[exercise] if isinstance(exercise, str) else exercise
    analyzer = Analyzer(declared, clip.info, settings)
    steps = [analyzer.push(pose) for pose in clip.poses]
    return steps, analyzer.finish()


def result_of(
    clip: SyntheticClip, exercise: Exercise | str = "glute-bridge", settings: Settings | None = None
) -> SetResult:
    """Return the result of a clip."""
    return analyse(clip, exercise, settings)[1]


def figures(value: object, at: str = "") -> dict[str, object]:
    """Return everything in a result by its path; sentences, in which numbers are rounded, are left out."""
    if hasattr(value, "__dataclass_fields__"):
        inner = {name: getattr(value, name) for name in value.__dataclass_fields__ if name != "text"}
    elif isinstance(value, tuple):
        inner = dict(enumerate(value)) | {"count": len(value)}
    else:
        return {at: value}
    return {path: leaf for name, part in inner.items() for path, leaf in figures(part, f"{at}.{name}").items()}


def differences(found: Mapping[str, object], expected: Mapping[str, object], within: float = 1e-6) -> dict[str, object]:
    """Return where two `figures` differ: numbers by more than *within*, everything else at all."""

    def differ(one: object, other: object) -> bool:
        if isinstance(one, float | int) and isinstance(other, float | int):
            return not math.isclose(one, other, rel_tol=within, abs_tol=within)
        return one != other

    paths = sorted({*found, *expected})
    pairs = {path: (found.get(path, "nothing"), expected.get(path, "nothing")) for path in paths}
    return {path: pair for path, pair in pairs.items() if differ(*pair)}
