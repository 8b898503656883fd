"""Barbell hip thrusts as a synthetic lifter does them, hands on the bar."""

from tests.synthetic import BENCH_M, Performance, Posture, SyntheticCamera, lying


def posture(hip_deg, working, **change) -> Posture:
    return lying(hip_deg, **({"shoulder_height_m": BENCH_M, "arm_deg": 20, "elbow_deg": 5} | change))


PERFORMANCE = Performance(
    posture=posture, bottom_deg=70.0, shoulders_cut_off=SyntheticCamera(origin_px=(-40, 620)), has_plate=True
)
