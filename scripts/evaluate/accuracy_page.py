"""docs/accuracy.md has the headlines, docs/accuracy_tables.md explains every table, and each table is a CSV file.

A section is measured by one script and replaced alone; all others keep their figures, with the date and the commit they
were measured at.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.evaluate.markdown import table
from scripts.page_sections import put_section
from scripts.paths import ROOT

PAGE = ROOT / "docs" / "accuracy.md"

Cells = Mapping[str, str]
"""One row of a table: its cells by the head of their column, and under ``table`` the heading above the table."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What docs/accuracy.md has of a section.

    Attributes
    ----------
    text
        What is measured, in a sentence or two.
    shown
        Whether a row of the section's tables is in the page; given the row, and the first row of its table.
    columns
        Heads of the columns that are in the page; empty for all.
    """

    text: str
    shown: Callable[[Cells, Cells], bool] = lambda *_: True
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Table:
    """One table of a section, with the heading above it."""

    title: str
    head: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def cells(self) -> Iterator[Cells]:
        """Yield the rows, each cell by the head of its column."""
        for row in self.rows:
            yield {"table": self.title, **dict(zip(self.head, row, strict=True))}


def _same_model(row: Cells, first: Cells) -> bool:
    return row["model"] == first["model"]


def _labelled_tops(row: Cells, first: Cells) -> bool:
    return _same_model(row, first) and row["moments"] in {"tops", "tops, view side"}


def _whole_and_views(row: Cells, first: Cells) -> bool:
    names = {"real", "real, side view", "rendered", "rendered, plates"}
    return _same_model(row, first) and row.get("clips") in names


def _clear_view(row: Cells, _: Cells) -> bool:
    return row["table"] == "Errors, model heavy" and row.get("clips of") == "clear"


def _tops_held_out(row: Cells, _: Cells) -> bool:
    return row.get("seeds") == "odd" and row.get("where") == "top"


def _verdict_counts(row: Cells, _: Cells) -> bool:
    return "arched, angle alone" in row


_COUNTED = ("model", "clips", "n clips", "exact", "off by one", "worst")
_RECOGNISED = ("model", "clips", "n clips", "right", "wrong", "none")
HEADLINES: Mapping[str, Headline] = {
    "People that learning did not see": Headline(
        "Cross-validated: the angle of the hip, each person predicted from all others, against joints that two raters"
        " placed by eye; degrees. How many clips are recognised, cross-validated in the same way, is in"
        " [recognition.md](recognition.md).",
        columns=("moments", "n", "error mean / p90", "covered", "median half-width"),
    ),
    "Real people, joints placed by eye": Headline(
        "In sample: the intervals were learned from these ratings; degrees.",
        _labelled_tops,
        ("moments", "n", "error mean / p90", "covered", "answered", "wrong faults"),
    ),
    "Which leg is judged": Headline(
        "Where one leg works: counted repetitions whose judged leg is the true one, by eye or as rendered, beside what"
        " single cues would choose. *People*: those whose every repetition is right.",
        lambda row, _: row["chosen by"] in {"hipform", "range of the thigh", "majority of these three"},
    ),
    "Counting, real clips": Headline(
        "In sample: all of these clips were seen while hipform was developed.", _whole_and_views, _COUNTED
    ),
    "Recognition, real clips": Headline(
        "In sample: the classifier was trained on these clips.", _whole_and_views, _RECOGNISED
    ),
    "Counting, rendered clips": Headline(
        "Even seeds were seen in development, odd ones were not.", _whole_and_views, _COUNTED
    ),
    "Angles against the truth of rendered clips": Headline(
        "Camera up to 30 degrees off the side view, no plates; degrees: *bias / mean / 95th percentile*.",
        _clear_view,
        ("n clips", "measure", "top", "moving"),
    ),
    "Hip or low back": Headline(
        "Change of the low back by the outline of rendered trunks, seeds not fitted on; degrees. *ROC 15*: how"
        " reliably an arch of about 15 degrees is separated from none.",
        _tops_held_out,
        ("exercise", "n lifters", "measured", "mean", "p95", "ROC 15"),
    ),
    "Verdicts on the low back": Headline(
        "What becomes of arches at the top, by the outline of rendered trunks in short sets. *Angle alone*: share that"
        " the angle of the hip would pass.",
        _verdict_counts,
    ),
}
"""Sections that docs/accuracy.md has, in its order; all others are in docs/accuracy_tables.md only."""

_ORDER = ("# Accuracy", *(f"## {title}" for title in HEADLINES))
_TABLES_ORDER = ("# Every table of accuracy", *(f"## {title}" for title in HEADLINES))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where figures come from: the command, the day and the commit."""

    command: str
    day: str
    commit: str

    @classmethod
    def now(cls, command: str) -> Origin:
        """Return what is measured today, by the code that is checked out."""
        git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
        done = subprocess.run(git, capture_output=True, text=True, check=False)
        return cls(command, dt.datetime.now(tz=dt.UTC).date().isoformat(), done.stdout.strip() or "unknown")

    def __str__(self) -> str:
        return f"Measured on {self.day} at commit {self.commit} by `{self.command}`."


