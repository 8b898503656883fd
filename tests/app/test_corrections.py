"""Clips that were turned without a tag, and slow motion: what the landmarks say, and what the outputs show then."""

from dataclasses import replace

import numpy as np
import pytest

from hipform.analysis import Section
from hipform.app.corrections import Asked, assume_speed, correct_recording, corrected_poses
from hipform.app.judge_recording import judge_recording
from hipform.app.task_progress import no_progress
from hipform.config import Settings
from hipform.errors import NoExerciseError
from hipform.exercises import EXERCISES
from hipform.pose.poses import Disc, Landmark
from hipform.pose.recording import Recording, RecordingWriter
from hipform.video.frames import Correction, Frame
from tests.samples import ROOT
from tests.video.clips import corners, quadrants

SAMPLE_RECORDINGS = ROOT / "tests" / "sample_recordings"
GOLDENS = sorted((ROOT / "tests" / "goldens").glob("*.npz"))
CLEAR = ("deadlift_kettlebell_correct", "glute_bridge_studio", "hip_thrust_box")


def turned(source, path, correction, discs=()):
    """Write the recording that a clip with *discs* gives if *correction* is what it needs."""
    with Recording(source) as recording:
        needed = Correction(quarter_turns=-correction.quarter_turns % 4, speed=1 / correction.speed)
        info = recording.info.corrected(needed, ())
        with RecordingWriter(path, replace(info, correction=Correction()), recording.model) as writer:
            poses = (replace(pose, discs=discs or pose.discs) for pose in recording)
            for pose in corrected_poses(poses, recording.info, needed):
                writer.write(pose)
    return path


def read(path):
    with Recording(path) as recording:
        return recording.info, list(recording)


@pytest.mark.parametrize(
    ("name", "quarter_turns"), [*((CLEAR[1], turns) for turns in (1, 2, 3)), (CLEAR[0], 2), (CLEAR[2], 1)]
)
def test_a_turned_clip_is_made_upright_and_that_is_noted(tmp_path, name, quarter_turns):
    source = ROOT / "tests" / "goldens" / f"{name}.npz"
    clip = turned(source, tmp_path / "turned.npz", Correction(quarter_turns=quarter_turns))
    info, _ = read(clip)
    upright, poses = read(correct_recording(clip, tmp_path / "upright.npz", info, Asked()))
    original, expected = read(source)
    assert (upright.width_px, upright.height_px) == (original.width_px, original.height_px)
    assert upright.correction == Correction(quarter_turns=quarter_turns)
    assert f"turned by {90 * quarter_turns} degrees clockwise" in upright.notes[-1]
    for pose, same in zip(poses, expected, strict=True):
        np.testing.assert_allclose(pose.image_px, same.image_px, atol=1e-3)
        np.testing.assert_allclose(pose.world_m, same.world_m, atol=1e-6)


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_plates_turn_with_the_body(quarter_turns):
    info, (pose, *_) = read(ROOT / "tests" / "goldens" / f"{CLEAR[1]}.npz")
    plate = Disc(pose.image_px[Landmark.LEFT_WRIST], np.array([30.0, 40.0]), 0.9)
    correction = Correction(quarter_turns=quarter_turns)
    (upright,) = corrected_poses([replace(pose, discs=(plate,))], info, correction)
    np.testing.assert_allclose(upright.discs[0].center_px, upright.image_px[Landmark.LEFT_WRIST])
    assert upright.discs[0].radius_px.tolist() == ([30, 40] if quarter_turns == 2 else [40, 30])


@pytest.mark.parametrize("source", GOLDENS, ids=lambda path: path.stem)
def test_a_clip_the_right_way_up_stays_as_it_is(tmp_path, source):
    info, _ = read(source)
    assert correct_recording(source, tmp_path / "none.npz", info, Asked()) == source
    assert not (tmp_path / "none.npz").exists()


