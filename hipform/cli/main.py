"""The way in and out of the command line: signals, errors and exit codes."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from hipform.cli.interruption import Interrupted, raise_when_interrupted
from hipform.cli.root import app
from hipform.errors import INTERRUPTED_EXIT_CODE, HipformError, one_line


def main() -> None:
    """Run the command line and leave with one of `hipform.errors.EXIT_CODES`."""
    raise_when_interrupted()
    try:
        app()
    except HipformError as error:
        _leave(str(error), error.exit_code)
    except Interrupted as interrupted:
        left = str(interrupted) or "nothing half-written was left behind."
        _leave(f"interrupted; {left}", INTERRUPTED_EXIT_CODE)
    except Exception as error:
        if os.environ.get("HIPFORM_TRACEBACK"):
            raise
        hint = "Set HIPFORM_TRACEBACK=1 to see where, and please report it."
        _leave(f"a defect in hipform: {type(error).__name__}: {one_line(str(error))}. {hint}", 1)


def _leave(text: str, code: int) -> NoReturn:
    typer.echo(f"hipform: {text}", err=True)
    sys.exit(code)
