"""`hipform doctor`: every part, with what can be wrong with it."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hipform import doctor
from hipform.cli.root import app
from hipform.doctor import CHECKS, CheckResult, State, camera, display, examine, machine, opencv, place, reading, speech
from hipform.errors import HistoryError, ModelError, NotAVideoError, OutputError
from hipform.pose import model_files as models
from hipform.video import codecs
from scripts.app_process import LIMIT_S
from scripts.dev import SYSTEM_LIBRARIES
from tests.samples import ROOT

OPENCV = {"opencv-contrib-python": "5.0.0.93"}


def looked_at(part):
    return doctor._survived(CHECKS[part])


@pytest.fixture
def only(monkeypatch):
    """Return a function that has the doctor look at the named parts only."""

    def choose(**checks):
        monkeypatch.setattr(doctor, "CHECKS", checks)

    return choose


def reported():
    return CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "100"})


# ---------------------------------------------------------------------------------------------------------- the command


def crash():
    os.abort()


def hang():
    time.sleep(600)


def test_a_library_that_crashes_or_hangs_is_reported_and_the_rest_looked_at(only, monkeypatch):
    monkeypatch.setattr(doctor, "_NATIVE", (crash, hang, doctor._program))
    only(first=crash, second=hang, third=doctor._program)
    examined = examine()
    _, first = next(examined)
    monkeypatch.setattr(doctor, "_PROBE_LIMIT_S", 0.5)
    _, second = next(examined)
    monkeypatch.setattr(doctor, "_PROBE_LIMIT_S", LIMIT_S)
    ((_, third),) = examined
    assert first.text == "crashes: SIGABRT" if os.name == "posix" else first.text.startswith("crashes")
    assert second.text == "hangs: it did not answer in 0.5 s"
    assert [one.state for one in (first, second, third)] == [State.WRONG, State.WRONG, State.OK]


def test_all_of_it_where_all_is_there():
    done = subprocess.run(
        [sys.executable, "-m", "hipform", "doctor"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "Everything that `hipform analyze` needs is here."
    for part in CHECKS:
        assert any(line.split()[:2][1] == part for line in lines if not line.startswith(" ")), part
    assert not [line for line in lines if line.startswith("wrong")]
    # One screen.
    assert len(lines) <= 40


def test_the_first_part_that_is_wrong_gives_the_exit_code(only):
    only(
        one=lambda: CheckResult(State.WARNING, "a bit off", "Do this."),
        two=lambda: CheckResult(State.WRONG, "kept nothing"),
        three=lambda: CheckResult(State.WRONG, "altered", "python -m pip install hipform", 7),
        four=lambda: CheckResult(State.WRONG, "full", "", 6),
    )
    done = reported()
    assert done.exit_code == 7
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "warning one       a bit off",
        "        -> Do this.",
        "wrong   two       kept nothing",
        "wrong   three     altered",
        "        -> python -m pip install hipform",
        "wrong   four      full",
        "`hipform analyze` cannot run yet: fix the problems above, starting at the top.",
    ]


def test_what_analyze_does_not_need_is_no_failure(only):
    only(history=lambda: CheckResult(State.WRONG, "damaged"), camera=lambda: CheckResult(State.WARNING, "none"))
    assert reported().exit_code == 0


def test_a_command_to_copy_is_not_broken_and_words_do_not_steer_the_terminal(only):
    only(x=lambda: CheckResult(State.WRONG, "[red]\x1b[31m/a\nb[/red]", "pip install " + 50 * "long "))
    lines = reported().stdout.splitlines()
    assert "[red]?[31m/a?b[/red]" in lines[0]
    assert lines[1].count("long") == 50


def test_a_check_that_falls_over_is_reported_and_the_others_go_on(only):
    def fall():
        raise RuntimeError("illegal instruction")

    only(one=fall, two=lambda: CheckResult(State.OK, "fine"))
    (_, first), (_, second) = examine()
    assert (first.state, first.exit_code) == (State.WRONG, 1)
    assert "RuntimeError: illegal instruction" in first.text
    assert second.text == "fine"


def test_an_error_of_hipform_keeps_its_words_and_its_code(only):
    def fall():
        raise OutputError("No H.264 encoder.", "Install PyAV.")

    only(one=fall)
    ((_, verdict),) = examine()
    assert verdict == CheckResult(State.WRONG, "No H.264 encoder.", "Install PyAV.", OutputError.exit_code)


# ------------------------------------------------------------------------------------------------------------ libraries


def test_a_missing_system_library_is_named_with_the_packages_that_bring_it(monkeypatch):
    def fall():
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(doctor.sys, "platform", "linux")
    verdict = doctor._survived(fall)
    assert "libGL.so.1" in verdict.text
    assert verdict.remedy.startswith("sudo apt-get install -y libegl1 libgl1 ")
    assert verdict.exit_code == 1


def test_the_system_packages_are_those_that_the_set_up_installs():
    assert doctor.SYSTEM_PACKAGES.split() == sorted({debian for debian, _ in SYSTEM_LIBRARIES.values()})


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "hipform.render", None)
    verdict = looked_at("libraries")
    assert (verdict.state, verdict.exit_code) == (State.WRONG, 1)
    assert verdict.remedy == f"{sys.executable} -m pip install --force-reinstall hipform"
    error = ModuleNotFoundError("No module named 'av.codec'", name="av.codec")
    assert doctor._not_loaded(error).remedy.endswith("--force-reinstall av")


def test_the_doctor_comes_without_any_library():
    code = "import hipform.doctor, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"numpy", "cv2", "av", "mediapipe", "pydantic"} & set(done.stdout.split())


def test_a_library_that_cannot_be_loaded_leads_to_the_doctor(tmp_path):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    done = subprocess.run(
        [sys.executable, "-m", "hipform", "analyze", "x.mp4"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        check=False,
    )
    assert done.returncode == 1
    assert "libGL.so.1" in done.stderr
    assert done.stderr.rstrip().endswith("`hipform doctor` shows what is missing.")


def test_the_one_opencv_package_is_right():
    assert opencv(OPENCV).state is State.OK


@pytest.mark.parametrize(
    "versions",
    [
        {},
        {"opencv-python": "5.0.0.93"},
        {**OPENCV, "opencv-python": "5.0.0.93"},
        {**OPENCV, "opencv-python-headless": "4.12.0.88"},
    ],
)
def test_opencv_packages_that_overwrite_each_other_are_wrong(versions):
    verdict = opencv(versions)
    assert (verdict.state, verdict.exit_code) == (State.WRONG, 1)
    assert verdict.remedy.endswith('--no-deps "opencv-contrib-python<5.1"')
    for other in versions.keys() - OPENCV.keys():
        assert f"uninstall -y {other} &&" in verdict.remedy


# --------------------------------------------------------------------------------------------------------- pose, videos


def test_an_altered_model_and_a_missing_one_are_wrong(monkeypatch, tmp_path):
    shutil.copytree(ROOT / "models", tmp_path / "models")
    monkeypatch.setattr(models, "_PLACES", (tmp_path / "models",))
    assert looked_at("models").state is State.OK
    with (tmp_path / "models" / "pose_landmarker_lite.task").open("r+b") as file:
        file.write(b"x")
    (tmp_path / "models" / "pose_landmarker_full.task").unlink()
    verdict = looked_at("models")
    assert (verdict.state, verdict.exit_code) == (State.WRONG, ModelError.exit_code)
    assert "lite.task was changed" in verdict.text
    assert "full.task cannot be read" in verdict.text
    assert "git checkout -- models" in verdict.remedy
    assert looked_at("pose").exit_code == ModelError.exit_code


def test_codecs_that_are_missing_are_named(monkeypatch):
    assert reading({"H.264": True, "AV1": True}) == CheckResult(State.OK, "H.264, AV1")
    verdict = reading({"H.264": True, "AV1": False, "VP9": False})
    assert (verdict.state, verdict.exit_code) == (State.WARNING, 0)
    assert verdict.text.endswith("AV1, VP9")
    assert reading({"H.264": False}).exit_code == NotAVideoError.exit_code
    monkeypatch.setitem(codecs._DECODERS, "AV1", ("no-such-decoder",))
    assert codecs.readable_codecs() == {**dict.fromkeys(codecs._DECODERS, True), "AV1": False}


def test_a_missing_encoder_is_wrong(monkeypatch):
    monkeypatch.setattr("hipform.render.h264._ENCODER", "no-such-encoder")
    verdict = looked_at("writing")
    assert (verdict.state, verdict.exit_code) == (State.WRONG, OutputError.exit_code)


def test_sound_that_cannot_be_converted_is_a_warning(monkeypatch):
    monkeypatch.setattr(
        "hipform.render.audio_copy.SoundTrack._add_encoder", lambda *_: (_ for _ in ()).throw(ValueError("no"))
    )
    verdict = looked_at("writing")
    assert (verdict.state, verdict.text) == (State.WARNING, "H.264 works; sound cannot be converted to AAC")


def test_lost_pictures_are_wrong():
    assert doctor._round_trip(9, 10, has_audio=True).exit_code == OutputError.exit_code


def test_the_round_trip_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert looked_at("writing").state is State.OK
    assert list(tmp_path.iterdir()) == []


# --------------------------------------------------------------------------------------------------------------- places


@pytest.fixture
def history(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("HIPFORM_HISTORY", str(path))
    return path


def test_a_history_that_is_not_there_yet_is_right_and_is_not_made(history):
    verdict = looked_at("history")
    assert verdict.state is State.OK
    assert str(history) in verdict.text
    assert not history.exists()


def test_the_sets_of_a_history_are_counted(history):
    from hipform.store import History
    from tests.histories import kept_set

    with History(history) as kept:
        kept.keep([kept_set()])
    assert looked_at("history").text == f"saved sets: 1, in {history}"


def test_a_damaged_or_newer_history_is_wrong_and_analyze_works_all_the_same(history):
    history.write_text("no database\n" * 100)
    verdict = looked_at("history")
    assert (verdict.state, verdict.exit_code) == (State.WRONG, 0)
    assert "damaged" in verdict.text
    history.unlink()
    with sqlite3.connect(history) as database:
        database.executescript(f"CREATE TABLE x (y); PRAGMA application_id = {0x48495046}; PRAGMA user_version = 99")
    database.close()
    assert "newer hipform" in looked_at("history").text
    assert HistoryError.exit_code == 9


def test_a_folder_closed_to_writing_is_reported(tmp_path, monkeypatch, history):
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert looked_at("history").state is State.WARNING
    verdict = place(tmp_path / "gone", "Choose another.")
    assert (verdict.state, verdict.remedy) == (State.WARNING, "Choose another.")
    assert "gone is not writable" in verdict.text


def test_a_full_disk_is_reported(tmp_path, monkeypatch):
    assert place(tmp_path, "x").state is State.OK
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 3 * 10**8))
    assert place(tmp_path, "x").text == f"{tmp_path} has 0.3 GB left"
    assert list(tmp_path.iterdir()) == []


def test_no_place_for_temporary_files_is_wrong_for_the_doctor_and_for_analyze(monkeypatch, tmp_path):
    from hipform.app import analyze

    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", nowhere)
    verdict = looked_at("temporary")
    assert (verdict.state, verdict.exit_code) == (State.WRONG, OutputError.exit_code)
    clip = ROOT / "sample_videos" / "hip_thrust_short.mp4"
    with pytest.raises(OutputError, match="Temporary files cannot be written: No usable"):
        analyze(clip, model="lite")


def test_the_computer_is_named():
    assert machine(4, 16.3) == CheckResult(State.OK, "4 cores, 16 GB of memory")
    assert machine(1, 1.0).state is State.WARNING
    assert machine(None, float("nan")) == CheckResult(State.OK, "unknown cores, memory size unknown on this system")


# -------------------------------------------------------------------------------------------------- camera, eye and ear


def test_cameras_are_listed_and_closed_ones_reported(tmp_path, monkeypatch):
    assert camera("Linux", tmp_path).state is State.WARNING
    for name in ("video0", "video2", "videodev"):
        (tmp_path / name).touch()
    assert camera("Linux", tmp_path) == CheckResult(State.OK, "video0, video2")
    monkeypatch.setattr(doctor.os, "access", lambda path, _: path.name != "video2")
    verdict = camera("Linux", tmp_path)
    assert (verdict.state, verdict.text) == (State.WARNING, "you have no permission to use video2")
    assert verdict.remedy.startswith('sudo usermod -aG video "$USER"')
    assert "`hipform cameras`" in camera("Darwin", Path("/nowhere")).text


def test_a_display_is_known_by_the_environment():
    assert display("Linux", {}).state is State.WARNING
    assert display("Linux", {"DISPLAY": "anas-computer:0"}).text == "X11"
    assert display("Linux", {"WAYLAND_DISPLAY": "wayland-0"}).text == "Wayland"
    assert display("Windows", {}).state is State.OK


def test_a_voice_is_known_by_its_program():
    assert speech("Linux", has_espeak=False).remedy == "sudo apt-get install -y espeak-ng"
    assert speech("Linux", has_espeak=True).text == "espeak-ng, not tried"
    assert speech("Darwin", has_espeak=False).state is State.OK


def test_a_full_folder_for_temporary_files_is_no_defect_of_hipform(monkeypatch):
    def full(_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(doctor, "_write_silence", full)
    found = looked_at("writing")
    assert (found.state, found.exit_code) == (State.WRONG, OutputError.exit_code)
    assert "the disk is full" in found.text
    assert "TMPDIR" in found.remedy