def test_the_user_has_the_last_word_on_both(tmp_path):
    source = turned(GOLDENS[0], tmp_path / "turned.npz", Correction(quarter_turns=1))
    info, before = read(source)
    assert correct_recording(source, tmp_path / "none.npz", info, Asked(quarter_turns=0)) == source
    asked = Asked(quarter_turns=2, speed=8.0)
    after, poses = read(correct_recording(source, tmp_path / "asked.npz", None, asked))
    assert after.correction == Correction(quarter_turns=2, speed=8.0)
    assert (after.fps, after.time_base) == (pytest.approx(8 * info.fps), info.time_base / 8)
    assert poses[-1].t_s == pytest.approx(before[-1].t_s / 8)
    assert "as you asked" in after.notes[-2]
    assert after.notes[-1].startswith("Slow motion: the times of the clip were divided by 8 (as you said).")
    back = correct_recording(tmp_path / "asked.npz", tmp_path / "back.npz", None, Asked(quarter_turns=0, speed=1.0))
    assert read(back)[0].correction == Correction()


@pytest.mark.parametrize(
    ("capture_fps", "speed", "kind"),
    [(240.0, 8.0, "Slow motion"), (239.2, 8.0, "Slow motion"), (33.0, 1.0, ""), (2.0, 1 / 15, "Time lapse")],
)
def test_the_rate_of_filming_gives_real_times(tmp_path, capture_fps, speed, kind):
    info, _ = read(GOLDENS[0])
    info = replace(info, fps=30.0, capture_fps=capture_fps)
    after, _ = read(correct_recording(GOLDENS[0], tmp_path / "real.npz", info, Asked()))
    assert after.correction.speed == pytest.approx(speed, rel=0.01)
    assert [note.split(":")[0] for note in after.notes[len(info.notes) :]] == ([kind] if kind else [])


def slowed(name, path, speed, discs=()):
    return turned(SAMPLE_RECORDINGS / f"{name}.npz", path, Correction(speed=speed), discs)


def assumed(path, sections=None):
    judged = judge_recording(path, Settings(), (), no_progress, sections=sections)
    return assume_speed(path, judged, Settings(), is_named=sections is not None)


@pytest.mark.parametrize("speed", [4.0, 8.0])
def test_swings_that_take_longer_than_gravity_allows_are_slow_motion(tmp_path, speed):
    clip = slowed("kettlebell-swing_good", tmp_path / "slow.npz", speed)
    try:
        judged = judge_recording(clip, Settings(), (), no_progress)
    except NoExerciseError:
        judged = None
    assert assume_speed(clip, judged, Settings(), is_named=False) == speed


def test_a_plate_on_the_wall_is_no_load_of_slow_swings_either(tmp_path):
    on_wall = Disc(np.array([60.0, 200.0]), np.full(2, 40.0), 0.9)
    clip = slowed("kettlebell-swing_good", tmp_path / "slow.npz", 4.0, (on_wall,))
    assert assume_speed(clip, None, Settings(), is_named=False) == 4.0


def test_swings_named_by_the_user_are_slow_motion_too(tmp_path):
    clip = slowed("kettlebell-swing_good", tmp_path / "slow.npz", 4.0)
    assert assumed(clip, (Section(exercise=EXERCISES["kettlebell-swing"]),)) == 4.0


@pytest.mark.parametrize("name", ["kettlebell-swing_good", "romanian-deadlift_good", "bird-dog_good"])
def test_nothing_else_is_taken_for_slow_motion(name):
    assert assumed(SAMPLE_RECORDINGS / f"{name}.npz") is None


def test_frames_are_shown_upright_and_at_real_times():
    image = quadrants(96, 64)
    (frame,) = Correction(quarter_turns=1, speed=4.0).frames([Frame(2.0, image, 3)])
    assert (frame.t_s, frame.shot, frame.image.shape) == (0.5, 3, (96, 64, 3))
    np.testing.assert_array_equal(corners(frame.image), corners(image)[[2, 0, 3, 1]])
    assert frame.image.flags.c_contiguous
