"""`hipform app`: the pages for people without a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipform.cli.console import open_address, say, terminal
from hipform.cli.paths import path_option
from hipform.cli.root import Panel, app, example

_PORT = 8740


@app.command("app", rich_help_panel=Panel.ANALYSE, epilog=example("app"))
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
        if no_browser or not open_address(f"{address}#{code}"):
            say(console, f"Open {address}#{code}")
        if is_new:
            say(console, "Ctrl-C ends it; nothing is lost.")

    run_app(folder or app_folder(), port, show)
