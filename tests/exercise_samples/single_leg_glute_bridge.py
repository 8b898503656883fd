"""Single-leg glute bridges as a synthetic lifter does them."""

from hipform.exercises.findings import Status
from tests.exercises.samples import LEFT, OBLIQUE, RIGHT, foot_down_between, sample
from tests.synthetic import Performance, Posture, SyntheticCamera, lying

TWO_AND_TWO = [*[RIGHT] * 2, *[LEFT] * 2]


def posture(hip_deg, working, **change) -> Posture:
    return lying(hip_deg, planted=working, **change)


PERFORMANCE = Performance(posture=posture, bottom_deg=45.0, shoulders_cut_off=SyntheticCamera(origin_px=(-40, 620)))
SAMPLES = {
    "asymmetry": {
        Status.OK: [sample("left and right", reps=TWO_AND_TWO, held_out=foot_down_between)],
        Status.FAULT: [
            sample(
                "left and right",
                reps=[*[RIGHT] * 2, *[LEFT | {"lockout_deg": 20}] * 2],
                held_out=foot_down_between,
                bottom_deg=60,
            )
        ],
        Status.NOT_ASSESSED: [
            sample("only one side was done"),
            sample("camera too far off the side view", reps=TWO_AND_TWO, held_out=foot_down_between, camera=OBLIQUE),
        ],
    },
}
