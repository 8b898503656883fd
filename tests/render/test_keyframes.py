"""The pictures of a repetition are those of its top and bottom, found in bounded memory."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from hipform.errors import OutputError
from hipform.render import KeyframeKeeper, draw_keyframe, write_keyframes
from hipform.render import keyframes as module
from hipform.types import Estimate, Pose, Side, Status

FPS = 30


def flexion_at(t_s):
    """Bottoms at 0, 2, 4, ... s, tops at 1, 3, 5, ... s."""
    return 40 + 35 * math.cos(math.pi * t_s)


def picture(t_s, size=(160, 90)):
    """A picture whose brightness tells its time."""
    return np.full((size[1], size[0], 3), round(t_s * 10) % 256, np.uint8)


def time_of(moment):
    return float(np.median(moment.image())) / 10


def feed(keeper, make, times_s, flexion=flexion_at, shot=0, size=(160, 90)):
    for t_s in times_s:
        pose = make.pose(*size, t_s=t_s, shot=shot)
        keeper.push(picture(t_s, size), pose, make.observation(flexion(t_s), t_s=t_s))


def times(begin_s, end_s):
    return [i / FPS for i in range(round(begin_s * FPS), round(end_s * FPS))]


def test_top_and_bottom_are_the_right_pictures(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 6.4))
    taken = keeper.take(make.rep(start_s=4.0, top_s=5.0))
    assert taken.top.pose.t_s == pytest.approx(5.0, abs=1 / FPS)
    assert taken.bottom.pose.t_s == pytest.approx(4.0, abs=0.3)
    assert time_of(taken.top) == pytest.approx(taken.top.pose.t_s, abs=0.11)


def test_a_repetition_that_is_certain_only_after_the_next_lift_began(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 4.8))
    assert keeper.take(make.rep(start_s=2.0, top_s=3.0)).top.pose.t_s == pytest.approx(3.0, abs=1 / FPS)


def test_a_top_still_held_is_there_too(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 1.1))
    assert keeper.take(make.rep(start_s=0.0, top_s=1.0)).top.pose.t_s == pytest.approx(1.0, abs=1 / FPS)


def test_the_lift_after_a_long_rest_begins_from_the_rest(make):
    # Sits deeply bent first, then rests at a lesser bend: the deepest bend is not where the lift begins.
    def flexion(t_s):
        return 110.0 if t_s < 2 else 75.0 if t_s < 8 else max(0.0, 75.0 - 75.0 * (t_s - 8))

    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 9.5), flexion)
    assert keeper.take(make.rep(start_s=8.0, top_s=9.0)).bottom.pose.t_s == pytest.approx(8.0, abs=0.3)


def test_of_a_rest_the_last_picture_is_the_bottom(make):
    def flexion(t_s):
        return 75.0 - 0.2 * t_s if t_s < 7.3 else max(0.0, 73.5 - 75.0 * (t_s - 7.3))

    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 8.5), flexion)
    assert keeper.take(make.rep(start_s=7.3, top_s=8.3)).bottom.pose.t_s == pytest.approx(7.3, abs=2 / FPS)


def test_unseen_frames_are_passed_over(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 4), lambda t_s: math.nan if 2.9 < t_s < 3.2 else flexion_at(t_s))
    top = keeper.take(make.rep(start_s=2.0, top_s=3.0)).top
    assert top.pose.t_s == pytest.approx(2.9, abs=1.5 / FPS)


def test_what_was_never_seen_has_no_picture(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 4), lambda _: math.nan)
    taken = keeper.take(make.rep(start_s=2.0, top_s=3.0))
    assert taken.top is None
    assert taken.bottom is None


def test_far_away_pictures_are_not_passed_off(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 4))
    taken = keeper.take(make.rep(start_s=None, top_s=9.0))
    assert taken.top is None
    assert taken.bottom is None


def test_a_cut_ends_the_search(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 0.8), lambda t_s: 40 - 20 * t_s)
    feed(keeper, make, times(0.8, 1.4), lambda _: -20.0, shot=1)
    top = keeper.take(make.rep(start_s=0.0, top_s=0.78)).top
    assert top.pose.shot == 0
    assert top.pose.t_s == pytest.approx(0.78, abs=1 / FPS)


def test_memory_is_bounded_in_time_and_number(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 120), lambda t_s: flexion_at(4 * t_s))
    assert len(keeper._kept) <= 64
    assert min(moment.pose.t_s for moment in keeper._kept) >= 120 - 21


def test_large_pictures_are_kept_smaller_with_their_landmarks(make):
    keeper = KeyframeKeeper()
    size = (2560, 1440)
    feed(keeper, make, [0.0], size=size)
    top = keeper.take(make.rep(start_s=None, top_s=0.0)).top
    assert top.image().shape == (720, 1280, 3)
    assert np.allclose(top.pose.image_px, make.pose(*size).image_px / 2)


def test_pushed_pictures_may_be_drawn_on_afterwards(make):
    keeper = KeyframeKeeper()
    for t_s, flexion_deg in ((0.0, 30.0), (0.3, 20.0)):
        image = picture(t_s)
        keeper.push(image, make.pose(160, 90, t_s=t_s), make.observation(flexion_deg))
        image[:] = 255
    for t_s in (0.0, 0.3):
        top = keeper.take(make.rep(start_s=None, top_s=t_s)).top
        assert (top.pose.t_s, time_of(top)) == pytest.approx((t_s, t_s), abs=0.11)


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
        draw_keyframe(image, make.pose(), Side.RIGHT, Estimate(6.0, 4.0, "deg"), "Rep 3", status)
        for status in (None, *Status)
    ]
    for i, first in enumerate(drawn):
        assert not any(np.array_equal(first, other) for other in drawn[i + 1 :])


@pytest.mark.parametrize("size", [(16, 16), (33, 1999), (1999, 17), (641, 361)])
def test_keyframes_of_any_size_and_of_nobody(make, size):
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    for pose in (make.pose(*size), Pose.unseen(0.0)):
        drawn = draw_keyframe(image, pose, Side.RIGHT, Estimate(6.0, 4.0, "deg"), "Rep 3", Status.OK)
        assert drawn.shape == image.shape


@pytest.fixture
def taken(make):
    keeper = KeyframeKeeper()
    feed(keeper, make, times(0, 3), size=(320, 180))
    return keeper.take(make.rep(start_s=0.0, top_s=1.0))


def test_files_are_named_after_the_repetition_and_readable(make, taken, tmp_path):
    rep = make.rep(start_s=0.0, top_s=1.0)
    written = write_keyframes(tmp_path, rep, taken)
    written += write_keyframes(tmp_path, replace(rep, partial=True, number=2), replace(taken, bottom=None))
    assert [path.name for path in written] == ["rep_01_top.jpg", "rep_01_bottom.jpg", "partial_02_top.jpg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    for path in written:
        assert cv2.imread(str(path)).shape == (180, 320, 3)


def test_colours_survive_the_jpeg(make, tmp_path):
    orange = np.empty((180, 320, 3), np.uint8)
    orange[:] = (230, 159, 0)
    keeper = KeyframeKeeper()
    keeper.push(orange, make.pose(320, 180), make.observation(20.0))
    rep = make.rep(start_s=None, top_s=0.0)
    (path,) = write_keyframes(tmp_path, rep, keeper.take(rep))
    corner = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)[5, 5]
    assert np.abs(corner.astype(int) - (230, 159, 0)).max() <= 6


def test_a_missing_folder_is_one_clear_line(make, taken, tmp_path):
    with pytest.raises(OutputError, match=r"Cannot write .*rep_01_top\.jpg: the folder does not exist\."):
        write_keyframes(tmp_path / "gone", make.rep(), taken)


def test_a_full_disk_leaves_nothing(make, taken, tmp_path, monkeypatch):
    def full(path, data):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_keyframes(tmp_path, make.rep(), taken)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way(make, taken, tmp_path):
    (tmp_path / "rep_01_top.jpg").mkdir()
    with pytest.raises(OutputError, match="in the way"):
        write_keyframes(tmp_path, make.rep(), taken)
    assert [path.name for path in tmp_path.iterdir()] == ["rep_01_top.jpg"]


def test_the_number_is_rounded_to_be_honest():
    assert module.included_text(Estimate(6.3, 3.1, "deg")) == "174° ± 4"
    assert module.included_text(Estimate(-6.3, 3.1, "deg")) == "186° ± 4"
    assert module.included_text(Estimate(math.nan, 3.1, "deg")) == "not known"


def test_a_picture_is_shrunk_to_its_longest_side_and_never_enlarged():
    jpeg = module._jpeg(np.full((400, 800, 3), 120, np.uint8), 90)
    data, width, height = module.shrunk(jpeg, 200)
    assert (width, height) == (200, 100)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (100, 200, 3)
    assert module.shrunk(jpeg, 2000)[1:] == (800, 400)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_not_shrunk(data):
    assert module.shrunk(data, 200) is None


@pytest.mark.parametrize(("ending", "width"), [(".jpg", 9000), (".png", 16), (".tiff", 16), (".bmp", 16)])
def test_a_picture_larger_than_any_or_of_another_format_is_not_decoded(monkeypatch, ending, width):
    data = cv2.imencode(ending, np.zeros((16, width, 3), np.uint8))[1].tobytes()
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    assert module.shrunk(data, 200) is None
