"""Landmark files of other tools: judged as the native recording is, and refused in one line where they are wrong."""

import json
import math
import pickle
import random
import shutil
from dataclasses import replace
from itertools import islice
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis.body import BodyReader
from hipform.app import analyze
from hipform.config import Settings
from hipform.errors import ConfigError, InputError, RecordingError
from hipform.exercises.declaration import WorkingSide
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.kinematics.reading_errors import base_u95
from hipform.pose.poses import Landmark
from hipform.pose.readers import json_files
from hipform.pose.readers.formats import POSE_FORMATS, find_format
from hipform.pose.readers.keypoint_names import COCO17, landmark_of
from hipform.pose.readers.pose_file import PoseFile, PoseFileFacts
from hipform.pose.sources import noise_of
from hipform.report.result import AnalysisResult, json_schema
from scripts.update_goldens import GOLDENS
from tests.landmark_files import (
    FILES,
    FPS,
    MORE_FILES,
    SAMPLES,
    WRITERS,
    native_poses,
    poses_of,
    rows,
    write_coco_results,
    write_native,
    write_trc,
)

FORMAT_OF = {**{name: pose_format for pose_format, name in FILES.items()}, **MORE_FILES}
WITHOUT_TIMES = {"coco17", "openpose", "mmpose", "deeplabcut", "sleap"}


def judged(path, pose_format, exercise="hip-thrust", **facts):
    (found,) = analyze(path, exercise=exercise, pose_format=pose_format, **facts).sets
    return found


def facts_of(name):
    has_times = FORMAT_OF[name] not in WITHOUT_TIMES or name == "coco_frames.json"
    return {} if has_times else {"fps": FPS}


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    recording = write_native(tmp_path_factory.mktemp("native") / "poses.npz")
    (found,) = analyze(recording, exercise="hip-thrust").sets
    return found


def assert_alike(found, native):
    """Hold a set against the native one: same counts and verdicts, times and angles within the stated interval."""
    assert (len(found.reps), len(found.partial_reps)) == (len(native.reps), len(native.partial_reps))
    for rep, own in zip(found.reps, native.reps, strict=True):
        angle, own_angle = rep.lockout_trunk_thigh_flexion_deg, own.lockout_trunk_thigh_flexion_deg
        assert abs(angle.value - own_angle.value) <= angle.u95
        assert (rep.timing.top_start_s, rep.timing.top_end_s) == pytest.approx(
            (own.timing.top_start_s, own.timing.top_end_s), abs=0.2
        )
        for finding in rep.findings:
            if finding.status is Status.NOT_ASSESSED:
                assert finding.text
            elif (own_status := own.finding(finding.rule).status) is not Status.NOT_ASSESSED:
                assert finding.status is own_status, finding


def test_every_format_has_a_sample_and_every_sample_a_writer():
    assert set(FILES) == set(POSE_FORMATS)
    assert set(WRITERS) == {*FILES.values(), *MORE_FILES}


@pytest.mark.parametrize("name", FORMAT_OF)
def test_a_sample_is_judged_as_the_native_recording(name, native):
    found = judged(SAMPLES / name, FORMAT_OF[name], **facts_of(name))

    assert len(native.reps) == 2
    assert_alike(found, native)
    noise = POSE_FORMATS[FORMAT_OF[name]].noise
    expected_deg = max(HELD_U95_DEG * noise.u95_scale, noise.least_u95_deg.get("trunk_thigh_flexion_deg", 0))
    assert found.reps[0].lockout_trunk_thigh_flexion_deg.u95 == pytest.approx(expected_deg, abs=0.3)


HELD_U95_DEG, _ = base_u95("trunk_thigh_flexion_deg")
STENUM_2021 = {"trunk_thigh_flexion_deg": 4.0, "knee_flexion_deg": 5.6, "shin_lean_deg": 5.6}
UHLRICH_2023 = dict.fromkeys(STENUM_2021, 4.5)


