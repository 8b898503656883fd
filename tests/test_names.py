"""Every command takes a path as a path, whatever its name looks like, and none of them connects to anything."""

import os
import select
import shutil
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hipform.pose.recording import RecordingWriter
from hipform.report.result import FILES
from hipform.training import DateSource
from scripts.reliability.names import NAMES, PORT
from tests.estimators import use_estimator
from tests.here import run_here
from tests.samples import write_video
from tests.synthetic import SyntheticCamera, bridge, film_exercise, shoot

WHEN = datetime(2026, 3, 21, tzinfo=UTC)
LIFTER = SyntheticCamera(px_per_m=100, origin_px=(107.0, 207.0), width_px=320, height_px=240)
COMBINED = [
    *(f"http:127.0.0.1:{PORT}", "-x", "Set1: 50%d %20?b#c&d *[a] $HOME"),
    os.fsdecode(b"\\\\host\\share\\no\xffUnicode"),
]
"""For what takes longer: each has what a library could stumble over."""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows allows few of these names")


class Seer:
    """Sees one and the same lifter wherever it looks."""

    def __init__(self):
        self._at_rest = bridge(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def detect(self, frame):
        return replace(
            shoot(self._at_rest, frame.t_s, SyntheticCamera(px_per_m=30, origin_px=(30, 50))), shot=frame.shot
        )


@pytest.fixture
def listener():
    """Return a socket that listens; whoever connects to it stays waiting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server
        assert select.select([server], [], [], 0)[0] == [], "something connected"


@pytest.fixture(params=NAMES, ids=ascii)
def name(request, listener, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return request.param.replace(PORT, str(listener.getsockname()[1]))


def run(*arguments, **environment):
    done = run_here(*arguments, **environment)
    assert (done.returncode, done.stderr) == (0, ""), arguments


def test_a_video_of_any_name_is_analysed_beside_itself(name, tmp_path, monkeypatch):
    use_estimator(monkeypatch, Seer)
    write_video(tmp_path / "plain.mp4", [np.full((64, 128, 3), 90, np.uint8)] * 8, fps=30).rename(f"./{name}.mp4")
    run("analyze", "-e", "hip-thrust", "-m", "lite", "--no-history", "--", f"{name}.mp4")
    (made,) = {path.name for path in tmp_path.iterdir()} - {f"{name}.mp4"}
    assert made == f"{name}_hipform"
    files = {path.name: path.stat().st_size for path in (tmp_path / made).iterdir() if path.is_file()}
    assert not [file for file in files if file.startswith(".")]
    assert files[FILES["video"]] > 1000


@pytest.fixture(scope="module")
def poses(tmp_path_factory):
    path = tmp_path_factory.mktemp("lifter") / "poses.npz"
    info = replace(LIFTER.info, sha256="0" * 64, recorded_at=WHEN, recorded_from=DateSource.CLIP)
    with RecordingWriter(path, info, "lite") as writer:
        for pose in film_exercise("glute-bridge", 3, LIFTER).poses:
            writer.write(pose)
    return path


@pytest.mark.parametrize("name", COMBINED, ids=ascii, indirect=True)
def test_every_command_takes_paths_of_any_name(name, poses, tmp_path):
    history = {"HIPFORM_HISTORY": f"{name}.sqlite3"}
    (tmp_path / name).mkdir()
    shutil.copy(poses, tmp_path / name / "poses.npz")
    Path(tmp_path, f"{name}.toml").write_text("[no-squeeze]\nhold_s = 0.3\n")
    run("calibrate", "-e", "glute-bridge", "--out", f"{name}.json", "--", f"{name}/poses.npz")
    how = ("--config", f"{name}.toml", "--calibration", f"{name}.json", "--athlete", "Ana", "--out", name)
    run("--log", f"{name}.log", "analyze", "-e", "glute-bridge", *how, "--", f"{name}/poses.npz", **history)
    run("rules", "--config", f"{name}.toml")
    run("report", "--", name)
    run("compare", "--out", f"{name}.html", "--", name)
    run("export", "--to", "trc", "--out", f"{name}.trc", "--", name)
    run("history", "export", "--", f"{name}.csv", **history)
    run("progress", "--out", f"{name} progress.html", **history)
    made = {path.name for path in tmp_path.iterdir()}
    endings = ("toml", "json", "log", "html", "trc", "csv", "sqlite3")
    assert made == {name, f"{name} progress.html", *(f"{name}.{ending}" for ending in endings)}
    assert {FILES["result"], FILES["report"], FILES["reps"]} <= {path.name for path in (tmp_path / name).iterdir()}


@pytest.mark.parametrize("letters", ["x" * 251, "é" * 125 + "x"])
def test_a_name_of_255_bytes_is_read_and_written(letters, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    use_estimator(monkeypatch, Seer)
    write_video(tmp_path / "plain.mp4", [np.full((64, 128, 3), 90, np.uint8)] * 8, fps=30).rename(f"{letters}.mp4")
    run("analyze", f"{letters}.mp4", "-e", "hip-thrust", "-m", "lite", "--no-history", "--out", letters)
    done = run_here("analyze", f"{letters}.mp4", "-e", "hip-thrust", "-m", "lite", "--no-history")
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)
    assert "the name is too long" in done.stderr
