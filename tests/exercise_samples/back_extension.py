"""Back extensions as a synthetic lifter does them, legs at 45 degrees."""

from dataclasses import replace

from hipform.exercises.findings import Status
from hipform.pose.poses import Landmark, Pose
from hipform.types import Estimate, Side
from tests.exercises.samples import TOO_OBLIQUE, sample
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


def far_knees(pose: Pose) -> Pose:
    """Return *pose* with thighs twice as long."""
    image_px = pose.image_px.copy()
    for side in Side:
        hip, knee = (Landmark[f"{side.name}_{part}"] for part in ("HIP", "KNEE"))
        image_px[knee] += pose.image_px[knee] - pose.image_px[hip]
    return replace(pose, image_px=image_px)


PERFORMANCE = Performance(posture=posture, bottom_deg=85.0, shoulders_cut_off=SyntheticCamera(origin_px=(660, 620)))
SAMPLES = {
    "incomplete-lockout": {
        # A hip that slides leaves the pad, and the repetition is not counted.
        Status.NOT_ASSESSED: [TOO_OBLIQUE, sample("too long or too short for the trunk", change=far_knees)],
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
