"""Printing for the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hipform.errors import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


def say(console: Console, text: str) -> None:
    """Print one line of any length, with control characters from file names replaced."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def terminal(*, to_stderr: bool = False) -> Console:
    """Return the console of this process, for standard output or standard error."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, stderr=to_stderr)


def open_page(console: Console, page: Path) -> None:
    """Open a page that hipform has written in the user's browser; say so if there is none."""
    import webbrowser  # noqa: PLC0415

    # An address made from the whole path: no part of a file's name can be an option or a command.
    if not webbrowser.open(page.resolve().as_uri()):
        say(console, "No browser was found. Open the page yourself.")
