"""Donkey kicks as a synthetic lifter does them: the working side is that of the leg that kicks."""

from dataclasses import replace

from hipform.exercises.findings import Status
from hipform.types import Estimate
from tests.exercises.samples import TOO_OBLIQUE, sample
from tests.synthetic import ALL_FOURS_DEG, Performance, Posture, SyntheticCamera, quadruped


def posture(hip_deg, working, **change) -> Posture:
    # The knee stays bent, and both hands on the floor.
    return replace(quadruped(hip_deg, working=working, **{"knee_deg": 88} | change), other_arm_deg=None)


SHOULDERS_CUT_OFF = SyntheticCamera(origin_px=(700, 620))
PERFORMANCE = Performance(posture=posture, bottom_deg=ALL_FOURS_DEG, shoulders_cut_off=SHOULDERS_CUT_OFF)
SAMPLES = {
    "leg-too-high": {
        Status.FAULT: [sample("above the line of the trunk", lockout_deg=-18)],
        Status.NOT_ASSESSED: [sample("too close to call", lockout_deg=-12), TOO_OBLIQUE],
    },
}
REJECTED = [
    (
        {"top": {"trunk_thigh_flexion_deg": 54.0}},
        {"top": {"trunk_thigh_flexion_deg": 52.0}},
        "far below the line of the trunk",
    ),
    (
        {"top": {"other_knee_flexion_deg": 47.0}},
        {"top": {"other_knee_flexion_deg": 49.0}},
        "the other knee was not on the floor",
    ),
]
LIMITS = [("leg-too-high", "kickback_deg", lambda deg: {"lockout": Estimate(-deg, 5.0, "deg")}, 1)]
