"""`--log FILE`: what helps to find a defect is in it, and nothing that tells whose clip it was."""

import getpass
import logging
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hipform.cli.log import LogFormatter, split_arguments
from hipform.errors import InputError
from tests.here import run_here
from tests.samples import ROOT

COMMANDS = frozenset({"analyze", "history", "export"})


TELLING = ("Zerlina", "Quux", "Zwiebel", "geheim", "knarrt", "rosa.toml", "HOMEOFZ")
"""Words in the names of folder, clip, athlete, note, settings and home; none of them is a word of hipform."""


@pytest.fixture(scope="module")
def telling(thin_clip, tmp_path_factory):
    """Analyse a clip with telling names, badly and well, and return the log."""
    folder = tmp_path_factory.mktemp("log") / "Zerlina Quux"
    folder.mkdir()
    clip = folder / "Zwiebel 1.mp4"
    shutil.copyfile(thin_clip, clip)
    (folder / "rosa.toml").write_text("[no-squeeze]\nhold_s = 0.3\n")
    (folder / "damaged.mp4").write_bytes(clip.read_bytes()[:2000])
    log = folder.parent / "run.log"
    options = ("-m", "lite", "--exercise", "hip-thrust", "--athlete", "Zerlina Quux", "--note", "geheim: hip knarrt")
    place = {"HIPFORM_HISTORY": str(folder / "history.sqlite3"), "HOME": "/HOMEOFZ/of/me"}
    done = run_here(
        "--log", log, "analyze", clip, *options, "--load", "80kg", "--config", folder / "rosa.toml", **place
    )
    assert done.returncode == 0, done.stderr
    assert run_here("--log", log, "analyze", folder / "damaged.mp4", *options, **place).returncode == 4
    assert run_here("--log", log, "analyze", clip, *options, "--load", "Zwiebel", **place).returncode == 3
    assert run_here("--log", log, "history", "delete", "--athlete", "Zerlina Quux", "--yes", **place).returncode == 0
    return log.read_text(encoding="utf-8")


def test_names_and_notes_are_not_in_the_log(telling):
    found = [word for word in (*TELLING, platform.node(), "80kg") if word.lower() in telling.lower()]
    assert found == []
    assert f" {getpass.getuser()} " not in telling
    assert str(ROOT) not in telling


def test_what_helps_is_in_the_log(telling):
    for words in (
        "# hipform log",
        "asked for: --log ... analyze ... -m lite --exercise hip-thrust --athlete ... --note ... --load ...",
        "asked for: --log ... history delete --athlete ... --yes",
        f"Python {platform.python_version()}",
        "mediapipe 1.",
        "clip: h264 yuv420p in mov,mp4",
        "stored 640 x 360, shown 640 x 360",
        "10.000 fps, 4.3 s",
        "model lite, 0 calibrations",
        "settings {'no-squeeze.hold_s': 0.3}",
        "recording the landmarks",
        "hipform.pose.mediapipe_pose: model lite loaded in",
        "writing the outputs",
        "43 frames, a person in 43",
        "set 1: hip-thrust, reps: 1, partial: 0",
        "exit code 0",
        "exit code 4\n  NotAVideoError\n    hipform/cli/main.py:",
        "exit code 3\n  ConfigError\n",
        "hipform/video/video_file.py:",
    ):
        assert words in telling, words


def test_the_work_is_the_same_with_and_without_a_log(tmp_path):
    plain = run_here("history")
    logged = run_here("--log", tmp_path / "x.log", "history")
    assert (plain.stdout, plain.stderr) == (logged.stdout, logged.stderr)


def test_a_recording_that_names_its_clip_does_not_tell_it(tmp_path):
    recording = shutil.copyfile(ROOT / "tests" / "goldens" / "other_squat.npz", tmp_path / "poses.npz")
    done = run_here("--log", tmp_path / "x.log", "analyze", recording, "-o", tmp_path / "o")
    assert done.returncode == 8
    assert "other_squat.mp4" in done.stderr
    text = (tmp_path / "x.log").read_text(encoding="utf-8")
    assert "judging the recording" in text
    assert "NoExerciseError" in text
    assert "other_squat" not in text


