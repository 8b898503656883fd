"""The history: every analysed set of a named athlete, in one SQLite file on this computer."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from hipform.errors import HistoryError
from hipform.exercises.findings import Status
from hipform.features.rep_timing import Tempo
from hipform.feedback.history_records import KeptRep, KeptSet, Tally
from hipform.store import history_schema as schema
from hipform.training import DateSource, Load, LoadUnit
from hipform.types import Estimate
from hipform.validation import ContentError, PlausibleDate, Sha256, Stored, validate_rows

_log = logging.getLogger(__name__)

PATH_VARIABLE = "HIPFORM_HISTORY"
"""Environment variable with the path of the history, instead of the platform's data folder."""
_LOCK_TIMEOUT_S = 5.0
"""How long to wait while another hipform is writing, which takes milliseconds."""
_SYSTEM_ERRORS = frozenset(
    {
        *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOMEM),
    }
)
"""SQLite errors of disk and machine; any other error means that the file is damaged."""
_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock before reading, so that two writers wait for each other instead of failing."""


def history_path() -> Path:
    """Return the path of the history: from the environment, else in the platform's data folder of the user.

    Raises
    ------
    HistoryError
        If there is neither, as for an account without a home folder.
    """
    named = os.environ.get(PATH_VARIABLE)
    if named:
        return Path(named)
    try:
        return user_data_path("hipform", appauthor=False) / "history.sqlite3"
    except RuntimeError as error:
        hint = f"Set {PATH_VARIABLE} to a file."
        raise HistoryError("There is no home folder for the history.", hint) from error


class History:
    """The stored sets.

    Use as a context manager. Each call is one transaction: it happens completely or not at all, even if another hipform
    writes at the same time.

    Parameters
    ----------
    path
        The file; the first `keep` creates it and its folder.

    Raises
    ------
    HistoryError
        If the file cannot be opened, is damaged, belongs to another program or a newer hipform, or stays locked. The
        file is not changed. Every method can raise this error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        with _clear_errors(path):
            is_there = path.exists()
        if is_there:
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._database:
            self._database.close()

    def keep(self, sets: Sequence[KeptSet]) -> tuple[str, ...]:
        """Store the sets of one clip, replacing those of an earlier analysis of the same clip.

        Names that differ only in case are the same athlete; the first spelling is kept.

        Returns
        -------
        tuple[str, ...]
            Athletes whose earlier sets were replaced, in order of their names.

        Raises
        ------
        HistoryError
            Also if the sets hold what could not be read back; then nothing is stored.
        """
        with self._transaction() as database:
            athletes = [name for (name,) in database.execute("SELECT DISTINCT athlete FROM sets")]
            names = {name.casefold(): name for name in validate_rows(_NAMES, athletes)}
            replaced: set[str] = set()
            for digest in {(one.clip_sha256,) for one in sets}:
                rows = database.execute("SELECT DISTINCT athlete FROM sets WHERE clip_sha256 = ?", digest)
                names_before = validate_rows(_NAMES, [name for (name,) in rows])
                replaced.update(names_before)
                database.execute("DELETE FROM sets WHERE clip_sha256 = ?", digest)
            for one in sets:
                _insert(database, one, names.get(one.athlete.casefold(), one.athlete))
        return tuple(sorted(replaced))

    def sets(
        self, *, athlete: str | None = None, exercise: str | None = None, since: datetime | None = None
    ) -> tuple[KeptSet, ...]:
        """Return the stored sets, oldest first.

        Parameters
        ----------
        athlete
            Only sets of this athlete; case is ignored.
        exercise
            Only sets of this exercise; without a variant, those of all its variants.
        since
            Only sets recorded at this time or later.
        """
        if self._database is None:
            return ()
        with _clear_errors(self._path), _atomic(self._database, "BEGIN"):
            found = _read(self._database)
        chosen = [
            one
            for one in found
            if (athlete is None or one.athlete.casefold() == athlete.casefold())
            and (exercise is None or exercise in (one.exercise, one.exercise.partition(":")[0]))
            and (since is None or one.recorded_at >= since)
        ]
        return tuple(sorted(chosen, key=lambda one: (one.recorded_at, one.clip_name, one.set_number)))

    def delete(self, doomed: Sequence[KeptSet]) -> int:
        """Delete these sets; return their number."""
        if self._database is None or not doomed:
            return 0
        with self._transaction() as database:
            for one in doomed:
                database.execute(
                    "DELETE FROM sets WHERE clip_sha256 = ? AND set_number = ?", (one.clip_sha256, one.set_number)
                )
        return len(doomed)

    def delete_clip(self, clip_sha256: str) -> int:
        """Delete the sets of one clip, given by its digest; return their number."""
        if self._database is None:
            return 0
        with self._transaction() as database:
            return database.execute("DELETE FROM sets WHERE clip_sha256 = ?", (clip_sha256,)).rowcount

    def _open(self) -> sqlite3.Connection:
        with _clear_errors(self._path):
            # Other users of this computer must not read it.
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            # SQLite takes only an absolute path as a path for sure: ":memory:" stores nothing, "file:..." may be a URI.
            database = sqlite3.connect(self._path.absolute(), timeout=_LOCK_TIMEOUT_S, isolation_level=None)
            # The decoder of sqlite3 raises an error without a code for text that is not UTF-8.
            database.text_factory = bytes.decode
        try:
            with _clear_errors(self._path):
                database.execute("PRAGMA foreign_keys = ON")
                # Otherwise deleted data would stay in the file until its space is reused.
                database.execute("PRAGMA secure_delete = ON")
                _require_ours(database, self._path)
                _make_tables(database)
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        database = self._database or self._open()
        with _clear_errors(self._path), _atomic(database, _WRITING):
            yield database


