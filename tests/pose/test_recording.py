import io
import json
import os
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hipform.errors import InputError, OutputError, RecordingError
from hipform.pose import recording
from hipform.pose.poses import CONTOUR_STATIONS, N_LANDMARKS, Disc, Pose, TrunkContour
from hipform.pose.recording import Recording, RecordingWriter, is_recording
from hipform.types import NoiseModel
from hipform.validation import MAX_TIME_S
from hipform.video.frames import ClipInfo

INFO = ClipInfo(
    name="hüft 🏋.mp4",
    width_px=1080,
    height_px=1920,
    fps=29.97,
    duration_s=12.5,
    time_base=Fraction(1, 15360),
    has_audio=True,
    notes=("HDR (PQ) was converted to standard dynamic range.",),
)


def poses(count, seed=0):
    rng = np.random.default_rng(seed)
    for i in range(count):
        t_s, shot = i / 29.97, i // 400
        if i % 7 == 3:
            yield Pose.unseen(t_s, shot)
            continue
        numbers = [rng.normal(size=(N_LANDMARKS, n)).astype(np.float32).astype(float) for n in (2, 3)]
        visibility = rng.uniform(size=N_LANDMARKS).astype(np.float32).astype(float)
        sides = rng.uniform(-1, 1, (2, len(CONTOUR_STATIONS))).astype(np.float32).astype(float)
        sides[:, i % 5] = np.nan
        discs = tuple(Disc(numbers[0][n], np.abs(numbers[0][n + 9]) + 1, 0.5) for n in range(i % 4))
        yield Pose(t_s, numbers[0] * 500, numbers[1], visibility, shot, TrunkContour(*sides), discs)


def record(path, items, info=INFO, model="full"):
    with RecordingWriter(path, info, model) as writer:
        for pose in items:
            writer.write(pose)
    return path


def assert_same(one, other):
    assert (one.t_s, one.shot, one.found) == (other.t_s, other.shot, other.found)
    for name in ("image_px", "world_m", "visibility"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name).astype(np.float32).astype(float))
        assert getattr(one, name).dtype == np.float64
    assert len(one.discs) == len(other.discs)
    for disc, wanted in zip(one.discs, other.discs, strict=True):
        np.testing.assert_array_equal(disc.center_px, wanted.center_px.astype(np.float32))
        np.testing.assert_array_equal(disc.radius_px, wanted.radius_px.astype(np.float32))
        assert disc.confidence == wanted.confidence
    expected = other.contour or TrunkContour.unseen()
    for name in ("counter_clockwise_ratio", "clockwise_ratio"):
        np.testing.assert_array_equal(getattr(one.contour, name), getattr(expected, name))


@pytest.mark.parametrize("count", [1, 511, 512, 513, 1300])
def test_round_trip_is_exact(tmp_path, count):
    path = record(tmp_path / "poses.npz", poses(count))
    with Recording(path) as back:
        # The intervals of the model that found the landmarks come with them.
        assert back.info == replace(INFO, noise=NoiseModel(u95_scale=1.4, bias_ratio=1.0))
        assert back.model == "full"
        assert back.n_frames == count
        for _ in range(2):
            found = list(back)
            assert len(found) == count
            for one, other in zip(found, poses(count), strict=True):
                assert_same(one, other)


@given(
    hnp.arrays(np.float32, (N_LANDMARKS, 2), elements=st.floats(-1e6, 1e6, width=32)),
    hnp.arrays(np.float32, (N_LANDMARKS,), elements=st.floats(0, 1, width=32)),
    st.floats(-MAX_TIME_S, MAX_TIME_S, allow_nan=False),
)
def test_any_number_survives(tmp_path_factory, image_px, visibility, t_s):
    path = tmp_path_factory.mktemp("any") / "poses.npz"
    pose = Pose(t_s, image_px.astype(float), np.zeros((N_LANDMARKS, 3)), visibility.astype(float))
    with Recording(record(path, [pose])) as back:
        (found,) = back
    assert_same(found, pose)


def test_empty_clip_of_no_frames(tmp_path):
    with Recording(record(tmp_path / "poses.npz", [])) as back:
        assert list(back) == []


def test_numpy_opens_it_without_pickle(tmp_path):
    path = record(tmp_path / "poses.npz", poses(20))
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["t_s"].dtype == np.float64
        assert arrays["image_px"].shape == (20, 33, 2)
        assert arrays["world_m"].dtype == np.float32
        assert arrays["visibility"].shape == (20, 33)
        assert arrays["shot"].dtype == np.int32
        assert arrays["contour"].shape == (20, 2, 23)
        meta = json.loads(arrays["meta"].tobytes())
    assert (meta["format"], meta["version"], meta["model"]) == ("hipform-poses", 1, "full")
    assert meta["clip"]["time_base"] == [1, 15360]


