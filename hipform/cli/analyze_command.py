"""`hipform analyze` and `hipform calibrate`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hipform.cli.console import say, terminal
from hipform.cli.paths import path_argument, path_option
from hipform.cli.result_commands import EmbedOption, LanguageOption, OpenOption
from hipform.cli.root import ConfigOption, ExerciseFileOption, Panel, app, example, parse_size_px, settings_of
from hipform.cli.sets import (
    AthleteOption,
    CalibrationOption,
    DetailsOption,
    ExerciseOption,
    JsonOption,
    LoadOption,
    ModelOption,
    NoHistoryOption,
    NoteOption,
    PlateOption,
    ResultOptions,
    SameModelOption,
    own_calibrations,
    present_results,
    with_plate,
)
from hipform.errors import FolderInUseError


class PoseFormatName(StrEnum):
    """The formats of `hipform.pose.readers.formats.POSE_FORMATS`, repeated here to keep --help fast."""

    COCO17 = "coco17"
    BODY25 = "body25"
    OPENPOSE = "openpose"
    MMPOSE = "mmpose"
    DEEPLABCUT = "deeplabcut"
    SLEAP = "sleap"
    TRC = "trc"
    MEDIAPIPE = "mediapipe"


FastOption = Annotated[
    bool, typer.Option("--fast", help="Process fewer frames: takes a third of the time, writes no annotated video.")
]

JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", min=1, help="Number of landmark processes [as cores and memory allow]."),
]


StartOption = Annotated[
    float | None, typer.Option("--start", metavar="SECONDS", help="Judge only what comes after this time in the clip.")
]
EndOption = Annotated[
    float | None, typer.Option("--end", metavar="SECONDS", help="Judge only what comes before this time in the clip.")
]
PoseFormatOption = Annotated[
    PoseFormatName | None,
    typer.Option("--pose-format", help="CLIP is a landmark file of another tool, in this format."),
]
FpsOption = Annotated[
    float | None,
    typer.Option("--fps", metavar="N", help="With --pose-format: frames per second, if the file has no rate."),
]
SizeOption = Annotated[
    str | None,
    typer.Option("--size", metavar="WxH", help="With --pose-format: size of the video, if the file lacks it."),
]
ViewOption = Annotated[
    float | None,
    typer.Option("--view-deg", metavar="DEG", help="With --pose-format in 2-D: camera's angle from the side view."),
]


class Turn(StrEnum):
    """Angles by which frames can be turned, degrees clockwise."""

    NONE = "0"
    RIGHT = "90"
    OVER = "180"
    LEFT = "270"


SpeedOption = Annotated[
    float | None,
    typer.Option(
        "--speed", metavar="N", min=0.01, max=100, help="The clip plays N times slower than it was lifted [its tags]."
    ),
]
TurnOption = Annotated[
    Turn | None,
    typer.Option("--turn", help="Degrees clockwise that make the frames upright [judged by the body]."),
]

PersonOption = Annotated[
    str,
    typer.Option(
        "--person", metavar="WHO", help="Whom to follow: left, right, nearest, or a number from `hipform people`."
    ),
]


@app.command(
    rich_help_panel=Panel.ANALYSE,
    epilog=example(
        "analyze set.mp4 --open",
        "analyze set.mp4 --athlete Ana --load 80kg",
        "analyze set.mp4 --json | jq .summaries[0].headline",
    ),
)
def analyze(  # noqa: PLR0913 - one argument for each option
    context: typer.Context,
    path: Annotated[
        Path,
        path_argument(
            metavar="CLIP", help="A video file, a poses.npz to judge again, or another tool's landmark file."
        ),
    ],
    *,
    exercise: ExerciseOption = "auto",
    model: ModelOption = "heavy",
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="DIR", help="Folder for the results [next to the clip]."),
    ] = None,
    calibration: CalibrationOption = None,
    config: ConfigOption = None,
    athlete: AthleteOption = None,
    load: LoadOption = None,
    plate_diameter: PlateOption = None,
    note: NoteOption = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="Date of the session, such as 2026-03-21 [the clip's date]."),
    ] = None,
    no_history: NoHistoryOption = False,
    fast: FastOption = False,
    embed: EmbedOption = False,
    language: LanguageOption = "en",
    details: DetailsOption = False,
    as_json: JsonOption = False,
    open_report: OpenOption = False,
    jobs: JobsOption = None,
    speed: SpeedOption = None,
    turn: TurnOption = None,
    start: StartOption = None,
    end: EndOption = None,
    person: PersonOption = "auto",
    pose_format: PoseFormatOption = None,
    fps: FpsOption = None,
    size: SizeOption = None,
    view_deg: ViewOption = None,
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Count the reps of every set in one clip, judge each, and write a report, an annotated video and tables."""
    from hipform.app import analyze as run  # noqa: PLC0415
    from hipform.report.terminal_text import progress_bar  # noqa: PLC0415
    from hipform.training import training_facts  # noqa: PLC0415

    training = training_facts(athlete, load, note, date)
    settings = with_plate(settings_of(config), plate_diameter)
    own = own_calibrations(calibration, training.athlete)
    with ExitStack() as stack:
        folder = out or _claim_own_folder(stack, path)
        progress = stack.enter_context(progress_bar(path.name))
        result = run(
            path,
            exercise=exercise,
            model=model,
            out=folder,
            settings=settings,
            calibrations=own,
            embed=embed,
            progress=progress,
            training=training,
            fast=fast,
            jobs=jobs,
            pose_format=pose_format.value if pose_format else None,
            fps=fps,
            size_px=None if size is None else parse_size_px(size),
            view_deg=view_deg,
            start_s=start,
            end_s=end,
            speed=speed,
            turn_deg=int(turn.value) if turn else None,
            person=person,
            language=language,
        )
    options = ResultOptions(
        calibrations=own if calibration else (),
        embed=embed,
        keep=not no_history,
        details=details,
        as_json=as_json,
        open_report=open_report,
    )
    unused = ", ".join(_unused(context, path, is_other_format=pose_format is not None))
    if unused:
        say(terminal(to_stderr=as_json), f"Not used: {unused}. The landmarks in this file are found already.")
    present_results(result, folder, options)


