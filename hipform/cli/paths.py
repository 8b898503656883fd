"""Arguments and options that name a file or folder.

Whether it may be read is for whoever opens it to say, in one line and with the exit code of unreadable input; typer,
left to itself, asks first and calls it wrong usage.
"""

from __future__ import annotations

from typing import Any

import typer


def path_argument(**how: Any) -> Any:
    """Return an argument that is a path; *how* as `typer.Argument` takes it."""
    return typer.Argument(readable=False, **how)


def path_option(*names: str, **how: Any) -> Any:
    """Return an option that is a path; *names* and *how* as `typer.Option` takes them."""
    return typer.Option(*names, readable=False, **how)