def test_it_names_estimator_model_and_keypoints(tmp_path):
    with RecordingWriter(tmp_path / "a.npz", INFO, "rtmpose-m", estimator="mmpose", keypoints="coco17") as writer:
        writer.write(Pose.unseen(0.0))
    with Recording(tmp_path / "a.npz") as back:
        assert (back.estimator, back.model, back.keypoints) == ("mmpose", "rtmpose-m", "coco17")
    with Recording(record(tmp_path / "b.npz", poses(1))) as back:
        assert (back.estimator, back.model, back.keypoints) == ("mediapipe", "full", "blazepose33")


def test_an_outline_beyond_any_body_is_refused(tmp_path):
    wide = TrunkContour(np.full(len(CONTOUR_STATIONS), 11.0), np.zeros(len(CONTOUR_STATIONS)))
    (pose,) = poses(1)
    path = record(tmp_path / "poses.npz", [replace(pose, contour=wide)])
    with Recording(path) as back, pytest.raises(RecordingError, match="outline is further away than any body"):
        list(back)


def test_same_poses_give_the_same_bytes(tmp_path):
    first, second = (record(tmp_path / name, poses(50)).read_bytes() for name in ("a.npz", "b.npz"))
    assert first == second


def test_notes_may_come_late(tmp_path):
    path = tmp_path / "poses.npz"
    with RecordingWriter(path, INFO, "lite") as writer:
        writer.info = ClipInfo(name="a.mp4", width_px=2, height_px=2, fps=30, notes=("late",))
    with Recording(path) as back:
        assert back.info.notes == ("late",)
        assert back.info.duration_s is None


# --------------------------------------------------------------------------------------------------------- the writer


def test_exception_leaves_nothing_behind(tmp_path):
    def interrupted():
        yield from poses(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(tmp_path / "poses.npz", interrupted())
    assert list(tmp_path.iterdir()) == []


def test_exception_leaves_the_old_file_alone(tmp_path):
    path = record(tmp_path / "poses.npz", poses(3))
    before = path.read_bytes()
    with pytest.raises(RuntimeError), RecordingWriter(path, INFO, "full"):
        raise RuntimeError
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_only_the_recording_is_left(tmp_path):
    path = record(tmp_path / "poses.npz", poses(3))
    assert list(tmp_path.iterdir()) == [path]


def test_poses_out_of_order_are_a_mistake_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="order of time"):
        record(tmp_path / "a.npz", [Pose.unseen(0.0), Pose.unseen(0.0)])


def test_missing_folder(tmp_path):
    with pytest.raises(OutputError), RecordingWriter(tmp_path / "no" / "poses.npz", INFO, "full"):
        pytest.fail("must not begin")


