"""`hipform batch` as its user meets it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from hipform.report.result import RUN_RECORD
from scripts.app_process import wait_until
from tests.batch.fakes import names_in
from tests.here import run_here
from tests.samples import ROOT, SAMPLES

SHORT = SAMPLES / "hip_thrust_short.mp4"
LANDMARKS = ROOT / "tests" / "pose" / "landmark_files"
GOLDEN = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"


def started(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unhurried", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "140", "PYTHONIOENCODING": "utf-8", **environment},
    )


def run(*arguments, **environment):
    with started(*arguments, **environment) as process:
        out, err = process.communicate()
    return process.returncode, out, err


@pytest.fixture(scope="module")
def done(thin_clip, tmp_path_factory):
    """Return a table of a clip, a recording and a broken file, the folder of their results, and what was said."""
    folder = tmp_path_factory.mktemp("batch")
    clips = folder / "clips"
    clips.mkdir()
    shutil.copy(thin_clip, clips / "short.mp4")
    shutil.copy(GOLDEN, clips / "=1+1.npz")
    (clips / "<b>broken.mp4").write_text("no video")
    manifest = clips / "clients.csv"
    manifest.write_text(
        "path;exercise;athlete;load;note\n"
        "short.mp4;hip-thrust;=Ana;80kg;<script>alert(1)</script>\n"
        "=1+1.npz;glute-bridge;;;\n"
        "<b>broken.mp4;;;;\n"
    )
    code, out, err = run(manifest, "-o", folder / "out", "-m", "lite", HIPFORM_HISTORY=str(folder / "history.sqlite3"))
    return manifest, folder / "out", code, out, err


def test_landmark_files_of_another_tool_are_a_batch_that_resumes(tmp_path):
    clips, out = tmp_path / "clips", tmp_path / "out"
    clips.mkdir()
    shutil.copy(LANDMARKS / "coco17.json", clips / "good.json")
    (clips / "wrong.json").write_text("{}")
    command = (clips, "-o", out, "-e", "hip-thrust", "--pose-format", "coco17", "--fps", "15")

    code, said, err = run(*command)

    assert code == 10, err
    assert "wrong.json: failed: wrong.json cannot be read as COCO's results in JSON" in err
    assert {"report.html", "poses.npz", RUN_RECORD} <= names_in(out / "good")
    assert json.loads((out / "good" / "result.json").read_text())["model"] == "coco17"
    assert "1 clip analysed, 1 failed." in said

    code, said, err = run(*command)

    assert err.splitlines()[0].startswith("2 clips: 1 done before, 1 failed before")


def test_every_clip_has_its_folder_and_the_failed_one_is_reported(done):
    _, out, code, said, err = done
    assert code == 10
    assert err.splitlines()[0] == "3 clips: 3 to do."
    assert "<b>broken.mp4: failed: <b>broken.mp4 is not a video" in err
    assert err.splitlines()[-1] == "hipform: 1 clip failed. index.html lists the reasons."
    assert "2 clips analysed, 1 failed." in said
    assert said.splitlines()[-1] == f"Open {out}/index.html"
    assert {"report.html", "annotated.mp4", "thumbnail.jpg", RUN_RECORD} <= names_in(out / "short")
    assert names_in(out / "_b_broken") == {RUN_RECORD}
    assert names_in(out / ".hipform-batch") == {"lock"}


def test_the_summary_has_a_row_a_rep_and_no_formula(done):
    out = done[1]
    with (out / "summary.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["clip"] for row in rows} == {"'=1+1.npz", "short.mp4"}
    (short,) = [row for row in rows if row["clip"] == "short.mp4"]
    assert (short["athlete"], short["load_kg"], short["rep"]) == ("'=Ana", "80.000", "1")
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+")) and not cell[1:2].isdigit()]


def test_the_summary_is_there_as_parquet_with_its_types(done):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'hipform[parquet]'")
    table = parquet.read_table(done[1] / "summary.parquet")
    with (done[1] / "summary.csv").open(newline="", encoding="utf-8") as file:
        assert table.column_names == next(csv.reader(file))
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["clip"], types["athlete"], types["rep"], types["load_kg"], types["lift_s"], types["partial"]) == (
        "string",
        "string",
        "int64",
        "double",
        "double",
        "bool",
    )


def test_the_index_escapes_what_others_wrote(done):
    page = (done[1] / "index.html").read_text(encoding="utf-8")
    assert "<b>broken" not in page
    assert "&lt;b&gt;broken.mp4 is not a video" in page
    assert "short/report.html" in page


def test_again_nothing_is_done_and_the_failure_still_counts(done):
    manifest, out, *_ = done
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*")}
    history = str(out.with_name("history.sqlite3"))
    code, said, err = run(manifest, "-o", out, "-m", "lite", HIPFORM_HISTORY=history)
    assert code == 10
    assert "3 clips: 2 done before, 1 failed before (use --retry-failed to retry), 0 to do." in err
    assert "0 clips analysed, 2 done before, 1 failed." in said
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*")} == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none.mp4"], 4, "none.mp4 cannot be read: No such file or directory."),
        (["."], 4, "There is no video in ."),
        (["."], 3, "unknown exercise 'hip-trust'"),
        (["."], 2, "Invalid value for --workers"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(tmp_path, monkeypatch, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    options = {3: ["-e", "hip-trust"], 2: ["--workers", "2", "--scheduler", "tcp://x:1"]}.get(code, [])
    done = run_here("batch", *arguments, "-o", "out", *options)
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def is_drawing(out):
    """Return whether a batch writes its results; a folder that goes away while it is searched counts as no."""
    try:
        return bool(list(out.glob(".hipform-batch/*/*/result/.hipform-*/new/.hipform-*")))
    except FileNotFoundError:
        return False


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent otherwise on Windows")
def test_ctrl_c_keeps_what_is_finished_and_leaves_nothing_running(tmp_path):
    clips = tmp_path / "clips"
    clips.mkdir()
    # More than are seen: on a busy machine the moment in which one is drawn may pass unseen.
    for name in ("first.mp4", "second.mp4", *(f"then_{number}.mp4" for number in range(6))):
        shutil.copy(SHORT, clips / name)
    (clips / "broken.mp4").write_bytes(b"no video" * 200_000)
    process = started(clips, "-o", tmp_path / "out", "--workers", "1", "-m", "lite", "-e", "hip-thrust")
    wait_until(lambda: is_drawing(tmp_path / "out") or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert "run the same command again to resume" in out
    assert "Traceback" not in err
    assert names_in(tmp_path / "out" / ".hipform-batch") == {"lock"}
    assert json.loads((tmp_path / "out" / "broken" / RUN_RECORD).read_text())["failure"]["exit_code"] == 4
    assert "broken.mp4" in (tmp_path / "out" / "index.html").read_text()
    assert not (tmp_path / "out" / "then_5").exists()
