"""Glute bridges as a synthetic lifter does them."""

from tests.synthetic import Performance, Posture, SyntheticCamera, lying


def posture(hip_deg, working, **change) -> Posture:
    return lying(hip_deg, **change)


PERFORMANCE = Performance(posture=posture, bottom_deg=45.0, shoulders_cut_off=SyntheticCamera(origin_px=(-40, 620)))