def test_folder_in_the_way(tmp_path):
    (tmp_path / "poses.npz").mkdir()
    with pytest.raises(OutputError), RecordingWriter(tmp_path / "poses.npz", INFO, "full"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["poses.npz"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_failed_first_is_reported_though_closing_fails_too(tmp_path, monkeypatch):
    # Written only when it is closed: the disk is found full as late as that.
    monkeypatch.setattr(recording.tempfile, "TemporaryFile", lambda **_: open("/dev/full", "wb"))  # noqa: SIM115, PTH123

    def fail():
        with RecordingWriter(tmp_path / "poses.npz", INFO, "full") as writer:
            writer.write(Pose.unseen(0.0))
            raise RuntimeError("the first")

    with pytest.raises(RuntimeError, match="the first"):
        fail()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(recording.tempfile, "TemporaryFile", lambda **_: io.FileIO("/dev/full", "wb"))
    with pytest.raises(OutputError, match="full"):
        record(tmp_path / "poses.npz", poses(1))
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------------ crafted files


NAMES = {"estimator": "mediapipe", "model": "full", "keypoints": "blazepose33"}


def arrays(count=5):
    """The members of a good recording, to be spoilt one by one."""
    items = list(poses(count))
    clip = {
        "name": "a.mp4",
        "width_px": 640,
        "height_px": 480,
        "fps": 30.0,
        "duration_s": None,
        "time_base": [1, 90000],
        "has_audio": False,
        "notes": [],
    }
    return {
        "t_s": np.array([pose.t_s for pose in items]),
        "image_px": np.array([pose.image_px for pose in items], np.float32),
        "world_m": np.array([pose.world_m for pose in items], np.float32),
        "visibility": np.array([pose.visibility for pose in items], np.float32),
        "shot": np.zeros(count, np.int32),
        "contour": np.zeros((count, 2, len(CONTOUR_STATIONS)), np.float32),
        "meta": meta_array({"format": "hipform-poses", "version": 1, **NAMES, "hipform": "0", "clip": clip}),
    }


def meta_array(value):
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def spoilt(path, **changes):
    members = arrays() | changes
    np.savez_compressed(path, **{name: value for name, value in members.items() if value is not None})
    return path


def changed_meta(**changes):
    meta = json.loads(arrays()["meta"].tobytes())
    for key, value in changes.items():
        holder = meta["clip"] if key in (*meta["clip"], "extra", "recorded_at") else meta
        holder[key] = value
    return meta_array(meta)


def with_value(name, place, value):
    array = arrays()[name].copy()
    array[place] = value
    return {name: array}


def read(path):
    with Recording(path) as back:
        return list(back)


def test_the_members_to_be_spoilt_are_good(tmp_path):
    assert len(read(spoilt(tmp_path / "a.npz"))) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"shot": None},
        {"contour": None},
        {"extra": np.zeros(3)},
        {"t_s": np.zeros(5, np.float32)},
        {"t_s": np.arange(4.0)},
        {"t_s": np.arange(5.0).astype(">f8")},
        {"t_s": np.array(["0", "1", "2", "3", "4"])},
        {"image_px": np.zeros((5, 32, 2), np.float32)},
        {"image_px": np.asfortranarray(np.zeros((5, 33, 2), np.float32))},
        {"visibility": np.array([{}] * 5, object)},
        {"shot": np.zeros(5, np.int64)},
        {"shot": np.array(3, np.int32)},
        with_value("t_s", 2, np.nan),
        with_value("t_s", 4, np.inf),
        with_value("t_s", 2, 0.0),
        with_value("image_px", (0, 3, 1), np.inf),
        with_value("image_px", (0, 3, 1), np.nan),
        with_value("image_px", (0, 3, 1), 1e7),
        with_value("image_px", 0, np.nan),
        with_value("world_m", (1, 0, 0), -1e4),
        with_value("visibility", (1, 0), 1.5),
        with_value("visibility", (1, 0), np.nan),
        with_value("shot", 1, -1),
        with_value("shot", 1, 5),
        {"meta": np.frombuffer(b"not json", np.uint8)},
        {"meta": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"meta": np.frombuffer(b"\xff\xfe", np.uint8)},
        {"meta": np.zeros(2_000_000, np.uint8)},
        {"meta": changed_meta(format="other")},
        {"meta": changed_meta(version=2)},
        {"meta": changed_meta(model=3)},
        {"meta": changed_meta(width_px=0)},
        {"meta": changed_meta(width_px="640")},
        {"meta": changed_meta(fps=-1.0)},
        {"meta": changed_meta(fps=float("nan"))},
        {"meta": changed_meta(time_base=[1, 0])},
        {"meta": changed_meta(name="")},
        {"meta": changed_meta(notes="one")},
        {"meta": changed_meta(extra=1)},
        {"meta": changed_meta(estimator=None)},
        {"meta": changed_meta(keypoints="x" * 1000)},
        {"meta": changed_meta(width_px=10**400)},
        {"meta": changed_meta(duration_s=10**400)},
        {"meta": changed_meta(recorded_at="9999-12-31T23:59:59-14:00")},
        {"meta": changed_meta(recorded_at="0001-01-01T00:00:00+14:00")},
        {"meta": changed_meta(recorded_at="2026-03-21")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_crafted_content_is_refused_in_one_line(tmp_path, changes):
    path = spoilt(tmp_path / "a.npz", **changes)
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert str(path) in caught.value.what
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_order_is_checked_across_chunks(tmp_path):
    count = 600
    members = arrays(count)
    members["t_s"][520:] -= 5
    np.savez_compressed(tmp_path / "a.npz", **members)
    with pytest.raises(RecordingError, match="times do not increase"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("at_s", [9e8, -9e8])
def test_times_that_the_tables_could_not_hold_are_neither_read_nor_written(tmp_path, at_s):
    members = arrays(4)
    members["t_s"] += at_s
    np.savez_compressed(tmp_path / "a.npz", **members)
    with pytest.raises(RecordingError, match="more than 1e\\+07 s from its start"):
        read(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="from the start"):
        record(tmp_path / "b.npz", [Pose.unseen(at_s)])


def _zip(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


def _npy(array):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array)
    return buffer.getvalue()


def _claiming(rows):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (rows,)})
    return buffer.getvalue()


def test_claim_of_more_rows_than_there_are(tmp_path):
    members = {name: _npy(array) for name, array in arrays().items()}
    members["t_s"] = _claiming(1_000_000) + bytes(40)
    with pytest.raises(RecordingError, match="differs from what it states"):
        read(_zip(tmp_path / "a.npz", members))


def test_claim_of_more_rows_than_a_clip_can_have(tmp_path):
    members = {name: _npy(array) for name, array in arrays().items()}
    members["t_s"] = _claiming(10**11)
    with pytest.raises(RecordingError, match="more than 4000000"):
        read(_zip(tmp_path / "a.npz", members))


@pytest.mark.parametrize("rows", [-1, True, 2.0, "5L"])
def test_odd_counts(tmp_path, rows):
    members = {name: _npy(array) for name, array in arrays().items()}
    members["t_s"] = _claiming(rows).replace(b"'5L'", b"5L  ") + members["t_s"][-40:]
    with pytest.raises(RecordingError):
        read(_zip(tmp_path / "a.npz", members))


@pytest.mark.parametrize(
    "text",
    [
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (5L,), }",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (5,), 'more': '\\d'}",
        b"{'descr': [('a', '<f8', {})], 'fortran_order': False, 'shape': (5,), }",
        b"{'descr': '<f8', 'fortran_order': 1 is 1, 'shape': (5,), }",
        b"(" * 250,
        b"-" * 250,
        b"[1]*10**9",
        b"\0",
    ],
)
def test_a_header_that_numpy_would_warn_of_or_choke_on_is_refused(tmp_path, text):
    members = {name: _npy(array) for name, array in arrays().items()}
    header = b"\x93NUMPY\x01\x00" + (len(text) + 1).to_bytes(2, "little") + text + b"\n"
    members["t_s"] = header + members["t_s"][-40:]
    with pytest.raises(RecordingError, match="of an unknown kind"):
        read(_zip(tmp_path / "a.npz", members))


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    members = {name: _npy(array) for name, array in arrays().items()}
    members["shot"] = members["shot"] + bytes(50_000_000)
    path = _zip(tmp_path / "a.npz", members, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(RecordingError, match="the size of shot differs"):
        Recording(path)


def test_many_entries_are_refused_before_they_are_listed(tmp_path):
    path = _zip(tmp_path / "a.npz", {f"m{i}": b"" for i in range(1000)})
    with pytest.raises(RecordingError, match="members are not those"):
        Recording(path)


def test_bits_flipped_in_the_rows_are_noticed(tmp_path):
    path = record(tmp_path / "a.npz", poses(200))
    good = path.read_bytes()
    for place in range(200, 40_000, 4_000):
        data = bytearray(good)
        data[place] ^= 0x10
        path.write_bytes(data)
        with pytest.raises(RecordingError):
            read(path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_cut_off_recording(tmp_path, part):
    path = record(tmp_path / "a.npz", poses(100))
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    assert not is_recording(path)
    with pytest.raises(RecordingError):
        read(path)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_clear_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "a.npz"
    path.write_bytes(data)
    assert not is_recording(path)
    with pytest.raises(RecordingError):
        Recording(path)


@given(st.data())
def test_any_damage_ends_in_a_clear_error_or_the_same_poses(tmp_path_factory, data):
    path = record(tmp_path_factory.mktemp("damage") / "a.npz", poses(4))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        found = read(path)
    except RecordingError:
        return
    for one, other in zip(found, poses(4), strict=True):
        assert_same(one, other)


def test_missing_recording(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Recording(tmp_path / "no.npz")


def test_folder_is_no_recording(tmp_path):
    assert not is_recording(tmp_path)
    with pytest.raises(InputError):
        Recording(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_pipe_is_no_recording_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_recording(tmp_path / "pipe")
    with pytest.raises(InputError, match="not an ordinary file"):
        Recording(tmp_path / "pipe")


def test_recording_is_known_by_its_content(tmp_path, make_clip):
    path = record(tmp_path / "renamed.mp4", poses(3))
    assert is_recording(path)
    assert not is_recording(make_clip())
    assert not is_recording(_zip(tmp_path / "other.npz", {"a": b""}))
    assert not is_recording(tmp_path / "missing.npz")


def test_intervals_are_as_wide_as_the_source_of_the_landmarks_asks(tmp_path):
    scales = {}
    for model in ("heavy", "coco17", "unheard-of"):
        with RecordingWriter(tmp_path / f"{model}.npz", INFO, model) as writer:
            writer.write(Pose.unseen(0.0))
        with Recording(tmp_path / f"{model}.npz") as recording:
            scales[model] = recording.info.noise.u95_scale

    assert scales == {"heavy": 1.0, "coco17": 1.2, "unheard-of": 1.2}


def test_single_points_and_depth_may_be_unseen(tmp_path):
    image_px = np.ones((N_LANDMARKS, 2))
    image_px[3] = np.nan
    pose = Pose(0.0, image_px, np.full((N_LANDMARKS, 3), np.nan), np.ones(N_LANDMARKS))
    with RecordingWriter(tmp_path / "poses.npz", INFO, "coco17") as writer:
        writer.write(pose)

    with Recording(tmp_path / "poses.npz") as recording:
        (read,) = recording

    np.testing.assert_array_equal(read.image_px, image_px)
    assert np.isnan(read.world_m).all()
