"""Cameras in the network that want more than to be watched: bounded in time and bytes, and only where was named."""

import contextlib
import io
import threading
import time

import pytest

from hipform.errors import CameraError
from hipform.video import camera, http_stream, rtsp_relay
from hipform.video.camera import open_camera
from scripts.app_process import LIMIT_S
from scripts.reliability.hostile_camera import hostile_camera
from tests.video.clips import corners, quadrants
from tests.video.rtsp_camera import RtspCamera

SHORT_S = 0.6
"""How long a picture may take where none comes, or where an earlier end changes nothing."""
GIVEN = 10
LOST = 2
"""The first picture tells the size, and FFmpeg shows one when the next has come."""


@pytest.fixture
def visits():
    """Return the path of every request to the hostile camera."""
    return []


@pytest.fixture
def place(monkeypatch, visits):
    """Serve a hostile camera; return its host and port."""
    monkeypatch.setattr(camera, "_PICTURE_TIMEOUT_S", LIMIT_S)
    with hostile_camera([quadrants()] * GIVEN, [quadrants(48, 48)] * 5, visits) as address:
        yield address.removeprefix("http://")


def watch(address):
    """Return the pictures of a camera until it goes away, why it did, and what is noted."""
    frames = []
    with open_camera(address) as source:
        try:
            frames.extend(source)
        except CameraError as error:
            return frames, error.what, source.notes
    return frames, "", source.notes


@pytest.mark.parametrize("path", ["elsewhere", "secure", "file", "rtsp"])
def test_a_redirect_to_another_place_is_refused(place, visits, path):
    with pytest.raises(CameraError, match=r"redirects to .*, which you did not give"):
        open_camera(f"http://{place}/{path}")
    assert visits == [f"/{path}"]


def test_a_redirect_within_the_place_is_followed(place):
    assert len(watch(f"http://{place}/moved")[0]) == GIVEN - LOST


def test_a_redirect_without_end_ends(place, visits):
    with pytest.raises(CameraError, match="redirects endlessly"):
        open_camera(f"http://{place}/loop")
    assert len(visits) < 10


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("headers", "does not answer as a camera does"),
        ("trickle", "does not answer in time"),
        ("empty", "no image"),
        ("noise", "no image|Invalid data"),
        ("flood", "holds no frame that hipform can read"),
        ("sdp", "provides no image"),
        ("playlist", "provides no image"),
    ],
)
def test_a_stream_without_a_picture_ends_in_one_line(place, visits, monkeypatch, capfd, path, reason):
    monkeypatch.setattr(http_stream, "MAX_BYTES_PER_PICTURE", 3_000_000)
    if path in ("trickle", "empty", "noise"):
        monkeypatch.setattr(camera, "_PICTURE_TIMEOUT_S", SHORT_S)
    with pytest.raises(CameraError, match=reason) as caught:
        open_camera(f"http://{place}/{path}")
    assert "\n" not in str(caught.value)
    # PyAV prints exceptions that it drops.
    assert capfd.readouterr() == ("", "")
    assert visits == [f"/{path}"]


def test_pictures_over_the_limit_are_not_decoded(place, monkeypatch):
    monkeypatch.setattr(camera, "MAX_INPUT_PX", quadrants().size // 3 - 1)
    with pytest.raises(CameraError, match="provides no image"):
        open_camera(f"http://{place}/good")


def test_a_stream_that_turns_to_empty_parts_ends_after_its_pictures(place, monkeypatch):
    with open_camera(f"http://{place}/then_empty") as source:
        frames = iter(source)
        for _ in range(GIVEN - LOST):
            next(frames)
        # From now on no picture comes, and the one before was in time however slow this machine is.
        source._until_s = time.monotonic()
        with pytest.raises(CameraError, match="was disconnected"):
            next(frames)


def test_pictures_of_another_size_are_fitted_in_and_noted_once(place):
    frames, _, notes = watch(f"http://{place}/smaller")
    assert {frame.image.shape for frame in frames} == {(64, 96, 3)}
    assert notes == ("5 frames had a different shape and were padded with black bars.",)


@pytest.mark.parametrize("address", ["http:///video", "rtsp:///video", "rtsp://:554/", "rtsp://x:y/", "http://x y/"])
def test_an_address_that_names_no_place_is_one_clear_line(address):
    with pytest.raises(CameraError, match=r"provides no image|not valid"):
        open_camera(address)


@pytest.mark.parametrize("path", ["basic", "digest"])
def test_a_camera_that_asks_for_a_password_gets_it(place, path):
    assert len(watch(f"http://me:secret@{place}/{path}")[0]) == GIVEN - LOST
    with pytest.raises(CameraError, match="answers 401"):
        open_camera(f"http://{place}/{path}")


def test_no_proxy_stands_between(place, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert len(watch(f"http://{place}/good")[0]) == GIVEN - LOST


def test_closing_ends_a_thread_that_waits_for_the_camera(place):
    source = open_camera(f"http://{place}/then_empty")
    seen = threading.Semaphore(0)

    def take_all():
        with contextlib.suppress(CameraError):
            for _ in source:
                seen.release()

    thread = threading.Thread(target=take_all)
    thread.start()
    assert all(seen.acquire(timeout=LIMIT_S) for _ in range(GIVEN - LOST))
    source.close()
    thread.join(LIMIT_S)
    assert not thread.is_alive()


# ----------------------------------------------------------------------------------------------------------------- RTSP


@pytest.fixture
def rtsp(monkeypatch):
    monkeypatch.setattr(camera, "_PICTURE_TIMEOUT_S", LIMIT_S)
    with RtspCamera([quadrants()] * 60) as served:
        yield served


def test_an_rtsp_camera_is_watched_until_it_hangs_up(rtsp):
    frames, reason, _ = watch(rtsp.url)
    assert len(frames) > 30
    assert "was disconnected" in reason
    assert abs(corners(frames[0].image) - corners(quadrants())).max() < 12


def test_a_redirect_of_an_rtsp_camera_is_refused(rtsp):
    with RtspCamera([quadrants()]) as other:
        rtsp.redirects_to = other.url
        with pytest.raises(CameraError, match="redirects to another address, which you did not give"):
            open_camera(rtsp.url)
        assert other.asked == []


def test_an_rtsp_camera_that_talks_without_end_ends_in_one_line(rtsp):
    rtsp.extra_headers = b"X-More: a\r\n" * 1000
    with pytest.raises(CameraError, match="does not answer as a camera does"):
        open_camera(rtsp.url)


@pytest.mark.parametrize("status", [b"RTSP/1.0 302 Found", b"RTSP/1.0  302", b"RTSP/1.0\t302", b"\xffRTSP/1.0 302"])
def test_no_way_to_write_a_redirect_gets_past_the_relay(status):
    assert isinstance(rtsp_relay._message(status + b"\r\n", io.BytesIO(b"Location: rtsp://x/\r\n\r\n")), str)


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        (b"CSeq: 1\r\nLocation: rtsp://x/\r\n\r\n", b"CSeq: 1\r\nContent-Length: 0\r\n\r\n"),
        (b"$\0\0\nCSeq: 1\r\n\r\n", b"CSeq: 1\r\nContent-Length: 0\r\n\r\n"),
        (b"content-length: 9\nContent-Length: 2\n\nabRTSP/1.0 302", b"Content-Length: 2\r\n\r\nab"),
    ],
)
def test_an_answer_is_passed_on_as_it_was_read(sent, passed):
    message = rtsp_relay._message(b"RTSP/1.0 200 OK\r\n", io.BytesIO(sent))
    assert message == b"RTSP/1.0 200 OK\r\n" + passed
