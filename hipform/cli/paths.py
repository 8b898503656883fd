"""Arguments and options that name a file or folder.

The code that opens a path reports whether it can be read, in one line and with the exit code of unreadable input. By
default typer checks this first and reports it as a usage error. Only an empty name is one here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer


def path_argument(**how: Any) -> Any:
    """Return a path argument; *how* is passed to `typer.Argument`."""
    return typer.Argument(parser=path, **how)


def path_option(*names: str, **how: Any) -> Any:
    """Return a path option; *names* and *how* are passed to `typer.Option`."""
    return typer.Option(*names, parser=path, **how)


def path(text: str) -> Path:
    """Return the path that an argument or option names.

    Raises
    ------
    typer.BadParameter
        If it is empty, as a variable of the shell that is not set: that would be the current folder.
    """
    return Path(named(text))


def named(text: str) -> str:
    """Return *text*, the name of a file, folder or address; errors as in `path`."""
    if not text:
        raise typer.BadParameter("it is empty. Name a file or folder; . is the current one.")
    return text
