"""The entry point of the command line: signals, errors and exit codes."""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from hipform.cli.output import SteadyOutput, open_closed_streams
from hipform.cli.root import app
from hipform.cli.signals import handle_signals, ignore_signals
from hipform.errors import (
    INTERRUPTED_EXIT_CODE,
    MEMORY_EXIT_CODE,
    OUT_OF_MEMORY,
    HipformError,
    OutputError,
    is_out_of_files,
    is_out_of_memory,
    one_line,
    shortened,
)
from hipform.interruption import Interrupted, raise_if_interrupted

_log = logging.getLogger(__name__)


def main() -> NoReturn:
    """Run the command line and leave with one of `hipform.errors.EXIT_CODES`."""
    open_closed_streams()
    _require_time_zone()
    handle_signals()
    with SteadyOutput() as output:
        code = _run(output)
    ignore_signals()
    sys.exit(code)


def _require_time_zone() -> None:
    """Use UTC if the system's time zone has an offset that Python cannot represent."""
    try:
        datetime.now().astimezone()
    except ValueError:
        os.environ["TZ"] = "UTC"
        # Windows does not read TZ.
        if sys.platform != "win32":
            time.tzset()


def _run(output: SteadyOutput) -> int:
    """Run the command, print any error, and return the exit code."""
    try:
        code = app(standalone_mode=False) or 0
        output.require_written()
        raise_if_interrupted()
    except TyperException as error:
        _log.error("exit code %d", error.exit_code, exc_info=error)
        _say_usage(error)
        return error.exit_code
    except HipformError as error:
        _log.error("exit code %d", error.exit_code, exc_info=error)
        # Whatever was to be opened when there were too many: neither the file nor the disk is to blame.
        if is_out_of_files(error.__cause__):
            return _said(OUT_OF_MEMORY, MEMORY_EXIT_CODE)
        return _said(str(error), error.exit_code)
    except Interrupted as interrupted:
        ignore_signals()
        _log.warning("interrupted", exc_info=interrupted)
        left = str(interrupted) or "no incomplete files were left behind."
        return _said(f"interrupted; {left}", INTERRUPTED_EXIT_CODE)
    except Exception as error:
        _log.exception("a defect")
        if os.environ.get("HIPFORM_TRACEBACK"):
            raise
        return _say_unforeseen(error)
    _log.info("exit code %d", code)
    return int(code)


def _say_unforeseen(error: Exception) -> int:
    """Report a lack of memory or a missing folder, otherwise a defect; return the exit code."""
    if is_out_of_memory(error):
        return _said(OUT_OF_MEMORY, MEMORY_EXIT_CODE)
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return _said("the current folder no longer exists. Change to another folder.", OutputError.exit_code)
    hint = "Set HIPFORM_TRACEBACK=1 to see the traceback, and please report it."
    if isinstance(error, ImportError):
        hint = "`hipform doctor` shows what is missing."
    return _said(f"a defect in hipform: {type(error).__name__}: {one_line(str(error))}. {hint}", 1)


def _has_folder() -> bool:
    """Return whether the working folder still exists."""
    try:
        return Path.cwd().exists()
    except OSError:
        return False


def _say_usage(error: TyperException) -> None:
    """Print a usage error, with control characters replaced that could affect the terminal."""
    words = io.StringIO()
    error.show(words)  # type: ignore[attr-defined] # every usage error has it, but their base class does not
    # Choices of a missing option are listed with tabs.
    for line in words.getvalue().expandtabs(2).rstrip().split("\n"):
        typer.echo(shortened(one_line(line)), err=True)


def _said(text: str, code: int) -> int:
    """Print *text* to standard error and return *code*."""
    typer.echo(f"hipform: {text}", err=True)
    return code
