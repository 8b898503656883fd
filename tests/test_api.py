"""The Python API: what `import hipform` offers, as its user meets it."""

import errno
import inspect
import os
import re
import subprocess
import sys
from datetime import timedelta
from importlib import metadata

import numpy as np
import pytest

import hipform
from hipform.analysis.judged_reps import Rep
from hipform.app import results
from hipform.errors import ConfigError, InputError, OutputError
from hipform.exercises import ENTRY_POINTS, EXERCISES, _offered, add_exercises
from hipform.files import output_error, write_whole
from hipform.pose.readers.keypoint_names import COCO17, landmark_of
from hipform.pose.recording import Recording
from tests.report import made
from tests.samples import ROOT

RECORDING = ROOT / "tests" / "sample_recordings" / "hip_thrust_demo.npz"


def test_the_package_shows_what_there_is():
    assert {"analyze", "calibrate", "Session", "Settings", "errors", "load_result"} <= set(dir(hipform))
    for name in dir(hipform):
        assert inspect.getdoc(getattr(hipform, name)), name


@pytest.fixture(scope="module")
def poses():
    with Recording(RECORDING) as recording:
        return recording.info, list(recording)


def pushed(poses, points, **more):
    info, frames = poses
    session = hipform.Session("hip-thrust", size_px=(info.width_px, info.height_px), fps=info.fps)
    steps = [session.push_points(pose.t_s, points(pose), **{k: v(pose) for k, v in more.items()}) for pose in frames]
    events = [event for step in steps for event in step.events if isinstance(event, Rep)]
    return events, session.finish()


def test_pushed_landmarks_are_judged_as_they_come(poses):
    whole = hipform.analyze(RECORDING, exercise="hip-thrust")
    events, result = pushed(
        poses, lambda pose: pose.image_px, scores=lambda pose: pose.visibility, world_m=lambda pose: pose.world_m
    )
    assert len(result.sets[0].reps) == len(whole.sets[0].reps) == 3
    assert len(events) >= 3
    assert result.summaries[0].reps == 3
    assert hipform.AnalysisResult.from_json(result.to_json()) == result


def test_points_of_coco_are_judged_too(poses):
    places = [landmark_of(name) for name in COCO17]
    _, result = pushed(poses, lambda pose: pose.image_px[places])
    assert result.model == "coco17"
    assert len(result.sets[0].reps) == 3


def test_wrong_input_is_one_clear_error():
    session = hipform.Session("hip-thrust", size_px=(640, 360))
    with pytest.raises(hipform.HipformError, match="nothing to judge"):
        session.finish()
    with pytest.raises(hipform.HipformError, match=r"shape \(5, 2\)"):
        session.push_points(0.0, np.zeros((5, 2)))
    session.push_points(0.0, np.zeros((33, 2)))
    with pytest.raises(hipform.HipformError, match="does not increase"):
        session.push_points(0.0, np.zeros((33, 2)))
    with pytest.raises(hipform.HipformError, match="another source"):
        session.push_points(0.1, np.zeros((17, 2)))
    with pytest.raises(hipform.HipformError, match=r"640 by 360"):
        session.push(0.2, np.zeros((10, 10, 3), np.uint8))


def test_a_result_is_read_from_its_folder(tmp_path):
    result = hipform.analyze(RECORDING, exercise="hip-thrust", out=tmp_path)
    assert hipform.load_result(tmp_path) == result
    with pytest.raises(hipform.errors.InputError, match="no result"):
        hipform.load_result(tmp_path / "nothing")


def test_a_notebook_shows_verdicts_and_a_figure(tmp_path):
    result = made.result([made.rep(1), made.rep(2, judged=False), made.rep(3, faults=["no-squeeze"])], name="<b>.mp4")
    assert repr(result).splitlines() == [
        "AnalysisResult of '<b>.mp4'",
        "  Set 1, hip-thrust: 3 reps counted, 2 of 2 locked out, 1 could not be judged.",
    ]
    assert "<b>" not in result._repr_html_()
    figure = result.plot()
    upper, lower = figure.axes
    assert len(upper.containers) == 2
    assert [line.get_label() for line in lower.lines] == ["lift", "lower"]
    figure.savefig(tmp_path / "figure.png")


# --------------------------------------------------------------------------------------- exercises of other files

FROG_PUMP = """
from dataclasses import replace
from hipform.exercises.glute_bridge import GLUTE_BRIDGE
FROG_PUMP = replace(GLUTE_BRIDGE, slug="frog-pump", name="Frog pump")
"""


