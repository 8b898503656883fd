"""`hipform history` and `hipform progress`: sets saved by earlier analyses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.console import print_json, terminal
from hipform.cli.paths import path_argument, path_option
from hipform.cli.result_commands import LanguageOption
from hipform.cli.root import AsJsonOption, Panel, app, example
from hipform.errors import OutputError, one_line
from hipform.interruption import waiting_for_an_answer

if TYPE_CHECKING:
    from hipform.feedback.history_records import KeptSet

AthleteOption = Annotated[str | None, typer.Option("--athlete", metavar="NAME", help="Only this athlete.")]
ExerciseOption = Annotated[
    str | None,
    typer.Option("--exercise", "-e", metavar="EXERCISE", help="Only this exercise and its variants."),
]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Only this day and later.")]

history_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(
    history_app,
    name="history",
    rich_help_panel=Panel.IMPROVE,
    epilog=example("history --athlete Ana", "history export sets.csv"),
)


@history_app.callback()
def history(
    context: typer.Context,
    athlete: AthleteOption = None,
    exercise: ExerciseOption = None,
    since: SinceOption = None,
    as_json: AsJsonOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """List the saved sets; `history export` writes them to a file, `history delete` deletes them."""
    if context.invoked_subcommand:
        return
    from hipform.report.history_tables import history_table  # noqa: PLC0415

    sets, console = _kept(athlete, exercise, since), terminal()
    if as_json:
        print_json(sets)
        return
    console.print(history_table(sets, console.width) if sets else _NOTHING_KEPT, markup=False)


@history_app.command("export")
def history_export(
    file: Annotated[Path, path_argument(metavar="FILE", help="File to write; must end in .csv, .json or .parquet.")],
    athlete: AthleteOption = None,
    exercise: ExerciseOption = None,
    since: SinceOption = None,
) -> None:
    """Write the saved sets to FILE: one row per set, or as JSON with every repetition."""
    from hipform.files import is_same_file  # noqa: PLC0415
    from hipform.report.history_tables import export_history  # noqa: PLC0415
    from hipform.report.result import spare_results  # noqa: PLC0415
    from hipform.store import history_path  # noqa: PLC0415

    spare_results(file)
    if is_same_file(file, history_path()):
        raise OutputError(f"{file} is the history itself.", "Choose another name.")
    sets = _kept(athlete, exercise, since)
    export_history(file, sets)
    typer.echo(f"{_count(len(sets))} written to {one_line(str(file))}")


@history_app.command("delete")
def history_delete(
    athlete: Annotated[
        str | None, typer.Option("--athlete", metavar="NAME", help="Delete this athlete's sets and calibrations.")
    ] = None,
    set_id: Annotated[
        str | None, typer.Option("--set", metavar="ID", help="Delete one set, by its Id in `hipform history`.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Delete everything.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,  # noqa: FBT002
) -> None:
    """Delete one set, or the sets and calibrations of one athlete or of all; result files are not touched."""
    from hipform.store import History, count_calibrations, forget_calibrations, history_path  # noqa: PLC0415

    if [athlete is not None, set_id is not None, everything].count(True) != 1:
        raise typer.BadParameter("give one of --athlete NAME, --set ID and --all.", param_hint="--athlete / --set")
    athlete = _as_kept(athlete)
    with History(history_path()) as kept:
        doomed = [one for one in kept.sets(athlete=athlete) if set_id in (None, one.short_id)]
        calibrations = 0 if set_id else count_calibrations(athlete)
        found = [_count(len(doomed)), _count(calibrations, "calibration")]
        what = " and ".join(part for part in found if not part.startswith("0 "))
        whose = _set_in_words(doomed[0]) if set_id and doomed else one_line(athlete or "everybody")
        if not what:
            typer.echo("There is nothing to delete.")
        elif yes or _agreed(f"Delete {what} of {whose}?"):
            kept.delete(doomed)
            if not set_id:
                forget_calibrations(athlete)
            typer.echo(f"{what} deleted.")
        else:
            typer.echo("Nothing was deleted.")


def _set_in_words(one: KeptSet) -> str:
    return one_line(f"{one.athlete}, {one.recorded_at:%Y-%m-%d}, {one.exercise}")


@app.command(rich_help_panel=Panel.IMPROVE, epilog=example("progress --athlete Ana --out ana.html"))
def progress(
    athlete: AthleteOption = None,
    exercise: ExerciseOption = None,
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="FILE.html", help="Also write a page with charts."),
    ] = None,
    language: LanguageOption = "en",
    as_json: AsJsonOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """Show progress over the weeks: sessions, lockout, loads, personal bests, persistent faults."""
    from datetime import datetime  # noqa: PLC0415

    from hipform.feedback.progress import progress as progress_of  # noqa: PLC0415
    from hipform.files import write_whole  # noqa: PLC0415
    from hipform.report.progress_page import progress_page  # noqa: PLC0415
    from hipform.report.progress_text import show_progress  # noqa: PLC0415
    from hipform.report.result import spare_results  # noqa: PLC0415
    from hipform.texts import Texts  # noqa: PLC0415

    if out and out.suffix.lower() != ".html":
        raise typer.BadParameter(f"{out} must end in .html.", param_hint="--out")
    if out:
        spare_results(out)
    today = datetime.now().astimezone().date()
    athletes = progress_of(_kept(athlete, exercise, None), today)
    console = terminal(to_stderr=as_json)
    if as_json:
        print_json(athletes)
    elif athletes:
        show_progress(console, athletes)
    else:
        console.print(_NOTHING_KEPT, markup=False)
    if out:
        write_whole(out, progress_page(athletes, today, Texts(language)).encode())
        console.print(f"Open {one_line(str(out))}", markup=False, soft_wrap=True)


_NOTHING_KEPT = "No saved sets found. `hipform analyze CLIP --athlete NAME` saves the sets of a clip to the history."


def _kept(athlete: str | None, exercise: str | None, since: str | None) -> tuple[KeptSet, ...]:
    """Return the sets of the history that match the options."""
    from hipform.exercises import find_exercise  # noqa: PLC0415
    from hipform.store import History, history_path  # noqa: PLC0415
    from hipform.training import date_in_past  # noqa: PLC0415

    if exercise is not None:
        find_exercise(exercise)
    first = None if since is None else date_in_past(since, "--since")
    with History(history_path()) as kept:
        return kept.sets(athlete=_as_kept(athlete), exercise=exercise, since=first)


def _as_kept(athlete: str | None) -> str | None:
    """Return the name in the form in which the history stores it."""
    from hipform.training import athlete_name  # noqa: PLC0415

    return None if athlete is None else athlete_name(athlete)


def _count(number: int, noun: str = "set") -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _agreed(question: str) -> bool:
    """Ask for confirmation; raise a usage error if nobody can answer."""
    try:
        with waiting_for_an_answer():
            return typer.confirm(question)
    except (typer.Abort, RuntimeError, OSError) as error:
        raise typer.BadParameter("cannot ask for confirmation without a terminal; add --yes.") from error
