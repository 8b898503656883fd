"""The command line run in this process: quicker than in a new one, where nothing of the process itself is tested."""

import contextlib
import io
import logging
import sys
from dataclasses import dataclass

import pytest

from hipform.cli import main


@dataclass(frozen=True)
class Done:
    """Exit code, and what standard output and standard error received."""

    returncode: int
    stdout: str
    stderr: str


def run_here(*arguments, **environment):
    """Run ``hipform ARGUMENTS``, with some variables of the environment set, and return how it went."""
    out, err = io.StringIO(), io.StringIO()
    package = logging.getLogger("hipform")
    handlers, level = list(package.handlers), package.level
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        # Signals stay pytest's. The package's function hides the module of the same name.
        for name in ("handle_signals", "ignore_signals"):
            patch.setitem(main.__globals__, name, lambda: None)
        patch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
        patch.setattr(sys, "argv", ["hipform", *map(str, arguments)])
        for name, value in {"COLUMNS": "400", **environment}.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as left:
            main()
    for handler in set(package.handlers) - set(handlers):
        package.removeHandler(handler)
        # As at the end of a process: what a full disk refuses is lost.
        with contextlib.suppress(OSError):
            handler.close()
    package.setLevel(level)
    return Done(left.value.code or 0, out.getvalue(), err.getvalue())
