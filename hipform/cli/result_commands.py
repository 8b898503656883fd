"""`hipform report`, `hipform compare` and `hipform export`: what can be done with results."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.console import say, terminal
from hipform.cli.paths import path_argument, path_option
from hipform.cli.root import app
from hipform.errors import one_line

if TYPE_CHECKING:
    from rich.console import Console

EmbedOption = Annotated[
    bool, typer.Option("--embed", help="Put the video into the report, up to 25 MB, so that one file is all.")
]


@app.command()
def report(
    path: Annotated[Path, path_argument(metavar="RESULT", help="A folder of results, or the result.json in it.")],
    embed: EmbedOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """Make the report of an earlier analysis again, from what lies in its folder."""
    from hipform.app import report as run  # noqa: PLC0415

    say_where(terminal(), run(path, embed=embed), embed=embed)


@app.command()
def compare(
    first: Annotated[Path, path_argument(metavar="A", help="A folder of results.")],
    second: Annotated[
        Path | None,
        path_argument(metavar="[B]", help="Another one; without it, A's best rep is held against the others."),
    ] = None,
    first_set: Annotated[
        int | None, typer.Option("--set-a", metavar="NUMBER", help="Which set of A, if its clip has several.")
    ] = None,
    second_set: Annotated[
        int | None, typer.Option("--set-b", metavar="NUMBER", help="Which set of B, if its clip has several.")
    ] = None,
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="FILE.html", help="The page [compare.html in A]."),
    ] = None,
) -> None:
    """Hold two sets of one exercise against each other on a page, or a set against its own best rep."""
    from hipform.app import compare as run  # noqa: PLC0415

    if second is None and second_set is not None:
        raise typer.BadParameter("there is no second folder.", param_hint="--set-b")
    page = run(first, second, first_set=first_set, second_set=second_set, out=out)
    say(terminal(), f"Open {page}")


def say_where(console: Console, page: Path, *, embed: bool) -> None:
    """Tell where the page is, and why the video is not in it although that was asked for."""
    from hipform.report.report_page import embedding_note  # noqa: PLC0415
    from hipform.report.result import FILES  # noqa: PLC0415

    say(console, f"Open {page}")
    if embed and (note := embedding_note(page.with_name(FILES["video"]))):
        say(console, note)


class ExportKind(StrEnum):
    """The forms that `hipform export` writes."""

    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"


@app.command()
def export(
    result: Annotated[Path, path_argument(metavar="RESULT", help="A folder of results, or the result.json in it.")],
    to: Annotated[
        ExportKind, typer.Option("--to", help="parquet: tables; trc, mot: landmarks and angles for OpenSim.")
    ],
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="DIR", help="Folder for the files [that of RESULT]."),
    ] = None,
) -> None:
    """Write what an analysis found for other tools; CSV and JSON are among its files already."""
    from hipform.app import export as run  # noqa: PLC0415

    for path in run(result, to.value, out):
        typer.echo(one_line(str(path)))
