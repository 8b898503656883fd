"""Good mornings as a synthetic lifter does them."""

from tests.synthetic import Performance, Posture, SyntheticCamera, hinge

BOTTOM_DEG = 75.0


def posture(hip_deg, working, **change) -> Posture:
    low = max(hip_deg, 0.0) / BOTTOM_DEG
    return hinge(
        hip_deg, **({"knee_deg": 12 * low, "shin_lean_deg": -8 * low, "arm_deg": -60 * low, "elbow_deg": 150} | change)
    )


PERFORMANCE = Performance(
    posture=posture, bottom_deg=BOTTOM_DEG, shoulders_cut_off=SyntheticCamera(origin_px=(320, 390))
)
