"""`hipform live` and `hipform cameras` as their user meets them, with a sample video in the part of the camera."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime

import pytest
from typer.testing import CliRunner

from hipform.app import analyze
from hipform.cli.root import app
from hipform.errors import HipformError
from hipform.report.result import FILES, AnalysisResult
from hipform.video.video_file import VideoFile
from scripts.app_process import LIMIT_S, wait_until
from tests.samples import ROOT, SAMPLES

SHORT = SAMPLES / "hip_thrust_short.mp4"
SILENT = ("--headless", "--sound", "off", "-m", "lite")
LIVE = ("live", "--camera", SHORT, *SILENT)
THRUST = ("-e", "hip-thrust")


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "140", "PYTHONIOENCODING": "utf-8", **more}


def run(*arguments, cwd=None, **more):
    return subprocess.run(
        [sys.executable, "-m", "hipform", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**more),
        check=False,
        timeout=LIMIT_S,
    )


def complaint(done):
    """Return the one line on stderr; more than one, or a traceback, is a failure."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def gist(sets):
    """Return what must not differ between a training and its recording: repetitions, verdicts, and about when."""
    return [
        (
            found.exercise,
            [
                (
                    rep.number,
                    rep.side,
                    # Not the time of the top: in a hold of a second, any moment may be a hair higher than the others.
                    pytest.approx(rep.timing.top_start_s, abs=0.07),
                    pytest.approx(rep.timing.top_end_s, abs=0.07),
                    [(one.rule, one.status) for one in rep.findings],
                )
                for rep in (*found.reps, *found.partial_reps)
            ],
        )
        for found in sets
    ]


def test_a_training_is_reported_and_its_recording_analysed_again_gives_the_same(tmp_path):
    out = tmp_path / "out"
    done = run(*LIVE, *THRUST, "-o", out, "--load", "80kg", "--athlete", "Ana", HIPFORM_HISTORY=str(tmp_path / "h"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "hip_thrust_short.mp4 plays as a camera: 640 x 360 at 30 frames a second."
    assert "0 of 1 locked out" in done.stdout
    assert "Saved to the history of Ana: 1 set with 80 kg, " in lines[-2]
    assert lines[-1] == f"Open {out / 'report.html'}"
    assert f"Open {out / 'report.html'}" in lines
    live = AnalysisResult.from_json((out / FILES["result"]).read_bytes())
    assert live.training.load.kg == 80
    again = analyze(out / FILES["recording"], exercise="hip-thrust", model="lite", jobs=0)
    assert gist(again.sets) == gist(live.sets)
    assert again.clip.sha256 == live.clip.sha256


def test_without_a_place_given_the_folder_is_called_by_the_time(thin_clip, tmp_path):
    done = run("live", "--camera", thin_clip, *SILENT, *THRUST, "--no-record", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith(f"live_{datetime.now().astimezone():%Y}")
    assert {path.name for path in folder.iterdir()} == {
        FILES[name] for name in json.loads((folder / FILES["result"]).read_text(encoding="utf-8"))["files"]
    }


NEVER_ENDS = """
import sys
from pathlib import Path
from hipform.__main__ import run
from hipform.app import live_training
from hipform.interruption import pause
from hipform.live import capture
from hipform.video.camera import FileCamera
import tests.unhurried

def frames(self, whole=FileCamera.__iter__):
    yield from whole(self)
    self._closed.wait()

def analysed(*_):
    begun.touch()
    pause(600)

capture.SILENT_S = 600
FileCamera.__iter__ = frames
if sys.argv[-1].endswith("begun"):
    begun = Path(sys.argv.pop())
    live_training._analysed = analysed
run()
"""
"""A camera that sends nothing more after its last frame and, if a file is named last, results that take for ever."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals to a child process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_filming_and_saves_and_a_second_one_leaves_the_recording(tmp_path, number):
    out, recording = tmp_path / "out", tmp_path / "out" / FILES["recording"]
    begun = tmp_path / "begun"
    command = [sys.executable, "-c", NEVER_ENDS, *map(str, LIVE), *THRUST, "-o", str(out), "--realtime"]
    if number == signal.SIGTERM:
        command.append(str(begun))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as program:
        wait_until(lambda: recording.exists() and recording.stat().st_size > 20_000)
        program.send_signal(number)
        if number == signal.SIGTERM:
            wait_until(begun.exists)
            program.send_signal(number)
        _, error = program.communicate(timeout=LIMIT_S)
    with VideoFile(recording) as video:
        assert sum(1 for _ in video) > 20
    if number == signal.SIGINT:
        assert (program.returncode, error) == (0, "")
        assert (out / FILES["result"]).is_file()
    else:
        assert program.returncode == 130, error
        assert (
            error == f"hipform: interrupted; the recording is kept: {recording} (analyse it with `hipform analyze`).\n"
        )
        assert {path.name for path in out.iterdir()} == {FILES["recording"], FILES["poses"]}


def test_a_defect_that_costs_the_results_names_what_is_kept(thin_clip, tmp_path, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("hipform.app.live_training._analysed", fail)
    command = ("live", "--camera", thin_clip, *SILENT, *THRUST, "-o", tmp_path / "out")
    done = CliRunner().invoke(app, list(map(str, command)))
    assert isinstance(done.exception, ZeroDivisionError)
    assert f"The recording is kept: {tmp_path / 'out' / FILES['recording']}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--camera", "917", "--headless"), 4, "camera 917"),
        (("--camera", "no such phone", "--headless"), 4, "no camera or file called 'no such phone'"),
        (("--camera", "http://127.0.0.1:9/video", "--headless"), 4, "provides no image"),
        (("--camera", SHORT), 6, "--headless"),
        (("--camera", SHORT, "--headless", "-e", "hip-thrusts"), 3, "hip-thrust"),
        (("--camera", SHORT, "--headless", "--load", "80"), 3, "80kg"),
        (("--camera", SHORT, "--headless", "--out", SHORT), 6, "hip_thrust_short.mp4"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a screen, and cameras of their own")
def test_everything_that_fails_is_one_clear_line(tmp_path, monkeypatch, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    done = CliRunner().invoke(app, ["live", *map(str, arguments)])
    assert isinstance(done.exception, HipformError)
    assert done.exception.exit_code == code
    assert words in str(done.exception)
    assert done.output == ""
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_the_only_thing_reported(tmp_path):
    done = run("live", "--camera", "917", "--headless", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stdout == ""
    assert complaint(done).startswith("hipform: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--camera", SHORT, "--size", "640x480"),
        ("--camera", "http://127.0.0.1:9/", "--fps", "30"),
        ("--camera", "0", "--realtime"),
        ("--camera", "0", "--size", "large"),
        ("--camera", "0", "--size", "9000x9000"),
        ("--camera", SHORT, "--mirror"),
        ("--sets", "0"),
        ("--rest", "24"),
    ],
)
def test_options_that_would_do_nothing_are_wrong_usage(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["live", "--headless", *map(str, arguments)])
    assert done.exit_code == 2, done.output
    assert list(tmp_path.iterdir()) == []


def test_cameras_are_listed_or_it_is_said_that_there_are_none():
    done = run("cameras")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.strip()