@pytest.mark.parametrize("name", [name for name, pose_format in FORMAT_OF.items() if pose_format != "mediapipe"])
def test_the_interval_of_each_angle_holds_the_published_errors_of_such_landmarks(name):
    mean_errors_deg = UHLRICH_2023 if FORMAT_OF[name] == "trc" else STENUM_2021
    share_95 = NormalDist().inv_cdf(0.975) * math.sqrt(math.pi / 2)
    source = PoseFile(SAMPLES / name, find_format(FORMAT_OF[name]), PoseFileFacts(**facts_of(name)))
    info = replace(source.info, noise=noise_of(source.model))
    reader = BodyReader(info, WorkingSide.NEAR, 500.0, Settings())

    seen = [body for pose in islice(source, 60) if (body := reader.push(pose)).sample]

    assert len(seen) > 30
    for measure, mean_error_deg in mean_errors_deg.items():
        narrowest_deg = min(body.u95()[measure] for body in seen)
        assert narrowest_deg >= share_95 * mean_error_deg - 0.1, measure


@pytest.mark.parametrize("name", FORMAT_OF)
def test_the_samples_are_what_the_writers_make(name, tmp_path):
    WRITERS[name](tmp_path / name, native_poses())

    ours, kept = (
        PoseFile(folder / name, find_format(FORMAT_OF[name]), PoseFileFacts(**facts_of(name)))
        for folder in (tmp_path, SAMPLES)
    )
    for one, other in zip(ours, kept, strict=True):
        assert one.t_s == other.t_s
        np.testing.assert_allclose(one.image_px, other.image_px, atol=1e-6)


@pytest.mark.parametrize(
    ("golden", "exercise"), [("glute_bridge_studio", "glute-bridge"), ("hip_thrust_box", "hip-thrust")]
)
@pytest.mark.parametrize("name", ["coco17.json", "opencap.trc"])
def test_landmarks_of_real_clips_are_judged_alike(golden, exercise, name, tmp_path):
    poses = poses_of(GOLDENS / f"{golden}.npz")
    fps = 1 / float(np.median(np.diff([pose.t_s for pose in poses])))
    (own,) = analyze(GOLDENS / f"{golden}.npz", exercise=exercise).sets
    if name.endswith(".trc"):
        write_trc(tmp_path / name, poses, is_3d=True, fps=round(fps, 3))
    else:
        write_coco_results(tmp_path / name, poses)

    found = judged(tmp_path / name, FORMAT_OF[name], exercise, **({} if name.endswith(".trc") else {"fps": fps}))

    assert len(found.reps) == len(own.reps) >= 5
    for rep in found.reps:
        assert rep.finding(LOCKOUT_RULE).status in (own.reps[0].finding(LOCKOUT_RULE).status, Status.NOT_ASSESSED)


# ------------------------------------------------------------------------------------------------------------ the view


def one_side_only(path):
    """Write landmarks of the near side only: their width says nothing of the view."""
    names = ["left_shoulder", "left_hip", "left_knee", "left_ankle"]
    frames = [
        {
            "t_s": pose.t_s,
            "people": [
                {
                    "keypoints": [
                        row if name in names else [0, 0, 0]
                        for name, row in zip(COCO17, rows(pose, COCO17).tolist(), strict=True)
                    ]
                }
            ],
        }
        for pose in native_poses()
    ]
    path.write_text(json.dumps({"frames": frames}))
    return path


def test_without_a_view_reps_are_counted_and_timed_and_no_angle_is_judged(tmp_path, native):
    found = judged(one_side_only(tmp_path / "side.json"), "coco17")

    assert found.view_off_deg is None
    assert len(found.reps) == len(native.reps)
    for rep, own in zip(found.reps, native.reps, strict=True):
        assert rep.finding("no-squeeze").status is own.finding("no-squeeze").status is Status.OK
        lockout = rep.finding(LOCKOUT_RULE)
        assert (lockout.status, lockout.text) == (Status.NOT_ASSESSED, "the camera's direction is not known")
        assert rep.lockout_trunk_thigh_flexion_deg.u95 > 6 * 1.19 * HELD_U95_DEG


def test_a_given_view_lets_angles_be_judged(tmp_path, native):
    found = judged(one_side_only(tmp_path / "side.json"), "coco17", view_deg=5)

    assert found.view_off_deg == 5
    assert_alike(found, native)
    assert found.reps[0].finding(LOCKOUT_RULE).status is Status.OK


