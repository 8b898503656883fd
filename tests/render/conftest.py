"""A lifter lying in a side view, in any picture size, and the observations that go with it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from hipform.analysis.judged_reps import Observation, Rep
from hipform.config import Settings
from hipform.exercises.findings import Finding, Status
from hipform.features.rep_timing import RepTiming
from hipform.feedback.cues import Cue
from hipform.feedback.drawn_state import LiveStates
from hipform.pose.poses import N_LANDMARKS, Landmark, Pose
from hipform.render import BodyArea, Needs, find_layout
from hipform.render.theme import Sizes
from hipform.segmentation.phases import Phase
from hipform.types import Estimate, Side
from hipform.video.frames import ClipInfo

# Near side at the bottom of a hip thrust, as parts of the picture's width and height.
_BODY = {
    Landmark.LEFT_EAR: (0.33, 0.40),
    Landmark.LEFT_SHOULDER: (0.36, 0.50),
    Landmark.LEFT_ELBOW: (0.42, 0.56),
    Landmark.LEFT_WRIST: (0.48, 0.54),
    Landmark.LEFT_HIP: (0.49, 0.62),
    Landmark.LEFT_KNEE: (0.58, 0.51),
    Landmark.LEFT_ANKLE: (0.60, 0.72),
    Landmark.LEFT_HEEL: (0.59, 0.75),
    Landmark.LEFT_FOOT_INDEX: (0.66, 0.76),
}


def make_pose(width=640, height=360, side=Side.RIGHT, t_s=0.0, shot=0):
    image_px = np.full((N_LANDMARKS, 2), 0.5) * (width, height)
    for left, (x, y) in _BODY.items():
        image_px[left + (side is Side.RIGHT)] = (x * width, y * height)
    return Pose(t_s, image_px, np.zeros((N_LANDMARKS, 3)), np.full(N_LANDMARKS, 0.9), shot)


def make_observation(flexion_deg=40.0, u95_deg=4.0, **changes):
    plain = Observation(
        t_s=0.0,
        exercise="hip-thrust",
        set_number=1,
        tracked=True,
        side=Side.RIGHT,
        values={"trunk_thigh_flexion_deg": flexion_deg},
        u95={"trunk_thigh_flexion_deg": u95_deg},
        view_off_deg=8.0,
        assessable=True,
        phase=Phase.LIFT,
        phase_s=1.2,
        rep_count=3,
        partial_count=1,
    )
    return replace(plain, **changes)


def make_rep(number=1, start_s=1.0, top_s=2.0, status=Status.OK, **changes):
    plain = Rep(
        number=number,
        partial=False,
        side=Side.RIGHT,
        timing=RepTiming(
            start_s=start_s,
            top_start_s=top_s - 0.2,
            top_s=top_s,
            top_end_s=top_s + 0.2,
            end_s=top_s + 1.0,
            lift_s=0.8,
            hold_s=0.4,
            lower_s=None,
            lift_start_s=start_s,
        ),
        lockout_trunk_thigh_flexion_deg=Estimate(6.0, 3.4, "deg"),
        bottom_trunk_thigh_flexion_deg=Estimate(70.0, 4.0, "deg"),
        range_deg=Estimate(64.0, 5.0, "deg"),
        findings=(
            Finding(
                rule="incomplete-lockout", status=status, text="seen", measured=Estimate(6.0, 3.4, "deg"), limit=10
            ),
        ),
    )
    return replace(plain, **changes)


def make_state(observation=None, cue=None, last_rep=None, **changes):
    """Return what is drawn of an observation while a set goes on, with changes."""
    state = LiveStates(Settings()).at(observation or make_observation(), cue, last_rep)
    return replace(state, **changes)


def make_info(width=640, height=360, **changes):
    return replace(ClipInfo(name="clip.mp4", width_px=width, height_px=height, fps=30.0), **changes)


def make_layout(width=1280, height=720):
    """Return the layout around a body that is nowhere."""
    return find_layout(Sizes(width, height), BodyArea(width, height), Needs())


@pytest.fixture(scope="session")
def make():
    return SimpleNamespace(
        pose=make_pose,
        observation=make_observation,
        rep=make_rep,
        state=make_state,
        info=make_info,
        layout=make_layout,
        cue=Cue(rule="incomplete-lockout", text="Squeeze and drive hips up"),
        praise=Cue(rule="incomplete-lockout", text="Full lockout", is_praise=True),
    )
