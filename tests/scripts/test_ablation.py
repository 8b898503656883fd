"""The steps that might steady the hip angle, on lifters whose angles are known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hipform.kinematics.measures import SIDE_POINTS, measure_all
from hipform.types import Side
from scripts.evaluate.ablation import CALIBRATED, STEPS, StepError, Track, ablation_section
from tests.synthetic import SIDE_ON, SyntheticCamera, film_exercise


def track_of(camera=SIDE_ON, noise_px=0.0):
    clip = film_exercise("glute-bridge", 2, camera, fps=30, noise_px=noise_px)
    points = [SIDE_POINTS[Side.RIGHT][name] for name in ("shoulder", "hip", "knee")]
    track = Track(
        clip.t_s,
        np.array([pose.image_px[points] for pose in clip.poses]),
        np.array([pose.world_m[points] for pose in clip.poses]),
        -camera.facing,
        camera.view_off_deg,
        camera.view_off_deg,
    )
    return track, np.array(
        [measure_all(pose, Side.RIGHT, camera.facing)["trunk_thigh_flexion_deg"] for pose in clip.poses]
    )


@pytest.mark.parametrize("name", STEPS)
def test_on_perfect_landmarks_no_step_does_harm(name):
    track, true_deg = track_of()
    # In space the wider shoulder lies aside of the hip, which bends a straight line.
    allowed_deg = {"smoothed": 6.0, "read": 6.0, "the": 9.0}.get(name.split()[0], 0.01)
    assert np.abs(STEPS[name](track) - true_deg).max() < allowed_deg


def test_smoothing_takes_noise_away():
    noisy, _ = track_of(noise_px=2.0)
    _, true_deg = track_of()
    rough, smooth = (np.abs(STEPS[n](noisy) - true_deg).mean() for n in ("as measured", "smoothed without lag, 3 Hz"))
    assert smooth < rough


def test_stretching_undoes_a_camera_off_the_side():
    oblique, _ = track_of(SyntheticCamera(azimuth_deg=30))
    _, true_deg = track_of()
    raw, stretched = (np.abs(STEPS[n](oblique) - true_deg).max() for n in ("as measured", "stretched by the true view"))
    assert stretched < raw


def test_a_hip_that_slid_along_the_trunk_goes_back():
    track, true_deg = track_of()
    slid = track.points_px.copy()
    slid[10, 1] += 0.1 * (slid[10, 0] - slid[10, 1])
    moved = replace(track, points_px=slid)
    before, after = (abs(STEPS[n](moved)[10] - true_deg[10]) for n in ("as measured", "segment lengths held constant"))
    assert after < 0.5 * before


def test_the_page_has_a_row_a_step_and_a_table_a_view():
    errors = [
        StepError(clip, azimuth, step, state, np.array(values))
        for clip, values in (("a", [1.0, 3.0]), ("b", [5.0, math.nan]))
        for azimuth in ("0-10", "10-20")
        for step in ("as measured", CALIBRATED)
        for state in ("top", "moving")
    ]
    text = "\n".join(ablation_section(errors, "heavy"))
    assert text.count("| as measured | 2 (few) | 3.0 / 4.8 | +3.0 | 1.5 | 0.8 | 3.0 / 4.8 |") == 2
    assert text.count("### Camera") == 2
