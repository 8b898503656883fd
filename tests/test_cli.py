"""The command line as its user meets it: help, exit codes, one clear line for every failure, Ctrl-C."""

import contextlib
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from contextlib import ExitStack
from contextvars import Context
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hipform.cli.analyze_command import _claim_own_folder
from hipform.cli.history_commands import history_app
from hipform.cli.root import Panel, app
from hipform.errors import EXIT_CODES, InputError
from hipform.exercises import EXERCISES
from hipform.exercises.findings import LOCKOUT_RULE
from hipform.store import History
from hipform.store.history import PATH_VARIABLE
from scripts.app_process import LIMIT_S
from scripts.record_samples import RECORDINGS
from tests.here import run_here
from tests.histories import kept_set
from tests.samples import ROOT, SAMPLES

SHORT = SAMPLES / "hip_thrust_short.mp4"
GOLDENS = ROOT / "tests" / "goldens"
COMMANDS = [
    *(command.name or command.callback.__name__ for command in app.registered_commands),
    "history",
    *(f"history {command.name}" for command in history_app.registered_commands),
]


def run(*arguments, cwd=None, **environment):
    """Run ``hipform ARGUMENTS`` in this process; `run_alone` is for what only a new process shows."""
    with contextlib.chdir(cwd) if cwd else contextlib.nullcontext():
        return run_here(*arguments, **{"COLUMNS": "140", **environment})


