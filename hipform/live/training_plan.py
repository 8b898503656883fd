"""What the user asks of a live training, and what filming it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hipform.analysis.judged_reps import Calibration
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.feedback.trainer import Course
from hipform.video.frames import ClipInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What the user asks for.

    Attributes
    ----------
    folder
        Folder for the recording and the results.
    exercise
        First exercise; ``None`` to recognise it.
    model
        Pose model to start with.
    settings, calibrations
        As for `hipform.app.analyze`.
    n_sets, rest_s
        As for `hipform.feedback.trainer.Trainer`.
    target_reps
        Planned number of repetitions of a set; ``None`` if not given.
    mirrored
        Whether the screen starts mirrored.
    record
        Whether to record the video.
    language
        Language of the screen, of the report and of what is drawn, as in `hipform.texts.LANGUAGES`.
    """

    folder: Path
    exercise: Exercise | None
    model: str
    settings: Settings
    calibrations: Sequence[Calibration] = ()
    n_sets: int | None = None
    rest_s: float | None = None
    target_reps: int | None = None
    mirrored: bool = False
    record: bool = True
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """What filming a training leaves.

    Attributes
    ----------
    info
        The recording, or the camera if nothing was recorded, with notes on how the filming went.
    model
        Pose model of all landmarks.
    course
        The exercises and sets of the training.
    recording
        The recorded video; ``None`` without one.
    poses
        The landmark recording.
    captured, dropped
        Number of frames that the camera delivered, and how many of them were dropped to keep up.
    wants_report
        Whether the lifter ended the training by asking for the report.
    """

    info: ClipInfo
    model: str
    course: Course
    recording: Path | None
    poses: Path
    captured: int
    dropped: int
    wants_report: bool = False
