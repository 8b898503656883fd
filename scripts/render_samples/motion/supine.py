"""Bridges and thrusts: shoulders on the floor or the upper back on a bench, feet planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from scripts.render_samples.bodies import SOLE_M, Body
from scripts.render_samples.geometry import FORWARD, UP, Array, find_root, sagittal, segment_pitch_deg, unit, vec
from scripts.render_samples.motion.base import (
    SKIN_GIVE_M,
    TORSO_BONES,
    Bench,
    Motion,
    PosedFrame,
    WarmRoot,
    hand_depth_m,
    lowest_m,
    tabulated,
    thinned,
    trunk_thigh_flexion_deg,
    turn_for_drop_deg,
)
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import SIDES, HandPose, Posture, Side, lateral_sign, mirrored, other_side

PELVIS_BONES = ("root", "pelvis", "spine05", "upperleg")
HEAD_BONES = ("head", "neck")
FLOOR_HAND = HandPose(FORWARD, vec(0.0, -1.0, 0.0), curl_deg=4.0)
KNEE_POLE = vec(0.4, 0.12, 1.0)
TOE_OUT_DEG = 9.0
BENCH_DEPTH_M, BENCH_LENGTH_M = 0.36, 1.15
# Seat height at the bottom of a thrust: hips nearly down, as with a bar that just clears the floor.
THRUST_BOTTOM_HIP_M = 0.235
PELVIS_PITCH_RANGE_DEG = (-150.0, -8.0)
BENCH_PITCH_RANGE_DEG = (-140.0, -15.0)
FLOOR_PITCH_RANGE_DEG = (-158.0, -78.0)


class Arms(StrEnum):
    """Where the hands are."""

    BAR = "bar"
    HIPS = "hips"
    FLOOR = "floor"


@dataclass(frozen=True)
class SupineSetup:
    """What distinguishes one bridge or thrust from another."""

    on_bench: bool
    arms: Arms
    single_leg: bool = False
    stance_m: float = 0.17
    shin_lean_top_deg: float = 0.0
    top_hip_deg: float = 0.0


class SupineMotion(Motion):
    """Hips rise between a back contact and planted feet."""

    def __init__(self, body: Body, setup: SupineSetup) -> None:
        super().__init__(body)
        self.setup = setup
        self.stance_m = 0.09 if setup.single_leg else setup.stance_m
        self._torso = thinned(body.skin_part(TORSO_BONES), 700)
        head = body.skin_part(HEAD_BONES, least_weight=0.2)
        self._head = thinned(head[body.vertices[head, 0] < body.head("head")[0]], 600)
        self._pelvis = thinned(body.skin_part(PELVIS_BONES), 700)
        self._back_bone, self._back = self._back_contact()
        self._ankle_height_m = float(body.head("foot.L")[2]) + SOLE_M
        self._wrist_height_m = hand_depth_m(body, FLOOR_HAND)
        self._support_m = 0.0
        thorax_range_deg = BENCH_PITCH_RANGE_DEG if setup.on_bench else FLOOR_PITCH_RANGE_DEG
        self._lift_m = tabulated(self._needed_lift, *thorax_range_deg, 26)
        self._place_bench()
        self._neck_deg = None if setup.on_bench else tabulated(self._resting_neck, *thorax_range_deg, 17)
        self._root = WarmRoot(*PELVIS_PITCH_RANGE_DEG, steps=12)
        self._ankle = self._planted_ankle()

    # -- set-up ------------------------------------------------------------------------------------------------

    def _back_contact(self) -> tuple[str, Array]:
        body = self.body
        if self.setup.on_bench:
            bone, low, high, share = "spine02", "spine02", "spine01", 0.70
        else:
            bone, low, high, share = "spine01", "spine01", "neck01", 0.55
        height_m = body.head(low)[2] + share * (body.head(high)[2] - body.head(low)[2])
        skin = body.surface_point(float(height_m), front=False, lateral_m=0.06)
        return bone, skin * vec(1.0, 0.0, 1.0)

    def _needed_lift(self, thorax_pitch_deg: float) -> float:
        """Return how far the back contact must stay above the support so that no skin sinks in, m."""
        posture = self.new_posture()
        posture.set_spine(thorax_pitch_deg)
        posture.place(self._back_bone, self._back, vec(0.0, 0.0, 0.0))
        skin = posture.skin_vertices(self._torso)
        if not self.setup.on_bench:
            return -float(skin[:, 2].min()) - SKIN_GIVE_M
        pad = Bench(0.0, BENCH_DEPTH_M, 0.0, BENCH_LENGTH_M)
        return float((pad.surface_m(skin[:, 0]) - skin[:, 2]).max()) - SKIN_GIVE_M

    def _place_bench(self) -> None:
        """Choose the bench height that levels trunk and thigh at the top over vertical shins."""
        if not self.setup.on_bench:
            return
        ventral_m = self.body.hip_centre[0] - self._back[0]
        shank_m = self.body.length("lowerleg01.L", "foot.L")
        self._support_m = self._ankle_height_m + shank_m - float(ventral_m) - float(self._lift_m(-90.0))
        self.benches = (Bench(0.0, BENCH_DEPTH_M, self._support_m, BENCH_LENGTH_M),)

    def _resting_neck(self, thorax_pitch_deg: float) -> float:
        """Return the neck extension that lays the head on the floor."""
        posture = self.new_posture()

        def clearance(neck_deg: float) -> float:
            self._place_trunk(posture, thorax_pitch_deg, Targets(neck_deg=neck_deg), 0.0)
            return lowest_m(posture, self._head) + SKIN_GIVE_M

        return find_root(clearance, -75.0, 40.0, steps=6)

    def _planted_ankle(self) -> Array:
        """Return where the feet stand so that the shin has the wanted lean at the top, m."""
        body = self.body
        trunk_m = float(self.body.hip_centre[2] - self._back[2])
        legs_m = abs(trunk_m) + body.length("upperleg01.L", "lowerleg01.L")
        top = Targets(hip_deg=self.setup.top_hip_deg)

        def shin_error(ankle_x_m: float) -> float:
            self._ankle = vec(ankle_x_m, 0.0, self._ankle_height_m)
            posture = self.pose_legs_and_trunk(top, "R")[0]
            lean = segment_pitch_deg(posture.joint("foot.R"), posture.joint("lowerleg01.R"))
            # The knee must come out ahead of the ankle (toward the toes) when the lean is positive.
            return lean - self.setup.shin_lean_top_deg

        ankle_x_m = find_root(shin_error, legs_m - 0.30, legs_m + 0.25, steps=8)
        return vec(ankle_x_m, 0.0, self._ankle_height_m)

    def complete_bottom(self, bottom: Targets) -> Targets:
        """Lower the hips until the seat touches the floor (bridge) or nearly so (thrust)."""
        posture = self.new_posture()

        def height(pelvis_pitch_deg: float) -> float:
            self._place_trunk(posture, pelvis_pitch_deg, Targets(), 0.0)
            if self.setup.on_bench:
                return float(posture.middle("upperleg01")[2]) - THRUST_BOTTOM_HIP_M * self.body.scale
            return lowest_m(posture, self._pelvis) + SKIN_GIVE_M

        low, high = (-95.0, -15.0) if self.setup.on_bench else (-110.0, -80.0)
        pelvis_pitch_deg = find_root(height, low, high, steps=6)
        self._place_trunk(posture, pelvis_pitch_deg, Targets(), 0.0)
        self._plant_feet(posture, "R")
        return replace(bottom, hip_deg=trunk_thigh_flexion_deg(posture, "R"))

    # -- pose --------------------------------------------------------------------------------------------------

    def _place_trunk(self, posture: Posture, pelvis_pitch_deg: float, targets: Targets, turn_deg: float) -> None:
        posture.set_spine(
            pelvis_pitch_deg,
            lumbar_deg=targets.lumbar_deg,
            thoracic_deg=targets.thoracic_deg,
            neck_deg=targets.neck_deg,
            pelvis_turn_deg=turn_deg,
        )
        thorax_pitch_deg = pelvis_pitch_deg - targets.lumbar_deg - targets.thoracic_deg
        contact_m = self._support_m + float(self._lift_m(thorax_pitch_deg))
        posture.place(self._back_bone, self._back, vec(0.0, 0.0, contact_m))

    def _plant_feet(self, posture: Posture, side: Side) -> float:
        sides = (side,) if self.setup.single_leg else SIDES
        return max(
            posture.set_leg(s, self._ankle + vec(0.0, lateral_sign(s) * self.stance_m, 0.0), KNEE_POLE, TOE_OUT_DEG)
            for s in sides
        )

    def pose_legs_and_trunk(self, targets: Targets, side: Side) -> tuple[Posture, float]:
        """Solve the hips' height for the wanted trunk-thigh flexion; return the miss of the feet as well."""
        posture = self.new_posture()
        # Lying, a turn to the left lowers the left hip.
        free_sign = 1.0 if side == "R" else -1.0
        miss_m = 0.0

        def flexion_error(pelvis_pitch_deg: float) -> float:
            nonlocal miss_m
            resting = targets
            if self._neck_deg is not None:
                thorax_pitch_deg = pelvis_pitch_deg - targets.lumbar_deg - targets.thoracic_deg
                resting = replace(targets, neck_deg=targets.neck_deg + float(self._neck_deg(thorax_pitch_deg)))
            turn_deg = free_sign * turn_for_drop_deg(targets.pelvis_drop_deg, pelvis_pitch_deg)
            self._place_trunk(posture, pelvis_pitch_deg, resting, turn_deg)
            miss_m = self._plant_feet(posture, side)
            return trunk_thigh_flexion_deg(posture, side) - targets.hip_deg

        flexion_error(self._root.solve(flexion_error, side))
        return posture, miss_m

    def pose(self, targets: Targets, side: Side) -> PosedFrame:
        """Solve one posture."""
        posture, miss_m = self.pose_legs_and_trunk(targets, side)
        if self.setup.single_leg:
            self._raise_free_leg(posture, side)
        load = None
        if self.setup.arms is Arms.BAR:
            load = self._bar_centre(posture)
            miss_m = max(miss_m, self._grip_bar(posture, load))
        elif self.setup.arms is Arms.HIPS:
            miss_m = max(miss_m, self._hands_on_hips(posture))
        else:
            miss_m = max(miss_m, self._arms_on_floor(posture))
        feet = (f"foot.{side}",) if self.setup.single_leg else ("foot.L", "foot.R")
        return PosedFrame(posture, miss_m, load, planted=feet)

    def _raise_free_leg(self, posture: Posture, side: Side) -> None:
        """Hold the free leg straight, in line with the planted thigh."""
        thigh = posture.joint(f"lowerleg01.{side}") - posture.joint(f"upperleg01.{side}")
        along = unit(thigh * vec(1.0, 0.0, 1.0))
        toes_up_deg = -segment_pitch_deg(vec(0.0, 0.0, 0.0), along) + 180.0
        posture.aim_leg(other_side(side), along, along, 25.0 - toes_up_deg)

    def _trunk_axes(self, posture: Posture) -> tuple[Array, Array]:
        along = unit(posture.middle("upperleg01") - posture.middle("upperarm01"))
        ventral = vec(-along[2], 0.0, along[0])
        return along, ventral if ventral[2] > 0.0 else -ventral

    def _bar_centre(self, posture: Posture) -> Array:
        body = self.body
        hip_height_m = float(body.hip_centre[2])
        front = body.surface_point(hip_height_m + 0.03, front=True)
        rest = vec(front[0] + 0.055, 0.0, hip_height_m + 0.035 * body.scale)
        return sagittal(posture.point("root", rest))

    def _grip_bar(self, posture: Posture, bar: Array) -> float:
        along, ventral = self._trunk_axes(posture)
        wrist = bar + 0.028 * ventral - 0.062 * along + vec(0.0, 0.29 * self.body.scale, 0.0)
        hand = HandPose(along, vec(0.0, -1.0, 0.0), curl_deg=52.0)
        return max(posture.set_arm(s, mirrored(wrist, s), vec(-0.35, 0.8, -0.5), hand) for s in SIDES)

    def _hands_on_hips(self, posture: Posture) -> float:
        along, ventral = self._trunk_axes(posture)
        scale = self.body.scale
        hips = posture.middle("upperleg01")
        wrist = hips - 0.15 * scale * along + 0.105 * scale * ventral + vec(0.0, 0.185 * scale, 0.0)
        hand = HandPose(along + vec(0.0, -0.55, 0.0), vec(0.0, -1.0, 0.0) - 0.55 * along, curl_deg=14.0)
        return max(posture.set_arm(s, mirrored(wrist, s), vec(-0.3, 1.0, -0.2), hand) for s in SIDES)

    def _arms_on_floor(self, posture: Posture) -> float:
        scale = self.body.scale
        shoulder = posture.middle("upperarm01") * vec(1.0, 0.0, 0.0)
        wrist = shoulder + vec(0.45 * scale, 0.29 * scale, self._wrist_height_m)
        pole = 0.5 * UP + vec(-0.2, 1.0, 0.0)
        return max(posture.set_arm(s, mirrored(wrist, s), pole, FLOOR_HAND) for s in SIDES)
