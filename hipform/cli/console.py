"""Printing for the commands."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from hipform.errors import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

_USUAL_WIDTH = 80


def say(console: Console, text: str) -> None:
    """Print one line of any length, with control characters from file names replaced."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print dataclasses, dates and plain values as JSON on standard output; NaN becomes null."""
    from pydantic_core import to_json  # noqa: PLC0415

    sys.stdout.write(to_json(value, indent=2, inf_nan_mode="null").decode() + "\n")


def terminal(*, to_stderr: bool = False) -> Console:
    """Return the console of this process, for standard output or standard error."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, stderr=to_stderr)
    if console.width < 1:
        # Of COLUMNS=0; nothing at all would be printed.
        console.width = _USUAL_WIDTH
    return console


def open_page(console: Console, page: Path) -> None:
    """Open a page that hipform has written in the user's browser; say so if there is none."""
    # An address made from the whole path: no part of a file's name can be an option or a command.
    if not open_address(page.resolve().as_uri()):
        say(console, "No browser was found. Open the page yourself.")


def open_address(address: str) -> bool:
    """Open *address* in the browser; return whether there seems to be one."""
    import webbrowser  # noqa: PLC0415

    # Without a screen, a browser for text would take the terminal.
    if sys.platform not in ("win32", "darwin") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # It may wait for the browser.
    threading.Thread(target=browser.open, args=(address,), daemon=True).start()
    return True
