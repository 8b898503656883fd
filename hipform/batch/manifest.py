"""Manifests: CSV files with one row per clip and the facts known about it."""

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
    """One row of a manifest.

    Attributes
    ----------
    path
        The clip, as written in the row.
    exercise, training
        Facts from the row; *exercise* is ``None`` if the row names none.
    location
        File and line, for messages.
    """

    path: str
    exercise: str | None
    training: Training
    location: str


def read_manifest(path: Path) -> list[Entry]:
    """Return the rows of a manifest; blank lines are ignored.

    Columns are `COLUMNS`, separated by commas, semicolons or tabs; ``path`` is required.

    Raises
    ------
    InputError
        If the file cannot be read or has an invalid value; the message names file, line and column.
    """
    lines = _lines(path)
    line, header = next(lines, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(path, line, names)
    entries = [_entry(path, line, _cells(path, line, names, row)) for line, row in lines if any(map(str.strip, row))]
    if not entries:
        raise InputError(f"{path} names no clip.", "Write one line per clip below the line of column names.")
    return entries


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its last line."""
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        hint = "Save it as CSV UTF-8, which spreadsheet programs offer."
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}).", hint) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_MARKS, key=first.count), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a valid CSV row ({error}).") from error


def _check_header(path: Path, line: int, names: list[str]) -> None:
    known = f"The columns are {', '.join(COLUMNS)}."
    for name in names:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.5)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise InputError(f"{path}, line {line}: there is no column {name!r}.", f"{meant}{known}")
        if names.count(name) > 1:
            raise InputError(f"{path}, line {line}: the column {name!r} occurs twice.", known)
    if "path" not in names:
        raise InputError(f"{path}, line {line}: there is no column 'path'.", known)


def _cells(path: Path, line: int, names: list[str], row: list[str]) -> dict[str, str | None]:
    if len(row) > len(names):
        hint = "Put text that contains the column separator in double quotes."
        raise InputError(
            f"{path}, line {line}: the row has {len(row)} cells, but there are {len(names)} columns.", hint
        )
    filled = {name: cell.strip() or None for name, cell in zip(names, row, strict=False)}
    return {name: filled.get(name) for name in COLUMNS}


def _entry(path: Path, line: int, cells: Mapping[str, str | None]) -> Entry:
    location = f"{path}, line {line}"
    named, exercise = cells["path"], cells["exercise"]
    if named is None:
        raise InputError(f"{location}, column path: the cell is empty.", "Name the clip.")
    try:
        column = "exercise"
        if exercise not in (None, AUTO):
            find_exercise(exercise)
        facts: dict[str, str | None] = {"athlete": None, "load": None, "note": None, "date": None}
        for column in facts:
            training_facts(**{**facts, column: cells[column]})
        training = training_facts(**{column: cells[column] for column in facts})
    except ConfigError as error:
        raise wrong_in(f"{location}, column {column}", error) from error
    return Entry(path=named, exercise=exercise, training=training, location=location)


def wrong_in(location: str, error: HipformError) -> InputError:
    """Return *error* as an error of the manifest at *location*; its message may start with a command-line option."""
    return InputError(f"{location}: {error.what.removeprefix('--')}", error.hint)
