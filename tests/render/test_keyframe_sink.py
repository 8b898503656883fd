"""The folder of pictures follows the final repetitions and is whole or untouched."""

import errno

import cv2
import numpy as np
import pytest

from hipform.analysis.judged_reps import SetResult
from hipform.errors import OutputError
from hipform.exercises.findings import Status
from hipform.files import output_error
from hipform.render import KeyframeSink, keyframes, plan_keyframes
from hipform.types import Side

FPS = 30


def set_of(*reps, number=1):
    counted = tuple(rep for rep in reps if not rep.partial)
    partial = tuple(rep for rep in reps if rep.partial)
    return SetResult(
        number=number,
        exercise="hip-thrust",
        start_s=0.0,
        end_s=12.0,
        side=Side.RIGHT,
        view_off_deg=5.0,
        reps=counted,
        partial_reps=partial,
    )


def brightness(path):
    return float(cv2.imread(str(path))[:4].mean())


def write(folder, make, *sets, end_s=12.0):
    """Push frames whose brightness is 20 per second."""
    times_s = [i / FPS for i in range(round(end_s * FPS))]
    with KeyframeSink(folder, plan_keyframes(sets, times_s)) as sink:
        for t_s in times_s:
            sink.push(np.full((90, 160, 3), round(20 * t_s), np.uint8), make.pose(160, 90, t_s=t_s))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_top_and_bottom_has_the_image_of_its_own_frame(make, tmp_path):
    first, last = make.rep(1, start_s=0.0, top_s=1.0), make.rep(2, start_s=10.0, top_s=11.0)
    write(tmp_path / "keyframes", make, set_of(first, last))
    folder = tmp_path / "keyframes"
    assert names(tmp_path) == ["keyframes"]
    assert names(folder) == ["rep_01_bottom.jpg", "rep_01_top.jpg", "rep_02_bottom.jpg", "rep_02_top.jpg"]
    for name, wanted in (("rep_01_top", 20), ("rep_02_bottom", 200), ("rep_02_top", 220)):
        assert brightness(folder / f"{name}.jpg") == pytest.approx(wanted, abs=2)


def test_a_moment_uses_the_nearest_frame_unless_it_is_far_away(make):
    rep = make.rep(1, start_s=4.0, top_s=1.07)
    assert list(plan_keyframes([set_of(rep)], [0.9, 1.0, 1.1, 1.2, 3.3])) == [1.1]
    assert plan_keyframes([set_of(make.rep(1, start_s=None, top_s=9.0))], [0.0]) == {}


def test_partial_repetitions_and_several_sets_have_their_own_names(make, tmp_path):
    partial = make.rep(7, start_s=0.0, top_s=1.0, partial=True, status=Status.FAULT)
    write(tmp_path / "one", make, set_of(partial))
    assert names(tmp_path / "one") == ["partial_07_bottom.jpg", "partial_07_top.jpg"]
    sets = [set_of(make.rep(1, start_s=4.0 * n, top_s=1.0 + 4.0 * n), number=1 + n) for n in (0, 1)]
    write(tmp_path / "two", make, *sets)
    assert names(tmp_path / "two") == [f"set_{n:02d}_rep_01_{at}.jpg" for n in (1, 2) for at in ("bottom", "top")]
    assert brightness(tmp_path / "two" / "set_02_rep_01_top.jpg") == pytest.approx(100, abs=2)


def test_an_exception_leaves_nothing(make, tmp_path):
    plan = plan_keyframes([set_of(make.rep(1, top_s=0.0))], [0.0])
    with pytest.raises(KeyboardInterrupt), KeyframeSink(tmp_path / "keyframes", plan) as sink:  # noqa: PT012
        sink.push(np.full((90, 160, 3), 50, np.uint8), make.pose(160, 90))
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_missing_parent_folder_gives_a_clear_error(tmp_path):
    gone = tmp_path / "gone" / "keyframes"
    with pytest.raises(OutputError, match="the folder does not exist"), KeyframeSink(gone, {}):
        pass


def test_a_file_in_the_way_gives_a_clear_error(tmp_path):
    (tmp_path / "keyframes").write_text("a file")
    with pytest.raises(OutputError, match="Cannot write"), KeyframeSink(tmp_path / "keyframes", {}):
        pass
    assert names(tmp_path) == ["keyframes"]


def test_a_failed_write_names_the_folder_the_user_knows(make, tmp_path, monkeypatch):
    def full(path, _data):
        cause = OSError(errno.ENOSPC, "no space")
        raise output_error(path, cause) from cause

    monkeypatch.setattr(keyframes, "write_whole", full)
    sink = KeyframeSink(tmp_path / "keyframes", plan_keyframes([set_of(make.rep(1, top_s=0.0))], [0.0]))
    with pytest.raises(OutputError, match=rf"{tmp_path / 'keyframes'}: the disk is full"), sink:
        sink.push(np.zeros((90, 160, 3), np.uint8), make.pose(160, 90))
    assert list(tmp_path.iterdir()) == []