def test_a_given_oblique_view_lets_no_angle_be_judged():
    found = judged(SAMPLES / "coco17.json", "coco17", fps=FPS, view_deg=58)

    assert len(found.reps) == 2
    assert "58 degrees off the side view" in found.reps[0].finding(LOCKOUT_RULE).text


def test_the_low_back_is_not_reported_without_an_outline():
    found = judged(SAMPLES / "coco17.json", "coco17", fps=FPS)

    assert [rep.lumbar_extension_deg for rep in found.reps] == [None, None]
    assert "hip from low back" in found.reps[0].attribution


@pytest.mark.parametrize("name", ["opencap.trc", "mediapipe.json"])
def test_a_view_cannot_be_given_for_landmarks_that_tell_it(name):
    with pytest.raises(InputError, match="Leave out --view-deg"):
        judged(SAMPLES / name, FORMAT_OF[name], view_deg=10)


@pytest.mark.parametrize("turned_deg", [0, 40, 90, 200])
def test_markers_in_space_are_seen_from_the_side_wherever_the_lifter_faces(turned_deg, tmp_path, native):
    path = tmp_path / "turned.trc"
    write_trc(path, native_poses(), is_3d=True, units="mm")
    head, tail = path.read_text().split("\n")[:5], path.read_text().split("\n")[5:-1]
    turn = np.exp(1j * np.radians(turned_deg))
    lines = []
    for line in tail:
        cells = line.split("\t")
        for first in range(2, len(cells), 3):
            if cells[first]:
                level = complex(float(cells[first]), float(cells[first + 2])) * turn
                cells[first], cells[first + 2] = f"{level.real:.3f}", f"{level.imag:.3f}"
        lines.append("\t".join(cells))
    path.write_text("\n".join([*head, *lines]))

    found = judged(path, "trc")

    assert found.view_off_deg < 15
    assert_alike(found, native)


# ------------------------------------------------------------------------------------------------------ several people


def crowd(path, order):
    """Write the lifter with a smaller person beside, a large one who comes late, and keypoints nobody knows."""
    frames = []
    for index, pose in enumerate(native_poses()):
        lifter = rows(pose, COCO17)
        beside, passing = lifter.copy(), lifter.copy()
        beside[:, :2] = beside[:, :2] * 0.4 + (900, 20)
        passing[:, :2] = passing[:, :2] * 1.3 + (20 * index - 1200, 0)
        people = [lifter, beside, *([passing] if index >= 70 else [])]
        order(index, people)
        frames.append({"t_s": pose.t_s, "people": [{"keypoints": person.tolist()} for person in people]})
    path.write_text(json.dumps({"frames": frames}))
    return path


