"""Names, notes and files from anybody stay text in every output, whatever stands in them: one test for each kind."""

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from hipform.feedback.cues import ShownCue
from hipform.pose.recording import Recording, RecordingWriter
from hipform.report.captions import captions
from tests.here import run_here
from tests.samples import ROOT

RECORDING = ROOT / "tests" / "goldens" / "deadlift_kettlebell_correct.npz"
STEERING = "\x1b\x07\x9b\u202e\u2028"
MARKUP = "[bold red]x[/nothing]"
HTML = "</script></style><img src=x onerror=alert(1)>\"'`{{7*7}}{%raw%}"
CLIP = f"=cmd|' /C calc'!A0 {HTML} {MARKUP} {STEERING}\n--> WEBVTT.mp4"
ATHLETE = f"../../../etc/{MARKUP}{STEERING}<img src=x onerror=alert(2)>"
NOTE = f"@SUM(1+1) {HTML} {MARKUP} {STEERING}\n=1+1"


def steering(text):
    return {char for char in text if not char.isprintable()} - {"\n"}


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Run every command that shows or writes such text; return the folder and all that the terminal received."""
    top = tmp_path_factory.mktemp("untrusted")
    poses, out = top / "poses.npz", top / "out"
    with Recording(RECORDING) as recording:
        info = replace(recording.info, name=CLIP, sha256="0" * 64)
        with RecordingWriter(poses, info, recording.model) as writer:
            for pose in recording:
                writer.write(pose)
    words = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIPFORM_HISTORY", str(top / "kept" / "below" / "history.sqlite3"))
        for command in (
            ("calibrate", poses, "-e", "deadlift", "--athlete", ATHLETE),
            (
                "analyze",
                poses,
                "-e",
                "deadlift",
                "--athlete",
                ATHLETE,
                "--note",
                NOTE,
                "--date",
                "2026-03-21",
                "-o",
                out,
            ),
            ("report", out),
            ("compare", out, "--out", out / "compare.html"),
            ("history",),
            ("history", "export", out / "history.csv"),
            ("history", "export", out / "history.json"),
            ("progress", "--out", out / "progress.html"),
        ):
            done = run_here(*command)
            assert (done.returncode, done.stderr) == (0, ""), command
            words.append(done.stdout)
    return top, "".join(words)


def test_no_control_character_reaches_the_terminal_and_markup_is_shown_as_it_is(reported):
    _, text = reported
    assert steering(text) == set()
    # Heading of the analysis, the athlete in history and progress, clip and note in the history.
    assert text.count(MARKUP) >= 4


class Tags(HTMLParser):
    """The elements of a page, and those attributes of them that run something."""

    def __init__(self, text):
        super().__init__()
        self.names, self.active = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.active += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]


def require_inert(text):
    tags = Tags(text)
    assert tags.active == []
    assert "<img src=x" not in text
    assert text.count("</script>") == tags.names.count("script")
    assert text.count("</style>") == tags.names.count("style")
    assert not set(STEERING) & set(text)


@pytest.mark.parametrize("page", ["report.html", "compare.html", "progress.html"])
def test_no_text_becomes_a_part_of_a_page(reported, page):
    text = (reported[0] / "out" / page).read_text(encoding="utf-8")
    require_inert(text)
    assert "&lt;img src=x onerror=alert(" in text
    assert "{{7*7}}" in text or page == "progress.html"


def test_a_result_from_anybody_stays_text_on_the_page(reported, tmp_path):
    result = json.loads((reported[0] / "out" / "result.json").read_text(encoding="utf-8"))
    nasty = f"{HTML} {STEERING}"
    result["clip"]["notes"] = [nasty]
    result["hipform_version"] = result["model"] = nasty
    for summary in result["summaries"]:
        for name, value in summary.items():
            if isinstance(value, str) and name != "one_thing_rule":
                summary[name] = nasty
            elif isinstance(value, list):
                summary[name] = [nasty]
    for found in result["sets"]:
        for finding in (finding for part in (*found["reps"], found) for finding in part["findings"]):
            finding["text"] = nasty
    for cue in result["cues"]:
        cue["text"] = nasty
    (tmp_path / "result.json").write_text(json.dumps(result), encoding="utf-8")
    assert run_here("report", tmp_path).returncode == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    require_inert(text)
    assert text.count("&lt;img src=x") >= 5


@pytest.mark.parametrize("table", ["reps.csv", "frames.csv", "history.csv"])
def test_no_cell_becomes_a_formula_or_a_row(reported, table):
    with (reported[0] / "out" / table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len({len(row) for row in rows}) == 1
    for cell in {cell for row in rows for cell in row}:
        assert cell.isprintable(), cell
        assert not re.match(r"\s*[=+@-]", cell) or float(cell) < 0
    if table == "history.csv":
        assert sum("'=cmd" in cell or "'@SUM" in cell for cell in rows[1]) == 2


def test_json_says_what_was_said(reported):
    result = json.loads((reported[0] / "out" / "result.json").read_text(encoding="utf-8"))
    assert result["clip"]["name"] == CLIP
    (kept,) = json.loads((reported[0] / "out" / "history.json").read_text(encoding="utf-8"))
    assert kept["athlete"] == result["training"]["athlete"]
    assert steering(kept["athlete"] + kept["note"]) == set()


def test_a_caption_stays_in_its_place():
    said = "Squeeze\n\n00:00:09.000 --> 00:00:10.000\n<v Ana>\x1b[31m"
    text = captions([ShownCue(start_s=0, end_s=1, rule="no-squeeze", text=said)])
    assert text.count("-->") == 1
    assert text.count("\n\n") == 1
    assert not {"<", "\x1b"} & set(text)


def test_no_name_becomes_a_path(reported):
    top, _ = reported
    kept = top / "kept" / "below"
    assert {path.name for path in top.iterdir()} == {"poses.npz", "kept", "out"}
    assert {path.name for path in (top / "kept").iterdir()} == {"below"}
    assert {path.name for path in kept.iterdir()} == {"history.sqlite3", "calibrations"}
    (calibration,) = (kept / "calibrations").iterdir()
    assert re.fullmatch(r"[0-9a-f]{16}-deadlift-\w+\.json", calibration.name)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (4, ("analyze", f"no{STEERING}{MARKUP}.mp4")),
        (3, ("analyze", "x.mp4", "-e", f"thrust{STEERING}{MARKUP}")),
        (3, ("analyze", "x.mp4", "--load", f"80{STEERING}")),
        (3, ("analyze", "x.mp4", "--config", f"no{STEERING}.toml")),
        (4, ("analyze", "x.mp4", "--calibration", f"no{STEERING}.json")),
        (6, ("--log", f"no/{STEERING}.log", "rules")),
        (4, ("report", f"no{STEERING}{MARKUP}")),
        (3, ("history", "--since", f"soon{STEERING}")),
        (2, ("analyze", f"--no{STEERING}")),
        (2, ("analyze", "x.mp4", "-m", f"lite{STEERING}")),
        (2, ("analyze", "x.mp4", f"y{STEERING}.mp4")),
        (2, (f"analyse{STEERING}",)),
    ],
    ids=lambda value: None if isinstance(value, int) else ascii(" ".join(value)),
)
def test_what_is_complained_of_cannot_steer_the_terminal(code, arguments):
    done = run_here(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert steering(done.stderr) == set()
    assert done.stderr.count("\n") == 1 or code == 2


@pytest.mark.parametrize(
    "content",
    ['"a\\u001b[31m" = 1', '["\\u202eno"]\nx = 1', '[no-squeeze]\nhold_s = "\\u001b[31m[red]"', "\x1b[31m"],
)
def test_settings_from_anybody_cannot_steer_the_terminal(tmp_path, content):
    config = tmp_path / "x.toml"
    config.write_text(content, encoding="utf-8")
    done = run_here("rules", "--config", config)
    assert (done.returncode, done.stdout) == (3, "")
    assert steering(done.stderr) == set()


def test_wrong_usage_still_shows_how_to_go_on():
    done = run_here("analyze")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("Usage: hipform analyze [OPTIONS]")
    assert done.stderr.splitlines()[-1] == "Error: Missing argument 'CLIP'."
    done = subprocess.run(
        [sys.executable, "-m", "hipform"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2
    assert "analyze" in done.stdout + done.stderr
