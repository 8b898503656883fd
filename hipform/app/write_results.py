"""The end of an analysis: its result and all output files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import hipform
from hipform.app.coach import kept_coach
from hipform.app.draw_video import Survey, draw_clip
from hipform.app.frame_states import FrameStates
from hipform.app.judge_recording import Judged
from hipform.app.last_time import since_last_time
from hipform.app.task_progress import Progress
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.feedback.coach import cues_of
from hipform.feedback.set_summary import summarise_set
from hipform.files import NewFile, is_same_file, make_folder, write_whole
from hipform.folder_handle import open_inside
from hipform.render import shrunk
from hipform.report.captions import write_captions
from hipform.report.replacing import replaced_results
from hipform.report.report_page import Additions, write_report
from hipform.report.result import FILES, SCHEMA_VERSION, AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.report.tables import FrameTable, write_reps
from hipform.texts import ENGLISH, Texts
from hipform.training import Training
from hipform.video.frames import ClipInfo

_DRAWN = ("keyframes", "video")
"""The outputs that are drawn from the clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Destination and sources of the files of an analysis.

    Attributes
    ----------
    folder
        A folder that this process has claimed.
    poses
        The landmark recording.
    clip
        The clip, for images and video; ``None`` if there is none.
    with_video
        Whether to write an annotated video.
    embed
        See `hipform.app.analyze`.
    progress
        Called after every frame that is drawn.
    drawn
        Earlier results of the clip with the same verdicts, whose video and images are kept; ``None`` if there are none.
    texts
        The texts in the language of report, captions and video; the result and its tables are English.
    is_converted
        Whether the recording was made from another tool's landmarks.
    """

    folder: Path
    poses: Path
    clip: Path | None
    with_video: bool
    embed: bool
    progress: Progress
    drawn: ResultFolder | None = None
    texts: Texts = ENGLISH
    is_converted: bool = False

    @property
    def has_own_poses(self) -> bool:
        """Whether the recording is there already, in the folder."""
        return is_same_file(self.folder / FILES["poses"], self.poses)

    @property
    def copies_poses(self) -> bool:
        """Whether the recording is an output; one that the user gave stays where it is."""
        return bool(self.clip or self.drawn or self.is_converted) and not self.has_own_poses


def make_result(judged: Judged, settings: Settings, training: Training) -> AnalysisResult:
    """Return the result, without files."""
    return AnalysisResult(
        schema_version=SCHEMA_VERSION,
        hipform_version=hipform.__version__,
        clip=judged.clip,
        model=judged.model,
        settings=settings.overrides,
        sets=judged.sets,
        summaries=tuple(summarise_set(find_exercise(found.exercise), found) for found in judged.sets),
        analysed_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        cues=cues_of(judged.sets),
        training=_dated(training, judged.info),
    )


def write_results(judged: Judged, result: AnalysisResult, settings: Settings, output: Output) -> AnalysisResult:
    """Write the files of an analysis; result.json is written last, so that its presence means that all exist.

    Returns
    -------
    AnalysisResult
        *result* with its files, and with notes about the sound of the annotated video.

    Raises
    ------
    OutputError
        If a file cannot be written; no file of this analysis is left then.
    """
    with replaced_results(output.folder) as folder:
        notes: tuple[str, ...] = ()
        with FrameStates(judged, result, settings, output.poses, folder) as states:
            survey = _survey(states, folder / FILES["frames"])
            if output.clip:
                notes = draw_clip(
                    output.clip, states, survey, folder, output.progress, output.texts, with_video=output.with_video
                )
        if output.drawn:
            _take_over(output.drawn, folder)
            notes = tuple(note for note in output.drawn.result.clip.notes if note not in result.clip.notes)
        clip_summary = replace(result.clip, notes=(*result.clip.notes, *notes))
        result = replace(result, clip=clip_summary, files=_files(output))
        if output.copies_poses:
            _copy(output.poses, folder / FILES["poses"])
        write_reps(folder / FILES["reps"], result)
        write_captions(folder / FILES["cues"], result.cues, result.clip.video_late_s, output.texts)
        additions = Additions(letterhead=kept_coach(), since_last_time=since_last_time(result))
        shown = ResultFolder(folder, result)
        write_report(shown, shrunk, embed=output.embed, additions=additions, texts=output.texts)
        write_whole(folder / FILES["result"], result.to_json().encode())
    return result


def _survey(states: FrameStates, path: Path) -> Survey:
    """Write frames.csv, and return what must be known of all frames before the first is drawn."""
    survey = Survey(states.judged.info)
    with FrameTable(path) as table:
        for pose, state in states:
            table.write(state.seen)
            survey.add(pose, state)
    return survey


def _files(output: Output) -> Mapping[str, str]:
    names = ["result", "report", "cues", "reps", "frames"]
    if output.copies_poses or output.has_own_poses:
        names.append("poses")
    if output.clip:
        names.append("keyframes")
        if output.with_video:
            names.append("video")
        # Live training has already written it.
        if is_same_file(output.folder / FILES["recording"], output.clip):
            names.append("recording")
    if output.drawn:
        names += [name for name in _DRAWN if output.drawn.part(name)]
    return {name: FILES[name] for name in names}


def _take_over(drawn: ResultFolder, folder: Path) -> None:
    """Put copies of the video and the images of earlier results into *folder*."""
    if video := drawn.part("video"):
        _copy(video, folder / FILES["video"])
    if images := drawn.part("keyframes"):
        make_folder(folder / FILES["keyframes"])
        for image in sorted(images.glob("*.jpg")):
            _copy(image, folder / FILES["keyframes"] / image.name)


def _copy(source: Path, path: Path) -> None:
    """Copy a file; the copy gets its name when it is complete."""
    with NewFile(path) as new, open_inside(source) as file:
        shutil.copyfileobj(file, new.file, 1 << 20)


def _dated(training: Training, info: ClipInfo) -> Training:
    """Return *training* with the clip's date unless the user gave one."""
    if training.recorded_at:
        return training
    return replace(training, recorded_at=info.recorded_at, recorded_from=info.recorded_from)
