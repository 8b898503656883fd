"""Live training in front of a camera: film it, then analyse the recording like any other clip."""

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
from hipform.texts import Texts
from hipform.training import Training
from hipform.video.camera import Camera
from hipform.video.frames import ClipInfo
from hipform.video.video_file import VideoFile


def unwatched(_state: object) -> None:
    """Do nothing."""


def require_room(plan: TrainingPlan) -> None:
    """Raise if a folder cannot take a training session, before the camera is opened.

    Raises
    ------
    OutputError
        The folder cannot be made or written to, already has a recording or landmarks, or its disk is nearly full.
    """
    require_place(plan.folder)
    _require_no_recording(plan.folder)
    disk = next(place for place in (plan.folder, *plan.folder.absolute().parents) if place.exists())
    if shutil.disk_usage(disk).free < DISK_RESERVE_BYTES:
        raise OutputError(
            f"The disk of {plan.folder} has less than {DISK_RESERVE_BYTES // 1_000_000} MB of free space.",
            "Free some space or choose another folder with --out.",
        )


def _require_no_recording(folder: Path) -> None:
    for kind in ("recording", "poses"):
        if (folder / FILES[kind]).exists():
            raise OutputError(
                f"{folder} already has the {FILES[kind]} of another session or analysis.",
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
    on_notice: NoticeListener = unwatched,
) -> Filmed:
    """Film a session until it, the camera or the user ends it; use the main thread if there is a display.

    Parameters
    ----------
    camera
        Open camera.
    plan
        Options of the session.
    voice
        Speaks the cues and counts.
    display
        Window that shows the frames; ``None`` for none.
    stop
        Event that ends the filming when any thread sets it.
    watch
        Called with the state of every frame that was shown.
    on_notice
        Called from any thread with messages about voice and machine.

    Returns
    -------
    Filmed
        The recording, for `analyze_filmed`.

    Raises
    ------
    HipformError
        If the camera delivers nothing, the folder already has a recording, or it is not writable.
    """
    with claimed(plan.folder):
        _require_no_recording(plan.folder)
        return Filming(camera, plan, voice, stop or threading.Event(), on_notice).run(display, watch)


def analyze_filmed(
    filmed: Filmed, plan: TrainingPlan, training: Training | None = None, progress: Progress | None = None
) -> AnalysisResult:
    """Judge a filmed session from its recorded landmarks, and write the same outputs as `hipform.app.analyze`.

    Raises
    ------
    NoPersonError, NoExerciseError
        If there was no person in the frame, or no known exercise.
    OutputError
        If the outputs cannot be written. Recording and landmarks stay in place whatever is raised.
    """
    try:
        with claimed(plan.folder), memory_given_back():
            return _analysed(filmed, plan, training or Training(), progress or no_progress)
    except HipformError as error:
        kept = filmed.recording or filmed.poses
        raise type(error)(error.what, f"{error.hint} The recording is kept: {kept}".strip()) from error


def _analysed(filmed: Filmed, plan: TrainingPlan, training: Training, progress: Progress) -> AnalysisResult:
    sections, info = filmed.course.sections, _complete_info(filmed)
    if not sections:
        with Recording(filmed.poses) as poses:
            raise _nothing_in(poses, filmed.info)
    judging, drawing = (no_progress, progress) if filmed.recording else (progress, no_progress)
    judged = judge_recording(filmed.poses, plan.settings, plan.calibrations, judging, sections=sections, info=info)
    result = make_result(judged, plan.settings, training)
    output = Output(
        folder=plan.folder,
        poses=filmed.poses,
        clip=filmed.recording,
        with_video=True,
        embed=False,
        progress=drawing,
        texts=Texts(plan.language),
    )
    return write_results(judged, result, plan.settings, output)


def _complete_info(filmed: Filmed) -> ClipInfo:
    """Return the facts about the clip, from the recording if there is one, with the notes of the filming first."""
    if filmed.recording is None:
        return filmed.info
    with VideoFile(filmed.recording) as video:
        return replace(video.info, notes=(*filmed.info.notes, *video.info.notes))


def _nothing_in(poses: Iterable[Pose], info: ClipInfo) -> HipformError:
    """Return the error for a session in which no exercise was recognised."""
    if any(pose.found for pose in poses):
        return NoExerciseError("No exercise was recognised.", "If it was one of them, name it with --exercise.")
    return nobody_in(info)


def default_folder(parent: Path, name: str) -> Path:
    """Return a folder that does not exist yet, for a session called *name*."""
    number = 1
    while (folder := parent / (name if number == 1 else f"{name}_{number}")).exists():
        number += 1
    return folder
