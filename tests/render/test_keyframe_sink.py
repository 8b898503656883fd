"""The folder of pictures follows the final repetitions and is whole or untouched."""

import errno
import math

import cv2
import numpy as np
import pytest

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.render import KeyframeSink, Moment, keyframe_sink
from hipform.types import Status, Step

FPS = 30


def flexion_at(t_s):
    """Bottoms at 0, 2, 4, ... s, tops at 1, 3, 5, ... s."""
    return 40 + 35 * math.cos(math.pi * t_s)


def brightness(path):
    return float(cv2.imread(str(path))[:4].mean())


def push_all(sink, make, end_s, certain):
    """Push frames whose brightness is 20 per second; *certain* maps a time to the repetition that is certain then."""
    waiting = dict(certain)
    for i in range(round(end_s * FPS)):
        t_s = i / FPS
        events = tuple(waiting.pop(due_s) for due_s in list(waiting) if due_s <= t_s)
        step = Step(observation=make.observation(flexion_at(t_s), t_s=t_s), events=events)
        sink.push(np.full((90, 160, 3), round(20 * t_s), np.uint8), make.pose(160, 90, t_s=t_s), step)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_pictures_of_early_middle_and_last_repetitions(make, tmp_path):
    first, last = make.rep(1, start_s=0.0, top_s=1.0), make.rep(2, start_s=10.0, top_s=11.0)
    with KeyframeSink(tmp_path / "keyframes") as sink:
        push_all(sink, make, 11.5, {2.5: first})
        sink.finish([first, last])
    folder = tmp_path / "keyframes"
    assert names(tmp_path) == ["keyframes"]
    assert names(folder) == ["rep_01_bottom.jpg", "rep_01_top.jpg", "rep_02_bottom.jpg", "rep_02_top.jpg"]
    assert brightness(folder / "rep_01_top.jpg") == pytest.approx(20, abs=2)
    assert brightness(folder / "rep_02_top.jpg") == pytest.approx(220, abs=2)
    assert brightness(folder / "rep_02_bottom.jpg") == pytest.approx(200, abs=7)


def test_a_repetition_out_of_the_keepers_memory_keeps_its_pictures(make, tmp_path):
    first = make.rep(1, start_s=0.0, top_s=1.0)
    with KeyframeSink(tmp_path / "keyframes") as sink:
        push_all(sink, make, 12.0, {2.5: first})
        step = Step(observation=make.observation(40.0, t_s=90.0))
        for t_s in (90.0, 91.0):
            sink.push(np.full((90, 160, 3), 250, np.uint8), make.pose(160, 90, t_s=t_s), step)
        sink.finish([make.rep(1, start_s=0.0, top_s=1.1)])
    assert brightness(tmp_path / "keyframes" / "rep_01_top.jpg") == pytest.approx(20, abs=2)


def test_number_and_verdict_are_the_final_ones(make, tmp_path):
    early = make.rep(1, start_s=0.0, top_s=1.0, status=Status.OK)
    final = make.rep(7, start_s=0.0, top_s=1.0, partial=True, status=Status.FAULT)
    for folder, rep in (("final", final), ("early", early)):
        with KeyframeSink(tmp_path / folder) as sink:
            push_all(sink, make, 3.0, {2.5: early})
            sink.finish([rep])
    assert names(tmp_path / "final") == ["partial_07_bottom.jpg", "partial_07_top.jpg"]
    shown, other = (cv2.imread(str(tmp_path / name)) for name in ("final/partial_07_top.jpg", "early/rep_01_top.jpg"))
    assert (np.abs(shown.astype(int) - other) > 60).any()


def test_pictures_of_several_sets_do_not_meet(make, tmp_path):
    reps = [make.rep(1, start_s=0.0, top_s=1.0), make.rep(1, start_s=4.0, top_s=5.0)]
    with KeyframeSink(tmp_path / "keyframes") as sink:
        push_all(sink, make, 6.5, {2.5: reps[0], 6.4: reps[1]})
        for number, rep in enumerate(reps, 1):
            sink.finish([rep], number)
    folder = tmp_path / "keyframes"
    assert names(folder) == [f"set_{number:02d}_rep_01_{place}.jpg" for number in (1, 2) for place in ("bottom", "top")]
    assert brightness(folder / "set_01_rep_01_top.jpg") == pytest.approx(20, abs=2)
    assert brightness(folder / "set_02_rep_01_top.jpg") == pytest.approx(100, abs=2)


def test_an_exception_leaves_nothing(make, tmp_path):
    with pytest.raises(KeyboardInterrupt), KeyframeSink(tmp_path / "keyframes") as sink:  # noqa: PT012
        push_all(sink, make, 3.0, {})
        sink.finish([make.rep(1, start_s=0.0, top_s=1.0)])
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_missing_folder_around_it_is_one_clear_line(tmp_path):
    with pytest.raises(OutputError, match="the folder does not exist"), KeyframeSink(tmp_path / "gone" / "keyframes"):
        pass


def test_a_file_in_the_way_is_one_clear_line(tmp_path):
    (tmp_path / "keyframes").write_text("a file")
    with pytest.raises(OutputError, match="Cannot write"), KeyframeSink(tmp_path / "keyframes"):
        pass
    assert names(tmp_path) == ["keyframes"]


def test_a_failed_write_names_the_folder_the_user_knows(tmp_path, monkeypatch):
    def full(path, _data):
        cause = OSError(errno.ENOSPC, "no space")
        raise output_error(path, cause) from cause

    monkeypatch.setattr(keyframe_sink, "write_whole", full)
    sink = KeyframeSink(tmp_path / "keyframes")
    with pytest.raises(OutputError, match=rf"{tmp_path / 'keyframes'}: the disk is full"), sink:
        sink._spool(Moment(None, b"picture"))
    assert list(tmp_path.iterdir()) == []
