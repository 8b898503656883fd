"""What `hipform analyze` and `hipform live` share: options about the sets, and printing the results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hipform.cli.console import open_page, say, terminal
from hipform.cli.paths import path_option
from hipform.cli.result_commands import say_where
from hipform.cli.root import known_model
from hipform.errors import HistoryError

if TYPE_CHECKING:
    from hipform.analysis.judged_reps import Calibration
    from hipform.config import Settings
    from hipform.report.result import AnalysisResult

ExerciseOption = Annotated[
    str, typer.Option("--exercise", "-e", help="Exercise in the clip, such as hip-thrust; auto recognises it.")
]


def _model_option(text: str) -> Any:
    return typer.Option("--model", "-m", metavar="<lite|full|heavy>", callback=known_model, help=text)


ModelOption = Annotated[str, _model_option("Pose model: heavy is the most accurate, lite the fastest.")]
SameModelOption = Annotated[str, _model_option("Pose model; use the one you analyse with.")]
CalibrationOption = Annotated[
    Path | None,
    path_option("--calibration", metavar="FILE", help="Your calibration from `hipform calibrate` [that of --athlete]."),
]
AthleteOption = Annotated[
    str | None,
    typer.Option("--athlete", metavar="NAME", help="The athlete in the clip; saves the sets to the history."),
]
LoadOption = Annotated[
    str | None, typer.Option("--load", metavar="WEIGHT", help="Weight on the bar or in hand, such as 80kg or 175lb.")
]
PlateOption = Annotated[
    str | None,
    typer.Option(
        "--plate-diameter", metavar="SIZE", help="Diameter of the plates on the bar, such as 450mm, for its speed."
    ),
]
NoteOption = Annotated[
    str | None, typer.Option("--note", metavar="TEXT", help="A note on the sets, such as how they felt.")
]
NoHistoryOption = Annotated[
    bool, typer.Option("--no-history", help="Save nothing to the history, even if an athlete is named.")
]


_METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0, "in": 0.0254}
_PLATES_M = (0.1, 0.6)

DetailsOption = Annotated[bool, typer.Option("--details", help="Also print every rep, every check and every reason.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON, and everything else to standard error.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOptions:
    """What is printed and done when the results are there.

    Attributes
    ----------
    calibrations
        The calibration that the user gave, which may not fit the sets.
    embed
        Whether the video was to be embedded in the report.
    keep
        Whether to save the sets of a named athlete to the history.
    details, as_json, open_report
        As the options `DetailsOption`, `JsonOption` and `OpenOption`.
    """

    calibrations: Sequence[Calibration] = ()
    embed: bool = False
    keep: bool = True
    details: bool = False
    as_json: bool = False
    open_report: bool = False


def with_plate(settings: Settings, size: str | None) -> Settings:
    """Return *settings* with the diameter of the plates, such as 450mm, 45cm, 0.45m or 17.7in, if it is given."""
    from hipform.config import Settings  # noqa: PLC0415

    if size is None:
        return settings
    match = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,4})?)\s*(mm|cm|m|in)", size.strip().lower())
    diameter_m = float(match[1].replace(",", ".")) * _METRES[match[2]] if match else 0.0
    if not _PLATES_M[0] <= diameter_m <= _PLATES_M[1]:
        raise typer.BadParameter(
            f"{size} is not a plate's diameter such as 450mm (100mm to 600mm).", param_hint="--plate-diameter"
        )
    return Settings({**settings.overrides, "bar.plate_diameter_m": diameter_m})


def own_calibrations(file: Path | None, athlete: str | None) -> Sequence[Calibration]:
    """Return the calibration in *file*; without a file, those saved for *athlete*, if one is named."""
    from hipform.store import kept_calibrations, read_calibration  # noqa: PLC0415

    if file:
        return [read_calibration(file)]
    found, problems = kept_calibrations(athlete) if athlete else ([], [])
    for problem in problems:
        say(terminal(), problem)
    return found


def present_results(result: AnalysisResult, folder: Path, options: ResultOptions) -> None:
    """Print the results and where they are, and save the sets of a named athlete if that was requested."""
    from hipform.analysis.judge import CALIBRATION  # noqa: PLC0415
    from hipform.report.terminal_text import show  # noqa: PLC0415

    console, given = terminal(to_stderr=options.as_json), options.calibrations
    if options.as_json:
        typer.echo(result.to_json())
    else:
        show(console, result, details=options.details)
    if given and not any(CALIBRATION in found.refined for found in result.sets):
        say(console, f"The calibration was not used: it is for {given[0].exercise} and the {given[0].model} model.")
    if result.training.athlete and options.keep:
        say(console, _keep(result))
    elif result.training.load and not result.training.athlete:
        say(console, "The load is in these results only; with --athlete NAME it is saved to the history too.")
    say_where(console, folder / "report.html", embed=options.embed)
    if options.open_report:
        open_page(console, folder / "report.html")


def _keep(result: AnalysisResult) -> str:
    """Save *result* to the history and return the line to print; a failure is only reported."""
    from hipform.app import keep  # noqa: PLC0415

    try:
        return keep(result)
    except HistoryError as error:
        return f"Not saved to the history: {error}"
