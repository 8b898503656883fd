"""The command line as its user meets it: help, exit codes, one clear line for every failure, Ctrl-C."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from hipform.cli import app
from hipform.errors import EXIT_CODES
from hipform.exercises import EXERCISES
from tests.samples import ROOT, SAMPLES

SHORT = SAMPLES / "hip_thrust_short.mp4"
GOLDENS = ROOT / "tests" / "goldens"
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands]


def run(*arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "hipform", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "140", "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def complaint(done):
    """Return the one line on stderr; more than one, or a traceback, is a failure."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_is_in_the_readme(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert f"hipform {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_help_names_every_exit_code():
    words = " ".join(run("--help").stdout.split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in words


def test_help_imports_nothing_heavy():
    code = "import atexit, sys\nsys.argv = ['', '--help']\natexit.register(lambda: print(sorted(sys.modules)))\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}from hipform.cli import main\nmain()"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = done.stdout.splitlines()[-1]
    for heavy in ("numpy", "cv2", "av", "mediapipe", "scipy", "pydantic"):
        assert f"'{heavy}'" not in loaded


def test_version():
    assert re.fullmatch(r"hipform \d+\.\d+\.\d+", run("--version").stdout.strip())


def test_rules_lists_every_setting_and_marks_the_changed_ones(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[no-squeeze]\nhold_s = 1.5\n")
    shown = run("rules", "--config", config, COLUMNS="200").stdout
    assert "incomplete-lockout.short_deg" in shown
    assert re.search(r"no-squeeze\.hold_s\s*│\s*1\.5\*", shown)


def test_exercises_lists_them_all():
    shown = run("exercises").stdout
    assert all(re.search(rf"│ {slug} ", shown) for slug in EXERCISES)
    assert "hipform exercises hip-thrust" in shown


def test_exercises_shows_one_with_the_limits_in_force(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[incomplete-lockout]\nshort_deg = 7\n")
    shown = run("exercises", "romanian-deadlift:single-leg", "--config", config).stdout
    assert "Romanian deadlift, single-leg" in shown
    assert "◉" in shown
    assert "7 degrees*" in shown


def test_one_exercise_is_served_to_a_terminal_without_unicode():
    done = run("exercises", "bird-dog", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert "camera @" in done.stdout


@pytest.mark.parametrize("columns", ["80", "160"])
def test_analyze_prints_the_table_and_the_words(tmp_path, columns):
    done = run("analyze", SHORT, "-e", "hip-thrust", "-m", "lite", "-o", tmp_path / "out", COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for words in ("Lockout", "squeeze", "1 rep counted, 0 of 1 locked out", "Squeeze and drive hips up", str(tmp_path)):
        assert words in done.stdout.replace("\n", " "), words
    assert max(map(len, done.stdout.splitlines()[:8])) <= int(columns)
    assert done.stdout.splitlines()[-1] == f"Open {tmp_path / 'out' / 'report.html'}"
    assert (tmp_path / "out" / "report.html").is_file()


def test_analyze_writes_next_to_the_clip_and_judges_the_recording_again(tmp_path):
    clip = tmp_path / "my set.mp4"
    clip.write_bytes(SHORT.read_bytes())
    assert run("analyze", clip.name, "-e", "hip-thrust", "-m", "lite", cwd=tmp_path).returncode == 0
    again = run("analyze", "my set_hipform/poses.npz", "-e", "hip-thrust", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "0 of 1 locked out" in again.stdout


def test_a_terminal_without_unicode_is_served(tmp_path):
    done = run(
        "analyze", SHORT, "-e", "hip-thrust", "-m", "lite", "-o", tmp_path, PYTHONIOENCODING="ascii:replace", LC_ALL="C"
    )
    assert done.returncode == 0, done.stderr
    assert "0 of 1 locked out" in done.stdout


THRUST = ("-e", "hip-thrust", "-m", "lite")


def wrong_clips(folder):
    """Yield arguments, exit code and a word of the message for every wrong clip and place for the outputs."""
    text = folder / "notes.mp4"
    text.write_text("not a video\n" * 50)
    empty = folder / "empty.mp4"
    empty.touch()
    truncated = folder / "cut short.mp4"
    truncated.write_bytes(SHORT.read_bytes()[:2000])
    broken = folder / "broken.npz"
    broken.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    in_the_way = folder / "file"
    in_the_way.touch()
    yield ("analyze", folder / "gone.mp4", *THRUST), 4, "gone.mp4"
    yield ("analyze", folder, *THRUST), 4, "folder"
    yield ("analyze", text, *THRUST), 4, "notes.mp4"
    yield ("analyze", empty, *THRUST), 4, "empty"
    yield ("analyze", truncated, *THRUST), 4, "cut short.mp4"
    yield ("analyze", broken, *THRUST), 4, "broken.npz"
    yield ("analyze", "http://127.0.0.1/clip.mp4", *THRUST), 4, "clip.mp4"
    yield ("analyze", GOLDENS / "other_squat.npz", "-o", folder / "squat_hipform"), 8, "other_squat.mp4"
    yield ("analyze", SHORT, *THRUST, "--out", in_the_way), 6, "file"


def wrong_names(folder):
    """Yield the same for every wrong exercise, variant and setting."""
    config = folder / "wrong.toml"
    config.write_text("[incomplete-lockout]\nshrot_deg = 8\n")
    yield ("analyze", SHORT, "-e", "hip-thrusts"), 3, "hip-thrust"
    yield ("exercises", "hip-thrusts"), 3, "hip-thrust"
    yield ("exercises", "deadlift:sum"), 3, "sumo"
    yield ("exercises", "deadlift", "--config", config), 3, "incomplete-lockout.short_deg"
    yield ("analyze", SHORT, "-e", "deadlift:sumoo"), 3, "Did you mean 'sumo'?"
    yield ("analyze", SHORT, "-e", "hip-thrust:sumo"), 3, "Hip thrust has none"
    yield ("analyze", SHORT, *THRUST, "--config", config), 3, "incomplete-lockout.short_deg"
    yield ("analyze", SHORT, *THRUST, "--config", folder / "none.toml"), 3, "none.toml"


@pytest.mark.parametrize("wrong_inputs", [wrong_clips, wrong_names])
def test_every_wrong_input_is_one_clear_line_with_its_exit_code(tmp_path, wrong_inputs):
    for arguments, code, word in wrong_inputs(tmp_path):
        done = run(*arguments)
        assert done.returncode == code, (arguments, done.stderr)
        assert word in complaint(done)
        assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("_hipform")] == []
    assert not (ROOT / "http:").exists()


def test_the_report_is_made_again_and_its_place_told(demo, tmp_path):
    out = shutil.copytree(demo[0], tmp_path / "set")
    (out / "report.html").unlink()
    assert run("report", out).stdout == f"Open {out / 'report.html'}\n"
    assert run("report", out / "result.json", "--embed").returncode == 0
    assert b"data:video/mp4" in (out / "report.html").read_bytes()
    (out / "annotated.mp4").write_bytes(bytes(25_000_001))
    done = run("report", out, "--embed")
    assert done.returncode == 0
    assert "annotated.mp4 has 25 MB, more than the 25 MB that are put into a page: the page links" in done.stdout


def test_what_cannot_be_reported_or_compared_is_one_clear_line(tmp_path):
    for command in ("report", "compare"):
        done = run(command, tmp_path)
        assert done.returncode == 4
        assert "there is no such result. Name the folder" in complaint(done)
    assert run("compare", tmp_path, "--set-b", "1").returncode == 2


def test_the_help_names_the_largest_video_that_is_embedded():
    from hipform.report.report_page import MOST_EMBEDDED_BYTES

    assert f"up to {MOST_EMBEDDED_BYTES // 1_000_000} MB" in " ".join(run("report", "--help").stdout.split())


def test_without_an_exercise_it_is_recognised(tmp_path):
    done = run("analyze", GOLDENS / "glute_bridge_then_single_leg.npz", "-o", tmp_path / "out", COLUMNS="160")
    assert done.returncode == 0, done.stderr
    first, second = (done.stdout.index(f"Set {words}") for words in ("1 of 2 - Glute bridge", "2 of 2 - Single-leg"))
    assert first < second


def test_a_variant_is_named_after_a_colon(tmp_path):
    done = run("analyze", GOLDENS / "glute_bridge_studio.npz", "-e", "glute-bridge:feet-elevated", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Glute bridge, feet-elevated" in done.stdout


def test_wrong_usage_is_told_with_code_2():
    for arguments in (
        ("analyze",),
        ("analyse", SHORT),
        ("analyze", SHORT, "-e", "x", "-m", "huge"),
        ("exercises", "--config", "mine.toml"),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_control_characters_in_a_name_do_not_reach_the_terminal(tmp_path):
    done = run("analyze", tmp_path / "a\x1b[31mred\nline.mp4", "-e", "hip-thrust")
    assert done.returncode == 4
    assert "\x1b" not in complaint(done)


def test_a_name_that_begins_with_a_dash(tmp_path):
    (tmp_path / "-set.mp4").write_bytes(SHORT.read_bytes())
    done = run("analyze", "-e", "hip-thrust", "-m", "lite", "--", "-set.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_half_written(tmp_path, number):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hipform",
            "analyze",
            str(SAMPLES / "hip_thrust_demo.mp4"),
            "-e",
            "hip-thrust",
            "-o",
            str(out),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    for _ in range(600):
        # The hidden files appear when the run has begun; they grow once it is in the middle of the clip.
        if out.exists() and sum(path.stat().st_size for path in out.iterdir()) > 1000:
            break
        time.sleep(0.1)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr.strip().splitlines() == ["hipform: interrupted; nothing half-written was left behind."]
    assert list(out.iterdir()) == []


def test_a_closed_pipe_is_no_error():
    command = [sys.executable, "-m", "hipform", "rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
