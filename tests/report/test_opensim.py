"""The OpenSim files, read back with readers that are not ours.

trc-data-reader reads .trc, pyomeca .mot, though it expects commas in the latter unless an option says otherwise.
OpenSim's own Python package reads both, but is 70 MB, and none is made for ARM.
"""

import shutil

import numpy as np
import pytest
from trc import TRCData

from hipform.app import analyze, export
from hipform.errors import InputError, OutputError
from hipform.pose.poses import Landmark, Pose
from hipform.pose.recording import Recording
from hipform.report.c3d import write_c3d
from hipform.report.opensim import measured_sides, write_mot, write_mot_of_both, write_trc
from hipform.report.tables import read_frames
from hipform.types import Side


@pytest.fixture(scope="module")
def result(thin_clip, tmp_path_factory):
    """Return the folder of one analysis, made once."""
    folder = tmp_path_factory.mktemp("result")
    analyze(thin_clip, exercise="hip-thrust", model="lite", out=folder, jobs=0)
    return folder


def read_trc(path):
    data = TRCData()
    data.load(str(path))
    return data


def read_mot(path):
    pyomeca = pytest.importorskip("pyomeca", reason="pyomeca is not there for ARM on Linux")
    return pyomeca.Analogs.from_mot(path, pandas_kwargs={"sep": "\t"})


# ------------------------------------------------------------------------------------------------------------------ trc


def test_markers_come_back_in_millimetres_and_opensim_s_axes(result, tmp_path):
    markers = read_trc(export(result, "trc", tmp_path)[0])
    with Recording(result / "poses.npz") as recording:
        poses = list(recording)
        fps = recording.info.fps
    assert markers["Markers"] == [landmark.name.lower() for landmark in Landmark]
    assert (markers["Units"], markers["NumFrames"], markers["NumMarkers"]) == ("mm", len(poses), 33)
    assert markers["DataRate"] == markers["CameraRate"] == pytest.approx(fps)
    np.testing.assert_allclose(markers["Time"], [pose.t_s for pose in poses], atol=1e-6)
    for landmark in Landmark:
        ours_m = np.array([pose.world_m[landmark] for pose in poses])
        np.testing.assert_allclose(markers[landmark.name.lower()], 1000 * ours_m * [1, -1, -1], atol=0.006)


def test_up_is_up(result, tmp_path):
    markers = read_trc(export(result, "trc", tmp_path)[0])
    height_mm = {name: np.mean(markers[name], axis=0)[1] for name in ("left_knee", "left_shoulder", "left_ankle")}
    # The lifter lies on the bench with bent knees.
    assert height_mm["left_knee"] > height_mm["left_ankle"] + 200
    assert height_mm["left_shoulder"] > height_mm["left_ankle"]


def test_markers_of_nobody_are_nan(tmp_path):
    seen = Pose(0.5, np.zeros((33, 2)), np.full((33, 3), 0.25), np.ones(33))
    write_trc(tmp_path / "markers.trc", [Pose.unseen(0.0), seen], count=2, fps=2.0)
    markers = read_trc(tmp_path / "markers.trc")
    np.testing.assert_array_equal(markers["left_hip"], [[np.nan] * 3, [250, -250, -250]])
    assert [markers[number][0] for number in (1, 2)] == [0.0, 0.5]


def test_a_result_of_a_recording_says_why_it_has_no_markers(result, tmp_path):
    """Its folder was written by `hipform analyze`, too."""
    analyze(result / "poses.npz", exercise="hip-thrust", out=tmp_path)
    with pytest.raises(InputError, match=r"poses\.npz is missing") as caught:
        export(tmp_path, "trc")
    assert "Only the analysis of a video" in caught.value.hint


# ------------------------------------------------------------------------------------------------------------------ mot


