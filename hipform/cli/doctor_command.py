"""`hipform doctor`: what is installed, what is wrong, how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hipform.cli.console import say, terminal
from hipform.cli.root import Panel, app, example
from hipform.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from hipform.doctor import CheckResult

_STYLES = {"ok": "cyan", "warning": "bold yellow", "wrong": "bold red"}
_STATE_WIDTH = max(map(len, _STYLES))
_PART_WIDTH = 9


@app.command(rich_help_panel=Panel.SET_UP, epilog=example("doctor"))
def doctor() -> None:
    """Check what hipform needs on this computer; report what is wrong and how to fix it."""
    from hipform.doctor import examine  # noqa: PLC0415

    console = terminal()
    verdicts = []
    for part, verdict in examine():
        _show(console, part, verdict)
        verdicts.append(verdict)
    codes = [verdict.exit_code for verdict in verdicts if verdict.exit_code]
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