def write_section(lines: Sequence[str], origin: Origin, page: Path = PAGE) -> None:
    """Write one measured section into both pages, and its tables as CSV files.

    A section whose tables are all empty was not measured in this run; what an earlier one measured is then kept.

    Parameters
    ----------
    lines
        Markdown of the whole section, beginning with its ``##`` heading, every table in full.
    origin
        Where the figures come from.
    page
        The page of headlines. The page of tables and the folder of CSV files lie beside it.
    """
    text, tables = split_tables(lines)
    if tables and not any(table.rows for table in tables):
        return
    title = text[0].removeprefix("## ")
    files = write_tables(title, tables, page.with_suffix(""))
    links = [f"[{file.name}]({page.stem}/{file.name})" for file in files]
    headline = HEADLINES.get(title)
    if headline:
        shown = list(_headline_lines(headline, tables))
        more = f" and {len(links) - 1} more table{'s' * (len(links) > 2)}" if len(links) > 1 else ""
        end = f"{origin.day}, {origin.commit}; every row: {links[0]}{more}"
        put_section("\n".join([f"## {title}", "", headline.text, "", *shown, end]), page, _ORDER)
    explained = [line for line in text if not line.startswith("###")]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join([*explained, "", *(f"- {link}" for link in links), "", str(origin)]))
    put_section(body, page.with_name(f"{page.stem}_tables.md"), _TABLES_ORDER)


def split_tables(lines: Sequence[str]) -> tuple[list[str], list[Table]]:
    """Separate the tables of a section from the rest of its Markdown."""
    text: list[str] = []
    tables: list[Table] = []
    title, in_table = "", False
    for line in (part for block in lines for part in block.split("\n")):
        if not line.startswith("|"):
            in_table = False
            text.append(line)
            title = line.removeprefix("### ") if line.startswith("### ") else title
        elif not in_table:
            in_table = True
            tables.append(Table(title, _split_row(line)))
        elif not line.startswith("| ---"):
            tables[-1].rows.append(_split_row(line))
    return text, tables


def _split_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def write_tables(title: str, tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write the tables of a section, tables of the same columns into one file, and return the files.

    The first column of tables that share a file is called ``group``; ``table`` is the heading above the table and
    ``by`` the head of its first column.
    """
    kinds: dict[tuple[str, ...], list[Table]] = {}
    for found in tables:
        kinds.setdefault(tuple(found.head[1:]), []).append(found)
    files: list[Path] = []
    folder.mkdir(parents=True, exist_ok=True)
    for columns, members in kinds.items():
        name = _slug(title) if not files else f"{_slug(title)}-{_slug(members[0].title or members[0].head[0])}"
        alone = len(members) == 1
        head = members[0].head if alone else ["table", "by", "group", *columns]
        rows = [row if alone else [one.title, one.head[0], *row] for one in members for row in one.rows]
        files.append(folder / f"{name}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows([[re.sub(r"[`*]", "", cell) for cell in row] for row in rows])
    return files


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _headline_lines(headline: Headline, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the rows that the page of headlines shows, as Markdown."""
    for found in tables:
        rows = list(found.cells())
        shown = [row for row in rows if headline.shown(row, rows[0])]
        if shown:
            columns = [name for name in found.head if not headline.columns or name in headline.columns]
            yield from table(columns, ([row[name] for name in columns] for row in shown))
            yield ""
