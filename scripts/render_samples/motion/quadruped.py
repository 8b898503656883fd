"""Bird dog: on hands and knees, one leg and the opposite arm reach out."""

from __future__ import annotations

from dataclasses import replace

from scripts.render_samples.bodies import Body
from scripts.render_samples.geometry import (
    FORWARD,
    UP,
    Array,
    direction,
    find_root,
    lerp,
    pitch,
    segment_pitch_deg,
    vec,
    wrap_deg,
)
from scripts.render_samples.motion.base import (
    SKIN_GIVE_M,
    Motion,
    PosedFrame,
    hand_depth_m,
    lowest_m,
    thinned,
    turn_for_drop_deg,
)
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import SIDES, HandPose, Posture, Side, mirrored, other_side

FLOOR_HAND = HandPose(FORWARD, vec(0.0, -1.0, 0.0), curl_deg=3.0)
ARM_SHARE = 0.985
FOOT_POINT_DEG = 62.0
MOST_KNEE_DEG = 110.0


class QuadrupedMotion(Motion):
    """The support leg, support hand and thorax stay; the other leg and arm move."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._thigh_m = body.length("upperleg01.L", "lowerleg01.L")
        self._shank_m = body.length("lowerleg01.L", "foot.L")
        self._arm_m = ARM_SHARE * (body.length("upperarm01.L", "lowerarm01.L") + body.length("lowerarm01.L", "wrist.L"))
        self._wrist_height_m = hand_depth_m(body, FLOOR_HAND)
        self._foot = {side: thinned(body.skin_part(_foot_bones(side)), 350) for side in SIDES}
        self._knee_height_m, self._shank_deg = self._resting_shank()
        self._shoulder_height_m = self._wrist_height_m + self._arm_m
        self._palm = self._resting_palm()

    # -- set-up ------------------------------------------------------------------------------------------------

    def _resting_shank(self) -> tuple[float, float]:
        """Return the knee's height, m, and the shank's direction with knee and instep on the floor."""
        body = self.body
        knee = thinned(body.skin_part(("upperleg02.L", "lowerleg01.L"), 0.4), 600)
        foot = self._foot["L"]
        posture = Posture(body)

        def drop_m(shank_deg: float) -> float:
            posture.aim_leg("L", -UP, direction(shank_deg), _foot_pitch_deg(shank_deg, FOOT_POINT_DEG))
            return lowest_m(posture, knee) - lowest_m(posture, foot)

        shank_deg = find_root(drop_m, -205.0, -165.0, steps=5)
        drop_m(shank_deg)
        knee_joint_m = float(posture.joint("lowerleg01.L")[2])
        return knee_joint_m - lowest_m(posture, knee) - SKIN_GIVE_M, shank_deg

    def _resting_palm(self) -> Array:
        """Return the left wrist's position with the palm on the floor under the shoulder, m."""
        shoulder = self._trunk(Targets(), "R").joint("upperarm01.L")
        return vec(float(shoulder[0]), float(shoulder[1]), self._wrist_height_m)

    def complete_bottom(self, bottom: Targets) -> Targets:
        """Start with the thigh vertical and the shank on the floor."""
        trunk_deg = self._trunk_deg(self._trunk(bottom, "R"), "R")
        return replace(bottom, hip_deg=90.0 - trunk_deg, knee_deg=wrap_deg(-90.0 - self._shank_deg))

    # -- pose --------------------------------------------------------------------------------------------------

    def _support_hip(self, side: Side) -> Array:
        lateral_m = float(self.body.head(f"upperleg01.{side}")[1])
        return vec(0.0, lateral_m, self._knee_height_m + self._thigh_m)

    def _trunk(self, targets: Targets, side: Side) -> Posture:
        """Hang the trunk between the support hip and the height of the shoulders."""
        posture = self.new_posture()
        support = other_side(side)
        # Face down, a turn to the left lifts the left hip.
        moving_sign = 1.0 if side == "R" else -1.0

        def height_error(pitch_deg: float) -> float:
            posture.set_spine(
                pitch_deg,
                lumbar_deg=targets.lumbar_deg,
                thoracic_deg=targets.thoracic_deg,
                neck_deg=targets.neck_deg,
                pelvis_turn_deg=moving_sign * turn_for_drop_deg(targets.pelvis_drop_deg, pitch_deg),
            )
            posture.move(self._support_hip(support) - posture.joint(f"upperleg01.{support}"))
            return float(posture.middle("upperarm01")[2]) - self._shoulder_height_m

        height_error(find_root(height_error, 55.0, 125.0, steps=2))
        return posture

    @staticmethod
    def _trunk_deg(posture: Posture, side: Side) -> float:
        """Return how far the line from hip to shoulder points above the horizontal."""
        return 90.0 - segment_pitch_deg(posture.joint(f"upperleg01.{side}"), posture.joint(f"upperarm01.{side}"))

    def pose(self, targets: Targets, side: Side) -> PosedFrame:
        """Solve one posture; `side` is the moving leg's."""
        posture = self._trunk(targets, side)
        support = other_side(side)
        posture.aim_leg(support, -UP, direction(self._shank_deg), _foot_pitch_deg(self._shank_deg, FOOT_POINT_DEG))
        self._move_leg(posture, side, targets)
        miss_m = max(self._reach(posture, side, 0.0), self._reach(posture, support, targets.arm_deg))
        planted = (f"lowerleg01.{support}", f"foot.{support}", f"wrist.{side}")
        return PosedFrame(posture, miss_m, planted=planted)

    def _move_leg(self, posture: Posture, side: Side, targets: Targets) -> None:
        """Stretch the leg as far as wanted, or as far as the floor under the toes allows."""
        thigh_deg = 180.0 + self._trunk_deg(posture, side) + targets.hip_deg

        def clearance_m(knee_deg: float) -> float:
            shank_deg = thigh_deg - knee_deg
            straightened = 1.0 - min(max(knee_deg / 90.0, 0.0), 1.0)
            point_deg = lerp(FOOT_POINT_DEG, 0.5 * FOOT_POINT_DEG, straightened)
            posture.aim_leg(side, direction(thigh_deg), direction(shank_deg), _foot_pitch_deg(shank_deg, point_deg))
            return lowest_m(posture, self._foot[side]) + 2.0 * SKIN_GIVE_M

        if clearance_m(targets.knee_deg) < 0.0:
            clearance_m(find_root(clearance_m, targets.knee_deg, MOST_KNEE_DEG, steps=4))

    def _reach(self, posture: Posture, side: Side, arm_deg: float) -> float:
        """Put a hand on the floor, or swing the straight arm up from there by an angle."""
        turn = pitch(-arm_deg)
        shoulder = posture.joint(f"upperarm01.{side}")
        palm = mirrored(self._palm, side)
        wrist = shoulder + turn @ (palm - shoulder)
        return posture.set_arm(side, wrist, turn @ vec(-1.0, 0.3, 0.0), FLOOR_HAND)


def _foot_bones(side: Side) -> tuple[str, ...]:
    return (f"foot.{side}", *(f"toe{i}-{k}.{side}" for i in range(1, 6) for k in (1, 2, 3)))


def _foot_pitch_deg(shank_deg: float, point_deg: float) -> float:
    """Return the foot's pitch from flat: square to the shank, then pointed by an angle."""
    return -(shank_deg + 90.0) + point_deg
