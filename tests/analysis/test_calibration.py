"""A lifter's own lockout and neutral, from a clip that shows them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hipform.analysis import Calibrator
from hipform.analysis.judged_reps import Calibration
from hipform.config import Settings
from hipform.exercises import EXERCISES, find_exercise
from tests.synthetic import (
    SyntheticCamera,
    dropped,
    film,
    film_exercise,
    film_set,
    frame_times,
    lying,
    performance_of,
    plan_of,
    posture_of,
    set_of,
)


def calibrate(clip, slug="glute-bridge"):
    calibrator = Calibrator(find_exercise(slug), clip.info, "heavy", Settings())
    for pose in clip.poses:
        calibrator.push(pose)
    return calibrator.finish()


def bridges(lockout_deg=6.0, **camera):
    reps = set_of("glute-bridge", [plan_of("glute-bridge", lockout_deg=lockout_deg)] * 3)
    return film_set(reps, lying, SyntheticCamera(**camera), fps=16)


def held(hip_deg=5.0, seconds=3.0, lumbar_deg=0.0, wobble_deg=0.0):
    return film(
        lambda t_s: lying(hip_deg + wobble_deg * math.sin(6 * t_s), lumbar_deg=lumbar_deg), frame_times(seconds, 16)
    )


def test_repetitions_tell_ones_own_lockout():
    found = calibrate(bridges())
    assert found.reps == 3
    assert (found.exercise, found.model) == ("glute-bridge", "heavy")
    assert found.lockout_trunk_thigh_flexion_deg == pytest.approx(6, abs=1)
    assert found.low_back_top_deg == pytest.approx(0.8 * 6, abs=1)
    assert found.low_back_top_scatter_deg < 1


def test_a_lockout_held_still_tells_it_too():
    found = calibrate(held(lumbar_deg=10.0))
    assert isinstance(found, Calibration)
    assert found.reps == 0
    assert found.lockout_trunk_thigh_flexion_deg == pytest.approx(5, abs=0.5)
    assert found.low_back_top_deg == pytest.approx(10 + 0.8 * 5, abs=1)
    assert found.low_back_levels_deg is None


def test_a_hinge_tells_the_back_by_depth():
    found = calibrate(film_exercise("romanian-deadlift", 3, fps=16), "romanian-deadlift")
    levels = np.array(found.low_back_levels_deg, dtype=float)
    assert levels[:12] == pytest.approx(np.zeros(12), abs=0.5)
    assert np.isnan(levels[-1])


def test_a_variant_is_calibrated_as_its_exercise():
    clip = film_exercise("romanian-deadlift", 2, fps=16)
    assert calibrate(clip, "romanian-deadlift:single-leg").exercise == "romanian-deadlift"


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (held(seconds=1.5), "no lockout was held still for 2 s"),
        (held(wobble_deg=5.0), "no lockout was held still for 2 s"),
        (held(hip_deg=60.0), "no lockout was held still for 2 s"),
        (held(hip_deg=22.0), "the top reads 22 degrees short of straight: too far to be a full lockout"),
        (bridges(lockout_deg=-20.0), "degrees past straight: too far to be a full lockout"),
        (bridges(azimuth_deg=26.0), "off the side view; the limit is 20"),
    ],
)
def test_what_shows_no_lockout_calibrates_nothing(clip, reason):
    assert reason in calibrate(clip)


def test_a_clip_of_nobody_calibrates_nothing():
    clip = held()
    assert isinstance(calibrate(clip.but(dropped(clip.poses, lambda _t_s: True))), str)


@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_can_be_calibrated(slug):
    reps = set_of(slug, 2)
    clip = film_set(reps, posture_of(slug), fps=performance_of(slug).fps)
    found = calibrate(clip, slug)
    assert found.lockout_trunk_thigh_flexion_deg == pytest.approx(0, abs=2)
    assert (found.low_back_top_deg is None) is (EXERCISES[slug].low_back is None)


def test_an_outline_that_was_not_seen_leaves_the_low_back_open():
    clip = bridges()
    found = calibrate(clip.but(replace(pose, contour=None) for pose in clip.poses))
    assert found.low_back_top_deg is None
    assert found.lockout_trunk_thigh_flexion_deg == pytest.approx(6, abs=1)


def test_what_is_kept_of_a_long_hold_does_not_grow():
    long = held(seconds=60.0, hip_deg=4.0)
    calibrator = Calibrator(find_exercise("glute-bridge"), long.info, "heavy", Settings())
    for pose in long.poses:
        calibrator.push(pose)
    assert len(calibrator._hold.best) <= 10 * 16 + 2
    assert len(calibrator._hold._now) <= 10 * 16 + 2
    assert calibrator.finish().lockout_trunk_thigh_flexion_deg == pytest.approx(4, abs=0.5)


def test_lying_the_back_is_reported_at_the_top_only():
    assert calibrate(bridges()).low_back_levels_deg is None
