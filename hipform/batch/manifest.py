"""A batch as a table: a CSV file with a row a clip, and what is known of each."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hipform.errors import ConfigError, HipformError, InputError
from hipform.exercises import AUTO, find_exercise
from hipform.training import Training, training_facts
from hipform.validation import read_bounded

COLUMNS = ("path", "exercise", "athlete", "date", "load", "note")
_MOST_BYTES = 50_000_000
_MARKS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row.

    Attributes
    ----------
    path
        The clip as the row names it.
    exercise, training
        What the row says of it; ``None`` for an exercise that it leaves open.
    place
        File and line, for messages.
    """

    path: str
    exercise: str | None
    training: Training
    place: str


def read_manifest(path: Path) -> list[Entry]:
    """Return the rows of a manifest; lines without any text are left out.

    Columns are `COLUMNS`, split by commas, semicolons or tabs; ``path`` must be there.

    Raises
    ------
    InputError
        If the file cannot be read, or anything in it cannot be meant; the message names file, line and column.
    """
    lines = _lines(path)
    line, header = next(lines, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(path, line, names)
    entries = [_entry(path, line, _cells(path, line, names, row)) for line, row in lines if any(map(str.strip, row))]
    if not entries:
        raise InputError(f"{path} names no clip.", "Write a line for each under that of the column names.")
    return entries


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with the number of its last line."""
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        hint = "Save it as CSV UTF-8: spreadsheets offer that."
        raise InputError(f"{path} is not a text in UTF-8 (byte {error.start}).", hint) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_MARKS, key=first.count), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a row of a CSV file ({error}).") from error


def _check_header(path: Path, line: int, names: list[str]) -> None:
    known = f"The columns are {', '.join(COLUMNS)}."
    for name in names:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise InputError(f"{path}, line {line}: there is no column {name!r}.", f"{meant}{known}")
        if names.count(name) > 1:
            raise InputError(f"{path}, line {line}: the column {name!r} is there twice.", known)
    if "path" not in names:
        raise InputError(f"{path}, line {line}: there is no column 'path'.", known)


def _cells(path: Path, line: int, names: list[str], row: list[str]) -> dict[str, str | None]:
    if len(row) > len(names):
        hint = "Put a text that holds the mark between the columns into double quotes."
        raise InputError(f"{path}, line {line}: {len(row)} cells under {len(names)} columns.", hint)
    filled = {name: cell.strip() or None for name, cell in zip(names, row, strict=False)}
    return {name: filled.get(name) for name in COLUMNS}


def _entry(path: Path, line: int, cells: Mapping[str, str | None]) -> Entry:
    place = f"{path}, line {line}"
    named, exercise = cells["path"], cells["exercise"]
    if named is None:
        raise InputError(f"{place}, column path: it is empty.", "Name the clip.")
    try:
        column = "exercise"
        if exercise not in (None, AUTO):
            find_exercise(exercise)
        facts: dict[str, str | None] = {"athlete": None, "load": None, "note": None, "date": None}
        for column in facts:
            training_facts(**{**facts, column: cells[column]})
        training = training_facts(**{column: cells[column] for column in facts})
    except ConfigError as error:
        raise wrong_in(f"{place}, column {column}", error) from error
    return Entry(path=named, exercise=exercise, training=training, place=place)


def wrong_in(place: str, error: HipformError) -> InputError:
    """Return *error* as one of the manifest at *place*; it may speak of an option of the command line."""
    return InputError(f"{place}: {error.what.removeprefix('--')}", error.hint)
