"""Back extensions as a synthetic lifter does them, legs at 45 degrees."""

from hipform.exercises.findings import Status
from hipform.types import Estimate
from tests.exercises.samples import TOO_OBLIQUE, sample, sliding_hip
from tests.synthetic import Performance, Posture, SyntheticCamera


def posture(hip_deg, working, *, legs_deg=45.0) -> Posture:
    """Return the lifter whose legs slope by *legs_deg*; 0 is a level bench."""
    return Posture(
        hip_m=(0.8, 0.75),
        trunk_deg=legs_deg - 180 - hip_deg,
        hip_deg=hip_deg,
        knee_deg=5.0,
        arm_deg=40.0,
        elbow_deg=130.0,
    )


PERFORMANCE = Performance(posture=posture, bottom_deg=85.0, shoulders_cut_off=SyntheticCamera(origin_px=(660, 620)))
SAMPLES = {
    "incomplete-lockout": {
        # A hip that slides further leaves the pad, and the repetition is not counted.
        Status.NOT_ASSESSED: [
            TOO_OBLIQUE,
            sample("too long or too short for the trunk", change=sliding_hip(0.32)),
        ],
    },
    "trunk-too-high": {
        Status.OK: [sample("the line of the legs"), sample("above the line of the legs", lockout_deg=-5)],
        Status.FAULT: [sample("above the line of the legs", lockout_deg=-20)],
        Status.NOT_ASSESSED: [sample("too close to call", lockout_deg=-12), TOO_OBLIQUE],
    },
}
REJECTED = [
    ({"top": {"thigh_incline_deg": -62.0}}, {"top": {"thigh_incline_deg": -60.0}}, "thighs upright"),
    ({"top": {"trunk_lean_deg": 12.0}}, {"top": {"trunk_lean_deg": 14.0}}, "trunk not face down"),
    ({"thigh_share_ratio": 0.51}, {"thigh_share_ratio": 0.49}, "the thighs moved"),
    ({"hip_rise_trunks": -0.41}, {"hip_rise_trunks": -0.39}, "the hips moved"),
    ({"feet_move_trunks": 0.41}, {"feet_move_trunks": 0.39}, "the feet moved"),
    ({"low": {"trunk_thigh_flexion_deg": 26.0}}, {"low": {"trunk_thigh_flexion_deg": 28.0}}, "as in a superman"),
    ({"top": {"trunk_thigh_flexion_deg": 51.0}}, {"top": {"trunk_thigh_flexion_deg": 49.0}}, "as in sitting"),
]
LIMITS = [("trunk-too-high", "above_deg", lambda deg: {"lockout": Estimate(-deg, 5.0, "deg")}, 1)]
