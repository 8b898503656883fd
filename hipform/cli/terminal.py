"""What the commands print with."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from hipform.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console


def say(console: Console, text: str) -> None:
    """Print one line, whatever its length and whatever a file name in it holds."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def terminal() -> Console:
    """Return the console of this process."""
    from rich.console import Console  # noqa: PLC0415

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """End quietly: the reader of our output is gone, as with `| head`, which is no failure of ours."""
            # Python would complain once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit

    return Terminal(highlight=False)
