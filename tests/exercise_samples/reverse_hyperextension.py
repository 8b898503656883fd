"""Reverse hyperextensions as a synthetic lifter does them."""

from hipform.exercises.findings import Status
from tests.exercises.samples import TOO_OBLIQUE, sample
from tests.synthetic import Performance, Posture, SyntheticCamera, prone


def posture(hip_deg, working, **change) -> Posture:
    return prone(hip_deg, **change)


PERFORMANCE = Performance(posture=posture, bottom_deg=75.0, shoulders_cut_off=SyntheticCamera(origin_px=(640, 620)))
SAMPLES = {
    "leg-too-high": {
        Status.FAULT: [sample("above the line of the trunk", lockout_deg=-18)],
        Status.NOT_ASSESSED: [sample("too close to call", lockout_deg=-12), TOO_OBLIQUE],
    },
}
REJECTED = [
    (
        {"top": {"trunk_lean_deg": 90.0}, "low": {"trunk_lean_deg": low_deg}},
        {"top": {"trunk_lean_deg": 90.0}, "low": {"trunk_lean_deg": held_deg}},
        "the trunk moved",
    )
    for low_deg, held_deg in ((109.0, 107.0), (71.0, 73.0))
]
