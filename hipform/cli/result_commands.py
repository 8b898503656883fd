"""`hipform report`, `hipform compare` and `hipform export`: commands on finished results."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.console import open_page, say, terminal
from hipform.cli.paths import path_argument, path_option
from hipform.cli.root import ExerciseFileOption, Panel, app, example
from hipform.errors import one_line
from hipform.texts import LanguageCode

if TYPE_CHECKING:
    from rich.console import Console

EmbedOption = Annotated[
    bool, typer.Option("--embed", help="Put the video (up to 25 MB) into the report, so that it is a single file.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]


LanguageOption = Annotated[
    LanguageCode,
    typer.Option("--language", help="Language of pages, captions, video and voice; tables and messages are English."),
]


@app.command(
    rich_help_panel=Panel.UNDERSTAND,
    epilog=example('report set_hipform --comment "Next week 85 kg" --coach "Kim Lee" --embed'),
)
def report(
    path: Annotated[Path, path_argument(metavar="RESULT", help="A results folder, or the result.json in it.")],
    *,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="A coach's comment, on the first screen.")
    ] = None,
    coach: Annotated[
        str | None,
        typer.Option("--coach", metavar="NAME", help="Name at the top of the page [of `hipform coach`]."),
    ] = None,
    logo: Annotated[
        Path | None, path_option("--logo", metavar="FILE", help="Image at the top of the page [of `hipform coach`].")
    ] = None,
    language: LanguageOption = "en",
    embed: EmbedOption = False,
    open_report: OpenOption = False,
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Make the report of an earlier analysis again from the files in its folder."""
    from hipform.app import report as run  # noqa: PLC0415
    from hipform.report.report_page import Letterhead  # noqa: PLC0415

    page = run(path, embed=embed, letterhead=Letterhead.of(coach, logo, comment), language=language)
    say_where(terminal(), page, embed=embed)
    if open_report:
        open_page(terminal(), page)


@app.command(rich_help_panel=Panel.MANY, epilog=example('coach --name "Kim Lee" --logo logo.png', "coach --clear"))
def coach(
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Name of the coach or the gym.")] = None,
    logo: Annotated[Path | None, path_option("--logo", metavar="FILE", help="A PNG or JPEG image.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove name and logo.")] = False,
) -> None:
    """Keep a name and a logo on this computer, for the top of every report; without options, show them."""
    from hipform.app.coach import keep_coach, kept_coach, with_kept_coach  # noqa: PLC0415
    from hipform.report.report_page import NO_LETTERHEAD, Letterhead  # noqa: PLC0415

    if clear and (name or logo):
        raise typer.BadParameter("it goes with no other option.", param_hint="--clear")
    if clear:
        keep_coach(NO_LETTERHEAD)
    elif name or logo:
        keep_coach(with_kept_coach(Letterhead.of(name, logo, None)))
    kept = kept_coach()
    shown = [kept.name or "no name", "a logo" if kept.logo else "no logo"]
    say(terminal(), "At the top of every report: " + (", ".join(shown) if kept != NO_LETTERHEAD else "nothing"))


@app.command(rich_help_panel=Panel.UNDERSTAND, epilog=example("compare monday_hipform friday_hipform"))
def compare(
    first: Annotated[Path, path_argument(metavar="A", help="A results folder.")],
    second: Annotated[
        Path | None,
        path_argument(
            metavar="[B]", help="A second results folder; without it, A's best rep is compared with its others."
        ),
    ] = None,
    first_set: Annotated[
        int | None, typer.Option("--set-a", metavar="NUMBER", help="Set of A to compare, if its clip has several.")
    ] = None,
    second_set: Annotated[
        int | None, typer.Option("--set-b", metavar="NUMBER", help="Set of B to compare, if its clip has several.")
    ] = None,
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="FILE.html", help="Page to write [compare.html in A]."),
    ] = None,
    language: LanguageOption = "en",
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Compare two sets of one exercise on a page, or a set's reps with its best rep."""
    from hipform.app import compare as run  # noqa: PLC0415

    if second is None and second_set is not None:
        raise typer.BadParameter("it needs a second results folder, B.", param_hint="--set-b")
    page = run(first, second, first_set=first_set, second_set=second_set, out=out, language=language)
    say(terminal(), f"Open {page}")


def say_where(console: Console, page: Path, *, embed: bool) -> None:
    """Print where the page is, and why the video could not be embedded if that was requested."""
    from hipform.report.report_page import embedding_note  # noqa: PLC0415
    from hipform.report.result import FILES  # noqa: PLC0415

    say(console, f"Open {page}")
    if embed and (note := embedding_note(page.with_name(FILES["video"]))):
        say(console, note)


class ExportKind(StrEnum):
    """The formats that `hipform export` writes."""

    XLSX = "xlsx"
    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"
    C3D = "c3d"


@app.command(rich_help_panel=Panel.UNDERSTAND, epilog=example("export set_hipform --to xlsx"))
def export(
    result: Annotated[Path, path_argument(metavar="RESULT", help="A results folder, or the result.json in it.")],
    to: Annotated[
        ExportKind,
        typer.Option("--to", help="xlsx: workbook; parquet: tables; trc, mot: for OpenSim; c3d: landmarks."),
    ],
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="DIR", help="Folder for the files [RESULT's folder]."),
    ] = None,
) -> None:
    """Write the results of an analysis for other tools; its folder already holds CSV and JSON."""
    from hipform.app import export as run  # noqa: PLC0415

    for path in run(result, to.value, out):
        typer.echo(one_line(str(path)))
