"""Deadlifts as a synthetic lifter does them."""

from hipform.exercises.findings import Status
from tests.exercises.samples import TOO_OBLIQUE, no_outline, sample
from tests.synthetic import Performance, Posture, SyntheticCamera, hinge

BOTTOM_DEG = 120.0


def posture(hip_deg, working, **change) -> Posture:
    low = max(hip_deg, 0.0) / BOTTOM_DEG
    return hinge(hip_deg, **({"knee_deg": 75 * low, "shin_lean_deg": 12 * low, "ahead_ratio": 0.2} | change))


PERFORMANCE = Performance(
    posture=posture, bottom_deg=BOTTOM_DEG, shoulders_cut_off=SyntheticCamera(origin_px=(320, 390))
)
SAMPLES = {
    "lumbar-rounding": {
        Status.OK: [sample("round with 0% probability")],
        Status.FAULT: [
            sample("round with 100% probability", reps=[{"lumbar_deg": lambda hip_deg: -0.5 * hip_deg}]),
            sample("round with 100% probability", reps=[{}, {}, {}, {"lumbar_deg": lambda hip_deg: -0.5 * hip_deg}]),
        ],
        Status.NOT_ASSESSED: [sample("was not seen deep", change=no_outline), TOO_OBLIQUE],
    },
}