def test_angles_come_back_with_their_signs(result, tmp_path):
    path, *_ = export(result, "mot", tmp_path)
    angles = read_mot(path)
    frames = [row for row in read_frames(result / "frames.csv") if row["tracked"] == "1"]
    side = frames[-1]["side"]
    assert path.name == f"angles_{side}.mot"
    assert angles.channel.to_numpy().tolist() == [f"trunk_thigh_flexion_{side[0]}", f"knee_angle_{side[0]}"]
    hip, knee = angles.to_numpy()
    np.testing.assert_allclose(angles.time, [float(row["time_s"]) for row in frames])
    np.testing.assert_allclose(hip, [float(row["trunk_thigh_flexion_deg"]) for row in frames])
    np.testing.assert_allclose(knee, [float(row["knee_flexion_deg"]) for row in frames])
    # Bent far at the bottom, less at the top; the knee stays bent.
    assert np.max(hip) > 40 > np.min(hip)
    assert np.median(knee) > 60


def test_the_header_says_what_opensim_must_know(result, tmp_path):
    header, table = export(result, "mot", tmp_path)[0].read_text(encoding="utf-8").split("endheader\n")
    assert header.startswith("Coordinates\nversion=1\n")
    assert f"nRows={len(table.splitlines()) - 1}\nnColumns=3\ninDegrees=yes\n" in header


def row(time_s, side, hip, *, tracked="1"):
    return {
        "time_s": time_s,
        "side": side,
        "tracked": tracked,
        "trunk_thigh_flexion_deg": hip,
        "knee_flexion_deg": "90",
    }


def test_a_leg_has_the_frames_in_which_it_was_measured(tmp_path):
    frames = [
        row("0", "left", "-10"),
        row("0.1", "right", "20"),
        row("0.2", "left", ""),
        row("0.3", "left", "30", tracked="0"),
        row("0.4", "left", "40"),
    ]
    assert measured_sides(frames) == [Side.LEFT, Side.RIGHT]
    assert measured_sides(frames[2:4]) == []
    write_mot(tmp_path / "angles.mot", frames, Side.LEFT)
    angles = read_mot(tmp_path / "angles.mot")
    assert angles.time.to_numpy().tolist() == [0.0, 0.4]
    assert angles.sel(channel="trunk_thigh_flexion_l").to_numpy().tolist() == [-10, 40]


@pytest.mark.parametrize("cell", ["many", "nan", "inf", "1e400", "9" * 400])
def test_a_damaged_cell_leaves_no_file(tmp_path, cell):
    with pytest.raises(InputError, match="is not a valid number"):
        write_mot(tmp_path / "angles.mot", [row("0", "left", cell)], Side.LEFT)
    assert list(tmp_path.iterdir()) == []


