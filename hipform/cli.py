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
from hipform.errors import EXIT_CODES, INTERRUPTED_EXIT_CODE, HipformError, one_line

if TYPE_CHECKING:
    from rich.console import Console

    from hipform.config import Settings


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
def analyze(
    path: Annotated[Path, typer.Argument(metavar="CLIP", help="A video file, or a poses.npz to judge again.")],
    exercise: Annotated[
        str, typer.Option("--exercise", "-e", help="What is done, such as hip-thrust; auto recognises it.")
    ] = "auto",
    model: Annotated[
        Model, typer.Option("--model", "-m", help="Pose model: heavy is the most accurate, lite the quickest.")
    ] = Model.HEAVY,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results [next to the clip].")
    ] = None,
    config: ConfigOption = None,
    embed: EmbedOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """Count the reps of every set in one clip, judge each, and write a report, an annotated video and tables."""
    from hipform.app import analyze as run  # noqa: PLC0415
    from hipform.report.terminal import progress_bar, show  # noqa: PLC0415

    folder = out or path.with_name(f"{path.stem}_hipform")
    settings = _settings(config)
    with progress_bar(path.name) as progress:
        result = run(
            path, exercise=exercise, model=model.value, out=folder, settings=settings, embed=embed, progress=progress
        )
    console = _console()
    show(console, result)
    _say(console, f"Results are in {folder}")
    _say_where(console, folder / "report.html", embed=embed)


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
