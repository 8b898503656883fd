"""Back extensions as a synthetic lifter does them, legs at 45 degrees."""

from hipform.exercises.findings import Status
from tests.exercises.samples import OBLIQUE, sample
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
    "lumbar-overextension": {
        Status.OK: [sample("below the line of the legs"), sample("above the line of the legs", lockout_deg=-5)],
        Status.FAULT: [
            sample("past straight, further than hips extend", lockout_deg=-29),
            sample("past your usual top", reps=[*[{}] * 4, {"lockout_deg": -20}]),
            sample("above the line of the legs", lockout_deg=-20),
        ],
        Status.NOT_ASSESSED: [
            sample("this may be your build", lockout_deg=-15),
            sample("too close to call", lockout_deg=-9),
            sample("off the side view; the limit is 55", camera=OBLIQUE, lockout_deg=-26),
        ],
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