def run(*arguments):
    command = [sys.executable, "-m", "hipform", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_an_exercise_of_the_users_own_file_is_judged(tmp_path):
    (tmp_path / "mine.py").write_text(FROG_PUMP, encoding="utf-8")
    recording = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"
    done = run("analyze", recording, "-e", "frog-pump", "--exercise-file", tmp_path / "mine.py", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "Frog pump: 5 reps counted" in done.stdout


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1", "declares no exercise"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("raise SystemExit(0)", "cannot be loaded: SystemExit"),
        ("raise type('E', (BaseException,), {})", "cannot be loaded: E"),
        (FROG_PUMP.replace("frog-pump", "deadlift"), "there already is an exercise 'deadlift'"),
        (FROG_PUMP + "SECOND = replace(FROG_PUMP, name='Second')", "there already is an exercise 'frog-pump'"),
        *((FROG_PUMP.replace("frog-pump", slug), "the slug") for slug in ("../x", "", "Frog", "frog pump")),
        *((FROG_PUMP.replace("frog-pump", slug), "cannot be the slug") for slug in ("auto", "frog:pump")),
        (FROG_PUMP.replace('"Frog pump"', "5, rules=None"), "TypeError: name, rules of the exercise frog-pump"),
        (FROG_PUMP.replace('"Frog pump"', '"F", usual_range_deg=float("nan")'), "usual_range_deg"),
    ],
)
def test_a_file_without_a_new_exercise_is_one_clear_error(tmp_path, text, complaint):
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    with pytest.raises(hipform.errors.ConfigError, match=complaint):
        add_exercises(tmp_path / "mine.py")
    assert "frog-pump" not in EXERCISES
    (tmp_path / "mine.so").write_text(text, encoding="utf-8")
    for name in ("gone.py", "mine.so"):
        with pytest.raises(hipform.errors.ConfigError, match="not a Python file"):
            add_exercises(tmp_path / name)


