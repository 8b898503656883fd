"""Kettlebell swings as a synthetic lifter does them; a float lasts a few frames only, so they are filmed faster."""

import math

from hipform.exercises.findings import Status
from tests.exercises.samples import FROM_THE_FRONT, NO_HANDS, ramp, sample
from tests.synthetic import Performance, Posture, SyntheticCamera, hinge

BOTTOM_DEG = 80.0


def posture(hip_deg, working, **change) -> Posture:
    low = max(hip_deg, 0.0) / BOTTOM_DEG
    usual = {"knee_deg": 25 * low, "shin_lean_deg": -2 * low, "arm_deg": 80 - 118 * math.sqrt(low)}
    return hinge(hip_deg, **(usual | change))


PERFORMANCE = Performance(
    posture=posture,
    bottom_deg=BOTTOM_DEG,
    tempo={"lift_s": 0.5, "hold_s": 0.3, "lower_s": 0.5, "rest_s": 0.15},
    fps=30,
    shoulders_cut_off=SyntheticCamera(origin_px=(320, 390)),
)
SAMPLES = {
    "no-squeeze": {
        Status.OK: [sample("while the bell floated")],
        Status.FAULT: [sample("while the bell floated", hold_s=0, lift_s=0.35, lower_s=0.35, is_eased=False)],
    },
    "momentum": {
        Status.OK: [sample("of the hands' rise")],
        Status.FAULT: [sample("% of the hands' rise", arm_deg=lambda hip_deg: 80 - 118 * ramp(hip_deg, 15, 80))],
        Status.NOT_ASSESSED: [sample("the hands are out of frame", change=NO_HANDS), FROM_THE_FRONT],
    },
    "knee-dominant": {
        Status.OK: [sample("hinge score")],
        Status.FAULT: [
            sample(
                "hinge score",
                knee_deg=lambda hip_deg: 0.9 * max(hip_deg, 0),
                shin_lean_deg=lambda hip_deg: 0.2 * hip_deg,
            )
        ],
    },
}
