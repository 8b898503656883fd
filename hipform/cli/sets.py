"""What `hipform analyze` and `hipform live` share: options on the sets, and how the results are told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.console import say, terminal
from hipform.cli.paths import path_option
from hipform.cli.result_commands import say_where
from hipform.cli.root import Model
from hipform.errors import HistoryError

if TYPE_CHECKING:
    from hipform.analysis.judged_reps import Calibration
    from hipform.report.result import AnalysisResult

ExerciseOption = Annotated[
    str, typer.Option("--exercise", "-e", help="What is done, such as hip-thrust; auto recognises it.")
]
ModelOption = Annotated[
    Model, typer.Option("--model", "-m", help="Pose model: heavy is the most accurate, lite the quickest.")
]
CalibrationOption = Annotated[
    Path | None,
    path_option(
        "--calibration", metavar="FILE", help="Your own lockout and low back, from `hipform calibrate` [--athlete's]."
    ),
]
AthleteOption = Annotated[
    str | None, typer.Option("--athlete", metavar="NAME", help="Who is in the clip; keeps its sets in the history.")
]
LoadOption = Annotated[
    str | None, typer.Option("--load", metavar="WEIGHT", help="Weight that is moved, such as 80kg or 175lb.")
]
NoteOption = Annotated[
    str | None, typer.Option("--note", metavar="TEXT", help="What to remember of it, such as how it felt.")
]
NoHistoryOption = Annotated[bool, typer.Option("--no-history", help="Keep nothing, though an athlete is named.")]


def own_calibrations(file: Path | None, athlete: str | None) -> Sequence[Calibration]:
    """Return the calibration in *file*, else those kept for *athlete*, if anybody is named."""
    from hipform.store import kept_calibrations, read_calibration  # noqa: PLC0415

    if file:
        return [read_calibration(file)]
    found, problems = kept_calibrations(athlete) if athlete else ([], [])
    for problem in problems:
        say(terminal(), problem)
    return found


def tell_results(
    result: AnalysisResult, folder: Path, given: Sequence[Calibration], *, embed: bool, keeping: bool
) -> None:
    """Print what was found and where it lies, and keep the sets of a named athlete if that is wanted.

    Parameters
    ----------
    given
        The calibration that the user gave, which may turn out to be of no use.
    """
    from hipform.analysis.judge import CALIBRATION  # noqa: PLC0415
    from hipform.report.terminal_text import show  # noqa: PLC0415

    console = terminal()
    show(console, result)
    if given and not any(CALIBRATION in found.refined for found in result.sets):
        say(console, f"The calibration was not used: it is of {given[0].exercise}, {given[0].model} model.")
    say(console, f"Results are in {folder}")
    say_where(console, folder / "report.html", embed=embed)
    if result.training.athlete and keeping:
        say(console, _keep(result))


def _keep(result: AnalysisResult) -> str:
    """Keep *result* in the history and return what to say of it; its files are written, so that no failure matters."""
    from hipform.app import keep  # noqa: PLC0415

    try:
        return keep(result)
    except HistoryError as error:
        return f"Not kept in the history: {error}"
