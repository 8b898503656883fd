"""The history: every analysed set of a named athlete, in one SQLite file on this computer."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from platformdirs import user_data_path

from hipform.errors import HistoryError
from hipform.store import schema
from hipform.types import DateSource, Estimate, KeptRep, KeptSet, Load, LoadUnit, Status, Tally

_log = logging.getLogger(__name__)

PATH_VARIABLE = "HIPFORM_HISTORY"
"""Environment variable with the path of the history, instead of the platform's place for such files."""
_PATIENCE_S = 5.0
"""How long to wait for another hipform that is writing: it takes milliseconds."""
_WRITING = "BEGIN IMMEDIATE"
"""Takes the right to write before anything is read, so that two writers wait for each other instead of failing."""


def history_path() -> Path:
    """Return where the history lies: where the environment says, else the platform's place for a user's data.

    Raises
    ------
    HistoryError
        If neither names a place, as for an account without a home.
    """
    named = os.environ.get(PATH_VARIABLE)
    if named:
        return Path(named)
    try:
        return user_data_path("hipform", appauthor=False) / "history.sqlite3"
    except RuntimeError as error:
        hint = f"Let {PATH_VARIABLE} name a file."
        raise HistoryError("There is no home folder to keep the history in.", hint) from error


class History:
    """The sets kept so far.

    Use as a context manager. Each call is one transaction: it happens whole or not at all, also when another hipform
    writes at the same time.

    Parameters
    ----------
    path
        The file; made, with its folder, by the first `keep`.

    Raises
    ------
    HistoryError
        If the file cannot be opened, is damaged, belongs to another program or a newer hipform, or stays locked. It is
        left as it is. Every method can raise it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        with _told(path):
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

    def keep(self, sets: Sequence[KeptSet]) -> bool:
        """Keep the sets of one clip instead of those that an earlier analysis of the same clip left.

        An athlete whose name differs in upper and lower case only is the one known before.

        Returns
        -------
        bool
            Whether there were earlier ones.
        """
        with self._transaction() as database:
            digests = {(one.clip_sha256,) for one in sets}
            replaced = sum(
                database.execute("DELETE FROM sets WHERE clip_sha256 = ?", digest).rowcount for digest in digests
            )
            names = {name.casefold(): name for (name,) in database.execute("SELECT DISTINCT athlete FROM sets")}
            for one in sets:
                _insert(database, one, names.get(one.athlete.casefold(), one.athlete))
        return replaced > 0

    def sets(
        self, *, athlete: str | None = None, exercise: str | None = None, since: datetime | None = None
    ) -> tuple[KeptSet, ...]:
        """Return the sets kept, oldest first.

        Parameters
        ----------
        athlete
            Only those of this one, in whatever case the name is written.
        exercise
            Only those of this exercise; without a variant, those of all its variants.
        since
            Only those recorded then or later.
        """
        if self._database is None:
            return ()
        with _told(self._path), _at_once(self._database, "BEGIN"):
            found = _read(self._database)
        chosen = [
            one
            for one in found
            if (athlete is None or one.athlete.casefold() == athlete.casefold())
            and (exercise is None or exercise in (one.exercise, one.exercise.partition(":")[0]))
            and (since is None or one.recorded_at >= since)
        ]
        return tuple(sorted(chosen, key=lambda one: (one.recorded_at, one.clip_name, one.set_number)))

    def delete(self, athlete: str | None) -> int:
        """Delete the sets of one athlete, or with ``None`` of all; return how many there were."""
        doomed = self.sets(athlete=athlete)
        if self._database is None or not doomed:
            return 0
        with self._transaction() as database:
            for one in doomed:
                database.execute(
                    "DELETE FROM sets WHERE clip_sha256 = ? AND set_number = ?", (one.clip_sha256, one.set_number)
                )
        return len(doomed)

    def _open(self) -> sqlite3.Connection:
        with _told(self._path):
            # Nobody else on this computer is meant to read it.
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            database = sqlite3.connect(self._path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            with _told(self._path):
                database.execute("PRAGMA foreign_keys = ON")
                # Otherwise what was deleted would lie in the file until its place is needed.
                database.execute("PRAGMA secure_delete = ON")
                _require_ours(database, self._path)
                _migrate(database)
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        database = self._database or self._open()
        with _told(self._path), _at_once(database, _WRITING):
            yield database


@contextmanager
def _at_once(database: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Do all of the block in one transaction, or nothing if it fails."""
    try:
        database.execute(begin)
        yield
        database.execute("COMMIT")
    finally:
        # An interruption may arrive when all is committed already.
        if database.in_transaction:
            database.execute("ROLLBACK")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn whatever SQLite and the system complain of into one clear line."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _refused(path, error) from error
    except (sqlite3.DatabaseError, ValueError, LookupError) as error:
        raise HistoryError(
            f"The history {path} is damaged.", "Move it away to begin a new one; results in folders are not affected."
        ) from error
    except OSError as error:
        raise HistoryError(
            f"The history {path} cannot be opened: {error.strerror}.", f"Set {PATH_VARIABLE} to another file."
        ) from error


