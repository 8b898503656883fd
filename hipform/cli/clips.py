"""`hipform analyze` and `hipform calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipform.cli.results import EmbedOption
from hipform.cli.root import ConfigOption, Model, app, settings_of
from hipform.cli.sets import (
    AthleteOption,
    CalibrationOption,
    ExerciseOption,
    LoadOption,
    ModelOption,
    NoHistoryOption,
    NoteOption,
    own_calibrations,
    tell_results,
)
from hipform.cli.terminal import say, terminal

FastOption = Annotated[
    bool, typer.Option("--fast", help="Look at fewer frames: a third of the time, no annotated video.")
]


@app.command()
def analyze(  # noqa: PLR0913 - one argument for each option
    path: Annotated[Path, typer.Argument(metavar="CLIP", help="A video file, or a poses.npz to judge again.")],
    *,
    exercise: ExerciseOption = "auto",
    model: ModelOption = Model.HEAVY,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results [next to the clip].")
    ] = None,
    calibration: CalibrationOption = None,
    config: ConfigOption = None,
    athlete: AthleteOption = None,
    load: LoadOption = None,
    note: NoteOption = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When it was, such as 2026-03-21 [the clip's own].")
    ] = None,
    no_history: NoHistoryOption = False,
    fast: FastOption = False,
    embed: EmbedOption = False,
) -> None:
    """Count the reps of every set in one clip, judge each, and write a report, an annotated video and tables."""
    from hipform.app import analyze as run  # noqa: PLC0415
    from hipform.report.terminal import progress_bar  # noqa: PLC0415
    from hipform.training import training_facts  # noqa: PLC0415

    training = training_facts(athlete, load, note, date)
    folder = out or path.with_name(f"{path.stem}_hipform")
    settings = settings_of(config)
    own = own_calibrations(calibration, training.athlete)
    with progress_bar(path.name) as progress:
        result = run(
            path,
            exercise=exercise,
            model=model.value,
            out=folder,
            settings=settings,
            calibrations=own,
            embed=embed,
            progress=progress,
            training=training,
            fast=fast,
        )
    tell_results(result, folder, own if calibration else (), embed=embed, keeping=not no_history)


@app.command()
def calibrate(
    path: Annotated[
        Path,
        typer.Argument(metavar="CLIP", help="Clean reps, or your lockout held for three seconds; or its poses.npz."),
    ],
    exercise: Annotated[str, typer.Option("--exercise", "-e", help="What is done or held, such as hip-thrust.")],
    athlete: Annotated[
        str | None, typer.Option("--athlete", metavar="NAME", help="Whose it is: used for later sets of this name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="File to write, for --calibration.")
    ] = None,
    model: Annotated[Model, typer.Option("--model", "-m", help="Pose model, the one you analyse with.")] = Model.HEAVY,
    config: ConfigOption = None,
) -> None:
    """Measure your own full lockout and neutral low back, to hold later sets against."""
    from hipform.app import calibrate as run  # noqa: PLC0415
    from hipform.report.terminal import calibration_text, progress_bar  # noqa: PLC0415
    from hipform.store import keep_calibration, write_calibration  # noqa: PLC0415
    from hipform.training import athlete_name  # noqa: PLC0415

    if athlete is None and out is None:
        raise typer.BadParameter("say whose it is, or where to write it.", param_hint="--athlete / --out")
    name = None if athlete is None else athlete_name(athlete)
    with progress_bar(path.name) as progress:
        found = run(path, exercise=exercise, model=model.value, settings=settings_of(config), progress=progress)
    lines = calibration_text(found)
    if out:
        write_calibration(out, found)
        lines.append(f"Written to {out}")
    if name is not None:
        keep_calibration(name, found)
        lines.append(f"Kept for later sets of {name}.")
    console = terminal()
    for line in lines:
        say(console, line)
