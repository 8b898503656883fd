"""Everything behind the pose model, on landmark recordings of real clips.

The counts by eye below were made from the footage; expected.json holds what hipform makes of it today, so that no
change alters a verdict unseen.
"""

import json

import pytest

from hipform.app import analyze
from hipform.types import LOCKOUT_RULE, Status
from scripts.update_goldens import EXPECTED, GOLDENS, digest, exercises_of

GOLDEN = json.loads(EXPECTED.read_text(encoding="utf-8"))
BY_EYE = {
    "hip_thrust_box": (6, 7, "full"),
    "hip_thrust_dumbbell": (3, 3, ""),
    "hip_thrust_plates_oblique": (1, 2, "full"),
    "glute_bridge_studio": (5, 5, "full"),
    "glute_bridge_phone_portrait": (3, 3, "full"),
    "glute_bridge_then_single_leg": (3, 6, "full"),
    "glute_bridge_feet_cropped": (3, 3, "full"),
    "single_leg_bridge_title": (3, 4, ""),
    "other_squat": (0, 0, ""),
    "other_sit_up": (0, 0, ""),
    "other_push_up": (0, 0, ""),
    "other_plank": (0, 0, ""),
}
"""Least and most repetitions that are right, and whether the hips come to full extension."""

CASES = [(path, slug) for path in sorted(GOLDENS.glob("*.npz")) for slug in exercises_of(path)]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0].stem}-{case[1]}")
def judged(request):
    path, slug = request.param
    return path.stem, slug, analyze(path, exercise=slug)


def test_the_count_is_the_one_seen_by_eye(judged):
    name, _, result = judged
    low, high, _ = BY_EYE[name]
    (found,) = result.sets
    assert low <= len(found.reps) <= high
    assert found.partial_reps == ()


@pytest.mark.parametrize("name", [name for name, (_, _, lockout) in BY_EYE.items() if lockout == "full"])
def test_no_full_lockout_is_called_short(name):
    verdicts = [
        rep["verdicts"][LOCKOUT_RULE]
        for key, golden in GOLDEN.items()
        if name in key
        for found in golden["sets"]
        for rep in found["reps"]
    ]
    assert verdicts
    assert Status.FAULT not in verdicts


def test_nothing_changed_unseen(judged):
    name, slug, result = judged
    assert digest(result) == GOLDEN[f"{name} as {slug}"]


def test_every_golden_has_its_recording():
    assert set(GOLDEN) == {f"{path.stem} as {slug}" for path, slug in CASES}
    assert {path.stem for path, _ in CASES} == set(BY_EYE)