def _refused(path: Path, error: sqlite3.OperationalError) -> HistoryError:
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return HistoryError(f"The history {path} is in use by another program.", "Close it and try again.")
    return HistoryError(f"The history {path} cannot be used: {error}.", f"Set {PATH_VARIABLE} to another file.")


def _require_ours(database: sqlite3.Connection, path: Path) -> None:
    """Refuse, before anything is written, a file of another program or of a newer hipform."""
    is_empty = not _number(database, "SELECT count(*) FROM sqlite_master")
    if not is_empty and _number(database, "PRAGMA application_id") != schema.APPLICATION_ID:
        raise HistoryError(f"{path} is a database of another program.", f"Set {PATH_VARIABLE} to another file.")
    version = _number(database, "PRAGMA user_version")
    if version > len(schema.MIGRATIONS):
        raise HistoryError(
            f"The history {path} was written by a newer hipform (version {version} of its form, "
            f"here {len(schema.MIGRATIONS)}); it is left as it is.",
            f"Use the newer hipform, or set {PATH_VARIABLE} to another file.",
        )


def _migrate(database: sqlite3.Connection) -> None:
    """Bring an older or empty file to the present form, in one transaction."""
    if _number(database, "PRAGMA user_version") == len(schema.MIGRATIONS):
        return
    with _at_once(database, _WRITING):
        # Asked again: another hipform may have been quicker.
        version = _number(database, "PRAGMA user_version")
        _log.info("the history goes from form %d to %d", version, len(schema.MIGRATIONS))
        for step in schema.MIGRATIONS[version:]:
            for statement in step:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS)}")


def _number(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])


# ----------------------------------------------------------------------------------------------------------------- rows


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
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    # Names of tables and columns are this module's own; values go by their marks.
    return database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row).lastrowid  # noqa: S608


def _rep_row(rep: KeptRep) -> dict[str, object]:
    return {
        "number": rep.number,
        "partial": rep.partial,
        "lockout": rep.lockout.value,
        "lift_s": rep.lift_s,
        "hold_s": rep.hold_s,
        "lower_s": rep.lower_s,
        **_angle_cells("lockout_hip_flexion", rep.lockout_hip_flexion_deg),
        **_angle_cells("range", rep.range_deg),
        **_angle_cells("lumbar_extension", rep.lumbar_extension_deg),
    }


def _angle_cells(name: str, angle: Estimate | None) -> dict[str, object]:
    return {f"{name}_deg": angle.value if angle else None, f"{name}_u95_deg": angle.u95 if angle else None}


def _read(database: sqlite3.Connection) -> list[KeptSet]:
    reps: dict[int, list[KeptRep]] = {}
    tallies: dict[int, dict[str, Tally]] = {}
    for row in _rows(database, "SELECT * FROM reps ORDER BY set_id, partial, number"):
        reps.setdefault(row["set_id"], []).append(_rep(row))
    for row in _rows(database, "SELECT * FROM findings ORDER BY rowid"):
        tally = Tally(ok=row["ok"], fault=row["fault"], not_assessed=row["not_assessed"])
        tallies.setdefault(row["set_id"], {})[row["rule"]] = tally
    return [
        _set(row, tuple(reps.get(row["id"], ())), tallies.get(row["id"], {}))
        for row in _rows(database, "SELECT * FROM sets")
    ]


def _rows(database: sqlite3.Connection, query: str) -> list[sqlite3.Row]:
    cursor = database.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(query).fetchall()


def _set(row: sqlite3.Row, reps: tuple[KeptRep, ...], findings: Mapping[str, Tally]) -> KeptSet:
    load = None if row["load_kg"] is None else Load(kg=row["load_kg"], unit=LoadUnit(row["load_unit"]))
    return KeptSet(
        clip_sha256=row["clip_sha256"],
        set_number=row["set_number"],
        clip_name=row["clip_name"],
        athlete=row["athlete"],
        exercise=row["exercise"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        recorded_from=DateSource(row["recorded_from"]),
        load=load,
        note=row["note"],
        model=row["model"],
        hipform_version=row["hipform_version"],
        reps=reps,
        findings=findings,
    )


def _rep(row: sqlite3.Row) -> KeptRep:
    return KeptRep(
        number=row["number"],
        partial=bool(row["partial"]),
        lockout=Status(row["lockout"]),
        lockout_hip_flexion_deg=_angle(row, "lockout_hip_flexion"),
        range_deg=_angle(row, "range"),
        lumbar_extension_deg=_angle(row, "lumbar_extension"),
        lift_s=row["lift_s"],
        hold_s=row["hold_s"],
        lower_s=row["lower_s"],
    )


def _angle(row: sqlite3.Row, name: str) -> Estimate | None:
    value, u95 = row[f"{name}_deg"], row[f"{name}_u95_deg"]
    return None if value is None else Estimate(value, u95, "deg")
