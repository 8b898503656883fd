"""Printing for the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hipform.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console


def say(console: Console, text: str) -> None:
    """Print one line of any length, with control characters from file names replaced."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def terminal() -> Console:
    """Return the console of this process."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False)
