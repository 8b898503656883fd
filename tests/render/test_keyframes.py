"""The pictures of a repetition: what is drawn on them, and how they are written."""

import math
from dataclasses import replace
from io import BufferedWriter

import cv2
import numpy as np
import pytest

from hipform.errors import OutputError
from hipform.exercises.fault_places import LOW_BACK_AT_BOTTOM
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.pose.poses import Landmark, Pose
from hipform.render import Keyframe, draw_keyframe, write_keyframe
from hipform.render import keyframes as module
from hipform.render.keyframes import Verdict, verdict_of
from hipform.types import Estimate, Side


def test_keyframe_is_drawn_on_a_copy(make):
    image = np.full((360, 640, 3), 90, np.uint8)
    drawn = draw_keyframe(image, make.pose(), Side.RIGHT, Estimate(6.0, 3.4, "deg"), "Rep 3 · top")
    assert (image == 90).all()
    assert (drawn != 90).any()


@pytest.mark.parametrize("angle", [None, Estimate(math.nan, 4.0, "deg"), Estimate(5.0, math.inf, "deg")])
def test_without_an_angle_only_the_number_is_missing(make, angle):
    image = np.full((360, 640, 3), 90, np.uint8)
    known = draw_keyframe(image, make.pose(), Side.RIGHT, Estimate(70.0, 4.0, "deg"), "Rep 3")
    unknown = draw_keyframe(image, make.pose(), Side.RIGHT, angle, "Rep 3")
    assert (unknown != 90).any()
    assert (known != unknown).any(axis=2).sum() > 500


def test_each_status_looks_different(make):
    image = np.full((360, 640, 3), 90, np.uint8)
    drawn = [
        draw_keyframe(image, make.pose(), Side.RIGHT, Estimate(6.0, 4.0, "deg"), "Rep 3", verdict)
        for verdict in (None, *(Verdict(status, "words") for status in Status))
    ]
    for i, first in enumerate(drawn):
        assert not any(np.array_equal(first, other) for other in drawn[i + 1 :])


@pytest.mark.parametrize("size", [(16, 16), (33, 1999), (1999, 17), (641, 361)])
def test_keyframes_of_any_size_and_of_nobody(make, size):
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    for pose in (make.pose(*size), Pose.unseen(0.0)):
        drawn = draw_keyframe(
            image, pose, Side.RIGHT, Estimate(6.0, 4.0, "deg"), "Rep 3", Verdict(Status.OK, "full extension")
        )
        assert drawn.shape == image.shape


def finding(rule, status):
    return Finding(rule=rule, status=status, text="", measured=Estimate(1.0, 1.0, "deg"), limit=10.0)


def keyframe(make, moment, *faults):
    findings = (finding(LOCKOUT_RULE, Status.OK), *(finding(rule, Status.FAULT) for rule in faults))
    return Keyframe(rep=make.rep(findings=findings), moment=moment, exercise="deadlift")


def test_only_a_rep_without_any_fault_gets_the_sign_for_ok(make):
    assert verdict_of(keyframe(make, "top")) == Verdict(Status.OK, "full extension")
    assert verdict_of(keyframe(make, "top", "lumbar-rounding")) == Verdict(None, "full extension")
    assert verdict_of(keyframe(make, "bottom")) is None


def test_an_image_names_the_fault_that_it_shows_and_rings_the_joint(make):
    shown = verdict_of(keyframe(make, "bottom", "lumbar-rounding", "lean-back"))
    assert (shown.status, shown.text) == (Status.FAULT, "Low back rounds")
    assert shown.places == (LOW_BACK_AT_BOTTOM,)
    image, pose = np.full((360, 640, 3), 90, np.uint8), make.pose()
    plain, ringed = (
        draw_keyframe(image, pose, Side.RIGHT, None, "", Verdict(Status.FAULT, "x", places))
        for places in ((), shown.places)
    )
    rows, columns = np.nonzero((plain != ringed).any(axis=2))
    start, end = pose.image_px[Landmark.RIGHT_SHOULDER], pose.image_px[Landmark.RIGHT_HIP]
    assert np.allclose((columns.mean(), rows.mean()), start + 0.75 * (end - start), atol=8)


