"""Reverse hyperextension: prone on a high bench, the legs hang and swing up."""

from __future__ import annotations

from scripts.render_samples.bodies import Body
from scripts.render_samples.geometry import UP, Array, direction, segment_pitch_deg, vec
from scripts.render_samples.motion.base import SKIN_GIVE_M, TORSO_BONES, Bench, Motion, PosedFrame, thinned
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import SIDES, HandPose, Posture, Side, mirrored

THORAX_PITCH_DEG = 92.0
BENCH_TOP_M, BENCH_DEPTH_M, BENCH_WIDTH_M = 1.00, 0.46, 0.34
FOOT_POINT_DEG = 45.0
# Flexion for which the bench's end is fitted to the front of the thighs.
HANGING_HIP_DEG = 80.0
THIGH_CLEARANCE_M = 0.004


class ProneMotion(Motion):
    """The thorax lies still; hips and low back move the legs."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._top_m = BENCH_TOP_M * body.scale
        self._thorax = vec(0.0, 0.0, 0.0)
        self._thorax = self._resting_thorax()
        self.benches = (self._fit_bench(),)

    def _resting_thorax(self) -> Array:
        """Return where the thorax must lie for the trunk to rest on the pad, m."""
        posture = self._lie(Targets())
        torso = posture.skin_vertices(thinned(self.body.skin_part((*TORSO_BONES, "root", "pelvis")), 900))
        hips_x_m, shoulders_x_m = posture.middle("upperleg01")[0], posture.middle("upperarm01")[0]
        over_pad = (torso[:, 0] > hips_x_m) & (torso[:, 0] < shoulders_x_m)
        lowest = float(torso[over_pad, 2].min())
        return vec(-float(hips_x_m), 0.0, self._top_m - lowest - SKIN_GIVE_M)

    def _fit_bench(self) -> Bench:
        """Put the end of the bench against the front of the hanging thighs."""
        posture = self._lie(Targets())
        self._hang_legs(posture, Targets(hip_deg=HANGING_HIP_DEG, knee_deg=5.0))
        thighs = posture.skin_vertices(self.body.skin_part(("upperleg", "lowerleg"), 0.3))
        beside_pad = thighs[thighs[:, 2] < self._top_m - 0.012]
        front_m = float(beside_pad[:, 0].max()) + THIGH_CLEARANCE_M
        return Bench(front_m, -BENCH_DEPTH_M * self.body.scale, self._top_m, BENCH_WIDTH_M)

    def _lie(self, targets: Targets) -> Posture:
        posture = self.new_posture()
        posture.set_spine(
            THORAX_PITCH_DEG + targets.lumbar_deg,
            lumbar_deg=targets.lumbar_deg,
            thoracic_deg=targets.thoracic_deg,
            neck_deg=targets.neck_deg,
        )
        posture.place("spine02", self.body.head("spine02"), self._thorax)
        return posture

    def _hang_legs(self, posture: Posture, targets: Targets) -> None:
        trunk_deg = 90.0 - segment_pitch_deg(posture.middle("upperleg01"), posture.middle("upperarm01"))
        thigh_deg = 180.0 + trunk_deg + targets.hip_deg
        shank_deg = thigh_deg - targets.knee_deg
        for side in SIDES:
            foot_deg = -(shank_deg + 90.0) + FOOT_POINT_DEG
            posture.aim_leg(side, direction(thigh_deg), direction(shank_deg), foot_deg)

    def pose(self, targets: Targets, _side: Side) -> PosedFrame:
        """Solve one posture; both legs move alike."""
        posture = self._lie(targets)
        self._hang_legs(posture, targets)
        shoulder = posture.middle("upperarm01")
        wrist = vec(float(shoulder[0]) - 0.04, 0.27 * self.body.scale, self._top_m - 0.27 * self.body.scale)
        hand = HandPose(-UP, vec(1.0, 0.0, 0.0), curl_deg=55.0)
        pole = vec(-0.6, 1.0, 0.3)
        miss_m = max(posture.set_arm(s, mirrored(wrist, s), pole, hand) for s in SIDES)
        return PosedFrame(posture, miss_m, load=wrist + vec(0.0, 0.0, -0.085), planted=("wrist.L", "wrist.R"))
