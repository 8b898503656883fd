"""The command line: parse, set up, hand over to `hipform.app`. Heavy imports wait inside the commands."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hipform import __version__
from hipform.errors import EXIT_CODES, INTERRUPTED_EXIT_CODE, HipformError, HistoryError, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from hipform.config import Settings
    from hipform.report.result import AnalysisResult
    from hipform.types import KeptSet


class Model(StrEnum):
    """The pose models, quickest first."""

    LITE = "lite"
    FULL = "full"
    HEAVY = "heavy"


_EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="hipform",
    help="Check the form of hip-extension training from video, on your own machine.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", help="Settings that replace defaults; see `hipform rules`."),
]


EmbedOption = Annotated[
    bool, typer.Option("--embed", help="Put the video into the report, up to 25 MB, so that one file is all.")
]


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if asked:
        typer.echo(f"hipform {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[  # noqa: FBT002 - typer reads the default
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


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
    settings = _settings(config)
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
        )
    console = _console()
    show(console, result)
    if calibration and not any(CALIBRATION in found.refined for found in result.sets):
        _say(console, f"The calibration was not used: it is of {own[0].exercise}, {own[0].model} model.")
    _say(console, f"Results are in {folder}")
    _say_where(console, folder / "report.html", embed=embed)
    if training.athlete and not no_history:
        _say(console, _keep(result))


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
        found = run(path, exercise=exercise, model=model.value, settings=_settings(config), progress=progress)
    lines = calibration_text(found)
    if out:
        write_calibration(out, found)
        lines.append(f"Written to {out}")
    if name is not None:
        keep_calibration(name, found)
        lines.append(f"Kept for later sets of {name}.")
    console = _console()
    for line in lines:
        _say(console, line)


@app.command()
def report(
    path: Annotated[Path, typer.Argument(metavar="RESULT", help="A folder of results, or the result.json in it.")],
    embed: EmbedOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """Make the report of an earlier analysis again, from what lies in its folder."""
    from hipform.app import report as run  # noqa: PLC0415

    _say_where(_console(), run(path, embed=embed), embed=embed)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A folder of results.")],
    second: Annotated[
        Path | None,
        typer.Argument(metavar="[B]", help="Another one; without it, A's best rep is held against the others."),
    ] = None,
    first_set: Annotated[
        int | None, typer.Option("--set-a", metavar="NUMBER", help="Which set of A, if its clip has several.")
    ] = None,
    second_set: Annotated[
        int | None, typer.Option("--set-b", metavar="NUMBER", help="Which set of B, if its clip has several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="The page [compare.html in A].")
    ] = None,
) -> None:
    """Hold two sets of one exercise against each other on a page, or a set against its own best rep."""
    from hipform.app import compare as run  # noqa: PLC0415

    if second is None and second_set is not None:
        raise typer.BadParameter("there is no second folder.", param_hint="--set-b")
    page = run(first, second, first_set=first_set, second_set=second_set, out=out)
    _say(_console(), f"Open {page}")


def _say_where(console: Console, page: Path, *, embed: bool) -> None:
    """Tell where the page is, and why the video is not in it although that was asked for."""
    from hipform.report.report_page import embedding_note  # noqa: PLC0415
    from hipform.report.result import FILES  # noqa: PLC0415

    _say(console, f"Open {page}")
    if embed and (note := embedding_note(page.with_name(FILES["video"]))):
        _say(console, note)


def _say(console: Console, text: str) -> None:
    """Print one line, whatever its length and whatever a file name in it holds."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


@app.command()
def rules(config: ConfigOption = None) -> None:
    """Print every limit and setting with its value, bounds, meaning and basis."""
    from hipform.report.terminal import rules_table  # noqa: PLC0415

    _console().print(rules_table(_settings(config)))


