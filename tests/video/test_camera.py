"""Cameras: what they are called, what they give, how they fail; streams from a server here, devices made up."""

import contextlib
import http.server
import threading
import time
import types
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from hipform.errors import CameraError, InputError
from hipform.video import camera
from hipform.video.camera import CameraMode, light_of, list_cameras, open_camera
from scripts.app_process import LIMIT_S
from tests.samples import write_video
from tests.video.clips import corners, quadrants

MODE = CameraMode(96, 64, 30)


class Capture:
    """Stands in for `cv2.VideoCapture`: indices from 1 on have the pictures of the quadrants, *lasts* of them."""

    lasts = 5
    fps = 25.0

    def __init__(self, index, _backend):
        self.left = self.lasts if index else 0
        self.asked = {}
        self.released = False

    def set(self, prop, value):
        self.asked[prop] = value

    def get(self, _prop):
        return self.fps

    def grab(self):
        self.left -= 1
        return self.left >= 0

    def retrieve(self):
        return True, cv2.cvtColor(quadrants(), cv2.COLOR_RGB2BGR)

    def read(self):
        return (True, self.retrieve()[1]) if self.grab() else (False, None)

    def release(self):
        self.released = True


@pytest.fixture
def devices(monkeypatch):
    """Let the computer have three cameras, of which the first gives nothing."""
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    names = {0: "Broken\x1b[31m", 1: "Built-in Camera", 2: "USB Camera"}
    monkeypatch.setattr(camera, "_camera_names", lambda: names)


def test_a_device_that_goes_away_says_so_and_is_freed(devices):
    with open_camera("1", MODE) as source, pytest.raises(CameraError, match="Camera 1 was disconnected"):
        list(source)
    assert source._capture.released


def test_a_device_that_was_never_read_is_freed_too(devices):
    with open_camera("1", MODE) as source:
        pass
    assert source._capture.released


def test_frames_of_a_device_are_rgb_and_their_times_are_whole_ticks_that_increase(devices):
    with open_camera("1", MODE) as source:
        frames = take(source, 4)
    assert (corners(frames[0].image) == corners(quadrants())).all()
    times = [frame.t_s for frame in frames]
    assert times[0] == 0
    assert all(later > earlier for earlier, later in pairwise(times))
    assert all((t_s * camera.TICKS_PER_S) == pytest.approx(round(t_s * camera.TICKS_PER_S), abs=1e-6) for t_s in times)
    assert source.begun_s <= time.monotonic()
    assert (source.info.width_px, source.info.height_px, source.info.fps) == (96, 64, 25)
    assert source._capture.released


def take(source, count):
    """Return the first frames of a source that may fail later."""
    frames = []
    with contextlib.closing(iter(source)) as running:
        for frame in running:
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


def test_times_of_capture_never_stand_still():
    clock = camera.CaptureClock()
    assert [clock.time_s(now_s) for now_s in (5.0, 5.0, 4.0)] == [0, 1 / 90_000, 2 / 90_000]


def test_what_was_asked_for_and_what_was_got_is_reported(devices):
    with open_camera("2", CameraMode(1920, 1080, 60)) as source:
        assert source.description == (
            "Camera 2 gives 96 x 64 at 25 frames a second; 1920 x 1080 at 60 frames a second was asked for."
        )
        assert source._capture.asked[cv2.CAP_PROP_FRAME_WIDTH] == 1920
        assert source._capture.asked[cv2.CAP_PROP_FPS] == 60


def test_a_camera_is_found_by_a_part_of_its_name(devices):
    with open_camera("usb", MODE) as source:
        assert source.info.name == "camera 2"
    with pytest.raises(CameraError, match="The names of several cameras contain 'camera'"):
        open_camera("camera", MODE)
    with pytest.raises(CameraError, match=r"no camera or file called 'phone'.*1 Built-in Camera, 2 USB Camera"):
        open_camera("phone", MODE)


def test_the_list_names_every_camera_and_what_it_gives(devices):
    broken, built_in, usb = list_cameras(MODE)
    assert (broken.gives, bool(broken.problem)) == ("", True)
    assert (built_in.index, built_in.name, built_in.gives) == (1, "Built-in Camera", "96 x 64 at 25 frames a second")
    assert usb.problem == ""


def test_names_come_from_the_system(monkeypatch):
    found = [types.SimpleNamespace(index=3, name="Cam\x1b[2J"), types.SimpleNamespace(index=4, name=None)]
    fake = types.ModuleType("cv2_enumerate_cameras")
    fake.enumerate_cameras = lambda _backend: found
    monkeypatch.setitem(__import__("sys").modules, "cv2_enumerate_cameras", fake)
    assert camera._camera_names() == {3: "Cam?[2J", 4: "camera 4"}


def test_the_real_list_is_a_list():
    assert isinstance(list_cameras(MODE), list)