def test_ctrl_c_while_a_file_is_loaded_is_no_fault_of_the_file(tmp_path):
    (tmp_path / "mine.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        add_exercises(tmp_path / "mine.py")


def test_an_exercise_of_another_package_is_found(monkeypatch):
    point = metadata.EntryPoint("pump", "hipform.exercises.glute_bridge:GLUTE_BRIDGE", ENTRY_POINTS)
    assert _offered(point) is EXERCISES["glute-bridge"]
    for value, complaint in (("hipform:__version__", "is not an Exercise"), ("nowhere:x", "cannot be loaded")):
        with pytest.raises(hipform.errors.ConfigError, match=complaint):
            _offered(metadata.EntryPoint("pump", value, ENTRY_POINTS))


@pytest.mark.parametrize("error_number", [errno.ENOSPC, None])
def test_the_files_of_an_export_appear_together_or_not_at_all(tmp_path, monkeypatch, error_number):
    source, earlier, new = tmp_path / "set", tmp_path / "earlier", tmp_path / "deep" / "new"
    source.mkdir()
    earlier.mkdir()
    (source / "result.json").write_text(made.result([made.rep(1)]).to_json())
    (earlier / "a").write_bytes(b"old")

    def two(_folder, out):
        write_whole(out / "a", b"new")
        yield out / "a"
        if error_number:
            raise output_error(out / "b", OSError(error_number, os.strerror(error_number)))
        write_whole(out / "b", b"new")
        yield out / "b"

    monkeypatch.setitem(results.EXPORTS, "two", two)
    for out in (earlier, new):
        if error_number:
            with pytest.raises(OutputError, match=re.escape(f"Cannot write {out / 'b'}: the disk is full")):
                hipform.export(source, "two", out)
        else:
            assert hipform.export(source, "two", out) == [out / "a", out / "b"]
    left = {path.name: path.read_bytes() for path in earlier.iterdir()}
    assert left == ({"a": b"old"} if error_number else {"a": b"new", "b": b"new"})
    assert (tmp_path / "deep").exists() is not bool(error_number)


def test_an_export_replaces_no_folder(tmp_path):
    (tmp_path / "result.json").write_text(made.result([made.rep(1)]).to_json())
    (tmp_path / "results.xlsx").mkdir()
    with pytest.raises(OutputError, match=r"results\.xlsx: a folder already has that name"):
        hipform.export(tmp_path, "xlsx")


def test_export_takes_a_path_as_text_and_names_the_formats(tmp_path):
    with pytest.raises(hipform.HipformError, match="Choose one of"):
        hipform.export(str(tmp_path), "doc")
    with pytest.raises(hipform.HipformError, match="Choose one of"):
        hipform.export(str(tmp_path), ["trc"])
    with pytest.raises(hipform.errors.InputError, match="result"):
        hipform.export(str(tmp_path), "xlsx", out=str(tmp_path))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"turn_deg": 45}, "turn_deg must be 0, 90, 180, 270 or None, not 45"),
        ({"turn_deg": "90"}, "turn_deg must be"),
        ({"speed": 0}, "speed must be a number from 0.01 to 100 or None, not 0"),
        ({"speed": float("nan")}, "speed must be"),
        ({"speed": 10**5000}, "not a number too long to print"),
        ({"start_s": "1"}, "start_s must be a number or None, not '1'"),
        ({"exercise": None}, "exercise must be the name of an exercise, not None"),
        ({"settings": {"sets.rest_s": 20}}, "settings must be of hipform.Settings or None, not of dict"),
        ({"calibrations": None}, "calibrations must be a list of what hipform.calibrate returned"),
        ({"calibrations": ["me.json"]}, "calibrations must be"),
        ({"training": "Ana"}, "training must be of hipform.Training"),
        ({"progress": 5}, "progress must be a function"),
        ({"jobs": -1}, "jobs must be a whole number from 0 on"),
        ({"person": 1}, "person must be text"),
        ({"person": "left"}, "those of one person"),
        ({"language": ["de"]}, "language must be text"),
        ({"size_px": 5}, "size_px must be width and height"),
        ({"out": 5}, "out must be a path, not 5"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_argument_of_another_kind_is_one_clear_error(wrong, complaint):
    with pytest.raises(hipform.errors.ConfigError) as caught:
        hipform.analyze(RECORDING, **wrong)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("path", [None, 5, b"set.mp4", [], "set\0.mp4", "\ud800.mp4"])
@pytest.mark.parametrize("function", ["analyze", "load_result", "compare"])
def test_what_is_no_path_is_one_clear_error(function, path):
    with pytest.raises(hipform.HipformError, match=r"must be a path|cannot be the name of a file"):
        getattr(hipform, function)(path)


@pytest.mark.parametrize(
    "facts",
    [
        {"athlete": 5},
        {"note": "\ud800"},
        {"note": "x" * 1001},
        {"load": "80kg"},
        {"load": hipform.Load(kg=float("nan"))},
        {"load": hipform.Load(kg=-5)},
        {"load": hipform.Load(kg=1e300)},
        {"recorded_at": "2026-03-21"},
    ],
    ids=str,
)
def test_facts_that_no_result_can_hold_are_refused_before_one_is_written(tmp_path, facts):
    with pytest.raises(hipform.errors.ConfigError, match="training must be"):
        hipform.analyze(RECORDING, training=hipform.Training(**facts), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "t_s",
    ["1", None, [1], np.array([1, 2]), 1j, True, 10**400, float("nan"), float("inf"), 1e8, -1e8, timedelta(seconds=1)],
)
def test_a_session_names_a_time_that_is_none(t_s):
    session = hipform.Session("hip-thrust", size_px=(64, 36))
    for push, frame in ((session.push_points, np.zeros((33, 2))), (session.push, np.zeros((36, 64, 3), np.uint8))):
        with pytest.raises(ConfigError, match="t_s must be a number of seconds"):
            push(t_s, frame)


@pytest.mark.parametrize(
    "points",
    [
        "x",
        {},
        None,
        np.full((33, 2), "a"),
        [[10**400, 2]] * 33,
        [[1, 2]] * 32 + [[1]],
        np.zeros((33, 2), complex),
        np.zeros((33, 2), bool),
        np.zeros((33, 2), "datetime64[s]"),
    ],
)
def test_a_session_names_points_that_are_none(points):
    with pytest.raises(InputError, match=r"the points (are no array of numbers|have shape)"):
        hipform.Session("hip-thrust", size_px=(64, 36)).push_points(0.0, points)


def test_a_session_names_scores_and_metres_of_another_shape():
    session = hipform.Session("hip-thrust", size_px=(64, 36))
    with pytest.raises(InputError, match=r"the scores have shape \(2,\)"):
        session.push_points(0.0, np.zeros((33, 2)), scores=[1, 1])
    with pytest.raises(InputError, match="the points in metres are no array of numbers"):
        session.push_points(0.0, np.zeros((33, 2)), world_m="x")


def test_a_masked_point_counts_as_not_seen():
    step = hipform.Session("hip-thrust", size_px=(64, 36)).push_points(0.0, np.ma.masked_all((33, 2)))
    assert not step.observation.tracked


@pytest.mark.parametrize(
    "wrong",
    [
        {"size_px": 5},
        {"size_px": ("a", "b")},
        {"size_px": (0, 0)},
        {"size_px": (-1, 5)},
        {"size_px": (10**400, 1)},
        {"size_px": None},
        {"exercise": None},
        {"training": "Ana"},
    ],
)
def test_a_session_of_another_kind_is_one_clear_error(wrong):
    with pytest.raises(hipform.errors.ConfigError, match=f"{next(iter(wrong))} must be"):
        hipform.Session(**{"exercise": "hip-thrust", "size_px": (640, 360), **wrong})
    with pytest.raises(hipform.errors.InputError, match="no array"):
        hipform.Session("hip-thrust", size_px=(640, 360)).push(0.0, "frame.jpg")