def _unused(context: typer.Context, path: Path, *, is_other_format: bool) -> Iterator[str]:
    """Yield the options that were given and say how to find landmarks, if *path* holds found ones."""
    from hipform.pose.recording import is_recording  # noqa: PLC0415

    if not is_other_format and not is_recording(path):
        return
    for name in ("model", "fast", "jobs"):
        source = context.get_parameter_source(name)
        if source and source.name == "COMMANDLINE":
            yield f"--{name}"


@app.command(rich_help_panel=Panel.ANALYSE, epilog=example("people set.mp4"))
def people(
    path: Annotated[Path, path_argument(metavar="CLIP", help="A video file.")],
    out: Annotated[
        Path | None, path_option("--out", "-o", metavar="FILE.jpg", help="The picture to write [next to the clip].")
    ] = None,
    jobs: JobsOption = None,
) -> None:
    """Show who is in a clip: a picture with numbers for `hipform analyze --person N`."""
    from hipform.app import show_people  # noqa: PLC0415

    picture = out or path.with_name(f"{path.stem}_people.jpg")
    console = terminal()
    for line in show_people(path, picture, jobs=jobs):
        say(console, line)
    say(console, f"The picture is {picture}")


def _claim_own_folder(stack: ExitStack, path: Path) -> Path:
    """Claim the default results folder next to the clip at *path*, until *stack* is closed.

    Phones save a photo and a video, or two cuts of one video, under the same name with different extensions. If the
    folder holds another clip's results, or is in use, the extension becomes part of the folder's name.
    """
    from hipform.pose.recording import is_recording  # noqa: PLC0415
    from hipform.report.replacing import claimed  # noqa: PLC0415
    from hipform.report.result_folder import clip_of  # noqa: PLC0415

    if not path.name:
        # Only a folder has no name; opening it reports that.
        return path
    usual, full = (path.with_name(f"{name}_hipform") for name in (path.stem, path.name))
    if not os.path.lexists(path):
        # The analysis reports it. A name that no file can have cannot be that of a folder either.
        return usual
    with ExitStack() as attempt, suppress(FolderInUseError):
        attempt.enter_context(claimed(usual))
        if is_recording(path) or clip_of(usual) in (None, path.name):
            stack.push(attempt.pop_all())
            return usual
    stack.enter_context(claimed(full))
    return full


@app.command(
    rich_help_panel=Panel.IMPROVE, epilog=example("calibrate best_set.mp4 --exercise hip-thrust --athlete Ana")
)
def calibrate(  # noqa: PLR0913 - one argument for each option
    path: Annotated[
        Path,
        path_argument(
            metavar="CLIP",
            help="A clip of clean reps, or of your lockout held for 3 seconds; or its poses.npz or landmark file.",
        ),
    ],
    *,
    exercise: Annotated[str, typer.Option("--exercise", "-e", help="Exercise in the clip, such as hip-thrust.")],
    athlete: Annotated[
        str | None,
        typer.Option("--athlete", metavar="NAME", help="Name of the lifter; used for this athlete's later sets."),
    ] = None,
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="FILE", help="File to write, for use with --calibration."),
    ] = None,
    model: SameModelOption = "heavy",
    config: ConfigOption = None,
    jobs: JobsOption = None,
    pose_format: PoseFormatOption = None,
    fps: FpsOption = None,
    size: SizeOption = None,
    view_deg: ViewOption = None,
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Measure your full lockout and neutral low back, as the reference for later sets."""
    from hipform.app import calibrate as run  # noqa: PLC0415
    from hipform.report.result import spare_results  # noqa: PLC0415
    from hipform.report.terminal_text import calibration_text, progress_bar  # noqa: PLC0415
    from hipform.store import keep_calibration, write_calibration  # noqa: PLC0415
    from hipform.training import athlete_name  # noqa: PLC0415

    if athlete is None and out is None:
        raise typer.BadParameter("give a name, a file to write, or both.", param_hint="--athlete / --out")
    if out and out.suffix.lower() != ".json":
        raise typer.BadParameter(f"{out} must end in .json.", param_hint="--out")
    if out:
        spare_results(out)
    name = None if athlete is None else athlete_name(athlete)
    with progress_bar(path.name) as progress:
        found = run(
            path,
            exercise=exercise,
            model=model,
            settings=settings_of(config),
            progress=progress,
            jobs=jobs,
            pose_format=pose_format.value if pose_format else None,
            fps=fps,
            size_px=None if size is None else parse_size_px(size),
            view_deg=view_deg,
        )
    lines = calibration_text(found)
    if out:
        write_calibration(out, found)
        lines.append(f"Written to {out}")
    if name is not None:
        keep_calibration(name, found)
        lines.append(f"Saved for later sets of {name}.")
    console = terminal()
    for line in lines:
        say(console, line)