def written(folder, make, image, moment="top", **changes):
    pose = make.pose(image.shape[1], image.shape[0])
    return write_keyframe(
        folder, Keyframe(rep=make.rep(**changes), moment=moment, exercise="glute-bridge"), image, pose
    )


def test_files_are_named_after_the_repetition_and_readable(make, tmp_path):
    image = np.full((180, 320, 3), 90, np.uint8)
    paths = [
        written(tmp_path, make, image),
        written(tmp_path, make, image, "bottom"),
        written(tmp_path, make, image, partial=True, number=2),
    ]
    assert [path.name for path in paths] == ["rep_01_top.jpg", "rep_01_bottom.jpg", "partial_02_top.jpg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    for path in paths:
        assert cv2.imread(str(path)).shape == (180, 320, 3)


def test_large_images_are_scaled_down(make, tmp_path):
    assert cv2.imread(str(written(tmp_path, make, np.full((1440, 2560, 3), 90, np.uint8)))).shape == (720, 1280, 3)


def test_an_angle_that_was_not_judged_is_not_drawn(make, tmp_path):
    image = np.full((360, 640, 3), 90, np.uint8)
    blind = Finding(rule=LOCKOUT_RULE, status=Status.NOT_ASSESSED, text="hidden")
    seen = replace(blind, measured=Estimate(6.0, 3.0, "deg"), limit=10.0)
    first, second = (cv2.imread(str(written(tmp_path, make, image, findings=(one,)))) for one in (blind, seen))
    assert (np.abs(first.astype(int) - second) > 60).any(axis=2).sum() > 500


def test_colours_survive_the_jpeg(make, tmp_path):
    orange = np.empty((180, 320, 3), np.uint8)
    orange[:] = (230, 159, 0)
    corner = cv2.cvtColor(cv2.imread(str(written(tmp_path, make, orange))), cv2.COLOR_BGR2RGB)[5, 5]
    assert np.abs(corner.astype(int) - (230, 159, 0)).max() <= 6


SMALL = np.full((90, 160, 3), 90, np.uint8)


def test_a_missing_folder_gives_a_clear_error(make, tmp_path):
    with pytest.raises(OutputError, match=r"Cannot write .*rep_01_top\.jpg: the folder does not exist\."):
        written(tmp_path / "gone", make, SMALL)


def test_a_full_disk_leaves_nothing(make, tmp_path, monkeypatch):
    class Full(BufferedWriter):
        def write(self, _data):
            super().write(b"half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("hipform.files.BufferedWriter", Full)
    with pytest.raises(OutputError, match="the disk is full"):
        written(tmp_path, make, SMALL)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way(make, tmp_path):
    (tmp_path / "rep_01_top.jpg").mkdir()
    with pytest.raises(OutputError, match="already has that name"):
        written(tmp_path, make, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["rep_01_top.jpg"]


def test_the_uncertainty_is_rounded_up():
    assert module.format_joint_angle(Estimate(6.3, 3.1, "deg")) == "174° ± 4"
    assert module.format_joint_angle(Estimate(-6.3, 3.1, "deg")) == "186° ± 4"
    assert module.format_joint_angle(Estimate(math.nan, 3.1, "deg")) == "not known"


def test_an_image_is_scaled_to_its_longest_side_and_never_enlarged():
    jpeg = module.encode_jpeg(np.full((400, 800, 3), 120, np.uint8), 90)
    data, width, height = module.shrunk(jpeg, 200)
    assert (width, height) == (200, 100)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (100, 200, 3)
    assert module.shrunk(jpeg, 2000)[1:] == (800, 400)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_what_is_not_an_image_is_rejected(data):
    assert module.shrunk(data, 200) is None


@pytest.mark.parametrize(("ending", "width"), [(".jpg", 9000), (".png", 16), (".tiff", 16), (".bmp", 16)])
def test_a_too_large_image_or_another_format_is_not_decoded(monkeypatch, ending, width):
    data = cv2.imencode(ending, np.zeros((16, width, 3), np.uint8))[1].tobytes()
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    assert module.shrunk(data, 200) is None
