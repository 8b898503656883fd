"""The way in and out of the command line: signals, errors and exit codes."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from hipform.cli.interruption import Interrupted, raise_when_interrupted
from hipform.cli.output import SteadyOutput
from hipform.cli.root import app
from hipform.errors import (
    INTERRUPTED_EXIT_CODE,
    MEMORY_EXIT_CODE,
    OUT_OF_MEMORY,
    HipformError,
    OutputError,
    is_out_of_memory,
    one_line,
)

_log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line and leave with one of `hipform.errors.EXIT_CODES`."""
    raise_when_interrupted()
    output = SteadyOutput()
    try:
        code = app(standalone_mode=False) or 0
        output.require_written()
        _log.info("exit code %d", code)
        sys.exit(code)
    except TyperException as error:
        _log.error("exit code %d", error.exit_code, exc_info=error)
        _say_usage(error)
        sys.exit(error.exit_code)
    except HipformError as error:
        _log.error("exit code %d", error.exit_code, exc_info=error)
        _leave(str(error), error.exit_code)
    except Interrupted as interrupted:
        _log.warning("interrupted", exc_info=interrupted)
        left = str(interrupted) or "nothing half-written was left behind."
        _leave(f"interrupted; {left}", INTERRUPTED_EXIT_CODE)
    except Exception as error:
        _log.exception("a defect")
        if os.environ.get("HIPFORM_TRACEBACK"):
            raise
        _leave_unforeseen(error)


def _leave_unforeseen(error: Exception) -> NoReturn:
    """Leave with what this machine lacks, or else with a defect."""
    if is_out_of_memory(error):
        _leave(OUT_OF_MEMORY, MEMORY_EXIT_CODE)
    if isinstance(error, FileNotFoundError) and not _has_folder():
        _leave("the current folder is gone. Change to another one.", OutputError.exit_code)
    hint = "Set HIPFORM_TRACEBACK=1 to see where, and please report it."
    if isinstance(error, ImportError):
        hint = "`hipform doctor` says what is missing."
    _leave(f"a defect in hipform: {type(error).__name__}: {one_line(str(error))}. {hint}", 1)


def _has_folder() -> bool:
    """Tell whether the folder that this process works in is still there."""
    try:
        return Path.cwd().exists()
    except OSError:
        return False


def _say_usage(error: TyperException) -> None:
    """Print what is wrong with the command line; a name in it may hold what would steer the terminal."""
    words = io.StringIO()
    error.show(words)  # type: ignore[attr-defined] # every error of usage has it, only their parent has not
    for line in words.getvalue().rstrip().split("\n"):
        typer.echo(one_line(line), err=True)


def _leave(text: str, code: int) -> NoReturn:
    # Where nobody can be told, the code still says it.
    with contextlib.suppress(OSError):
        typer.echo(f"hipform: {text}", err=True)
    sys.exit(code)
