"""Live training in front of a camera: film it, then analyse what was filmed as any other clip."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hipform.app.judge_recording import judge_recording, nobody_in
from hipform.app.task_progress import Progress, no_progress
from hipform.app.write_results import Output, make_result, write_results
from hipform.errors import HipformError, NoExerciseError, OutputError
from hipform.files import require_place
from hipform.live.filming import Filming, StateListener
from hipform.live.recorder import DISK_RESERVE_BYTES
from hipform.live.screen import NoticeListener
from hipform.live.training_plan import Filmed, TrainingPlan
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.render import Display
from hipform.report.replacing import claimed
from hipform.report.result import FILES, AnalysisResult
from hipform.sound import Voice
from hipform.stages import memory_given_back
from hipform.training import Training
from hipform.video.camera import Camera
from hipform.video.frames import ClipInfo
from hipform.video.video_file import VideoFile


def unwatched(_state: object) -> None:
    """Tell nobody."""


def require_room(plan: TrainingPlan) -> None:
    """Refuse a folder that cannot take a training, before a camera is opened for it.

    Raises
    ------
    OutputError
        It cannot be made or written to, holds a recording or landmarks already, or its disk is nearly full.
    """
    require_place(plan.folder)
    _require_no_footage(plan.folder)
    disk = next(place for place in (plan.folder, *plan.folder.absolute().parents) if place.exists())
    if shutil.disk_usage(disk).free < DISK_RESERVE_BYTES:
        raise OutputError(
            f"The disk of {plan.folder} has less than {DISK_RESERVE_BYTES // 1_000_000} MB left.",
            "Free some space or choose another folder with --out.",
        )


def _require_no_footage(folder: Path) -> None:
    for kind in ("recording", "poses"):
        if (folder / FILES[kind]).exists():
            raise OutputError(
                f"{folder} holds the {FILES[kind]} of another training or analysis.",
                "Choose another folder with --out.",
            )


def train(
    camera: Camera,
    plan: TrainingPlan,
    voice: Voice,
    *,
    display: Display | None = None,
    stop: threading.Event | None = None,
    watch: StateListener = unwatched,
    tell: NoticeListener = unwatched,
) -> Filmed:
    """Film a training until it, the camera or the user ends it; from the main thread where there is a display.

    Parameters
    ----------
    camera
        Open camera.
    plan
        What is asked for.
    voice
        Says what there is to say.
    display
        Where the pictures are shown; ``None`` for nowhere.
    stop
        Ends the filming when set, from wherever.
    watch
        Called with the state of every picture that was shown.
    tell
        Called with what there is to know of voice and machine, from any thread.

    Returns
    -------
    Filmed
        What `analyze_filmed` takes.

    Raises
    ------
    HipformError
        If the camera gives nothing, the folder holds a training already, or nothing can be written there.
    """
    with claimed(plan.folder):
        _require_no_footage(plan.folder)
        return Filming(camera, plan, voice, stop or threading.Event(), tell).run(display, watch)


def analyze_filmed(
    filmed: Filmed, plan: TrainingPlan, training: Training | None = None, progress: Progress | None = None
) -> AnalysisResult:
    """Judge what was filmed, landmarks of the training and all, and write the same outputs as `hipform.app.analyze`.

    Raises
    ------
    NoPersonError, NoExerciseError
        If nobody was in the picture, or nothing that is one of the exercises was done.
    OutputError
        If the outputs cannot be written. Recording and landmarks stay where they are, whatever is raised.
    """
    try:
        with claimed(plan.folder), memory_given_back():
            return _analysed(filmed, plan, training or Training(), progress or no_progress)
    except HipformError as error:
        kept = filmed.recording or filmed.poses
        raise type(error)(error.what, f"{error.hint} What was filmed is kept: {kept}".strip()) from error


def _analysed(filmed: Filmed, plan: TrainingPlan, training: Training, progress: Progress) -> AnalysisResult:
    sections, info = filmed.course.sections, _complete_info(filmed)
    if not sections:
        with Recording(filmed.poses) as poses:
            raise _nothing_in(poses, filmed.info)
    judging, drawing = (no_progress, progress) if filmed.recording else (progress, no_progress)
    judged = judge_recording(filmed.poses, plan.settings, plan.calibrations, judging, sections=sections, info=info)
    result = make_result(judged, plan.settings, training)
    output = Output(
        folder=plan.folder, poses=filmed.poses, clip=filmed.recording, with_video=True, embed=False, progress=drawing
    )
    return write_results(judged, result, plan.settings, output)


def _complete_info(filmed: Filmed) -> ClipInfo:
    """Return what is known of the clip: of the recording if there is one, with the notes of the filming first."""
    if filmed.recording is None:
        return filmed.info
    with VideoFile(filmed.recording) as video:
        return replace(video.info, notes=(*filmed.info.notes, *video.info.notes))


def _nothing_in(poses: Iterable[Pose], info: ClipInfo) -> HipformError:
    """Return the error for a training in which no exercise was recognised."""
    if any(pose.found for pose in poses):
        hint = "If it was one of them, name it with --exercise."
        return NoExerciseError("None of the exercises was recognised.", hint)
    return nobody_in(info)


def default_folder(parent: Path, name: str) -> Path:
    """Return a folder for a training called *name* that is not there yet."""
    number = 1
    while (folder := parent / (name if number == 1 else f"{name}_{number}")).exists():
        number += 1
    return folder