@app.command()
def exercises(
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="One of them, such as hip-thrust or deadlift:sumo.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """List the exercises hipform can judge; with EXERCISE, show how to film that one and its rules and limits."""
    from hipform.report.exercise_page import exercise_page  # noqa: PLC0415
    from hipform.report.terminal import exercises_table  # noqa: PLC0415

    console = _console()
    if exercise is not None:
        console.print(exercise_page(console, exercise, _settings(config)))
    elif config:
        raise typer.BadParameter("the list has no limits; name an exercise too.", param_hint="--config")
    else:
        console.print(exercises_table())


class ExportKind(StrEnum):
    """The forms that `hipform export` writes."""

    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"


@app.command()
def export(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A folder of results, or the result.json in it.")],
    to: Annotated[
        ExportKind, typer.Option("--to", help="parquet: tables; trc, mot: landmarks and angles for OpenSim.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the files [that of RESULT].")
    ] = None,
) -> None:
    """Write what an analysis found for other tools; CSV and JSON are among its files already."""
    from hipform.app import export as run  # noqa: PLC0415

    for path in run(result, to.value, out):
        typer.echo(one_line(str(path)))


AthleteOption = Annotated[str | None, typer.Option("--athlete", metavar="NAME", help="Only this athlete.")]
ExerciseOption = Annotated[
    str | None,
    typer.Option("--exercise", "-e", metavar="EXERCISE", help="Only this exercise, with its variants."),
]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Only from this day on.")]

history_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(history_app, name="history")


@history_app.callback()
def history(
    context: typer.Context, athlete: AthleteOption = None, exercise: ExerciseOption = None, since: SinceOption = None
) -> None:
    """List the sets kept so far; `history export` writes them to a file, `history delete` forgets them."""
    if context.invoked_subcommand:
        return
    from hipform.report.history_tables import history_table  # noqa: PLC0415

    sets, console = _kept(athlete, exercise, since), _console()
    console.print(history_table(sets, console.width) if sets else _NOTHING_KEPT, markup=False)


@history_app.command("export")
def history_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .csv, .json or .parquet.")],
    athlete: AthleteOption = None,
    exercise: ExerciseOption = None,
    since: SinceOption = None,
) -> None:
    """Write the sets kept so far to FILE: a row a set, or as JSON with every repetition."""
    from hipform.report.history_tables import export_history  # noqa: PLC0415

    sets = _kept(athlete, exercise, since)
    export_history(file, sets)
    typer.echo(f"{_count(len(sets))} written to {one_line(str(file))}")


@history_app.command("delete")
def history_delete(
    athlete: Annotated[str | None, typer.Option("--athlete", metavar="NAME", help="Forget this athlete.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget everything.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002
) -> None:
    """Delete the sets and calibrations of one athlete, or all; files of results are not touched."""
    from hipform.store import History, count_calibrations, forget_calibrations, history_path  # noqa: PLC0415

    if (athlete is None) is not everything:
        raise typer.BadParameter("say either --athlete NAME or --all.", param_hint="--athlete / --all")
    with History(history_path()) as kept:
        found = [_count(len(kept.sets(athlete=athlete))), _count(count_calibrations(athlete), "calibration")]
        what = " and ".join(part for part in found if not part.startswith("0 "))
        if not what:
            typer.echo("There is nothing to delete.")
        elif yes or _agreed(f"Delete {what} of {one_line(athlete or 'everybody')}?"):
            kept.delete(athlete)
            forget_calibrations(athlete)
            typer.echo(f"{what} deleted.")
        else:
            typer.echo("Nothing was deleted.")


@app.command()
def progress(
    athlete: AthleteOption = None,
    exercise: ExerciseOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="Write a page with charts as well.")
    ] = None,
) -> None:
    """Show how the sets kept so far change over the weeks: sessions, lockout, loads, bests, faults that persist."""
    from datetime import datetime  # noqa: PLC0415

    from hipform.feedback.progress import progress as progress_of  # noqa: PLC0415
    from hipform.files import write_whole  # noqa: PLC0415
    from hipform.report.progress_page import progress_page  # noqa: PLC0415
    from hipform.report.progress_text import show_progress  # noqa: PLC0415

    today = datetime.now().astimezone().date()
    athletes = progress_of(_kept(athlete, exercise, None), today)
    console = _console()
    if athletes:
        show_progress(console, athletes)
    else:
        console.print(_NOTHING_KEPT, markup=False)
    if out:
        write_whole(out, progress_page(athletes, today).encode())
        console.print(f"The page is {one_line(str(out))}", markup=False, soft_wrap=True)


_NOTHING_KEPT = "Nothing is kept here. `hipform analyze CLIP --athlete NAME` keeps the sets of a clip in the history."


def _kept(athlete: str | None, exercise: str | None, since: str | None) -> tuple[KeptSet, ...]:
    """Return the sets of the history that the options choose."""
    from hipform.exercises import find_exercise  # noqa: PLC0415
    from hipform.store import History, history_path  # noqa: PLC0415
    from hipform.training import date_in_past  # noqa: PLC0415

    if exercise is not None:
        find_exercise(exercise)
    first = None if since is None else date_in_past(since, "--since")
    with History(history_path()) as kept:
        return kept.sets(athlete=athlete, exercise=exercise, since=first)


def _count(number: int, noun: str = "set") -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _agreed(question: str) -> bool:
    """Ask; where nobody can answer, that is wrong usage."""
    try:
        return typer.confirm(question)
    except typer.Abort as error:
        raise typer.BadParameter("deleting asks first; where nobody can answer, say --yes.") from error


def _keep(result: AnalysisResult) -> str:
    """Keep *result* in the history and return what to say of it; its files are written, so that no failure matters."""
    from hipform.app import keep  # noqa: PLC0415

    try:
        return keep(result)
    except HistoryError as error:
        return f"Not kept in the history: {error}"


def _settings(config: Path | None) -> Settings:
    from hipform.config import Settings  # noqa: PLC0415

    return Settings.load(config) if config else Settings()


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """End quietly: the reader of our output is gone, as with `| head`, which is no failure of ours."""
            # Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit

    return Terminal(highlight=False)


class _Interrupted(BaseException):
    """Ctrl-C or a request to end; unlike KeyboardInterrupt it passes through the argument parser untouched."""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise _Interrupted


def main() -> None:
    """Run the command line and leave with one of `hipform.errors.EXIT_CODES`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        app()
    except HipformError as error:
        _leave(str(error), error.exit_code)
    except _Interrupted:
        _leave("interrupted; nothing half-written was left behind.", INTERRUPTED_EXIT_CODE)
    except Exception as error:
        if os.environ.get("HIPFORM_TRACEBACK"):
            raise
        hint = "Set HIPFORM_TRACEBACK=1 to see where, and please report it."
        _leave(f"a defect in hipform: {type(error).__name__}: {one_line(str(error))}. {hint}", 1)


def _leave(text: str, code: int) -> NoReturn:
    typer.echo(f"hipform: {text}", err=True)
    sys.exit(code)
