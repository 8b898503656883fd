"""What has been done: a card in the folder of every clip says which clip it is of, how it was asked for, what came out.

There is no other record. A folder gets its card before it gets its name, so that a result without a card is not there.
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
from hipform.report.result import known_rep_columns
from hipform.video.origin import digest

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Cell = str | int | float | bool | None

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "index.html", "summary.csv", "summary.parquet"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)]
)
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a clip has no result: the one line for people, and the exit code of `hipform.errors` it belongs to."""

    reason: str
    exit_code: int


class WorkerLost(Failure):
    """A failure of what ran the clip, such as a worker that was killed, and not of the clip."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What lies as ``batch.json`` in the folder of a clip.

    Attributes
    ----------
    format
        Version of this structure.
    clip, source, size, stamp
        As in `ClipInput`, the source by its digest.
    sha256
        Digest of the clip; ``None`` where it could not be read.
    asked
        `Analysis.fingerprint`.
    in_history
        Whether its sets were kept in the history.
    failure
        Why there is no result; ``None`` where there is one.
    row
        The clip's line in the index.
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
        """Return the card as text."""
        return _adapter().dump_json(self, indent=1)

    @staticmethod
    def from_json(text: bytes) -> RunRecord | None:
        """Read a card; ``None`` for one that this version does not understand: then its clip is done again."""
        from hipform.validation import ContentError, validate_json  # noqa: PLC0415 - needs pydantic, as below

        try:
            card = validate_json(_adapter(), text)
        except ContentError:
            return None
        known = known_rep_columns()
        cells = [cell for rep in card.reps for cell in rep.items()]
        return card if all(name in known and _fits(name, value) for name, value in cells) else None


def _fits(column: str, cell: Cell) -> bool:
    """Tell whether a cell is of the kind that its column's name says."""
    return cell is None or isinstance(cell, str) is not is_number(column)


@cache
def _adapter() -> TypeAdapter[RunRecord]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that `--help` does not need

    return TypeAdapter(RunRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What is remembered of a card while the batch runs."""

    source: str
    stamp: str
    size: int
    sha256: str | None
    asked: str
    failed: bool
    in_history: bool


class Ledger:
    """The cards of one place of results, and the folder that belongs to each clip.

    Parameters
    ----------
    place
        Where the results are. All its cards are read once.
    """

    def __init__(self, place: ResultStore) -> None:
        self._place = place
        self._entries: dict[str, _Entry] = {}
        self._by_source: dict[str, str] = {}
        for name, text in place.cards():
            card = RunRecord.from_json(text)
            if card:
                self.note(name, card)

    def note(self, name: str, card: RunRecord) -> None:
        """Take in the card that the folder *name* has now."""
        self._entries[name.casefold()] = _Entry(
            source=card.source,
            stamp=card.stamp,
            size=card.size,
            sha256=card.sha256,
            asked=card.asked,
            failed=card.failure is not None,
            in_history=card.in_history,
        )
        self._by_source[card.source] = name

    def folders(self, clips: Iterable[ClipInput]) -> dict[str, str]:
        """Return the folder of each clip by its source: the one it has, else a free one after its name.

        The same clips have the same folders, however many of them were done before.

        Raises
        ------
        OutputError
            If what lies in the way is not of a batch.
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
            # A clip that was moved with its archive has the stamp it had.
            if entry.stamp == clip.stamp if entry else not self._place.is_occupied(name):
                return name
        raise OutputError(f"{name} in the folder of results is in the way.", "Move it or choose another folder.")

    def is_done(self, name: str, clip: ClipInput) -> bool:
        """Tell whether what the folder *name* holds, a result or a failure, is of this clip, asked for in this way."""
        entry = self._entries.get(name.casefold())
        if entry is None or entry.asked != clip.analysis.fingerprint:
            return False
        return entry.stamp == clip.stamp or _is_same_file(entry, clip)

    def has_failed(self, name: str) -> bool:
        """Tell whether the folder *name* holds a failure."""
        return self._entries[name.casefold()].failed

    def is_in_history(self, name: str) -> bool:
        """Tell whether the sets in the folder *name* were kept in the history."""
        return self._entries[name.casefold()].in_history


def _is_same_file(entry: _Entry, clip: ClipInput) -> bool:
    """Tell by its digest whether a file with another time is the same one, as after a copy."""
    if is_address(clip.source) or entry.size != clip.size or entry.sha256 is None:
        return False
    try:
        return digest(Path(clip.source)) == entry.sha256
    except InputError:
        return False


def folder_name(label: str) -> str:
    """Return a name for the results of *label* that every file system takes: ``ana/set 1.mp4`` -> ``ana_set 1``.

    Different labels may have the same name.
    """
    path = PurePosixPath(unicodedata.normalize("NFC", label))
    parts = [part for part in (*path.parent.parts, path.stem) if part not in ("/", "..", ".")]
    plain = "".join(char if char.isprintable() else "_" for char in "_".join(parts))
    plain = re.sub(r'[<>:"/\\|?*]', "_", plain)[:_LONGEST_NAME].strip(". ").lstrip("-")
    return plain or "clip"
