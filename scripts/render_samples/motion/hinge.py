"""Standing hinges: deadlifts, good morning, pull-through and kettlebell swing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from scripts.render_samples.bodies import SOLE_M, Body
from scripts.render_samples.geometry import (
    FORWARD,
    UP,
    Array,
    direction,
    find_root,
    lerp,
    pitch,
    rotation,
    sagittal,
    segment_pitch_deg,
    unit,
    vec,
)
from scripts.render_samples.motion.base import Motion, PosedFrame
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import (
    SIDES,
    HandPose,
    LimbSolution,
    Posture,
    Side,
    lateral_sign,
    mirrored,
    solve_two_bones,
)

TOE_OUT_DEG = 10.0
KNEE_POLE = vec(1.0, 0.12, 0.1)
MID_FOOT_M = 0.055
ARM_SHARE = 0.99
SHOULDER_DROP_DEG = 18.0
# Body-segment masses (share of body mass) for balance over the mid-foot, after Winter's table, rounded.
TRUNK_MASS, HEAD_MASS, ARMS_MASS, THIGHS_MASS, SHANKS_MASS, FEET_MASS = 0.43, 0.08, 0.10, 0.20, 0.10, 0.03
# Bar centre from the wrist when it hangs from straight arms: in the fingers, a little behind the palm.
BAR_FROM_WRIST = vec(-0.024, 0.0, -0.088)
BELL_GRIP_TO_CENTRE_M = 0.20
PULLEY = vec(-1.45, 0.0, 0.14)


class Load(StrEnum):
    """What the lifter holds, and where."""

    HANGING_BAR = "hanging-bar"
    BACK_BAR = "back-bar"
    HANDLE = "handle"
    KETTLEBELL = "kettlebell"


@dataclass(frozen=True)
class HingeSetup:
    """What distinguishes one hinge from another.

    Attributes
    ----------
    load_share
        Mass of the load as a share of body mass, for balance.
    bar_on_floor_m
        Height of the bar's centre when it lies on the floor; None when it never does.
    arm_bottom_deg
        Direction of a swing's arms at the bottom, above the forward axis (below it: negative).

    """

    load: Load
    stance_m: float
    load_share: float = 0.5
    bar_on_floor_m: float | None = None
    arm_bottom_deg: float = -122.0


class HingeMotion(Motion):
    """Feet flat, body balanced over the mid-foot, hips and knees set by the targets."""

    def __init__(self, body: Body, setup: HingeSetup) -> None:
        super().__init__(body)
        self.setup = setup
        self._ankle_height_m = float(body.head("foot.L")[2]) + SOLE_M
        self._thigh_m = body.length("upperleg01.L", "lowerleg01.L")
        self._shank_m = body.length("lowerleg01.L", "foot.L")
        self._arm_m = ARM_SHARE * (body.length("upperarm01.L", "lowerarm01.L") + body.length("lowerarm01.L", "wrist.L"))
        self._grip_m = 0.25 * body.scale

    def new_posture(self) -> Posture:
        """Return a posture whose shoulders are pulled down by what hangs from the arms."""
        posture = Posture(self.body)
        if self.setup.load is not Load.BACK_BAR:
            for side in SIDES:
                drop = rotation(FORWARD, -lateral_sign(side) * SHOULDER_DROP_DEG)
                posture.set_local(f"clavicle.{side}", drop)
        return posture

    # -- legs, trunk and balance -------------------------------------------------------------------------------

    def _ankle(self, side: Side) -> Array:
        return vec(0.0, lateral_sign(side) * self.setup.stance_m, self._ankle_height_m)

    def _leg(self, hips: Array, side: Side) -> LimbSolution:
        hip = hips + vec(0.0, self.body.head(f"upperleg01.{side}")[1], 0.0)
        pole = mirrored(KNEE_POLE, side)
        return solve_two_bones(hip, self._ankle(side), self._thigh_m, self._shank_m, pole)

    def _hips_at(self, lean_deg: float, knee_deg: float) -> Array:
        """Return the hips' centre for a lean of the ankle-hip line and a knee flexion, m."""
        span_m = np.sqrt(
            self._thigh_m**2
            + self._shank_m**2
            + 2.0 * self._thigh_m * self._shank_m * np.cos(np.radians(max(knee_deg, 1.0)))
        )
        lateral_m = abs(self.body.head("upperleg01.L")[1]) - self.setup.stance_m
        planar_m = float(np.sqrt(span_m**2 - lateral_m**2))
        return vec(0.0, 0.0, self._ankle_height_m) + planar_m * direction(90.0 - lean_deg)

    def _balance_error_m(self, hip_m: float, knee_m: float, shoulder_m: float, head_m: float) -> float:
        """Return how far the centre of mass lies ahead of the mid-foot; arguments are X of the joints, m."""
        mid_foot_m = MID_FOOT_M * self.body.scale
        moments = (
            (TRUNK_MASS, 0.5 * (hip_m + shoulder_m)),
            (HEAD_MASS, head_m),
            (ARMS_MASS, shoulder_m),
            (THIGHS_MASS, 0.57 * hip_m + 0.43 * knee_m),
            (SHANKS_MASS, 0.57 * knee_m),
            (FEET_MASS, mid_foot_m),
            (self.setup.load_share, shoulder_m),
        )
        return sum(mass * x_m for mass, x_m in moments) / sum(mass for mass, _ in moments) - mid_foot_m

    def _stand(self, targets: Targets) -> Posture:
        """Balance a body with given hip, knee and spine angles on flat feet."""
        posture = self._with_spine(targets, 0.0)
        # The trunk turns rigidly with the pelvis, so that balancing needs these two directions only.
        hip_centre = posture.middle("upperleg01")
        to_shoulder, to_head = posture.middle("upperarm01") - hip_centre, posture.joint("head") - hip_centre
        # Trunk-thigh flexion counts the trunk line, which the spine tilts against the pelvis.
        pelvis_to_thigh_deg = targets.hip_deg - self.trunk_line_deg(targets)

        def hips_and_pitch(lean_deg: float) -> tuple[Array, Array, float]:
            hips = self._hips_at(lean_deg, targets.knee_deg)
            knee = sagittal(self._leg(hips, "L").middle)
            return hips, knee, segment_pitch_deg(knee, hips) + pelvis_to_thigh_deg

        def lean_error(lean_deg: float) -> float:
            hips, knee, pitch_deg = hips_and_pitch(lean_deg)
            turn = pitch(pitch_deg)
            shoulder, head = hips + turn @ to_shoulder, hips + turn @ to_head
            return self._balance_error_m(float(hips[0]), float(knee[0]), float(shoulder[0]), float(head[0]))

        hips, _, pitch_deg = hips_and_pitch(find_root(lean_error, -45.0, 30.0, steps=2))
        posture = self._with_spine(targets, pitch_deg)
        posture.place("root", self.body.hip_centre, hips)
        for side in SIDES:
            posture.set_leg(side, self._ankle(side), KNEE_POLE, TOE_OUT_DEG)
        return posture

    def _with_spine(self, targets: Targets, pelvis_pitch_deg: float) -> Posture:
        posture = self.new_posture()
        posture.set_spine(
            pelvis_pitch_deg,
            lumbar_deg=targets.lumbar_deg,
            thoracic_deg=targets.thoracic_deg,
            neck_deg=targets.neck_deg,
        )
        return posture

    # -- completion of the targets -----------------------------------------------------------------------------

    def refit_bottom(self, bottom: Targets) -> Targets:
        """Fit a changed bottom to the bar's height again."""
        return self.complete_bottom(bottom)

    def complete_bottom(self, bottom: Targets) -> Targets:
        """Flex the hips of a deadlift until the hands reach the bar on the floor."""
        floor_bar_m = self.setup.bar_on_floor_m
        if floor_bar_m is None:
            return bottom

        def height_error(hip_deg: float) -> float:
            posture = self._stand(replace(bottom, hip_deg=hip_deg))
            return float(self._hang_bar(posture, bottom.load_drift_m)[1][2]) - floor_bar_m

        return replace(bottom, hip_deg=find_root(height_error, 60.0, 140.0, steps=5))

    def trunk_lean_deg(self, targets: Targets) -> float:
        """Return the lean of the trunk line from the vertical, positive forward."""
        posture = self._stand(targets)
        return segment_pitch_deg(posture.middle("upperleg01"), posture.middle("upperarm01"))

    def hip_and_shoulder_m(self, targets: Targets) -> tuple[float, float]:
        """Return the heights of hip and shoulder, m."""
        posture = self._stand(targets)
        return float(posture.middle("upperleg01")[2]), float(posture.middle("upperarm01")[2])

    # -- pose --------------------------------------------------------------------------------------------------

    def pose(self, targets: Targets, _side: Side) -> PosedFrame:
        """Solve one posture."""
        posture = self._stand(targets)
        hold = {
            Load.HANGING_BAR: self._hold_hanging_bar,
            Load.BACK_BAR: self._hold_back_bar,
            Load.HANDLE: self._hold_handle,
            Load.KETTLEBELL: self._hold_kettlebell,
        }[self.setup.load]
        load, load_rotation, miss_m = hold(posture, targets)
        return PosedFrame(posture, miss_m, load, load_rotation, planted=("foot.L", "foot.R"))

    def _leg_front_m(self, posture: Posture, height_m: float) -> float:
        """Return X of the front of the legs at a height."""
        hip, knee = posture.middle("upperleg01"), posture.middle("lowerleg01")
        if height_m > knee[2]:
            share = (height_m - knee[2]) / max(hip[2] - knee[2], 0.05)
            return float(knee[0] + (hip[0] - knee[0]) * share + 0.085 + 0.03 * share)
        share = (height_m - self._ankle_height_m) / (knee[2] - self._ankle_height_m)
        return float(knee[0] * share + 0.065)

    def _hang_bar(self, posture: Posture, drift_m: float) -> tuple[Array, Array]:
        """Return wrist and bar of straight arms that hang as near the legs as the legs allow."""
        shoulder, shoulder_y_m = posture.middle("upperarm01"), posture.joint("upperarm01.L")[1]
        sideways_m = self._grip_m - shoulder_y_m

        def wrist_height_m(x_m: float) -> float:
            drop_sq = self._arm_m**2 - (x_m - shoulder[0]) ** 2 - sideways_m**2
            return float(shoulder[2] - np.sqrt(max(drop_sq, 0.01)))

        x_m = float(shoulder[0]) - 0.03
        for _ in range(3):
            bar_height_m = wrist_height_m(x_m) + BAR_FROM_WRIST[2]
            x_m = max(float(shoulder[0]) - 0.03, self._leg_front_m(posture, bar_height_m) + 0.06)
        x_m += drift_m
        wrist = vec(x_m, self._grip_m, wrist_height_m(x_m))
        return wrist, sagittal(wrist) + BAR_FROM_WRIST

    def _hold_hanging_bar(self, posture: Posture, targets: Targets) -> tuple[Array, Array, float]:
        wrist, bar = self._hang_bar(posture, targets.load_drift_m)
        hand = HandPose(-UP, vec(0.0, -1.0, 0.0), curl_deg=60.0)
        miss_m = max(posture.set_arm(s, mirrored(wrist, s), vec(-0.4, 1.0, 0.0), hand) for s in SIDES)
        return bar, np.eye(3), miss_m

    def _hold_back_bar(self, posture: Posture, _targets: Targets) -> tuple[Array, Array, float]:
        body = self.body
        shelf = body.surface_point(float(body.head("clavicle.L")[2]) + 0.005, front=False, lateral_m=0.08)
        bar_rest = vec(shelf[0] - 0.012, 0.0, shelf[2] + 0.01)
        bar = sagittal(posture.point("spine01", bar_rest))
        thorax = posture.world_rotation("spine01")
        wrist = bar + vec(0.0, 0.40 * body.scale, 0.0) + thorax @ vec(-0.015, 0.0, -0.075)
        hand = HandPose(thorax @ vec(0.25, 0.0, 1.0), vec(0.0, -1.0, 0.0), curl_deg=60.0)
        pole = thorax @ vec(-0.45, 0.35, -1.0)
        miss_m = max(posture.set_arm(s, mirrored(wrist, s), pole, hand) for s in SIDES)
        return bar, np.eye(3), miss_m

    def _hold_handle(self, posture: Posture, targets: Targets) -> tuple[Array, Array, float]:
        """Hold a rope between the legs: before the thighs when upright, behind them in the hinge."""
        shoulder, hip, knee = (posture.middle(b) for b in ("upperarm01", "upperleg01", "lowerleg01"))
        thigh = unit(knee - hip)
        depth = min(max(targets.hip_deg / 75.0, 0.0), 1.0)
        front = vec(-thigh[2], 0.0, thigh[0])
        wanted = hip + lerp(0.10, 0.20, depth) * thigh + lerp(0.145, -0.10, depth) * front
        reach_m = 0.985 * float(np.linalg.norm(wanted - shoulder))
        along = unit(wanted - shoulder)
        wrist = shoulder + along * min(reach_m, self._arm_m * 0.955) + vec(0.0, 0.045, 0.0)
        hand = HandPose(along + vec(0.0, -0.12, 0.0), vec(-along[2], 0.0, along[0]), curl_deg=55.0)
        miss_m = max(posture.set_arm(s, mirrored(wrist, s), vec(-0.4, 1.0, 0.0), hand) for s in SIDES)
        return sagittal(wrist) + 0.09 * along, np.eye(3), miss_m

    def _hold_kettlebell(self, posture: Posture, targets: Targets) -> tuple[Array, Array, float]:
        """Swing straight arms: `arm_deg` is the elevation from hanging, negative between the legs."""
        shoulder = posture.middle("upperarm01")
        along = direction(targets.arm_deg - 90.0)
        wrist = shoulder + along * self._arm_m * 0.965 + vec(0.0, 0.055, 0.0)
        across = vec(-along[2], 0.0, along[0])
        hand = HandPose(along + vec(0.0, -0.10, 0.0), across + vec(0.0, -0.8, 0.0), curl_deg=58.0)
        miss_m = max(posture.set_arm(s, mirrored(wrist, s), vec(-0.4, 1.0, -0.3), hand) for s in SIDES)
        grip = sagittal(wrist) + 0.09 * along
        bell_rotation = pitch(-targets.arm_deg)
        return grip + BELL_GRIP_TO_CENTRE_M * along, bell_rotation, miss_m