def run_alone(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "hipform", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "140", "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def complaint(done):
    """Return the one line on stderr; more than one, or a traceback, is a failure."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


RECORDED = ROOT / "tests" / "sample_recordings" / "glute-bridge_good.npz"


def test_options_that_have_no_effect_on_landmarks_are_named(tmp_path):
    done = run("analyze", RECORDED, "-e", "glute-bridge", "-o", tmp_path, "--model", "lite", "--fast", "--jobs", "1")
    assert "Not used: --model, --fast, --jobs." in done.stdout
    assert "Not used" not in run("analyze", RECORDED, "-e", "glute-bridge", "-o", tmp_path).stdout


def test_a_clip_with_a_name_that_no_file_can_have_is_missing(tmp_path):
    done = run("analyze", "x" * 5000, cwd=tmp_path)
    assert (done.returncode, len(complaint(done)) < 1200) == (4, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", RECORDED, "-o", ""),
        ("analyze", ""),
        ("batch", RECORDED, "-o", ""),
        ("batch", "", "-o", "out"),
        ("export", "set", "--to", "xlsx", "-o", ""),
        ("history", "export", ""),
        ("app", "--no-browser", "--folder", ""),
        ("--log", "", "rules"),
    ],
)
def test_an_empty_name_is_wrong_usage_and_not_the_current_folder(tmp_path, arguments):
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, "it is empty" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_is_in_the_readme(command):
    done = run(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert f"hipform {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_help_names_every_exit_code():
    words = " ".join(run_alone("--help").stdout.split())
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
    for heavy in ("numpy", "cv2", "av", "mediapipe", "scipy", "pydantic", "psutil", "hipform.child_process"):
        assert f"'{heavy}'" not in loaded


def test_an_analysis_begins_before_what_writes_its_report_is_imported():
    code = "import sys, hipform; hipform.analyze; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_ctrl_c_is_handled_before_anything_takes_time():
    code = "import sys; before = set(sys.modules); import hipform.__main__; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("hipform")} == {"hipform", "hipform.__main__"}
    assert not loaded & {"typing", "logging", "re", "enum", "signal"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("before", "code"), [("SIG_IGN", 0), ("SIG_DFL", 130)])
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(before, code):
    """As a shell has it for a command that it runs in the background."""
    # What is not ignored ends the pause, however late it is heard.
    pause_s = 0.5 if code == 0 else LIMIT_S
    asks = (
        "import os, signal; from hipform.interruption import pause; "
        f"os.kill(os.getpid(), signal.SIGINT); pause({pause_s})"
    )
    program = (
        f"import signal; signal.signal(signal.SIGINT, signal.{before})\n"
        f"from hipform.cli import main, root\n@root.app.command()\ndef last():\n    {asks}\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", program, "last"], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == code


def test_version():
    assert re.fullmatch(r"hipform \d+\.\d+\.\d+", run_alone("--version").stdout.strip())


def test_rules_lists_every_setting_and_marks_the_changed_ones(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text("[no-squeeze]\nhold_s = 1.5\n")
    shown = run("rules", "--config", config, COLUMNS="200").stdout
    assert "incomplete-lockout.short_deg" in shown
    assert "no-squeeze.hold_s = 1.5* s" in shown


def test_rules_of_one_exercise_keep_their_keys_whole_in_a_narrow_terminal():
    shown = run_here("rules", "--exercise", "deadlift", COLUMNS="40").stdout
    keys = {key for rule in EXERCISES["deadlift"].all_rules for key in rule.limits}
    assert {line.split(" ")[0] for line in shown.splitlines() if re.match(r"[a-z-]+\.\w+ =", line)} == keys


def test_a_terminal_without_a_width_gets_everything_all_the_same():
    assert run_here("rules", "--exercise", "deadlift", COLUMNS="0").stdout == (
        run_here("rules", "--exercise", "deadlift", COLUMNS="80").stdout
    )


def test_the_help_groups_the_commands_with_an_example_each():
    shown = run_here("-h", COLUMNS="80").stdout
    places = [shown.index(f"{panel}:") for panel in Panel]
    assert places == sorted(places)
    commands = [*app.registered_commands, *app.registered_groups]
    assert shown.count("$ hipform ") == len(commands)
    for one in commands:
        assert f"\n  {one.name or one.callback.__name__} " in shown


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
    done = run_alone("exercises", "bird-dog", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert "camera @" in done.stdout


def test_a_clip_is_analysed_beside_itself_without_a_word_on_standard_error_and_judged_again(thin_clip, tmp_path):
    clip, out = tmp_path / "my set.mp4", tmp_path / "my set_hipform"
    clip.write_bytes(thin_clip.read_bytes())
    done = run_alone("analyze", clip, *THRUST)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"Open {out / 'report.html'}"
    assert (out / "annotated.mp4").is_file()
    again = run("analyze", "my set_hipform/poses.npz", "-e", "hip-thrust", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "0 of 1 locked out" in again.stdout


@pytest.mark.parametrize("columns", ["80", "160"])
def test_analyze_prints_the_table_and_the_words(analysed, tmp_path, columns):
    done = keep_again(analysed, tmp_path / "out", "--details", COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    cue = EXERCISES["hip-thrust"].rule(LOCKOUT_RULE).cue
    for words in ("Lockout", "squeeze", "1 rep counted, 0 of 1 locked out", cue, str(tmp_path)):
        assert words in done.stdout.replace("\n", " "), words
    assert max(map(len, done.stdout.splitlines()[:8])) <= int(columns)
    assert done.stdout.splitlines()[-1] == f"Open {tmp_path / 'out' / 'report.html'}"
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_verdict_comes_first_and_is_short(analysed, tmp_path):
    lines = keep_again(analysed, tmp_path, COLUMNS="80").stdout.splitlines()
    assert lines[0].startswith("✗ Hip thrust: 1 rep counted")
    assert "Change one thing: " in lines[1]
    assert "Cue: " in lines[2]
    assert len(lines) <= 8
    assert not any("┏" in line for line in lines)


def test_json_is_all_that_standard_output_gets(tmp_path):
    done = run_here("analyze", RECORDINGS / "hip_thrust_demo.npz", "-e", "hip-thrust", "-o", tmp_path, "--json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert "Open " in done.stderr


def test_open_opens_the_report_by_its_address(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("hipform.cli.console.open_address", lambda address: bool(opened.append(address)))
    out = tmp_path / "-a b;c"
    done = run_here("analyze", RECORDINGS / "hip_thrust_demo.npz", "-e", "hip-thrust", "-o", out, "--open")
    assert opened == [(out / "report.html").as_uri()]
    assert done.stdout.splitlines()[-1] == "No browser was found. Open the page yourself."


def test_only_the_time_between_start_and_end_is_judged(tmp_path):
    recording = RECORDINGS / "hip_thrust_demo.npz"
    arguments = ("analyze", recording, "-e", "hip-thrust", "-o", tmp_path / "out")
    run_here(*arguments)
    tops = [
        rep["timing"]["top_s"] for rep in json.loads((tmp_path / "out" / "result.json").read_text())["sets"][0]["reps"]
    ]
    start, end = (tops[0] + tops[1]) / 2, (tops[1] + tops[2]) / 2
    done = run_here(*arguments, "--start", f"{start}", "--end", f"{end}")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "result.json").read_text())
    assert start <= found["clip"]["start_s"] < found["clip"]["end_s"] <= end
    kept = [rep["timing"]["top_s"] for one in found["sets"] for rep in one["reps"]]
    assert set(kept) < {round(top, 6) for top in tops} | set(tops)
    assert kept
    assert run_here(*arguments, "--start", "1000").returncode == 4
    done = run_here(*arguments, "--start", "9", "--end", "3")
    assert (done.returncode, complaint(done)) == (
        3,
        "hipform: The start, 9 s, is not before the end, 3 s. Give other times.",
    )


def test_a_fast_look_says_what_it_is(thin_clip, tmp_path):
    done = run("analyze", thin_clip, *THRUST, "--fast", "--jobs", "1", "-o", tmp_path / "out", COLUMNS="120")
    assert done.returncode == 0, done.stderr
    assert "1 rep counted" in done.stdout
    assert "Note: Fast mode: " in done.stdout
    assert not (tmp_path / "out" / "annotated.mp4").exists()


def test_a_terminal_without_unicode_is_served(analysed, tmp_path):
    command = ("analyze", analysed / "poses.npz", "-e", "hip-thrust", "-o", tmp_path)
    done = run_alone(*command, PYTHONIOENCODING="ascii:replace", LC_ALL="C")
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
    too_long = folder / ("x" * 5000)
    yield ("analyze", too_long, *THRUST, "--out", folder / "out"), 4, "xxx"
    yield ("analyze", SHORT, *THRUST, "--out", too_long), 6, "name is too long"
    yield ("analyze", SHORT, *THRUST, "--calibration", too_long), 4, "xxx"
    yield ("calibrate", too_long, "-e", "hip-thrust", "--out", folder / "a.json"), 4, "xxx"
    yield ("report", too_long), 4, "xxx"
    yield ("compare", too_long), 4, "xxx"
    yield ("export", too_long, "--to", "trc"), 4, "xxx"


def wrong_names(folder):
    """Yield the same for every wrong exercise, variant and setting."""
    config = folder / "wrong.toml"
    config.write_text("[incomplete-lockout]\nshrot_deg = 8\n")
    yield ("analyze", SHORT, "-e", "hip-thrusts"), 3, "hip-thrust"
    yield ("exercises", "hip-thrusts"), 3, "hip-thrust"
    yield ("exercises", "deadlift:sum"), 3, "sumo"
    yield ("exercises", "deadlift", "--config", config), 3, "incomplete-lockout.short_deg"
    yield ("analyze", SHORT, "-e", "deadlift:sumoo"), 3, "Did you mean 'sumo'?"
    yield ("analyze", SHORT, "-e", "hip-thrust:sumo"), 3, "Hip thrust has no variants"
    yield ("analyze", SHORT, *THRUST, "--config", config), 3, "incomplete-lockout.short_deg"
    yield ("analyze", SHORT, *THRUST, "--config", folder / "none.toml"), 3, "none.toml"
    yield ("rules", "--config", folder / ("x" * 5000)), 3, "xxx"


@pytest.mark.parametrize("wrong_inputs", [wrong_clips, wrong_names])
def test_every_wrong_input_is_one_clear_line_with_its_exit_code(tmp_path, wrong_inputs, capfd):
    for arguments, code, word in wrong_inputs(tmp_path):
        done = run(*arguments)
        assert done.returncode == code, (arguments, done.stderr)
        assert word in complaint(done)
        assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("_hipform")] == []
    assert not (ROOT / "http:").exists()
    # No library has printed anything past Python either.
    assert capfd.readouterr() == ("", "")


def test_the_report_is_made_again_and_its_place_reported(analysed, tmp_path):
    out = shutil.copytree(analysed, tmp_path / "set")
    (out / "report.html").unlink()
    assert run("report", out).stdout == f"Open {out / 'report.html'}\n"
    assert run("report", out / "result.json", "--embed").returncode == 0
    assert b"data:video/mp4" in (out / "report.html").read_bytes()
    (out / "annotated.mp4").write_bytes(bytes(25_000_001))
    done = run("report", out, "--embed")
    assert done.returncode == 0
    assert "annotated.mp4 is 25 MB, more than the 25 MB that can be put into a page: the page links" in done.stdout


def test_what_cannot_be_reported_or_compared_is_one_clear_line(tmp_path):
    for command in ("report", "compare"):
        done = run(command, tmp_path)
        assert done.returncode == 4
        assert "There is no result at" in complaint(done)
    assert run("compare", tmp_path, "--set-b", "1").returncode == 2


def test_the_help_names_the_largest_video_that_is_embedded():
    from hipform.report.report_page import MOST_EMBEDDED_BYTES

    assert f"up to {MOST_EMBEDDED_BYTES // 1_000_000} MB" in " ".join(run("report", "--help").stdout.split())


def test_a_variant_is_named_after_a_colon(tmp_path):
    done = run("analyze", GOLDENS / "glute_bridge_studio.npz", "-e", "glute-bridge:feet-elevated", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Glute bridge, feet-elevated" in done.stdout


def test_wrong_usage_is_reported_with_code_2():
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
    (tmp_path / "-set.npz").write_bytes((GOLDENS / "glute_bridge_studio.npz").read_bytes())
    done = run("analyze", "-e", "glute-bridge", "--", "-set.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


INTERRUPTED_AT = """
import os, signal
# The suite itself may run where nobody is to hear that the terminal is closed, as under `nohup`.
signal.signal(signal.{name}, signal.SIG_DFL)
import tests.unhurried
from {module} import {owner} as owner
from hipform.cli import main

whole, calls = owner.{method}, []

def send(*arguments):
    calls.append(None)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.{name})
    return whole(*arguments)

