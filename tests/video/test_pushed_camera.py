"""A camera that is given its frames one by one."""

import math

import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from hipform.errors import CameraError
from hipform.render import encode_jpeg
from hipform.video.camera import CameraMode
from hipform.video.pushed_camera import PushedCamera, PushedFrame, decode_jpeg

GREY = encode_jpeg(np.full((90, 160, 3), 90, np.uint8))


def filmed(*pushed, width_px=160, height_px=90):
    """Return the camera, its frames and how many it has taken."""
    taken = []
    camera = PushedCamera("camera", CameraMode(width_px, height_px), lambda: taken.append(1))
    for number, (captured_s, jpeg) in enumerate(pushed):
        camera.push(PushedFrame(captured_s, number, jpeg))
    camera.close()
    return camera, list(camera), len(taken)


def test_times_begin_at_the_first_frame_and_always_increase():
    camera, frames, taken = filmed((100.0, GREY), (100.5, GREY), (100.2, GREY), (101.0, GREY))
    times_s = [frame.t_s for frame in frames]
    assert times_s[0] == 0
    assert times_s[1] == pytest.approx(0.5)
    assert times_s[1] < times_s[2] < times_s[3] == pytest.approx(1.0)
    assert (camera.first_s, taken) == (100.0, 4)


def test_a_frame_counts_as_taken_only_when_the_next_one_is_asked_for():
    taken = []
    camera = PushedCamera("camera", CameraMode(160, 90), lambda: taken.append(1))
    for number in range(2):
        camera.push(PushedFrame(number / 30, number, GREY))
    frames = iter(camera)
    next(frames)
    assert taken == []
    next(frames)
    assert taken == [1]


def test_frames_that_the_sender_made_and_did_not_send_are_counted():
    camera = PushedCamera("camera", CameraMode(160, 90), lambda: None)
    # A number that goes back is of a page that was opened again.
    for at, number in enumerate((7, 8, 11, 2, 4)):
        camera.push(PushedFrame(at / 30, number, GREY))
    camera.close()
    assert len(list(camera)) == 5
    assert camera.n_unsent == 3


def test_no_more_frames_are_counted_as_unsent_than_a_camera_can_make():
    camera = PushedCamera("camera", CameraMode(160, 90), lambda: None)
    for at, number in enumerate((0, 4_000_000_000)):
        camera.push(PushedFrame(at / 10, number, GREY))
    camera.close()
    assert len(list(camera)) == 2
    assert camera.n_unsent == 12


@pytest.mark.parametrize("jump_s", [9e8, -5e7])
def test_a_jump_of_the_senders_clock_is_taken_out(jump_s):
    camera, frames, _ = filmed((1e8, GREY), (1e8 + 0.1, GREY), (1e8 + jump_s, GREY), (1e8 + jump_s + 0.1, GREY))
    times_s = [frame.t_s for frame in frames]
    assert times_s == sorted(times_s)
    assert 0.15 < times_s[-1] < 5
    # What is shown goes back to the sender with its own time.
    assert camera.first_s + times_s[-1] == pytest.approx(1e8 + jump_s + 0.1, abs=0.02)


def test_damaged_frames_are_skipped_but_counted_as_taken():
    camera, frames, taken = filmed((0.0, b"junk"), (0.1, GREY[:100]), (0.2, GREY))
    assert (len(frames), taken, camera.first_s) == (1, 3, 0.2)
    assert math.isclose(float(frames[0].image.mean()), 90, abs_tol=2)


def test_only_damaged_frames_end_it():
    with pytest.raises(CameraError):
        filmed(*((number / 30, b"junk") for number in range(100)))


def test_frames_of_another_size_are_scaled_and_noted():
    camera, frames, _ = filmed((0.0, GREY), width_px=320, height_px=180)
    assert frames[0].image.shape == (180, 320, 3)
    assert camera.notes


def test_a_phone_that_is_turned_does_not_stretch_the_lifter():
    upright = encode_jpeg(np.full((160, 90, 3), 200, np.uint8))
    _, frames, _ = filmed((0.0, GREY), (0.1, upright))
    lit = frames[1].image[..., 0] > 100
    assert lit.any(axis=0).sum() == round(90 * 90 / 160)
    assert lit.any(axis=1).all()


def test_a_size_that_is_only_claimed_is_refused():
    at = GREY.index(b"\xff\xc0")
    claimed = GREY[: at + 5] + b"\xff\xff\xff\xff" + GREY[at + 9 :]
    assert decode_jpeg(claimed, VideoReformatter()) is None
