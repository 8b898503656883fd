"""Arguments and options that name a file or folder.

The code that opens a path reports whether it can be read, in one line and with the exit code of unreadable input. By
default typer checks this first and reports it as a usage error.
"""

from __future__ import annotations

from typing import Any

import typer


def path_argument(**how: Any) -> Any:
    """Return a path argument; *how* is passed to `typer.Argument`."""
    return typer.Argument(readable=False, **how)


def path_option(*names: str, **how: Any) -> Any:
    """Return a path option; *names* and *how* are passed to `typer.Option`."""
    return typer.Option(*names, readable=False, **how)