def test_without_a_lifter_there_is_nothing_to_write(result, tmp_path):
    lines = (result / "frames.csv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    cells = dict(zip(header, lines[1].split(","), strict=True), tracked="0")
    (tmp_path / "frames.csv").write_text(f"{lines[0]}\n{','.join(cells.values())}\n", encoding="utf-8")
    shutil.copy(result / "result.json", tmp_path)
    with pytest.raises(InputError, match="hip and knee"):
        export(tmp_path, "mot")


# --------------------------------------------------------------------------------------------------------------- export


def test_both_legs_are_in_one_file_where_both_were_measured(tmp_path):
    both = {**row("0.5", "right", "-10.5"), "other_trunk_thigh_flexion_deg": "20", "other_knee_flexion_deg": "30"}
    alone = {**row("1.0", "right", "1"), "other_trunk_thigh_flexion_deg": "", "other_knee_flexion_deg": ""}
    assert write_mot_of_both(tmp_path / "both.mot", [both, alone, {**both, "time_s": "1.5"}])
    angles = read_mot(tmp_path / "both.mot")
    assert angles.time.to_numpy().tolist() == [0.5, 1.5]
    assert float(angles.sel(channel="trunk_thigh_flexion_l")[0]) == 20
    assert float(angles.sel(channel="knee_angle_l")[0]) == 30
    assert float(angles.sel(channel="trunk_thigh_flexion_r")[0]) == -10.5
    assert not write_mot_of_both(tmp_path / "none.mot", [alone])
    assert not (tmp_path / "none.mot").exists()


def test_the_landmarks_come_back_from_c3d(tmp_path):
    ezc3d = pytest.importorskip("ezc3d", reason="has no package for ARM on Linux")
    pose = Pose.unseen(0.0)
    pose.world_m[Landmark.LEFT_KNEE] = (0.1, 0.2, 0.3)
    write_c3d(tmp_path / "markers.c3d", [pose, Pose.unseen(0.04)], fps=25.0)
    read = ezc3d.c3d(str(tmp_path / "markers.c3d"))
    assert read["parameters"]["POINT"]["RATE"]["value"] == [25.0]
    assert read["parameters"]["POINT"]["LABELS"]["value"][Landmark.LEFT_KNEE] == "left_knee"
    assert read["data"]["points"][:3, Landmark.LEFT_KNEE, 0] == pytest.approx([100, -200, -300])
    assert (read["data"]["meta_points"]["residuals"][0, :, 1] < 0).all()


@pytest.mark.parametrize("kind", ["parquet", "trc", "mot"])
def test_what_is_missing_is_named(result, tmp_path, kind):
    with pytest.raises(InputError, match=r"There is no result at .*result\.json"):
        export(tmp_path, kind)
    assert list(tmp_path.iterdir()) == []
    shutil.copy(result / "result.json", tmp_path)
    with pytest.raises(InputError, match=r"(reps\.csv|frames\.csv|poses\.npz) is missing"):
        export(tmp_path, kind)
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_table_that_is_none_of_ours_is_refused(result, tmp_path):
    shutil.copy(result / "result.json", tmp_path)
    (tmp_path / "frames.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="columns"):
        export(tmp_path, "mot")
    (tmp_path / "reps.csv").write_bytes(b"a,b\n1,2,3\n\xff\n")
    with pytest.raises(InputError, match="table"):
        export(tmp_path, "parquet")


def test_no_folder_is_reported(tmp_path):
    with pytest.raises(InputError, match="There is no result at"):
        export(tmp_path / "gone", "mot")


def test_a_place_that_cannot_be_written_is_reported(result, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        export(result, "mot", tmp_path / "file")


def test_the_result_may_be_named_by_its_file(result, tmp_path):
    names = [path.name for path in export(result, "mot", tmp_path / "other")]
    assert export(result / "result.json", "mot", tmp_path) == [tmp_path / name for name in names]


# -------------------------------------------------------------------------------------------------------------- parquet


def test_parquet_holds_the_tables_with_their_types(result, tmp_path):
    import pandas as pd

    reps_path, frames_path = export(result, "parquet", tmp_path)
    reps, frames = pd.read_parquet(reps_path), pd.read_parquet(frames_path)
    assert reps["partial"].dtype == bool
    assert frames["tracked"].dtype == bool
    assert frames["rep_count"].dtype == "int64"
    assert all(frames[name].dtype == "float64" for name in frames.columns if name.endswith(("_deg", "_s", "_ratio")))
    for name, table in (("reps.csv", reps), ("frames.csv", frames)):
        written = pd.read_csv(result / name)
        assert written.columns.tolist() == table.columns.tolist()
        assert len(written) == len(table)
    np.testing.assert_allclose(
        frames["trunk_thigh_flexion_deg"], pd.read_csv(result / "frames.csv")["trunk_thigh_flexion_deg"]
    )


def test_an_analysis_without_a_rep_has_empty_tables(result, tmp_path):
    import pandas as pd

    (tmp_path / "reps.csv").write_text("set,exercise,rep\n")
    shutil.copy(result / "result.json", tmp_path)
    (tmp_path / "frames.csv").write_bytes((result / "frames.csv").read_bytes())
    assert pd.read_parquet(export(tmp_path, "parquet")[0]).empty