@contextmanager
def _atomic(database: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Run the block in one transaction, which is rolled back if the block fails."""
    try:
        database.execute(begin)
        yield
        database.execute("COMMIT")
    finally:
        # An interruption may arrive after the commit, and SQLite may have rolled back by itself.
        if database.in_transaction:
            database.execute("ROLLBACK")


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into a `HistoryError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _refused(path, error) from error
    except (ValueError, LookupError, OverflowError) as error:
        raise _damaged(path) from error
    except OSError as error:
        raise HistoryError(
            "The history {file} cannot be opened: {cause}.",
            "Set {option} to another file.",
            file=path,
            cause=error.strerror,
            option=PATH_VARIABLE,
        ) from error


def _refused(path: Path, error: sqlite3.Error) -> HistoryError:
    # Errors of the module itself, such as text that is not UTF-8, have no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return HistoryError("The history {file} is in use by another program.", "Close it and try again.", file=path)
    if code in _SYSTEM_ERRORS:
        return HistoryError(
            "The history {file} cannot be used: {cause}.",
            "Set {option} to another file.",
            file=path,
            cause=error,
            option=PATH_VARIABLE,
        )
    return _damaged(path)


def _damaged(path: Path) -> HistoryError:
    return HistoryError(
        "The history {file} is damaged.", "Move it away to start a new one; result folders are not affected.", file=path
    )


def _require_ours(database: sqlite3.Connection, path: Path) -> None:
    """Raise an error, before anything is written, for a damaged file or one of another program or a newer hipform."""
    found = {_normalized(sql) for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    if found and _number(database, "PRAGMA application_id") != schema.APPLICATION_ID:
        raise HistoryError(
            "{file} is a database of another program.", "Set {option} to another file.", file=path, option=PATH_VARIABLE
        )
    version = _number(database, "PRAGMA user_version")
    if version > schema.VERSION:
        raise HistoryError(
            "The history {file} was written by a newer hipform (format version {n}, this hipform supports {of}); it "
            "was not changed.",
            "Use the newer hipform, or set {option} to another file.",
            file=path,
            n=version,
            of=schema.VERSION,
            option=PATH_VARIABLE,
        )
    if found and (version != schema.VERSION or found != set(map(_normalized, schema.TABLES))):
        raise ValueError("unexpected tables")
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise ValueError("damaged pages")


def _normalized(sql: object) -> str:
    # A flipped bit can make a BLOB of it.
    if not isinstance(sql, str):
        raise ValueError("a statement that is no text")  # noqa: TRY004 - it is damage, not a wrong call
    return " ".join(sql.split())


def _make_tables(database: sqlite3.Connection) -> None:
    """Create the tables of an empty file in one transaction."""
    if _number(database, "PRAGMA user_version") == schema.VERSION:
        return
    with _atomic(database, _WRITING):
        # Checked again: another hipform may have created them meanwhile.
        if _number(database, "PRAGMA user_version") == schema.VERSION:
            return
        _log.info("creating the tables of the history")
        for statement in schema.TABLES:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {schema.VERSION}")


def _number(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])


# ----------------------------------------------------------------------------------------------------------------- rows


def _date(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("not a date")  # noqa: TRY004 - pydantic takes no other error for a wrong value
    return datetime.fromisoformat(text)


_Text = Annotated[str, Field(strict=True, min_length=1, max_length=1000)]
_Deg = Annotated[float, Field(ge=-720, le=720)]
_U95Deg = Annotated[float, Field(ge=0, le=720)]
_Seconds = Annotated[float, Field(ge=0, le=1e6)]
_Speed = Annotated[float, Field(ge=0, le=100)]
_Count = Annotated[int, Field(ge=0, le=100_000)]


def _insert(database: sqlite3.Connection, one: KeptSet, athlete: str) -> None:
    row: dict[str, object] = {
        "clip_sha256": one.clip_sha256,
        "set_number": one.set_number,
        "clip_name": one.clip_name,
        "athlete": athlete,
        "exercise": one.exercise,
        "recorded_at": one.recorded_at.isoformat(),
        "recorded_from": one.recorded_from.value,
        "load_kg": one.load.kg if one.load else None,
        "load_unit": one.load.unit.value if one.load else None,
        "note": one.note,
        "model": one.model,
        "hipform_version": one.hipform_version,
    }
    set_id = _put(database, "sets", row)
    for rep in one.reps:
        _put(database, "reps", {"set_id": set_id, **_rep_row(rep)})
    for rule, tally in one.findings.items():
        counts = {"ok": tally.ok, "fault": tally.fault, "not_assessed": tally.not_assessed}
        _put(database, "findings", {"set_id": set_id, "rule": rule, **counts})


def _put(database: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int | None:
    try:
        # One value that is refused when it is read would make the whole history unreadable.
        validate_rows(_READERS[table], [row if "set_id" in row else {"id": 0, **row}])
    except ContentError as error:
        hint = "Check its date and the clock of this computer."
        raise HistoryError(f"The history cannot hold this set ({error}).", hint) from error
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    # Table and column names come from this module; values are bound as parameters.
    return database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row).lastrowid  # noqa: S608


def _rep_row(rep: KeptRep) -> dict[str, object]:
    return {
        "number": rep.number,
        "partial": rep.partial,
        "lockout": rep.lockout.value,
        **asdict(rep.tempo),
        **_angle_cells("lockout_trunk_thigh_flexion", rep.lockout_trunk_thigh_flexion_deg),
        **_angle_cells("range", rep.range_deg),
        **_angle_cells("lumbar_extension", rep.lumbar_extension_deg),
        "bar_mean_m_per_s": rep.bar_mean_m_per_s.value if rep.bar_mean_m_per_s else None,
        "bar_mean_u95_m_per_s": rep.bar_mean_m_per_s.u95 if rep.bar_mean_m_per_s else None,
    }


def _angle_cells(name: str, angle: Estimate | None) -> dict[str, object]:
    return {f"{name}_deg": angle.value if angle else None, f"{name}_u95_deg": angle.u95 if angle else None}


def _member_of(kind: type[Enum]) -> BeforeValidator:
    """Return a validator that makes a stored value a member of *kind*.

    The class itself does not serve: pydantic inspects the signature of a validator, and Python 3.12 and later give a
    class of enumerated values one that pydantic refuses.
    """

    def member(value: object) -> Enum:
        return kind(value)

    return BeforeValidator(member)


class _SetRow(Stored):
    """A row of the table ``sets``."""

    id: int
    clip_sha256: Sha256
    set_number: Annotated[int, Field(ge=1)]
    clip_name: _Text
    athlete: _Text
    exercise: _Text
    recorded_at: Annotated[PlausibleDate, BeforeValidator(_date)]
    recorded_from: Annotated[DateSource, _member_of(DateSource)]
    load_kg: Annotated[float, Field(gt=0)] | None
    load_unit: Annotated[LoadUnit, _member_of(LoadUnit)] | None
    note: _Text | None
    model: _Text
    hipform_version: _Text

    @model_validator(mode="after")
    def _require_unit(self) -> Self:
        if (self.load_kg is None) is not (self.load_unit is None):
            raise ValueError("a load needs its unit")
        return self

    def kept(self, reps: tuple[KeptRep, ...], findings: Mapping[str, Tally]) -> KeptSet:
        """Return the set with its rows from the other tables."""
        load = Load(kg=self.load_kg, unit=self.load_unit) if self.load_kg and self.load_unit else None
        facts = self.model_dump(exclude={"id", "load_kg", "load_unit"})
        return KeptSet(**facts, load=load, reps=reps, findings=findings)


class _RepRow(Stored):
    """A row of the table ``reps``."""

    set_id: int
    number: Annotated[int, Field(ge=1)]
    partial: Literal[0, 1]
    lockout: Annotated[Status, _member_of(Status)]
    lockout_trunk_thigh_flexion_deg: _Deg | None
    lockout_trunk_thigh_flexion_u95_deg: _U95Deg | None
    range_deg: _Deg | None
    range_u95_deg: _U95Deg | None
    lumbar_extension_deg: _Deg | None
    lumbar_extension_u95_deg: _U95Deg | None
    lift_s: _Seconds | None
    hold_s: _Seconds
    lower_s: _Seconds | None
    bar_mean_m_per_s: _Speed | None
    bar_mean_u95_m_per_s: _Speed | None

    def kept(self) -> KeptRep:
        """Return the repetition.

        Raises
        ------
        ValueError
            If an angle or a speed has no uncertainty.
        """
        return KeptRep(
            number=self.number,
            partial=bool(self.partial),
            lockout=self.lockout,
            lockout_trunk_thigh_flexion_deg=_estimate(
                self.lockout_trunk_thigh_flexion_deg, self.lockout_trunk_thigh_flexion_u95_deg
            ),
            range_deg=_estimate(self.range_deg, self.range_u95_deg),
            lumbar_extension_deg=_estimate(self.lumbar_extension_deg, self.lumbar_extension_u95_deg),
            tempo=Tempo(lift_s=self.lift_s, hold_s=self.hold_s, lower_s=self.lower_s),
            bar_mean_m_per_s=_estimate(self.bar_mean_m_per_s, self.bar_mean_u95_m_per_s, "m_per_s"),
        )


class _FindingRow(Stored):
    """A row of the table ``findings``."""

    set_id: int
    rule: _Text
    ok: _Count
    fault: _Count
    not_assessed: _Count


_SETS, _REPS, _FINDINGS = TypeAdapter(list[_SetRow]), TypeAdapter(list[_RepRow]), TypeAdapter(list[_FindingRow])
_READERS: Mapping[str, TypeAdapter[Any]] = {"sets": _SETS, "reps": _REPS, "findings": _FINDINGS}
_NAMES = TypeAdapter(list[_Text])


def _read(database: sqlite3.Connection) -> list[KeptSet]:
    reps: dict[int, list[KeptRep]] = {}
    tallies: dict[int, dict[str, Tally]] = {}
    for rep in validate_rows(_REPS, _rows(database, "SELECT * FROM reps ORDER BY set_id, partial, number")):
        reps.setdefault(rep.set_id, []).append(rep.kept())
    for finding in validate_rows(_FINDINGS, _rows(database, "SELECT * FROM findings ORDER BY rowid")):
        tally = Tally(ok=finding.ok, fault=finding.fault, not_assessed=finding.not_assessed)
        tallies.setdefault(finding.set_id, {})[finding.rule] = tally
    sets = validate_rows(_SETS, _rows(database, "SELECT * FROM sets"))
    return [one.kept(tuple(reps.get(one.id, ())), tallies.get(one.id, {})) for one in sets]


def _rows(database: sqlite3.Connection, query: str) -> list[dict[str, object]]:
    cursor = database.cursor()
    cursor.row_factory = sqlite3.Row
    return [dict(row) for row in cursor.execute(query)]


def _estimate(value: float | None, u95: float | None, unit: str = "deg") -> Estimate | None:
    if (value is None) is not (u95 is None):
        raise ValueError("a measured value needs its uncertainty")
    return None if value is None or u95 is None else Estimate(value, u95, unit)