def test_the_largest_person_seen_longest_is_followed_and_said_to_be(tmp_path, native):
    result = analyze(
        crowd(tmp_path / "crowd.json", lambda index, people: people.reverse()),
        exercise="hip-thrust",
        pose_format="coco17",
    )

    assert_alike(result.sets[0], native)
    assert any("3 people are in one frame" in note and "seen longest and largest" in note for note in result.clip.notes)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_the_order_of_people_in_the_file_changes_nothing(tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("order")
    shuffler = random.Random(seed)  # noqa: S311 - no secret
    plain, mixed = (
        PoseFile(crowd(folder / name, order), find_format("coco17"), PoseFileFacts())
        for name, order in (
            ("plain.json", lambda index, people: None),
            ("mixed.json", lambda index, people: shuffler.shuffle(people)),
        )
    )

    for one, other in zip(plain, mixed, strict=True):
        np.testing.assert_array_equal(one.image_px, other.image_px)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_the_order_of_keypoints_and_unknown_ones_change_nothing(tmp_path_factory, seed):
    names = [*COCO17, "tail_tip", "barbell", "left_small_toe"]
    random.Random(seed).shuffle(names)  # noqa: S311 - no secret
    info = [
        {
            "frame_id": index,
            "instances": [
                {"keypoints": found[:, :2].tolist(), "keypoint_scores": [max(score, 0.9) for score in found[:, 2]]}
            ],
        }
        for index, found in enumerate(rows(pose, names) for pose in native_poses()[:10])
    ]
    meta = {"keypoint_id2name": {str(place): name for place, name in enumerate(names)}}
    path = tmp_path_factory.mktemp("order") / "mmpose.json"
    path.write_text(json.dumps({"meta_info": meta, "instance_info": info}))

    for pose, own in zip(PoseFile(path, find_format("mmpose"), PoseFileFacts(fps=FPS)), native_poses(), strict=False):
        known = [landmark_of(name) for name in COCO17]
        np.testing.assert_allclose(pose.image_px[known], own.image_px[known], atol=1e-3)
        assert np.isnan(np.delete(pose.image_px, known, axis=0)).all()


# -------------------------------------------------------------------------------------------------------- what is wrong


def frames_of(change):
    """Return the text of a file of ten frames after *change* to its data."""
    data = {
        "fps": 15,
        "frames": [{"people": [{"keypoints": rows(pose, COCO17).tolist()}]} for pose in native_poses()[:10]],
    }
    change(data)
    return json.dumps(data)


def hidden(data):
    for frame in data["frames"]:
        frame["people"][0]["keypoints"] = [[0, 0, 0]] * 17


def not_numbers(data):
    for frame in data["frames"]:
        frame["people"][0]["keypoints"] = [[math.nan, math.nan, 1]] * 17


def in_shares(data):
    for frame in data["frames"]:
        frame["people"][0]["keypoints"] = [
            [x / 1280, y / 720, score] for x, y, score in frame["people"][0]["keypoints"]
        ]


WRONG_JSON = {
    "empty": ("", "it is empty"),
    "no JSON": ("{", "it is not JSON"),
    "nested": ("[" * 100_000, "it is not JSON"),
    "a number": ("1", "its content is not an object"),
    "no frames": (json.dumps({"frames": []}), "it contains no person"),
    "no people": (json.dumps({"frames": [{}]}), "`people` is not a list"),
    "a word": (json.dumps([{"image_id": 1, "keypoints": ["x"] * 51}]), "keypoints that are not numbers"),
    "no number of the frame": (
        json.dumps([{"image_id": None, "keypoints": [1] * 51}]),
        "`image_id` with a frame number",
    ),
    "another layout": (json.dumps([{"image_id": 1, "keypoints": [1] * 15}]), "it has 5 keypoints per person"),
    "half a row": (json.dumps([{"image_id": 1, "keypoints": [1] * 50}]), "not rows of 3 numbers"),
    "nobody seen": (frames_of(hidden), "none of its frames has a point"),
    "NaN everywhere": (frames_of(not_numbers), "none of its frames has a point"),
    "shares": (frames_of(in_shares), "are they relative coordinates"),
    "slow": (frames_of(lambda data: data.update(fps=1)), "it states 1 frames per second"),
    "fps a word": (frames_of(lambda data: data.update(fps="30")), "its fps is not a number"),
    "times stand still": (
        frames_of(lambda data: [frame.update(t_s=1.0) for frame in data["frames"]]),
        "do not increase",
    ),
    "a time far ahead": (
        frames_of(lambda data: [frame.update(t_s=9e8 + at) for at, frame in enumerate(data["frames"])]),
        "more than 1e\\+07 s",
    ),
    "uneven": (
        frames_of(lambda data: data["frames"][5]["people"].append({"keypoints": [[1, 1, 1]] * 26})),
        "26 keypoints beside",
    ),
    "far away": (
        frames_of(lambda data: data["frames"][5]["people"][0]["keypoints"][5].__setitem__(0, 1e9)),
        "beyond any image",
    ),
    "a frame far ahead": (json.dumps([{"image_id": 10**11, "keypoints": [1] * 51}]), "a frame with the number 1"),
}


@pytest.mark.parametrize("case", WRONG_JSON)
def test_a_wrong_file_is_refused_in_one_line(case, tmp_path):
    text, reason = WRONG_JSON[case]
    path = tmp_path / "landmarks.json"
    path.write_text(text)

    with pytest.raises(RecordingError, match=reason) as refused:
        judged(path, "coco17", **({} if "fps" in text else {"fps": 15}))

    assert refused.value.exit_code == 4
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "pose_format"),
    [
        (name, other)
        for name in ("coco17.json", "sleap.slp", "opencap.trc", "deeplabcut.csv", "native_landmarks.npz", "openpose")
        for other in POSE_FORMATS
        if other != FORMAT_OF.get(name) and not (name == "coco17.json" and other == "body25")
    ],
)
def test_a_file_of_another_format_is_refused(name, pose_format):
    with pytest.raises(InputError) as refused:
        PoseFile(SAMPLES / name, find_format(pose_format), PoseFileFacts(fps=15))
    assert name in str(refused.value)