owner.{method} = send
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("name", "module", "owner", "method", "call"),
    [
        ("SIGINT", "hipform.app.landmarks", "_ProgressOfAll", "add", 1),
        ("SIGHUP", "hipform.render", "VideoSink", "write", 1),
    ],
    ids=["SIGINT finding landmarks", "SIGHUP before any frame"],
)
def test_an_interruption_leaves_nothing_half_written(thin_clip, tmp_path, name, module, owner, method, call):
    code = INTERRUPTED_AT.format(name=name, module=module, owner=owner, method=method, call=call)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", code, "analyze", str(thin_clip), *THRUST, "--jobs", "1", "-o", str(out)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 130
    assert complaint(done) == "hipform: interrupted; no incomplete files were left behind."
    assert not out.exists()


OPENS_TOO_MUCH = """
import errno
from pathlib import Path
from hipform.cli import main, root
from hipform.files import output_error

@root.app.command()
def last():
    error = OSError(errno.EMFILE, "Too many open files")
    raise output_error(Path("out"), error) from error

main()
"""


def test_too_many_open_files_are_named_as_that_and_not_held_against_the_output():
    done = subprocess.run(
        [sys.executable, "-c", OPENS_TOO_MUCH, "last"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 11
    assert "ulimit -n" in complaint(done)


@pytest.mark.parametrize("optimised", [False, True])
def test_help_says_when_python_has_taken_its_texts_away(optimised):
    command = [sys.executable, *(["-OO"] if optimised else []), "-m", "hipform", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert ("-OO" in done.stdout) is optimised


DROPS_WHAT_IT_RAISES = """
import os, signal, time
import tests.unhurried
from hipform.cli import main, root
from hipform.interruption import pause

class Finaliser:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)

@root.app.command()
def last():
    Finaliser()
    pause(600)

main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interruption_is_heard_wherever_it_falls():
    done = subprocess.run(
        [sys.executable, "-c", DROPS_WHAT_IT_RAISES, "last"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 130
    assert complaint(done) == "hipform: interrupted; no incomplete files were left behind."


ASKS_TO_END = """
import os, signal, sys, threading, time
from hipform.cli import signals
from hipform.interruption import Interrupted
signals.handle_signals()
reported = threading.Event()

def report():
    print("reported", flush=True)
    reported.set()

try:
    with signals.call_when_interrupted(report):
        for number in range(int(sys.argv[1])):
            os.kill(os.getpid(), signal.SIGINT)
            while signals._watch.heard <= number:
                time.sleep(0.01)
            reported.wait()
        while signals._watch.heard > 2:
            time.sleep(0.01)
        print("finished")
except Interrupted:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("times", "code", "expected"),
    [(1, 0, ["reported", "finished"]), (2, 0, ["reported", "finished", "interrupted"]), (3, 130, ["reported"])],
)
def test_a_second_request_to_end_waits_until_the_first_is_met_and_a_third_does_not(times, code, expected):
    done = subprocess.run(
        [sys.executable, "-c", ASKS_TO_END, str(times)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout.split() == expected
    assert done.returncode == code


HOLDS_ON = """
import os, signal, threading
from hipform.cli import main, root

@root.app.command()
def last():
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()

main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interruption_ends_what_cannot_be_interrupted():
    command = [sys.executable, "-c", HOLDS_ON, "last"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 130
    assert "interrupted; hidden temporary files" in complaint(done)


HOLDS_ON_WHILE_WRITING = """
import os, signal, threading
from hipform.app import write_results
from hipform.cli import main

def hold_on(*_):
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait()

write_results.write_reps = hold_on
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_is_left_when_an_interrupted_command_cannot_tidy_up_goes_with_the_next_run(tmp_path):
    recording = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"
    analysis = ["analyze", str(recording), "-e", "glute-bridge", "-o", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", HOLDS_ON_WHILE_WRITING, *analysis], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 130
    assert "may be left; a later run into the same folder removes them" in complaint(done)
    assert list(tmp_path.glob(".hipform-*"))
    assert run(*analysis).returncode == 0
    assert list(tmp_path.glob(".hipform-*")) == []


def test_signals_while_leaving_change_nothing():
    code = """
import os, signal, sys
from hipform.cli import main, root
from hipform.interruption import pause

class SignalsAtTheEnd:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

@root.app.command()
def last():
    sys.late = SignalsAtTheEnd()
    if sys.argv[-1] == "last":
        return
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        pause(600)
    finally:
        os.kill(os.getpid(), signal.SIGINT)

@root.app.command()
def asked():
    last()

main()
"""
    for command, expected in (("last", 0), ("asked", 130)):
        arguments = [sys.executable, "-c", code, command]
        done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == expected
        assert len(done.stderr.splitlines()) == (expected != 0)


def test_the_first_lines_of_the_program_leave_with_the_code_of_the_table():
    from hipform.__main__ import INTERRUPTED_EXIT_CODE
    from hipform.errors import INTERRUPTED_EXIT_CODE as OF_TABLE

    assert INTERRUPTED_EXIT_CODE == OF_TABLE


@pytest.mark.parametrize("error", ["MemoryError", "OSError(12, 'no room')", "RuntimeError('can\\'t start new thread')"])
def test_too_little_memory_is_reported_as_such(error):
    code = f"from hipform.cli import main, root\n@root.app.command()\ndef last():\n    raise {error}\nmain()"
    done = subprocess.run([sys.executable, "-c", code, "last"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 11
    assert "not enough memory" in complaint(done)


def test_a_closed_pipe_is_no_error():
    command = [sys.executable, "-m", "hipform", "rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_calibration_is_written_and_used(analysed, tmp_path):
    own = tmp_path / "me.json"
    recording = GOLDENS / "deadlift_kettlebell_correct.npz"
    done = run("calibrate", recording, "-e", "deadlift", "--out", own)
    assert done.returncode == 0
    assert "your full lockout measures 18" in done.stdout
    assert "deep in the movement" in done.stdout
    done = run(
        "analyze", recording.with_name("deadlift_kettlebell_rounded.npz"), "-e", "deadlift", "--calibration", own,
        "--end", "12", "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0
    assert "Low back rounds" in done.stdout
    assert "not used" not in done.stdout
    done = keep_again(analysed, tmp_path / "out", "--calibration", own)
    assert "The calibration was not used: it is for deadlift and the heavy model." in done.stdout
    own.write_text("{}")
    done = keep_again(analysed, tmp_path / "out", "--calibration", own)
    assert done.returncode == 4
    assert done.stderr.count("\n") <= 3
    assert "is not a valid calibration" in done.stderr


def test_an_athletes_calibration_is_found_by_the_name_and_forgotten_with_it(tmp_path):
    place = {"HIPFORM_HISTORY": str(tmp_path / "own" / "history.sqlite3")}
    recording = GOLDENS / "glute_bridge_studio.npz"

    def analysed(name):
        out = tmp_path / name
        run("analyze", recording, "-e", "glute-bridge", "--athlete", name, "--no-history", "-o", out, **place)
        return "calibration" in json.loads((out / "result.json").read_text())["sets"][0]["refined"]

    done = run("calibrate", recording, "-e", "glute-bridge", "--athlete", "Ana  Li", **place)
    assert "Saved for later sets of Ana Li." in done.stdout
    assert not any("ana" in path.name.lower() for path in tmp_path.rglob("*.json"))
    assert analysed("ana li")
    assert not analysed("Bea")
    assert run("history", "delete", "--athlete", "Ana Li", **place).returncode == 2
    assert analysed("Ana Li")
    assert "1 calibration deleted." in run("history", "delete", "--athlete", "Ana Li", "--yes", **place).stdout
    assert not analysed("Ana Li")
    assert "nothing to delete" in run("history", "delete", "--all", "--yes", **place).stdout


def test_a_calibration_of_nobody_for_nowhere_is_wrong_usage():
    done = run("calibrate", GOLDENS / "deadlift_kettlebell_correct.npz", "-e", "deadlift")
    assert done.returncode == 2
    assert "give a name, a file to write, or both" in done.stderr


# -------------------------------------------------------------------------------------------------------------- history


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
JUDGED_AGAIN = (sys.executable, "-m", "hipform", "analyze", "-e", "hip-thrust")


@pytest.fixture
def recording(analysed, tmp_path):
    """Return a recording in a folder of its own, and what names the history there."""
    path = tmp_path / "Ana.npz"
    path.write_bytes((analysed / "poses.npz").read_bytes())
    return path, {**ENVIRONMENT, PATH_VARIABLE: str(tmp_path / "history.sqlite3")}


def athletes(environment):
    with History(Path(environment[PATH_VARIABLE])) as kept:
        return [one.athlete for one in kept.sets()]


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes break in other ways")
def test_a_reader_that_is_gone_costs_nothing_but_what_it_would_have_read(recording):
    path, environment = recording
    command = [*JUDGED_AGAIN, str(path), "--athlete", "Ana"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert athletes(environment) == ["Ana"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_what_cannot_be_printed_is_reported_when_all_else_is_done(recording):
    path, environment = recording
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*JUDGED_AGAIN, path, "--athlete", "Ana"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    assert done.returncode == 6
    assert complaint(done).startswith("hipform: The printed output could not be written: No space left")
    assert athletes(environment) == ["Ana"]


def test_a_sign_that_the_output_has_no_code_for_becomes_a_question_mark(recording):
    path, environment = recording
    environment["PYTHONIOENCODING"] = "cp1252"
    done = subprocess.run(
        [*JUDGED_AGAIN, path, "--athlete", "Łukasz"], capture_output=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Saved to the history of ?ukasz" in done.stdout
    assert athletes(environment) == ["Łukasz"]


def test_a_name_is_the_same_however_it_is_written(recording, monkeypatch):
    path, environment = recording
    history = {PATH_VARIABLE: environment[PATH_VARIABLE]}
    assert run("analyze", "-e", "hip-thrust", path, "--athlete", "José  Ana", **history).returncode == 0
    monkeypatch.setenv(PATH_VARIABLE, environment[PATH_VARIABLE])
    name = unicodedata.normalize("NFD", " José Ana ")
    assert "José Ana" in CliRunner().invoke(app, ["history", "--athlete", name], env={"COLUMNS": "140"}).output
    done = CliRunner().invoke(app, ["history", "delete", "--athlete", name, "--yes"])
    assert done.output == "1 set deleted.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_current_folder_that_is_gone_is_reported(tmp_path):
    code = (
        "import os; os.rmdir(os.getcwd())\n"
        "from hipform.cli import main, root\n"
        "@root.app.command()\ndef last():\n    os.getcwd()\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "last"], capture_output=True, text=True, cwd=tmp_path, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 6
    assert complaint(done) == "hipform: the current folder no longer exists. Change to another folder."


@pytest.mark.parametrize("name", [".", "/"])
def test_a_folder_that_has_no_name_is_no_clip(name):
    done = run("analyze", name)
    assert done.returncode == 4
    assert "folder" in complaint(done)


def test_a_missing_choice_is_listed_in_plain_lines(tmp_path):
    done = run("export", tmp_path)
    assert done.returncode == 2
    assert "?" not in done.stderr
    assert [line.strip(" ,") for line in done.stderr.splitlines()[-5:]] == ["xlsx", "parquet", "trc", "mot", "c3d"]


def test_clips_that_differ_in_their_ending_only_have_folders_of_their_own(tmp_path):
    def folder_of(name):
        with ExitStack() as stack:
            return _claim_own_folder(stack, tmp_path / name).name

    for clip in ("x.mp4", "x.MOV"):
        (tmp_path / clip).touch()
    assert folder_of("x.mp4") == "x_hipform"
    with ExitStack() as another:
        _claim_own_folder(another, tmp_path / "x.mp4")
        assert Context().run(folder_of, "x.MOV") == "x.MOV_hipform"
    (tmp_path / "x_hipform" / "result.json").write_text('{"clip": {"name": "x.mp4"}}', encoding="utf-8")
    assert folder_of("x.mp4") == "x_hipform"
    assert folder_of("x.MOV") == "x.MOV_hipform"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("progress", "--out"), "report.html"),
        (("history", "export"), "reps.csv"),
        (("calibrate", SHORT, "-e", "hip-thrust", "--out"), "result.json"),
    ],
)
def test_no_command_writes_over_the_results_of_an_analysis(tmp_path, place, arguments, name):
    for file in {"result.json", name}:
        (tmp_path / file).write_text("{}", encoding="utf-8")
    done = run(*arguments, tmp_path / name, **place)
    assert done.returncode == 6
    assert f"{name} belongs to the results of an analysis" in complaint(done)
    assert (tmp_path / name).read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize(
    "arguments",
    [("calibrate", SHORT, "-e", "hip-thrust", "--out", SHORT), ("progress", "--out", "history.sqlite3")],
)
def test_a_page_or_calibration_that_is_called_otherwise_is_a_slip(arguments):
    before = SHORT.read_bytes()
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 2
    assert "--out" in done.output
    assert SHORT.read_bytes() == before


def test_what_may_not_be_read_is_for_the_reader_to_tell(tmp_path, monkeypatch):
    # Whoever runs this may read everything, so the operating system is asked in vain.
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    (tmp_path / "a.mp4").write_bytes(b"")
    done = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert isinstance(done.exception, InputError)


@pytest.fixture(scope="module")
def analysed(thin_clip, tmp_path_factory):
    """Return the folder of one analysis of a clip, not to be changed."""
    folder = tmp_path_factory.mktemp("analysed")
    done = run(
        "analyze",
        thin_clip,
        *THRUST,
        "--jobs",
        "1",
        "-o",
        folder,
        "--load",
        "175lb",
        "--note",
        "felt good",
        "--date",
        "2026-03-21",
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("parquet", ["reps.parquet", "frames.parquet"]),
        ("trc", ["markers.trc"]),
        ("mot", None),
        ("xlsx", ["results.xlsx"]),
    ],
)
def test_export_names_what_it_wrote(analysed, tmp_path, kind, names):
    done = run("export", analysed, "--to", kind, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    written = sorted((tmp_path / "out").iterdir())
    assert sorted(map(Path, done.stdout.split())) == written
    assert names is None or sorted(names) == [path.name for path in written]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("export", "gone", "--to", "trc"), 4, "gone"),
        (("export", ".", "--to", "mot"), 4, "result.json"),
    ],
)
def test_an_export_of_nothing_is_one_clear_line(tmp_path, arguments, code, word):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert word in complaint(done)


@pytest.fixture
def place(tmp_path):
    """Return an environment with a history of its own."""
    return {"HIPFORM_HISTORY": str(tmp_path / "history.sqlite3")}


def keep_again(analysed, out, *options, **environment):
    return run("analyze", analysed / "poses.npz", "-e", "hip-thrust", "-o", out, *options, **environment)


def test_the_facts_of_a_training_are_in_the_result(analysed):
    training = json.loads((analysed / "result.json").read_text(encoding="utf-8"))["training"]
    assert training["load"] == {"kg": pytest.approx(79.38, abs=0.01), "unit": "lb"}
    assert (training["athlete"], training["note"]) == (None, "felt good")
    assert training["recorded_at"].startswith("2026-03-21T00:00:00")
    assert training["recorded_from"] == "given"


def test_an_athlete_turns_the_history_on_and_the_same_clip_replaces(analysed, tmp_path, place):
    first = keep_again(analysed, tmp_path / "a", "--athlete", "Ana", "--load", "80kg", **place)
    assert first.returncode == 0, first.stderr
    assert "Saved to the history of Ana: 1 set with 80 kg, " in first.stdout
    assert "(the file's time)." in first.stdout
    again = keep_again(analysed, tmp_path / "b", "--athlete", "ana", "--date", "2026-03-21", **place)
    assert "2026-03-21 (as given), replacing the earlier analysis of this clip." in again.stdout
    other = keep_again(analysed, tmp_path / "b", "--athlete", "Bo", **place)
    assert "replacing the earlier analysis of this clip, which was in the history of Ana." in other.stdout


def test_a_load_that_no_history_keeps_is_reported(analysed, tmp_path, place):
    alone, named = (
        keep_again(analysed, tmp_path, "--load", "80kg", *who, **place).stdout for who in ((), ("--athlete", "Ana"))
    )
    line = "The load is in these results only; with --athlete NAME it is saved to the history too."
    assert line in alone
    assert line not in named


@pytest.mark.parametrize("options", [(), ("--athlete", "Ana", "--no-history")])
def test_nothing_is_kept_unasked(analysed, tmp_path, place, options):
    done = keep_again(analysed, tmp_path / "out", *options, **place)
    assert done.returncode == 0, done.stderr
    assert "history" not in done.stdout
    assert not Path(place["HIPFORM_HISTORY"]).exists()


def test_a_history_that_cannot_be_written_costs_no_result(analysed, tmp_path, place):
    Path(place["HIPFORM_HISTORY"]).write_text("not a database\n" * 100)
    done = keep_again(analysed, tmp_path / "out", "--athlete", "Ana", **place)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Not saved to the history: " in done.stdout
    assert "0 of 1 locked out" in done.stdout
    assert (tmp_path / "out" / "result.json").exists()


@pytest.fixture
def two_athletes(place):
    """Return the same environment with sets of two athletes in its history."""
    with History(Path(place["HIPFORM_HISTORY"])) as history:
        history.keep([kept_set(0, load_kg=80), kept_set(7, athlete="Ben", exercise="deadlift:sumo", note="=1+1")])
    return place


def test_the_history_is_listed_and_chosen_from(two_athletes):
    listed = run("history", **two_athletes).stdout
    assert "Ana" in listed
    assert "Deadlift, sumo" in listed
    for options in (("--athlete", "ben"), ("--exercise", "deadlift"), ("--since", "2026-09-10")):
        chosen = run("history", *options, **two_athletes).stdout
        assert "Ben" in chosen
        assert "Ana" not in chosen


def test_an_empty_history_says_how_to_begin(place):
    for command in ("history", "progress"):
        done = run(command, **place)
        assert done.returncode == 0, done.stderr
        assert "No saved sets found. `hipform analyze CLIP --athlete NAME`" in done.stdout


def test_the_history_is_exported_as_a_table_and_as_json(two_athletes, tmp_path):
    for name in ("out.csv", "out.json", "out.parquet"):
        done = run("history", "export", tmp_path / name, **two_athletes)
        assert done.stdout == f"2 sets written to {tmp_path / name}\n", done.stderr
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["athlete"], row["load_kg"], row["reps"], row["note"]) for row in rows] == [
        ("Ana", "80.000", "8", ""),
        ("Ben", "", "8", "'=1+1"),
    ]
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [len(one["reps"]) for one in found] == [8, 8]
    assert found[1]["note"] == "=1+1"


def test_the_history_is_not_exported_over_itself(tmp_path):
    path = tmp_path / "kept.json"
    with History(path) as history:
        history.keep([kept_set(0)])
    before = path.read_bytes()
    done = run("history", "export", path, HIPFORM_HISTORY=str(path))
    assert done.returncode == 6
    assert "is the history itself" in done.stderr
    assert path.read_bytes() == before


def test_deleting_asks_first(two_athletes):
    delete = [sys.executable, "-m", "hipform", "history", "delete", "--athlete", "ana"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **two_athletes}
    for answer, code, reported in (("n\n", 0, "Nothing was deleted"), ("", 2, "--yes"), ("y\n", 0, "1 set deleted")):
        done = subprocess.run(delete, input=answer, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == code
        assert reported in done.stdout + done.stderr
    assert "There is nothing to delete" in run("history", "delete", "--athlete", "Ana", **two_athletes).stdout
    assert "1 set deleted" in run("history", "delete", "--all", "--yes", **two_athletes).stdout
    assert "No saved sets found" in run("history", **two_athletes).stdout


def test_one_set_is_deleted_by_its_id(two_athletes):
    listed = run_here("history", "--athlete", "Ana", **two_athletes).stdout
    set_id = re.search(r"\b[0-9a-f]{8}-\d+\b", listed)[0]
    assert "nothing to delete" in run_here("history", "delete", "--set", "00000000-9", "--yes", **two_athletes).stdout
    assert "1 set deleted." in run_here("history", "delete", "--set", set_id, "--yes", **two_athletes).stdout
    assert set_id not in run_here("history", **two_athletes).stdout


def test_progress_is_shown_and_written(two_athletes, tmp_path):
    done = run("progress", "--out", tmp_path / "page.html", "--athlete", "Ana", **two_athletes)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Heaviest load with full reps: 80 kg for 8 full reps" in done.stdout
    assert "Ben" not in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("history", "--exercise", "hip-thrusts"), 3, "hip-thrust"),
        (("history", "--since", "soon"), 3, "--since"),
        (("history", "export", "out.xlsx"), 3, ".csv, .json or .parquet"),
        (("history", "export", "no/such/folder/out.csv"), 6, "folder"),
        (("progress", "--out", "no/such/folder/page.html"), 6, "folder"),
        (("progress", "--exercise", "x"), 3, "unknown exercise"),
    ],
)
def test_wrong_words_to_the_history_are_one_clear_line(two_athletes, tmp_path, arguments, code, word):
    done = run(*arguments, cwd=tmp_path, **two_athletes)
    assert done.returncode == code
    assert word in complaint(done)


@pytest.mark.parametrize("options", [(), ("--all", "--athlete", "Ana")])
def test_deleting_must_say_what(place, options):
    assert run("history", "delete", *options, **place).returncode == 2


@pytest.mark.parametrize("command", [("history",), ("progress",), ("history", "delete", "--all", "--yes")])
def test_a_history_that_cannot_be_read_is_one_clear_line(place, command):
    Path(place["HIPFORM_HISTORY"]).write_text("not a database\n" * 100)
    done = run(*command, **place)
    assert done.returncode == 9
    assert "damaged" in complaint(done)


def test_an_older_recording_cannot_be_kept_and_says_why(tmp_path, place):
    poses = GOLDENS / "glute_bridge_studio.npz"
    done = run("analyze", poses, "-e", "glute-bridge", "-o", tmp_path / "out", "--athlete", "Ana", **place)
    assert done.returncode == 0
    assert "does not identify its clip" in done.stdout


def test_wrong_facts_are_reported_before_the_clip_is_read(tmp_path):
    for options, word in (
        (("--load", "80"), "80kg"),
        (("--athlete", " "), "--athlete"),
        (("--date", "soon"), "2026-03-21"),
        (("--note", ""), "--note"),
    ):
        done = run("analyze", tmp_path / "gone.mp4", *options)
        assert done.returncode == 3
        assert word in complaint(done)


@pytest.mark.parametrize(
    "command",
    [("rules", "--exercise", "deadlift"), ("exercises", "hip-thrust"), ("history",), ("progress",), ("cameras",)],
    ids=lambda command: command[0],
)
def test_what_a_command_reports_is_also_there_as_json(command, tmp_path):
    done = run_here(*command, "--json", XDG_DATA_HOME=str(tmp_path))
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    assert bool(found) is (command[0] in {"rules", "exercises"})
