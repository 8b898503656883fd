"""Every frame is measured once for all that is written and drawn of it."""

import errno
import io
import os
from itertools import chain

import pytest

from hipform.analysis import Section
from hipform.app.frame_states import FrameStates
from hipform.app.judge_recording import judge_recording
from hipform.app.task_progress import no_progress
from hipform.app.write_results import make_result
from hipform.config import Settings
from hipform.errors import OutputError
from hipform.exercises import find_exercise
from hipform.pose.recording import RecordingWriter
from hipform.training import Training
from tests.synthetic import film_exercise


@pytest.fixture
def states(tmp_path):
    """Return the frame states of one bridge, not entered yet."""
    clip = film_exercise("glute-bridge", 1, fps=10)
    with RecordingWriter(tmp_path / "poses.npz", clip.info, "heavy") as writer:
        for pose in clip.poses:
            writer.write(pose)
    sections = (Section(exercise=find_exercise("glute-bridge")),)
    judged = judge_recording(tmp_path / "poses.npz", Settings(), (), no_progress, sections=sections)
    result = make_result(judged, Settings(), Training())
    return FrameStates(judged, result, Settings(), tmp_path / "poses.npz", tmp_path)


def test_a_second_iteration_gives_the_same_and_measures_nothing(states, tmp_path, monkeypatch):
    with states:
        first = [(pose.t_s, repr(state)) for pose, state in states]
        monkeypatch.setattr(states.judged.session, "measure_again", None)
        assert [(pose.t_s, repr(state)) for pose, state in states] == first
    assert len(first) > 20
    assert [path.name for path in tmp_path.iterdir()] == ["poses.npz"]


def test_an_iteration_that_was_broken_off_is_measured_again(states):
    with states:
        next(iter(states))
        again = [state.seen.t_s for _, state in states]
    assert len(again) > 20
    assert again == sorted(again)


def test_a_folder_that_cannot_be_written_is_reported(states, monkeypatch):
    def refuse(dir):  # noqa: A002 - the name in tempfile
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="disk is full"), states:
        pass


class FullDisk(io.RawIOBase):
    """A file that opens, and takes nothing."""

    def readable(self):
        return True

    def writable(self):
        return True

    def seekable(self):
        return True

    def seek(self, *_):
        return 0

    def write(self, _):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_when_the_last_frames_leave_the_buffer_is_reported(states, monkeypatch):
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: io.BufferedRandom(FullDisk(), 1 << 24))
    with pytest.raises(OutputError, match="disk is full"), states:
        list(chain(states, states))