def test_coco_keypoints_are_not_taken_for_body25():
    with pytest.raises(RecordingError, match="it has 17 keypoints per person; known layouts have 18, 25"):
        PoseFile(SAMPLES / "coco17.json", find_format("body25"), PoseFileFacts(fps=15))


def test_a_file_without_the_joints_is_refused_with_those_it_has(tmp_path):
    path = tmp_path / "mouse.csv"
    path.write_text(
        "scorer,a,a,a,a,a,a\nbodyparts,snout,snout,snout,tail,tail,tail\ncoords,x,y,likelihood,x,y,likelihood\n0,1,1,1,2,2,1\n"
    )

    with pytest.raises(RecordingError, match=r"shoulder, a hip and a knee among its keypoints \(snout, tail\)"):
        PoseFile(path, find_format("deeplabcut"), PoseFileFacts(fps=15))


@pytest.mark.parametrize("name", sorted(name for name in FORMAT_OF if facts_of(name)))
def test_a_missing_frame_rate_is_asked_for(name):
    with pytest.raises(InputError, match="Give that of the video with --fps"):
        PoseFile(SAMPLES / name, find_format(FORMAT_OF[name]), PoseFileFacts())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"fps": 0}, "--fps 0 is not between"),
        ({"fps": math.nan}, "--fps nan is not between"),
        ({"fps": 30}, "states 15 frames per second, not 30"),
        ({"view_off_deg": 91}, "--view-deg 91 is not between"),
        ({"size_px": (0, 5)}, "--size is not a valid image size"),
    ],
)
def test_a_wrong_fact_is_refused(facts, reason):
    with pytest.raises(InputError, match=reason):
        PoseFile(SAMPLES / "opencap.trc", find_format("trc"), PoseFileFacts(**facts))


def test_shares_of_the_picture_need_its_size(tmp_path):
    data = json.loads((SAMPLES / "mediapipe.json").read_text())
    path = tmp_path / "mediapipe.json"
    path.write_text(json.dumps(data["frames"]))

    with pytest.raises(InputError, match="Give the size with --size"):
        PoseFile(path, find_format("mediapipe"), PoseFileFacts())
    assert PoseFile(path, find_format("mediapipe"), PoseFileFacts(size_px=(1280, 720))).info.width_px == 1280


def test_a_large_json_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(json_files, "MAX_JSON_BYTES", 1000)
    with pytest.raises(RecordingError, match="split it into sets"):
        PoseFile(SAMPLES / "coco17.json", find_format("coco17"), PoseFileFacts(fps=15))


@pytest.mark.parametrize("lines", [0, 1, 3, 5])
@pytest.mark.parametrize("name", ["opencap.trc", "deeplabcut.csv"])
def test_a_table_that_ends_in_its_header_is_refused(name, lines, tmp_path):
    path = tmp_path / name
    path.write_text(
        "".join((SAMPLES / name).read_text().splitlines(keepends=True)[: min(lines, 3) if "csv" in name else lines])
    )

    with pytest.raises(RecordingError):
        PoseFile(path, find_format(FORMAT_OF[name]), PoseFileFacts(fps=15))


def test_a_cell_longer_than_any_is_refused(tmp_path):
    lines = (SAMPLES / "deeplabcut.csv").read_text().splitlines()
    path = tmp_path / "deeplabcut.csv"
    path.write_text("\n".join([*lines[:3], '"' + "x" * 200_000, *lines[3:]]))
    with pytest.raises(RecordingError, match="field larger"):
        PoseFile(path, find_format("deeplabcut"), PoseFileFacts(fps=15))


def test_a_row_of_another_length_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text((SAMPLES / "deeplabcut.csv").read_text() + "96,1,2\n")
    with pytest.raises(RecordingError, match="row 96 has 3 cells"):
        PoseFile(path, find_format("deeplabcut"), PoseFileFacts(fps=15))


