"""The state that the finished result implies for every frame of its clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hipform.app.judge_recording import Judged, poses_with_load
from hipform.config import Settings
from hipform.feedback.drawn_state import DrawnState, ResultStates
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.report.result import AnalysisResult


class FrameStates:
    """The frames of a clip that have landmarks; each iteration measures them again from the recording.

    Memory use therefore does not grow with the clip.

    Parameters
    ----------
    judged, result
        The judged clip and its result.
    settings
        Settings to use.
    poses
        The landmark recording.
    """

    def __init__(self, judged: Judged, result: AnalysisResult, settings: Settings, poses: Path) -> None:
        self.judged = judged
        self.settings = settings
        self._states = ResultStates(result.sets, result.cues, settings)
        self._poses = poses

    def __iter__(self) -> Iterator[tuple[Pose, DrawnState]]:
        """Yield the landmarks of every frame and the state to draw on it, in time order."""
        measure = self.judged.session.measure_again()
        with Recording(self._poses) as recording:
            for pose in poses_with_load(recording, self.judged.load):
                yield pose, self._states.at(measure(pose))
