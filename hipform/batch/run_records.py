"""Run records: one in the folder of each clip states which clip it is, the requested options, and the outcome.

There is no other record. A folder gets its run record before it gets its name, so no result is without one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from hipform.batch.inputs import ClipInput
from hipform.batch.remote_files import is_address
from hipform.batch.result_store import ResultStore
from hipform.errors import InputError, OutputError
from hipform.report.index_page import IndexRow
from hipform.report.parquet import is_number
from hipform.report.result import INDEX_FILES, known_rep_columns
from hipform.video.origin import digest

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Cell = str | int | float | bool | None

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *INDEX_FILES]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)]
)
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a clip has no result: one line for people, and the matching exit code of `hipform.errors`."""

    reason: str
    exit_code: int


class WorkerLost(Failure):
    """A failure of the worker, for example because it was killed, rather than of the clip."""

    __slots__ = ()


class ClipChanged(Failure):
    """A failure with a clip that was moved or changed meanwhile: it says nothing about what is there now."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The contents of ``batch.json`` in the folder of a clip.

    Attributes
    ----------
    format
        Version of this structure.
    clip, source, size, stamp
        See `ClipInput`; *source* is its digest.
    sha256
        Digest of the clip; ``None`` if it could not be read.
    asked
        `Analysis.fingerprint`.
    in_history
        Whether its sets were saved to the history.
    failure
        Why there is no result; ``None`` if there is one.
    row
        The clip's row in the index.
    reps
        A row for each repetition, as in reps.csv.
    """

    format: Literal[1] = 1
    clip: str
    source: str
    size: int
    stamp: str
    sha256: str | None = None
    asked: str
    in_history: bool = False
    failure: Failure | None = None
    row: IndexRow
    reps: tuple[Mapping[str, Cell], ...] = ()

    def to_json(self) -> bytes:
        """Return the run record as JSON text."""
        return _adapter().dump_json(self, indent=1)

    @staticmethod
    def from_json(text: bytes) -> RunRecord | None:
        """Read a run record; return ``None`` if this version does not understand it, so that the clip is done again."""
        from hipform.validation import ContentError, validate_json  # noqa: PLC0415 - needs pydantic, as below

        try:
            record = validate_json(_adapter(), text)
        except ContentError:
            return None
        known = known_rep_columns()
        cells = [cell for rep in record.reps for cell in rep.items()]
        return record if all(name in known and _fits(name, value) for name, value in cells) else None


def _fits(column: str, cell: Cell) -> bool:
    """Return whether a cell has the type that its column's name implies."""
    return cell is None or isinstance(cell, str) is not is_number(column)


@cache
def _adapter() -> TypeAdapter[RunRecord]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that `--help` does not need

    return TypeAdapter(RunRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """The parts of a run record that are kept in memory while the batch runs."""

    source: str
    stamp: str
    size: int
    sha256: str | None
    asked: str
    failed: bool
    in_history: bool


class Ledger:
    """The run records of one result store, and the folder of each clip.

    Parameters
    ----------
    store
        The result store; all its run records are read once.
    """

    def __init__(self, store: ResultStore) -> None:
        self._store = store
        self._entries: dict[str, _Entry] = {}
        self._by_source: dict[str, str] = {}
        for name, text in store.records():
            record = RunRecord.from_json(text)
            if record:
                self.note(name, record)

    def note(self, name: str, record: RunRecord) -> None:
        """Update the entry of the folder *name* from its new run record."""
        self._entries[name.casefold()] = _Entry(
            source=record.source,
            stamp=record.stamp,
            size=record.size,
            sha256=record.sha256,
            asked=record.asked,
            failed=record.failure is not None,
            in_history=record.in_history,
        )
        self._by_source[record.source] = name

    def folders(self, clips: Iterable[ClipInput]) -> dict[str, str]:
        """Return the folder of each clip by source: its existing folder, or a free name made from its label.

        The same clips get the same folders, however many of them were done before.

        Raises
        ------
        OutputError
            If something that is not from a batch already has the name.
        """
        chosen: dict[str, str] = {}
        strangers = []
        for clip in clips:
            if own := self._by_source.get(clip.source_digest):
                chosen[clip.source] = own
            else:
                strangers.append(clip)
        taken = {name.casefold() for name in chosen.values()}
        for clip in strangers:
            name = self._new_folder(clip, taken)
            chosen[clip.source] = name
            taken.add(name.casefold())
        return chosen

    def _new_folder(self, clip: ClipInput, taken: set[str]) -> str:
        plain = folder_name(clip.label)
        for name in (plain, f"{plain}-{clip.source_digest[:8]}"):
            key = name.casefold()
            if key in taken or key in _RESERVED:
                continue
            entry = self._entries.get(key)
            # A clip that was moved together with its results keeps its stamp.
            if entry.stamp == clip.stamp if entry else not self._store.is_occupied(name):
                return name
        raise OutputError(
            f"{name} already exists in the results folder and is not from a batch.", "Move it or choose another folder."
        )

    def is_done(self, name: str, clip: ClipInput) -> bool:
        """Return whether the folder *name* holds a result or failure of this clip with the same options."""
        entry = self._entries.get(name.casefold())
        if entry is None or entry.asked != clip.analysis.fingerprint:
            return False
        return entry.stamp == clip.stamp or _is_same_file(entry, clip)

    def has_failed(self, name: str) -> bool:
        """Return whether the folder *name* holds a failure."""
        return self._entries[name.casefold()].failed

    def is_in_history(self, name: str) -> bool:
        """Return whether the sets in the folder *name* were saved to the history."""
        return self._entries[name.casefold()].in_history


def _is_same_file(entry: _Entry, clip: ClipInput) -> bool:
    """Return, by digest, whether a file with a different time is the same file, as after a copy."""
    if is_address(clip.source) or entry.size != clip.size or entry.sha256 is None:
        return False
    try:
        return digest(Path(clip.source)) == entry.sha256
    except InputError:
        return False


def folder_name(label: str) -> str:
    """Return a name for the results of *label* that every file system accepts: ``ana/set 1.mp4`` -> ``ana_set 1``.

    Different labels may give the same name.
    """
    path = PurePosixPath(unicodedata.normalize("NFC", label))
    parts = [part for part in (*path.parent.parts, path.stem) if part not in ("/", "..", ".")]
    plain = "".join(char if char.isprintable() else "_" for char in "_".join(parts))
    plain = re.sub(r'[<>:"/\\|?*]', "_", plain)[:_LONGEST_NAME].strip(". ").lstrip("-")
    return plain or "clip"
