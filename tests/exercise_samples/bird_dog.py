"""Bird dogs as a synthetic lifter does them: the working side is that of the leg held out."""

from hipform.exercises.findings import Status
from tests.exercises.samples import TOO_OBLIQUE, sample
from tests.synthetic import ALL_FOURS_DEG, Performance, Posture, SyntheticCamera, quadruped


def posture(hip_deg, working, **change) -> Posture:
    return quadruped(hip_deg, working=working, **change)


SHOULDERS_CUT_OFF = SyntheticCamera(origin_px=(700, 620))
PERFORMANCE = Performance(posture=posture, bottom_deg=ALL_FOURS_DEG, shoulders_cut_off=SHOULDERS_CUT_OFF)
SAMPLES = {
    "incomplete-lockout": {
        Status.OK: [sample("straight"), sample("straight, within", lockout_deg=3)],
        Status.FAULT: [
            sample("short of full extension by 18", lockout_deg=18),
            sample("far short", lockout_deg=26),
        ],
    },
    "leg-too-high": {
        Status.NOT_ASSESSED: [
            sample("out of frame at the top", camera=SHOULDERS_CUT_OFF, lockout_deg=-28),
            TOO_OBLIQUE,
        ],
    },
}
REJECTED = [
    (
        {"top": {"other_trunk_thigh_flexion_deg": 34.0}},
        {"top": {"other_trunk_thigh_flexion_deg": 36.0}},
        "hands and knees",
    ),
]
