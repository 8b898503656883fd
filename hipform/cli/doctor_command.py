"""`hipform doctor`: what is installed, what is wrong, how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hipform.cli.console import print_json, say, terminal
from hipform.cli.root import AsJsonOption, Panel, app, example
from hipform.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from hipform.doctor import CheckResult

_STYLES = {"ok": "cyan", "warning": "bold yellow", "wrong": "bold red"}
_STATE_WIDTH = max(map(len, _STYLES))
_PART_WIDTH = 9


@app.command(rich_help_panel=Panel.SET_UP, epilog=example("doctor"))
def doctor(as_json: AsJsonOption = False) -> None:  # noqa: FBT002 - typer reads the default
    """Check what hipform needs on this computer; report what is wrong and how to fix it."""
    from dataclasses import asdict  # noqa: PLC0415

    from hipform.doctor import examine  # noqa: PLC0415

    console = terminal()
    found = []
    for part, verdict in examine():
        if not as_json:
            _show(console, part, verdict)
        found.append({"part": part, **asdict(verdict)})
    codes = [verdict["exit_code"] for verdict in found if verdict["exit_code"]]
    if as_json:
        print_json(found)
        raise typer.Exit(codes[0] if codes else 0)
    if codes:
        say(console, "`hipform analyze` cannot run yet: fix the problems above, starting at the top.")
        raise typer.Exit(codes[0])
    say(console, "Everything that `hipform analyze` needs is here.")


def _show(console: Console, part: str, verdict: CheckResult) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    line = Table.grid(padding=(0, 1))
    line.add_column(width=_STATE_WIDTH)
    line.add_column(width=_PART_WIDTH)
    line.add_column(overflow="fold")
    line.add_row(Text(verdict.state.value, _STYLES[verdict.state.value]), part, Text(one_line(verdict.text)))
    console.print(line)
    if verdict.remedy:
        # On one line, so that it can be copied.
        say(console, f"{' ' * _STATE_WIDTH} -> {verdict.remedy}")