def test_pixels_in_a_trc_file_are_not_taken_for_metres(tmp_path):
    path = tmp_path / "px.trc"
    path.write_text((SAMPLES / "sports2d.trc").read_text())
    write_trc(path, [replace(pose, image_px=pose.image_px * 400) for pose in native_poses()], is_3d=False)
    with pytest.raises(RecordingError, match="are they in pixels"):
        PoseFile(path, find_format("trc"), PoseFileFacts())


def test_a_folder_of_two_clips_is_refused(tmp_path):
    shutil.copytree(SAMPLES / "openpose", tmp_path / "two")
    shutil.copy(next((tmp_path / "two").iterdir()), tmp_path / "two" / "other_000000000000_keypoints.json")
    with pytest.raises(RecordingError, match="files of several clips"):
        PoseFile(tmp_path / "two", find_format("openpose"), PoseFileFacts(fps=15))


def test_names_in_a_table_of_deeplabcut_cannot_run_a_program(tmp_path):
    import h5py

    class Evil:
        def __reduce__(self):
            return (tmp_path.joinpath("proof").touch, ())

    path = tmp_path / "evil.h5"
    shutil.copy(SAMPLES / "deeplabcut.h5", path)
    with h5py.File(path, "a") as file:
        file["df_with_missing/table"].attrs["non_index_axes"] = np.bytes_(pickle.dumps([(1, [Evil()])], protocol=0))

    with pytest.raises(RecordingError, match="use the CSV file beside it"):
        PoseFile(path, find_format("deeplabcut"), PoseFileFacts(fps=15))
    assert not (tmp_path / "proof").exists()


@pytest.mark.parametrize("name", ["sleap.slp", "sleap_analysis.h5", "deeplabcut.h5"])
def test_a_damaged_hdf5_file_is_refused(name, tmp_path):
    whole = (SAMPLES / name).read_bytes()
    for end in (20, len(whole) // 3, len(whole) - 100):
        path = tmp_path / name
        path.write_bytes(whole[:end])
        with pytest.raises(InputError):
            list(PoseFile(path, find_format(FORMAT_OF[name]), PoseFileFacts(fps=15)))


def test_frames_that_a_file_leaves_out_are_poses_of_nobody(tmp_path):
    entries = json.loads((SAMPLES / "coco17.json").read_text())
    path = tmp_path / "gap.json"
    path.write_text(json.dumps([entry for entry in entries if not 20 <= entry["image_id"] < 40]))

    poses = list(PoseFile(path, find_format("coco17"), PoseFileFacts(fps=FPS)))

    assert [pose.found for pose in poses] == [not 20 <= index < 40 for index in range(len(entries))]


def test_the_facts_are_asked_for_with_a_format_only():
    with pytest.raises(ConfigError, match="--pose-format"):
        analyze(SAMPLES / "coco17.json", exercise="hip-thrust", view_deg=10)
    with pytest.raises(ConfigError, match="no pose format 'h36m'"):
        analyze(SAMPLES / "coco17.json", exercise="hip-thrust", pose_format="h36m")


@pytest.mark.parametrize(
    ("name", "landmark"),
    [
        ("left_knee", Landmark.LEFT_KNEE),
        ("RBigToe", Landmark.RIGHT_FOOT_INDEX),
        ("LKnee", Landmark.LEFT_KNEE),
        ("hip1", Landmark.RIGHT_HIP),
        ("RHJC_study", Landmark.RIGHT_HIP),
        ("r_calc_study", Landmark.RIGHT_HEEL),
        ("shoulderL", Landmark.LEFT_SHOULDER),
        ("rightAnkle", Landmark.RIGHT_ANKLE),
        ("LEFT_FOOT_INDEX", Landmark.LEFT_FOOT_INDEX),
        ("nose", Landmark.NOSE),
        ("tail_tip", None),
        ("left_small_toe", None),
        ("midHip", None),
        ("hip", None),
        ("r.ASIS_study", None),
        ("", None),
    ],
)
def test_keypoints_are_known_by_the_names_of_many_tools(name, landmark):
    assert landmark_of(name) is landmark


def test_a_result_without_a_view_can_be_read_again(tmp_path):
    import jsonschema

    result = analyze(one_side_only(tmp_path / "side.json"), exercise="hip-thrust", pose_format="coco17")

    text = result.to_json()

    assert AnalysisResult.from_json(text).to_json() == text
    jsonschema.validate(json.loads(text), json_schema())
