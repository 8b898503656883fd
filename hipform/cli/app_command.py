"""`hipform app`: the pages for people without a terminal."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from hipform.cli.console import say, terminal
from hipform.cli.paths import path_option
from hipform.cli.root import app

_PORT = 8740


@app.command("app")
def app_command(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port on this computer; 0 takes a free one.")
    ] = _PORT,
    folder: Annotated[
        Path | None,
        path_option("--folder", metavar="DIR", help="Folder for clips and results [beside the history]."),
    ] = None,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser; only print the address.")] = False,
) -> None:
    """Open a page in the browser to drop clips on, see their reports and follow athletes; runs until Ctrl-C."""
    from hipform.web.server import app_folder, run_app  # noqa: PLC0415

    console = terminal()

    def show(address: str, code: str, *, is_new: bool) -> None:
        say(console, f"hipform is running at {address}" if is_new else f"hipform is already running at {address}")
        if no_browser or not _open(f"{address}#{code}"):
            say(console, f"Open {address}#{code}")
        if is_new:
            say(console, "Ctrl-C ends it; nothing is lost.")

    run_app(folder or app_folder(), port, show)


def _open(address: str) -> bool:
    """Open *address* in the browser; return whether there seems to be one."""
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
