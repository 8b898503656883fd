"""`hipform analyze` and `hipform calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.results import EmbedOption, say_where
from hipform.cli.root import ConfigOption, Model, app, settings_of
from hipform.cli.terminal import say, terminal
from hipform.errors import HistoryError

if TYPE_CHECKING:
    from hipform.report.result import AnalysisResult


FastOption = Annotated[
    bool, typer.Option("--fast", help="Look at fewer frames: a third of the time, no annotated video.")
]


@app.command()
def analyze(  # noqa: PLR0913 - one argument for each option
    path: Annotated[Path, typer.Argument(metavar="CLIP", help="A video file, or a poses.npz to judge again.")],
    *,
    exercise: Annotated[
        str, typer.Option("--exercise", "-e", help="What is done, such as hip-thrust; auto recognises it.")
    ] = "auto",
    model: Annotated[
        Model, typer.Option("--model", "-m", help="Pose model: heavy is the most accurate, lite the quickest.")
    ] = Model.HEAVY,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results [next to the clip].")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            "--calibration",
            metavar="FILE",
            help="Your own lockout and low back, from `hipform calibrate` [--athlete's].",
        ),
    ] = None,
    config: ConfigOption = None,
    athlete: Annotated[
        str | None, typer.Option("--athlete", metavar="NAME", help="Who is in the clip; keeps its sets in the history.")
    ] = None,
    load: Annotated[
        str | None, typer.Option("--load", metavar="WEIGHT", help="Weight that is moved, such as 80kg or 175lb.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="What to remember of it, such as how it felt.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When it was, such as 2026-03-21 [the clip's own].")
    ] = None,
    no_history: Annotated[bool, typer.Option("--no-history", help="Keep nothing, though an athlete is named.")] = False,
    fast: FastOption = False,
    embed: EmbedOption = False,
) -> None:
    """Count the reps of every set in one clip, judge each, and write a report, an annotated video and tables."""
    from hipform.analysis.judge import CALIBRATION  # noqa: PLC0415
    from hipform.app import analyze as run  # noqa: PLC0415
    from hipform.report.terminal import progress_bar, show  # noqa: PLC0415
    from hipform.store import kept_calibrations, read_calibration  # noqa: PLC0415
    from hipform.training import training_facts  # noqa: PLC0415

    training = training_facts(athlete, load, note, date)
    folder = out or path.with_name(f"{path.stem}_hipform")
    settings = settings_of(config)
    own = [read_calibration(calibration)] if calibration else []
    if training.athlete and not own:
        own = kept_calibrations(training.athlete)
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
    console = terminal()
    show(console, result)
    if calibration and not any(CALIBRATION in found.refined for found in result.sets):
        say(console, f"The calibration was not used: it is of {own[0].exercise}, {own[0].model} model.")
    say(console, f"Results are in {folder}")
    say_where(console, folder / "report.html", embed=embed)
    if training.athlete and not no_history:
        say(console, _keep(result))


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


def _keep(result: AnalysisResult) -> str:
    """Keep *result* in the history and return what to say of it; its files are written, so that no failure matters."""
    from hipform.app import keep  # noqa: PLC0415

    try:
        return keep(result)
    except HistoryError as error:
        return f"Not kept in the history: {error}"
