"""Calibrations in files, trusted no more than any file from elsewhere."""

import json

import pytest

from hipform.errors import InputError, OutputError
from hipform.kinematics.low_back import N_DEPTHS
from hipform.sources import read_calibration, write_calibration
from hipform.types import Calibration

PLAIN = Calibration(exercise="hip-thrust", model="heavy", reps=3, view_off_deg=8.0, lockout_hip_flexion_deg=-4.25)
HINGE = Calibration(
    exercise="deadlift",
    model="full",
    reps=5,
    view_off_deg=12.5,
    lockout_hip_flexion_deg=2.0,
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


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"exercise": "push-up"}, "exercise"),
        ({"lockout_hip_flexion_deg": 1e9}, "lockout_hip_flexion_deg"),
        ({"lockout_hip_flexion_deg": "straight"}, "lockout_hip_flexion_deg"),
        ({"low_back_levels_deg": [0.0]}, "low_back_levels_deg"),
        ({"low_back_top_scatter_deg": -1.0}, "low_back_top_scatter_deg"),
        ({"reps": -1}, "reps"),
        ({"format": "hipform-poses"}, "format"),
        ({"version": 2}, "version"),
        ({"more": 1}, "more"),
    ],
)
def test_a_crafted_file_is_refused_with_the_place(tmp_path, change, where):
    path = tmp_path / "crafted.json"
    write_calibration(path, HINGE)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=rf"crafted\.json is no calibration: wrong at {where}"):
        read_calibration(path)


@pytest.mark.parametrize("data", [b"", b"not json", b"[" * 90_000, b"\xff\xfe", b"{}" + b" " * 200_000, b"NaN"])
def test_what_is_no_json_object_is_refused(tmp_path, data):
    path = tmp_path / "data.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match="is no calibration"):
        read_calibration(path)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nobody\.json cannot be read"):
        read_calibration(tmp_path / "nobody.json")
    with pytest.raises(OutputError, match="the folder does not exist"):
        write_calibration(tmp_path / "nowhere" / "anna.json", PLAIN)
