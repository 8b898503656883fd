"""Back extension: the legs lie still on a sloping pad, the trunk bends over its end and comes up."""

from __future__ import annotations

from scripts.render_samples.geometry import Array, direction, vec
from scripts.render_samples.motion.base import Motion, PosedFrame
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import SIDES, HandPose, Posture, Side, mirrored

LEGS_DEG = -135.0
"""Direction of the legs from the hips above the forward axis: backward and down by 45 degrees."""
KNEE_DEG = 4.0
HIP_HEIGHT_M = 0.86
# Wrists before the other side's collarbone, in the thorax's rest axes, from the middle of the shoulders.
CROSSED_WRIST = vec(0.19, -0.06, -0.13)
ELBOW_POLE = vec(0.3, 0.8, -1.0)


class RomanChairMotion(Motion):
    """Thighs and feet stay; hips and low back move the trunk."""

    def pose(self, targets: Targets, _side: Side) -> PosedFrame:
        """Solve one posture; both arms are crossed on the chest."""
        posture = self._lie(targets)
        miss_m = max(posture.set_arm(side, self._wrist(posture, side), *self._hold(posture)) for side in SIDES)
        return PosedFrame(posture, miss_m, planted=("lowerleg01.L", "lowerleg01.R", "foot.L", "foot.R"))

    def _lie(self, targets: Targets) -> Posture:
        posture = self.new_posture()
        # The trunk line tips forward from the line of the legs by the flexion; the spine tilts it against the pelvis.
        trunk_tip_deg = 90.0 - (LEGS_DEG + 180.0) + targets.hip_deg
        posture.set_spine(
            trunk_tip_deg - self.trunk_line_deg(targets),
            lumbar_deg=targets.lumbar_deg,
            thoracic_deg=targets.thoracic_deg,
            neck_deg=targets.neck_deg,
        )
        posture.place("root", self.body.hip_centre, vec(0.0, 0.0, HIP_HEIGHT_M * self.body.scale))
        shank_deg = LEGS_DEG - KNEE_DEG
        for side in SIDES:
            posture.aim_leg(side, direction(LEGS_DEG), direction(shank_deg), -(shank_deg + 90.0))
        return posture

    def _wrist(self, posture: Posture, side: Side) -> Array:
        """Return where a wrist lies on the chest."""
        chest = self.body.scale * posture.world_rotation("spine01") @ mirrored(CROSSED_WRIST, side)
        return posture.middle("upperarm01") + chest

    @staticmethod
    def _hold(posture: Posture) -> tuple[Array, HandPose]:
        turn = posture.world_rotation("spine01")
        return turn @ ELBOW_POLE, HandPose(turn @ vec(0.1, -1.0, 0.6), turn @ vec(0.3, 0.5, 1.0), curl_deg=20.0)
