"""Calibrations in files, trusted no more than any file from elsewhere."""

import json
from dataclasses import replace

import pytest

from hipform import exercises
from hipform.analysis.judged_reps import Calibration
from hipform.errors import InputError, OutputError
from hipform.exercises.hip_thrust import HIP_THRUST
from hipform.kinematics.lumbar_extension import N_DEPTHS
from hipform.store import (
    count_calibrations,
    forget_calibrations,
    keep_calibration,
    kept_calibrations,
    read_calibration,
    write_calibration,
)

PLAIN = Calibration(
    exercise="hip-thrust", model="heavy", reps=3, view_off_deg=8.0, lockout_trunk_thigh_flexion_deg=-4.25
)
HINGE = Calibration(
    exercise="deadlift",
    model="full",
    reps=5,
    view_off_deg=12.5,
    lockout_trunk_thigh_flexion_deg=2.0,
    low_back_top_deg=24.0,
    low_back_top_scatter_deg=6.5,
    low_back_levels_deg=(None, *[0.5] * (N_DEPTHS - 2), None),
    low_back_levels_scatter_deg=2.5,
)


@pytest.mark.parametrize("calibration", [PLAIN, HINGE])
def test_round_trip(tmp_path, calibration):
    path = tmp_path / "anna.json"
    write_calibration(path, calibration)
    assert read_calibration(path) == calibration
    assert [file.name for file in tmp_path.iterdir()] == ["anna.json"]


def test_an_exercise_that_was_added_while_the_program_runs_can_be_calibrated(tmp_path, monkeypatch):
    path = tmp_path / "anna.json"
    monkeypatch.setitem(exercises._REGISTRY, "frog-pump", replace(HIP_THRUST, slug="frog-pump"))
    calibration = replace(PLAIN, exercise="frog-pump")

    write_calibration(path, calibration)

    assert read_calibration(path) == calibration


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"exercise": "push-up"}, "exercise"),
        ({"lockout_trunk_thigh_flexion_deg": 1e9}, "lockout_trunk_thigh_flexion_deg"),
        ({"lockout_trunk_thigh_flexion_deg": "straight"}, "lockout_trunk_thigh_flexion_deg"),
        ({"low_back_levels_deg": [0.0]}, "low_back_levels_deg"),
        ({"low_back_top_scatter_deg": -1.0}, "low_back_top_scatter_deg"),
        ({"reps": -1}, "reps"),
        ({"format": "hipform-poses"}, "format"),
        ({"version": 2}, "version"),
        ({"more": 1}, "more"),
    ],
)
def test_a_crafted_file_is_rejected_with_the_position_of_the_error(tmp_path, change, where):
    path = tmp_path / "crafted.json"
    write_calibration(path, HINGE)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=rf"crafted\.json is not a valid calibration: error at {where}"):
        read_calibration(path)


@pytest.mark.parametrize("data", [b"", b"not json", b"[" * 90_000, b"\xff\xfe", b"NaN"])
def test_a_file_that_is_not_a_json_object_is_rejected(tmp_path, data):
    path = tmp_path / "data.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is not a valid calibration"):
        read_calibration(path)


def test_a_too_large_file_is_rejected(tmp_path):
    path = tmp_path / "data.json"
    path.write_bytes(b"{}" + b" " * 200_000)
    with pytest.raises(InputError, match="larger than 100,000 bytes"):
        read_calibration(path)


def test_a_missing_file_or_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nobody\.json cannot be read"):
        read_calibration(tmp_path / "nobody.json")
    with pytest.raises(OutputError, match="the folder does not exist"):
        write_calibration(tmp_path / "nowhere" / "anna.json", PLAIN)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path / "own" / "history.sqlite3"))
    return tmp_path


def test_stored_by_athlete_exercise_and_model(place):
    assert kept_calibrations("Ana") == ([], [])
    keep_calibration("Ana", PLAIN)
    keep_calibration("ANA", HINGE)
    keep_calibration("../Bea", PLAIN)
    assert sorted(one.exercise for one in kept_calibrations("ana")[0]) == ["deadlift", "hip-thrust"]
    newer = replace(PLAIN, lockout_trunk_thigh_flexion_deg=1.0)
    keep_calibration("Ana", newer)
    assert newer in kept_calibrations("Ana")[0]
    assert PLAIN not in kept_calibrations("Ana")[0]
    assert [path.parent.name for path in place.rglob("*.json")] == ["calibrations"] * 3


def test_a_damaged_file_is_named_and_the_others_are_used(place):
    keep_calibration("Ana", PLAIN)
    keep_calibration("Ana", HINGE).write_bytes(b"\xff")
    found, problems = kept_calibrations("Ana")
    assert found == [PLAIN]
    assert len(problems) == 1
    assert "is not a valid calibration" in problems[0]


def test_deleted_by_athlete_or_all(place):
    for name in ("Ana", "Bea"):
        keep_calibration(name, PLAIN)
    assert count_calibrations("Ana") == 1
    forget_calibrations("Ana")
    assert kept_calibrations("Ana") == ([], [])
    assert len(kept_calibrations("Bea")[0]) == 1
    assert count_calibrations(None) == 1
    forget_calibrations(None)
    forget_calibrations(None)
    assert count_calibrations(None) == 0


def test_a_folder_that_cannot_be_created_gives_a_clear_error(place):
    (place / "own").write_text("in the way")
    with pytest.raises(OutputError, match="Cannot write"):
        keep_calibration("Ana", PLAIN)
