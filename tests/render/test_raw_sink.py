"""The recording: exact times, fine pictures, playable whatever happens."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hipform.errors import OutputError
from hipform.render import RawSink
from hipform.training import DateSource
from hipform.video.frames import ClipInfo
from hipform.video.video_file import VideoFile
from tests.samples import ROOT

INFO = ClipInfo(name="camera", width_px=64, height_px=48, fps=30, time_base=Fraction(1, 90_000))
TIMES = [ticks / 90_000 for ticks in (63_000, 66_001, 68_999, 90_000, 95_123)]


def picture(number):
    image = np.full((48, 64, 3), 60, np.uint8)
    image[:, : 8 + 2 * number] = (200, 40, 90)
    return image


def read(path):
    with VideoFile(path) as video:
        return [(frame.t_s, frame.image) for frame in video], video.info


def test_capture_times_are_exact_and_frames_nearly_so(tmp_path):
    path = tmp_path / "recording.mp4"
    with RawSink(path, INFO) as sink:
        for number, t_s in enumerate(TIMES):
            sink.write(picture(number), t_s)
        assert sink.frames == len(TIMES)
    frames, info = read(path)
    assert [t_s for t_s, _ in frames] == TIMES
    for number, (_, image) in enumerate(frames):
        assert np.abs(image.astype(int) - picture(number)).mean() < 4
    assert info.recorded_from is DateSource.CLIP
    assert sink.bytes <= path.stat().st_size


@pytest.mark.parametrize("name", ["http:127.0.0.1:9", "file:a", "concat:a|b", "fd:", "Set 1: 50%d", "-y", "x" * 255])
@pytest.mark.skipif(sys.platform == "win32", reason="no colons in file names on Windows")
def test_a_folder_whose_name_looks_like_an_address_is_recorded_into(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    with RawSink(Path(name, "recording.mp4"), INFO) as sink:
        sink.write(picture(0), 0.0)
        sink.write(picture(1), 1 / 30)
    assert len(read(tmp_path / name / "recording.mp4")[0]) == 2


def test_odd_sizes_are_recorded(tmp_path):
    path = tmp_path / "recording.mp4"
    with RawSink(path, replace(INFO, width_px=63, height_px=47)) as sink:
        for number in (0, 1):
            sink.write(picture(number)[:47, :63].copy(), number / 30)
    assert len(read(path)[0]) == 2


def test_a_recording_is_never_replaced(tmp_path):
    path = tmp_path / "recording.mp4"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match="already exists"), RawSink(path, INFO):
        pass
    assert path.read_bytes() == b"precious"


def test_an_exception_leaves_what_was_recorded(tmp_path):
    path = tmp_path / "recording.mp4"

    def record():
        with RawSink(path, INFO) as sink:
            sink.write(picture(0), 0.0)
            sink.write(picture(1), 0.1)
            raise KeyError

    with pytest.raises(KeyError):
        record()
    assert len(read(path)[0]) == 2


def test_an_empty_recording_is_deleted(tmp_path):
    with RawSink(tmp_path / "recording.mp4", INFO):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("t_s", [0.0, -1.0])
def test_time_that_does_not_increase_is_rejected(tmp_path, t_s):
    with RawSink(tmp_path / "recording.mp4", INFO) as sink:
        sink.write(picture(0), 0.0)
        with pytest.raises(ValueError, match="does not increase"):
            sink.write(picture(1), t_s)


def test_a_folder_that_does_not_exist_gives_a_clear_error(tmp_path):
    with pytest.raises(OutputError, match="folder does not exist"), RawSink(tmp_path / "gone" / "a.mp4", INFO):
        pass


KILLED = """
import os, signal, sys
from pathlib import Path
from hipform.render import RawSink
from tests.render.test_raw_sink import INFO, picture
with RawSink(Path(sys.argv[1]), INFO) as sink:
    for number in range(100):
        sink.write(picture(number % 20), 0.5 + number / 30)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_program_loses_at_most_the_last_second(tmp_path):
    path = tmp_path / "recording.mp4"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    frames, _ = read(path)
    assert len(frames) >= 60
    assert [t_s for t_s, _ in frames] == pytest.approx([0.5 + number / 30 for number in range(len(frames))], abs=1e-4)


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits that a process sets itself")
def test_a_full_disk_gives_a_clear_error_and_keeps_what_fitted(tmp_path):
    path = tmp_path / "recording.mp4"
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nimport numpy as np\n"
        "from hipform.errors import OutputError\nfrom hipform.render import RawSink\n"
        "from tests.render.test_raw_sink import INFO\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "noise = np.random.default_rng(0)\n"
        "try:\n"
        "    with RawSink(Path(sys.argv[1]), INFO) as sink:\n"
        "        for number in range(400):\n"
        "            sink.write(noise.integers(0, 255, (48, 64, 3), np.uint8), number / 30)\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert "larger than this system allows" in done.stdout, done.stderr
    assert len(read(path)[0]) >= 10