@pytest.mark.parametrize(
    ("platform", "words"), [("darwin", "System Settings"), ("win32", "Settings"), ("linux", "There is no camera 917")]
)
def test_a_camera_that_cannot_be_used_is_one_clear_line_on_every_system(monkeypatch, platform, words):
    monkeypatch.setattr(camera.sys, "platform", platform)
    assert words in str(camera._unusable(917))


def test_a_device_closed_to_the_user_or_in_use_says_so(monkeypatch):
    monkeypatch.setattr(camera.sys, "platform", "linux")
    monkeypatch.setattr(camera.Path, "exists", lambda _self: True)
    monkeypatch.setattr(camera.os, "access", lambda *_: False)
    assert "group `video`" in str(camera._unusable(0))
    monkeypatch.setattr(camera.os, "access", lambda *_: True)
    assert "in use" in str(camera._unusable(0))


# -------------------------------------------------------------------------------------------------------------- streams


@pytest.fixture
def phone(monkeypatch):
    """Serve ten pictures as an IP camera app does (multipart JPEG), then hang up; return the address."""
    monkeypatch.setattr(camera, "_PICTURE_TIMEOUT_S", LIMIT_S)
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(quadrants(), cv2.COLOR_RGB2BGR))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/gone"):
                self.send_error(404)
                return
            self.send_response(200)
            kind = "text/html" if self.path == "/page" else "multipart/x-mixed-replace; boundary=frame"
            self.send_header("Content-Type", kind)
            self.end_headers()
            if self.path == "/page":
                self.wfile.write(b"<html></html>")
                return
            part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            for number in range(10):
                is_damaged = number == 4 and self.path.startswith("/damaged")
                self.wfile.write(part + (bytes(len(jpeg)) if is_damaged else jpeg.tobytes()) + b"\r\n")
                time.sleep(0.02)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://me:secret@127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_phone_in_the_network_is_a_camera_until_it_hangs_up(phone):
    with open_camera(f"{phone}/video?token=secret") as source:
        frames = take(source, 5)
    assert len(frames) == 5
    with open_camera(f"{phone}/video") as source, pytest.raises(CameraError, match="was disconnected"):
        list(source)
    assert abs(corners(frames[0].image) - corners(quadrants())).max() < 12
    times = [frame.t_s for frame in frames]
    assert times == sorted(set(times))
    assert "secret" not in source.description + source.info.name


def test_a_picture_that_comes_damaged_is_left_out(phone):
    with open_camera(f"{phone}/damaged") as source:
        assert len(take(source, 7)) == 7


def test_an_address_that_is_none_is_one_clear_line():
    with pytest.raises(CameraError, match="address of the camera is not valid") as caught:
        open_camera("http://me:secret@[fe80::1/video")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["/gone", "/page"])
def test_an_address_without_video_is_one_clear_line_without_its_password(phone, path):
    with pytest.raises(CameraError, match="provides no image") as caught:
        open_camera(phone + path)
    assert "secret" not in str(caught.value)


def test_nobody_at_the_address_is_one_clear_line():
    with pytest.raises(CameraError, match="provides no image"):
        open_camera("http://127.0.0.1:9/video")


# ---------------------------------------------------------------------------------------------------------------- files


@pytest.fixture
def clip(tmp_path):
    return write_video(tmp_path / "clip.mp4", [quadrants()] * 12, fps=30)


def test_a_file_that_waits_gives_every_frame_with_its_own_time(clip):
    with open_camera(str(clip)) as source:
        assert source.waits
        times = [frame.t_s for frame in source]
    assert times == pytest.approx([number / 30 for number in range(12)], abs=1e-4)


def test_a_file_in_real_time_gives_each_frame_no_sooner_than_its_time(clip):
    with open_camera(str(clip), realtime=True) as source:
        assert not source.waits
        began = time.monotonic()
        waited = [(frame.t_s, time.monotonic() - began) for frame in source]
    assert all(after_s >= t_s - 0.005 for t_s, after_s in waited)


def test_closing_ends_a_file_in_mid_wait(tmp_path):
    slow = write_video(tmp_path / "slow.mp4", [quadrants()] * 3, fps=Fraction(1, 600))
    with open_camera(str(slow), realtime=True) as source:
        running = iter(source)
        next(running)
        threading.Timer(0.05, source.close).start()
        assert list(running) == []


def test_a_file_that_is_no_video_is_refused_as_always(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("not a video")
    with pytest.raises(InputError, match="not a video"):
        open_camera(str(path))


# ---------------------------------------------------------------------------------------------------------------- light


@pytest.mark.parametrize(("level", "light", "burnt"), [(0, 0, 0), (255, 1, 1), (128, 0.5, 0)])
def test_light_is_that_of_the_picture(level, light, burnt):
    assert light_of(np.full((72, 128, 3), level, np.uint8)) == pytest.approx((light, burnt), abs=0.01)


def test_half_a_picture_burnt_out_is_half():
    image = np.zeros((72, 128, 3), np.uint8)
    image[:, 64:] = 255
    assert light_of(image) == pytest.approx((0.5, 0.5), abs=0.01)
