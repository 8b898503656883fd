"""The root of the command line, with the options that commands share."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from hipform import __version__
from hipform.cli.paths import path_option
from hipform.errors import EXIT_CODES

if TYPE_CHECKING:
    from hipform.config import Settings


_MODELS = ("lite", "full", "heavy")
"""The pose models that come with hipform, repeated here to keep --help fast."""


def known_model(name: str) -> str:
    """Return *name* if there is such a pose model.

    Raises
    ------
    typer.BadParameter
        If there is none.
    """
    if name not in _MODELS:
        from hipform.pose.sources import POSE_MODELS  # noqa: PLC0415

        if name not in POSE_MODELS:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, POSE_MODELS))}.")
    return name


_EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."
if sys.flags.optimize > 1:
    _EPILOG += " Python runs with -OO, which takes away what this help says about the commands."


class Panel(StrEnum):
    """The groups of commands in ``hipform --help``, in the order of use."""

    ANALYSE = "Analyse"
    UNDERSTAND = "Understand"
    IMPROVE = "Improve"
    TRAIN = "Train in front of a camera"
    MANY = "Coach many"
    SET_UP = "Set up"


def example(*lines: str) -> str:
    """Return the epilog of a command with its examples."""
    # The backspace keeps the help from joining the lines.
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *(f"  hipform {line}" for line in lines)])


class GroupedCommands(TyperGroup):
    """Lists the commands by `Panel`, each with its first example."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        for panel in Panel:
            rows: list[tuple[str, str]] = []
            for name in self.list_commands(ctx):
                command = self.get_command(ctx, name)
                if isinstance(command, TyperCommand | TyperGroup) and command.rich_help_panel == panel:
                    rows += _rows(name, command)
            if rows:
                with formatter.section(panel.value):
                    formatter.write_dl(rows)


def _rows(name: str, command: TyperCommand | TyperGroup) -> Iterator[tuple[str, str]]:
    """Yield the first sentence of the help of *command*, and its first example."""
    yield name, (command.help or "").partition("\n")[0]
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.startswith("  hipform")]
    if examples:
        yield "", f"$ {examples[0]}"


app = typer.Typer(
    cls=GroupedCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
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
    path_option("--config", metavar="FILE.toml", help="Settings that override the defaults; see `hipform rules`."),
]


AsJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def _add_exercises(path: Path | None) -> Path | None:
    """Add the exercises of the user's file before the command's own imports need them."""
    if path:
        from hipform.exercises import add_exercises  # noqa: PLC0415

        add_exercises(path)
    return path


ExerciseFileOption = Annotated[
    Path | None,
    path_option(
        "--exercise-file",
        metavar="FILE.py",
        callback=_add_exercises,
        is_eager=True,
        help="A Python file of yours that declares an exercise; it is run.",
    ),
]


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if asked:
        typer.echo(f"hipform {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _version: Annotated[  # noqa: FBT002 - typer reads the default
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    log: Annotated[
        Path | None,
        path_option("--log", metavar="FILE", help="Append a debug log to FILE; it contains no names or paths."),
    ] = None,
) -> None:
    if log:
        from hipform.cli.log import start_log  # noqa: PLC0415

        start_log(log, sys.argv[1:], _command_names(context.command))


def _command_names(command: object) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield name
            yield from _command_names(below)


def settings_of(config: Path | None) -> Settings:
    """Return the settings in force."""
    from hipform.exercises import Settings  # noqa: PLC0415

    return Settings.load(config) if config else Settings()


def parse_size_px(text: str) -> tuple[int, int]:
    """Return width and height from the value of ``--size``, such as 1280x720; raise the error of wrong usage."""
    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text.strip(), re.ASCII | re.IGNORECASE)
    if not match:
        raise typer.BadParameter(f"{text!r} is not a size; write it as 1280x720.", param_hint="--size")
    return int(match[1]), int(match[2])