@pytest.mark.parametrize("what", ["no/such/folder/x.log", "folder", "set.mp4"])
def test_a_log_that_cannot_be_written_is_one_line_before_any_work(tmp_path, monkeypatch, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "set.mp4").write_bytes(b"a film")
    done = run_here("--log", what, "analyze", "gone.mp4")
    assert done.returncode == 6
    assert len(done.stderr.splitlines()) == 1
    assert Path(what).name in done.stderr or "folder" in done.stderr
    assert (tmp_path / "set.mp4").read_bytes() == b"a film"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "set.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with a name in a folder")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = run_here("--log", tmp_path / "pipe", "rules")
    assert done.returncode == 6
    assert "not a file" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, the disk that is always full")
def test_a_full_disk_ends_the_log_and_not_the_work(monkeypatch):
    monkeypatch.setattr("hipform.cli.log._require_ours", lambda _: None)
    done = run_here("--log", "/dev/full", "rules")
    assert (done.returncode, done.stderr) == (0, "")
    assert "incomplete-lockout" in done.stdout


def test_a_second_run_goes_on_in_the_same_log(tmp_path):
    for _ in range(2):
        assert run_here("--log", tmp_path / "x.log", "rules").returncode == 0
    lines = (tmp_path / "x.log").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("# hipform log")]) == 1
    assert len([line for line in lines if line.endswith("exit code 0")]) == 2


def test_an_account_without_name_and_home_is_served(tmp_path, monkeypatch):
    def nobody(*_):
        raise KeyError("getpwuid(): uid not found: 12345")

    def nowhere(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("hipform.cli.log.getpass.getuser", nobody)
    monkeypatch.setattr("hipform.cli.log.Path.home", nowhere)
    done = run_here("--log", tmp_path / "x.log", "rules")
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_hipform_sets_no_logging_up():
    code = (
        "import logging, hipform.app, hipform.cli; logging.getLogger('hipform.x').warning('heard')\n"
        "assert not logging.getLogger().handlers\n"
        "assert [type(h).__name__ for h in logging.getLogger('hipform').handlers] == ['NullHandler']"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["analyze", "a b.mp4", "-e", "deadlift"], "analyze ... -e deadlift"),
        (["analyze", "--athlete=Ana", "-mlite", "x"], "analyze --athlete ... -m lite ..."),
        (["history", "export", "sets.csv"], "history export ..."),
        (["analyze", "--", "-set.mp4"], "analyze ... -s ..."),
        (["analyze", "--Ana"], "analyze ..."),
        (["analyze", "--athlete", "history"], "analyze --athlete ..."),
    ],
)
def test_only_names_of_options_and_public_values_are_shown(arguments, shown):
    assert " ".join(split_arguments(arguments, COMMANDS)[0]) == shown


def formatted(error, *private):
    try:
        raise error
    except type(error) as caught:
        what = type(error), caught, caught.__traceback__
    return LogFormatter(private).format(logging.LogRecord("hipform", logging.ERROR, "", 0, "a defect", None, what))


def test_what_a_defect_says_is_kept_without_names_and_paths():
    said = "shape (3, 4) of Ana's '/home/ana/my set.mp4' and C:\\Users\\x"
    text = formatted(ValueError(said), "/home/ana/my set.mp4", "Ana")
    assert "ValueError: shape (3, 4) of ...'s '...' and ..." in text
    assert "test_log.py:" in text
    assert str(ROOT) not in text


def test_what_the_system_says_is_kept_without_the_file():
    text = formatted(FileNotFoundError(2, "No such file or directory", "ana.mp4"))
    assert "FileNotFoundError: No such file or directory\n" in text
    assert "ana" not in text


def test_causes_are_named_and_do_not_speak():
    error = InputError("Ana's clip")
    error.__cause__ = KeyError("Ana")
    text = formatted(error)
    assert "InputError\n" in text
    assert "after KeyError" in text
    assert "Ana" not in text


def test_a_line_break_in_a_message_makes_no_line():
    record = logging.LogRecord("hipform", logging.INFO, "", 0, "one\ntwo\x1b[31m %s", ("x",), None)
    assert "one?two?[31m x" in LogFormatter([]).format(record)
