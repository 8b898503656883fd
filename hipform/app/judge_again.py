"""Judge the landmarks of a clip again after what was assumed about it has been corrected."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hipform.analysis import Section
from hipform.analysis.judged_reps import Calibration
from hipform.app.analyze_clip import ClipJudging
from hipform.app.corrections import Asked
from hipform.app.judge_recording import Judged
from hipform.app.task_progress import Progress, no_progress
from hipform.app.trimming import trimmed
from hipform.app.write_results import Output, make_result, write_results
from hipform.config import Settings
from hipform.errors import InputError
from hipform.exercises import AUTO, find_exercise
from hipform.files import scratch_folder
from hipform.pose.recording import Recording
from hipform.report.replacing import claimed
from hipform.report.result import AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.texts import Texts
from hipform.training import Training
from hipform.types import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the user states about a clip; everything else is as recognised.

    Attributes
    ----------
    name
        Name of the clip in its results.
    exercise
        Slug as in `hipform.exercises.EXERCISES`, or ``auto``.
    start_s, end_s
        Only the clip's time between these counts, seconds; ``None`` for its first, or last, frame.
    speed, turn_deg
        As of `hipform.app.analyze`; ``None`` as recognised.
    side
        Side of the body to measure; ``None`` as recognised.
    training
        Athlete, load, note and date.
    """

    name: str
    exercise: str = AUTO
    start_s: float | None = None
    end_s: float | None = None
    speed: float | None = None
    turn_deg: int | None = None
    side: Side | None = None
    training: Training = field(default_factory=Training)


def judge_again(  # noqa: PLR0913 - keyword only, one for each option
    poses: Path,
    out: Path,
    correction: Correction,
    *,
    clip: Path | None,
    drawn: Path | None = None,
    settings: Settings | None = None,
    calibrations: Sequence[Calibration] = (),
    progress: Progress = no_progress,
    language: str = "en",
) -> AnalysisResult:
    """Judge the landmarks of a whole clip, and write the results.

    Parameters
    ----------
    poses
        The landmark recording of the whole clip.
    out
        Folder for the results.
    correction
        What the user states.
    clip
        The clip, to draw the annotated video and the key frame images from; ``None`` to draw nothing, which takes about
        a second.
    drawn
        Earlier results of the same clip. If the verdicts are the same as theirs, their video and images are kept.
    settings, calibrations, language
        See `hipform.app.analyze`.
    progress
        Called after every frame that is drawn.

    Raises
    ------
    HipformError
        See `hipform.app.analyze`; `InputError` if nothing of the clip is left between the stated times.
    """
    settings = settings or Settings()
    sections = None if correction.exercise == AUTO else (Section(exercise=find_exercise(correction.exercise)),)
    with ExitStack() as stack:
        stack.enter_context(claimed(out))
        turns = None if correction.turn_deg is None else correction.turn_deg // 90
        asked = Asked(speed=correction.speed, quarter_turns=turns, side=correction.side)
        judging = ClipJudging(stack.enter_context(scratch_folder()), asked, settings, calibrations, sections)
        part = stack.enter_context(trimmed(poses, correction.start_s, correction.end_s, correction.name))
        part.replace(judging.found)
        with Recording(judging.found) as recording:
            info = recording.info
        judged, poses = judging.judge_clip(info, None)
        result = make_result(judged, settings, correction.training)
        output = Output(
            folder=out,
            poses=poses,
            clip=clip,
            with_video=True,
            embed=False,
            progress=progress,
            texts=Texts(language),
            drawn=_still_valid(drawn, judged),
        )
        return write_results(judged, result, settings, output)


def _still_valid(drawn: Path | None, judged: Judged) -> ResultFolder | None:
    """Return the earlier results if what was drawn from them still says what the new verdicts say."""
    if drawn is None:
        return None
    try:
        earlier = ResultFolder.open(drawn)
    except InputError:
        return None
    return earlier if earlier.result.same_verdicts(judged.sets) else None
