"""`hipform analyze --pose-format`: landmarks of other tools on the command line."""

import json

import pytest
from typer.testing import CliRunner

from hipform.cli.analyze_command import PoseFormatName
from hipform.cli.root import app
from hipform.pose.readers.formats import POSE_FORMATS
from tests.landmark_files import FPS, SAMPLES


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_formats_on_the_command_line_are_those_there_are():
    assert [one.value for one in PoseFormatName] == list(POSE_FORMATS)


def test_landmarks_of_another_tool_are_judged_and_the_result_says_whose_they_are(tmp_path):
    done = run(
        *("analyze", SAMPLES / "coco17.json", "--pose-format", "coco17", "--fps", FPS),
        *("--size", "1280x720", "--view-deg", 5, "--exercise", "hip-thrust", "--out", tmp_path),
    )

    assert done.exit_code == 0, done.output
    assert "2 reps counted, 2 of 2 locked out" in done.output
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["model"], result["sets"][0]["view_off_deg"], result["clip"]["width_px"]) == ("coco17", 5, 1280)
    assert "The landmarks are from another tool (coco17)." in result["clip"]["notes"]
    report = " ".join((tmp_path / "report.html").read_text().split())
    assert "Another tool found the body" in report
    assert "1.2 times as wide here" in report


FACTS = ("--pose-format", "coco17", "--fps", FPS, "--size", "1280x720", "--view-deg", 5, "--exercise", "hip-thrust")


def test_landmarks_of_another_tool_are_kept_and_judged_again_as_they_were(tmp_path):
    assert run("analyze", SAMPLES / "coco17.json", *FACTS, "--out", tmp_path / "first").exit_code == 0
    again = run("analyze", tmp_path / "first" / "poses.npz", "--exercise", "hip-thrust", "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    first, second = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("first", "again"))
    assert first["files"]["poses"] == "poses.npz"
    assert (first["sets"], first["model"], first["clip"]) == (second["sets"], second["model"], second["clip"])


def test_a_calibration_by_landmarks_of_another_tool_serves_its_sets(tmp_path):
    own = tmp_path / "me.json"
    done = run("calibrate", SAMPLES / "coco17.json", *FACTS, "--out", own)
    assert done.exit_code == 0, done.output
    done = run("analyze", SAMPLES / "coco17.json", *FACTS, "--calibration", own, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "not used" not in done.output
    assert "calibration" in json.loads((tmp_path / "out" / "result.json").read_text())["sets"][0]["refined"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["coco17.json", "--pose-format", "coco17"], 4, "--fps"),
        (["coco17.json", "--pose-format", "trc"], 4, "not those of a TRC file"),
        (["missing.json", "--pose-format", "coco17"], 4, "does not exist"),
        (["coco17.json", "--pose-format", "openpose", "--fps", "15"], 4, "not a folder"),
        (["openpose", "--pose-format", "coco17", "--fps", "15"], 4, "it is not a file"),
        (["opencap.trc", "--pose-format", "trc", "--fps", "60"], 4, "states 15 frames per second"),
        (["native_landmarks.npz", "--view-deg", "5"], 3, "--pose-format"),
        (["coco17.json", "--pose-format", "coco17", "--size", "large"], 2, "1280x720"),
        (["coco17.json", "--pose-format", "vicon"], 2, "vicon"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_exit_code(arguments, exit_code, words, tmp_path):
    done = run("analyze", SAMPLES / arguments[0], *arguments[1:], "--out", tmp_path / "out")

    said = str(done.exception) if done.exit_code == 1 else done.output
    assert (getattr(done.exception, "exit_code", done.exit_code), words in said) == (exit_code, True), said
    assert not (tmp_path / "out").exists()
