"""The state that the finished result implies for every frame of its clip."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hipform.analysis.frame_measures import FrameMeasures
from hipform.app.judge_recording import Judged, poses_with_load
from hipform.config import Settings
from hipform.feedback.drawn_state import DrawnState, ResultStates
from hipform.files import output_error
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.report.result import AnalysisResult


class FrameStates:
    """The frames of a clip that have landmarks; may be iterated repeatedly, as a context manager.

    The first iteration measures them from the recording, the others read its measures back from an unnamed temporary
    file. Memory use therefore does not grow with the clip.

    Parameters
    ----------
    judged, result
        The judged clip and its result.
    settings
        Settings to use.
    poses
        The landmark recording.
    folder
        Folder for the temporary file.

    Raises
    ------
    OutputError
        If the temporary file cannot be written.
    """

    def __init__(self, judged: Judged, result: AnalysisResult, settings: Settings, poses: Path, folder: Path) -> None:
        self.judged = judged
        self.settings = settings
        self._states = ResultStates(result.sets, result.cues, settings)
        self._poses = poses
        self._folder = folder
        self._is_measured = False

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                self._measures: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))
            except OSError as error:
                raise output_error(self._folder, error) from error
            self._close = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close.close()
        except OSError as failure:
            # Closing flushes the buffer, which also fails on a full disk and must not hide the first error.
            if kind is None:
                raise output_error(self._folder, failure) from failure

    def __iter__(self) -> Iterator[tuple[Pose, DrawnState]]:
        """Yield the landmarks of every frame and the state to draw on it, in time order."""
        with Recording(self._poses) as recording:
            poses = poses_with_load(recording, self.judged.load)
            for pose, measures in self._kept(poses) if self._is_measured else self._measured(poses):
                yield pose, self._states.at(measures)

    def _measured(self, poses: Iterator[Pose]) -> Iterator[tuple[Pose, FrameMeasures]]:
        measure = self.judged.session.measure_again()
        self._measures.seek(0)
        for pose in poses:
            measures = measure(pose)
            with self._writing():
                pickle.dump(measures, self._measures)
            yield pose, measures
        # What the buffer still holds; reading would write it, and a full disk would not be reported as one.
        with self._writing():
            self._measures.flush()
        self._is_measured = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise output_error(self._folder, error) from error

    def _kept(self, poses: Iterator[Pose]) -> Iterator[tuple[Pose, FrameMeasures]]:
        self._measures.seek(0)
        for pose in poses:
            yield pose, pickle.load(self._measures)  # noqa: S301 - written by this object, in a file without a name
