"""The history file: stored sets come back, analyses replace each other, and a bad file is not changed."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hipform.errors import HistoryError
from hipform.exercises.findings import Status
from hipform.features.rep_timing import Tempo
from hipform.store import History, history_path
from hipform.store import history_schema as schema
from hipform.training import Load, LoadUnit
from hipform.types import Estimate
from scripts.app_process import LIMIT_S
from tests.histories import START, kept_rep, kept_set
from tests.samples import ROOT


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "history.sqlite3"


def keep(path, *sets):
    with History(path) as history:
        return history.keep(sets)


def kept(path, **chosen):
    with History(path) as history:
        return history.sets(**chosen)


# ------------------------------------------------------------------------------------------------------- keep and read


def test_stored_sets_come_back_unchanged(path):
    reps = [
        replace(kept_rep(1, lumbar_deg=6.0), bar_mean_m_per_s=Estimate(0.5, 0.05, "m_per_s")),
        kept_rep(2, status=None),
        replace(kept_rep(3, status=Status.FAULT), tempo=Tempo(lift_s=None, hold_s=0.6, lower_s=None)),
        kept_rep(1, partial=True),
    ]
    one = kept_set(
        reps=reps,
        findings={"no-squeeze": (1, 2, 0), "overload": (0, 0, 1)},
        load=Load(kg=79.4, unit=LoadUnit.LB),
        note="knee felt odd; 'quoted' \"twice\"",
        recorded_at=START.astimezone(datetime.now(UTC).astimezone().tzinfo),
    )
    keep(path, one)
    assert kept(path) == (one,)


@pytest.mark.parametrize(
    "changes",
    [
        {"recorded_at": START.replace(year=2210)},
        {"recorded_at": START.replace(year=1899)},
        {"load": Load(kg=-5.0)},
        {"note": "x" * 5000},
        {"reps": [replace(kept_rep(1), tempo=Tempo(lift_s=None, hold_s=float("inf"), lower_s=None))]},
    ],
)
def test_a_set_that_could_not_be_read_back_is_refused_and_the_others_stay(path, changes):
    one = kept_set()
    keep(path, one)
    with pytest.raises(HistoryError, match="cannot hold this set"):
        keep(path, kept_set(**changes))
    assert kept(path) == (one,)


def test_no_file_is_created_until_something_is_stored(path):
    assert kept(path) == ()
    assert not path.parent.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no colons in names")
@pytest.mark.parametrize(
    "name", [":memory:", "file:a?mode=memory", "file::memory:?cache=shared", "-x", "50%20", "x?y#z"]
)
def test_a_name_special_to_sqlite_is_a_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    keep(Path(name), kept_set())
    assert len(kept(Path(name))) == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_other_users_cannot_read_it(path):
    keep(path, kept_set())
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_same_clip_analysed_again_replaces_its_sets(path):
    assert not keep(path, kept_set(number=1), kept_set(number=2))
    assert not keep(path, kept_set(day=1))
    assert keep(path, kept_set(number=1, athlete="Ben", exercise="glute-bridge")) == ("Ana",)
    assert [(one.clip_name, one.athlete) for one in kept(path)] == [("set_0.mp4", "Ben"), ("set_1.mp4", "Ana")]


def test_athlete_names_ignore_case(path):
    keep(path, kept_set(day=0, athlete="Zoë"))
    keep(path, kept_set(day=1, athlete="ZOË"))
    assert {one.athlete for one in kept(path, athlete="zoë")} == {"Zoë"}


def test_sets_are_filtered_and_in_time_order(path):
    east = replace(kept_set(day=2), recorded_at=datetime.fromisoformat("2026-09-09T23:00:00+14:00"))
    keep(path, kept_set(day=3, exercise="deadlift:sumo"))
    keep(path, east)
    keep(path, kept_set(day=1, athlete="Ben"))
    assert [one.recorded_at for one in kept(path)] == sorted(one.recorded_at for one in kept(path))
    assert [one.exercise for one in kept(path, exercise="deadlift")] == ["deadlift:sumo"]
    assert [one.exercise for one in kept(path, exercise="deadlift:sumo")] == ["deadlift:sumo"]
    assert kept(path, exercise="deadlift:trap-bar") == ()
    assert [one.athlete for one in kept(path, athlete="Ben")] == ["Ben"]
    assert len(kept(path, since=START + timedelta(days=3))) == 1


def test_deleting_one_athlete_spares_the_others(path):
    keep(path, kept_set(day=0))
    keep(path, kept_set(day=1, athlete="Ben"))
    with History(path) as history:
        assert history.delete(history.sets(athlete="ana")) == 1
        assert history.delete(history.sets(athlete="nobody")) == 0
    assert [one.athlete for one in kept(path)] == ["Ben"]


def test_deleted_data_is_no_longer_in_the_file(path):
    keep(path, kept_set(note="a secret of mine"))
    assert b"a secret of mine" in path.read_bytes()
    with History(path) as history:
        assert history.delete(history.sets()) == 1
    assert b"a secret of mine" not in path.read_bytes()
    assert kept(path) == ()


def test_the_environment_names_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path / "mine.db"))
    assert history_path() == tmp_path / "mine.db"
    monkeypatch.delenv("HIPFORM_HISTORY")
    assert history_path().name == "history.sqlite3"
    assert "hipform" in history_path().parts


def test_an_account_without_a_home_gets_a_hint(monkeypatch):
    def homeless(*_, **__):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("HIPFORM_HISTORY", raising=False)
    monkeypatch.setattr("hipform.store.history.user_data_path", homeless)
    with pytest.raises(HistoryError, match="HIPFORM_HISTORY"):
        history_path()


# ----------------------------------------------------------------------------------------------------------- its tables


def test_a_new_file_has_the_current_format(path):
    keep(path, kept_set())
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION == 1
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE sets ADD COLUMN mood TEXT",
        "CREATE TABLE more (a TEXT)",
        "CREATE TRIGGER forget AFTER INSERT ON sets BEGIN DELETE FROM reps; END",
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ],
)
def test_a_file_that_holds_anything_else_is_not_touched(path, statement):
    keep(path, kept_set())
    change(path, statement)
    before = path.read_bytes()
    for use in (kept, lambda path: keep(path, kept_set(day=1))):
        with pytest.raises(HistoryError, match="is damaged"):
            use(path)
    assert path.read_bytes() == before


def change(path, statement, *values):
    with sqlite3.connect(path) as database:
        database.execute(statement, values)
    database.close()


def test_the_file_of_a_newer_version_is_not_touched(path):
    keep(path, kept_set())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    for use in (kept, lambda path: keep(path, kept_set(day=1))):
        with pytest.raises(HistoryError, match="newer hipform"):
            use(path)
    assert path.read_bytes() == before


# ------------------------------------------------------------------------------------------------------------ bad files


def test_the_database_of_another_program_is_not_touched(path):
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="another program"):
        keep(path, kept_set())
    assert path.read_bytes() == before


def test_a_file_that_is_not_a_database_is_not_touched(path):
    path.parent.mkdir()
    path.write_text("notes of mine\n" * 100)
    with pytest.raises(HistoryError, match="damaged"):
        keep(path, kept_set())
    assert path.read_text().startswith("notes of mine")


def test_a_damaged_file_is_reported(path):
    keep(path, *(kept_set(number=number) for number in range(1, 60)))
    data = bytearray(path.read_bytes())
    data[4096:-4096] = os.urandom(len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(HistoryError):
        kept(path)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("reps", "lockout", "perfect"),
        ("reps", "lockout", b"ok"),
        ("reps", "partial", 2),
        ("reps", "number", 0),
        ("reps", "hold_s", "long"),
        ("reps", "hold_s", -1.0),
        ("reps", "hold_s", 1e300),
        ("reps", "lift_s", b""),
        ("reps", "range_deg", float("inf")),
        ("reps", "range_u95_deg", None),
        ("findings", "ok", -1),
        ("findings", "ok", 2**62),
        ("findings", "rule", b"\xff"),
        ("sets", "athlete", b"Ana"),
        ("sets", "athlete", ""),
        ("sets", "athlete", "A" * 100_000),
        ("sets", "clip_sha256", "abc"),
        ("sets", "set_number", "one"),
        ("sets", "recorded_at", "2026-09-07"),
        ("sets", "recorded_at", "0001-01-01T00:00:00+14:00"),
        ("sets", "recorded_at", "9999-12-31T23:59:59-14:00"),
        ("sets", "recorded_at", 5),
        ("sets", "recorded_from", "nowhere"),
        ("sets", "load_kg", 80.0),
        ("sets", "load_unit", "stone"),
        ("sets", "note", b"felt good"),
    ],
)
def test_a_value_that_hipform_never_writes_is_reported(path, table, column, value):
    keep(path, kept_set(reps=[kept_rep()], findings={"no-squeeze": (1, 0, 0)}))
    change(path, f"UPDATE {table} SET {column} = ?", value)  # noqa: S608
    with pytest.raises(HistoryError, match="is damaged"):
        kept(path)


def test_an_invalid_stored_name_prevents_writing(path):
    keep(path, kept_set())
    change(path, "UPDATE sets SET athlete = ?", b"Ana")
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="is damaged"):
        keep(path, kept_set(day=1))
    assert path.read_bytes() == before


def test_a_statement_of_the_schema_that_is_no_text_is_reported(path):
    keep(path, kept_set())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = CAST(sql AS BLOB) WHERE name = 'reps'")
    database.close()
    with pytest.raises(HistoryError, match="is damaged"):
        kept(path)


def test_text_that_is_not_utf_8_is_reported(path):
    keep(path, kept_set(athlete="Ana"))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"Ana") + 1] ^= 0x80
    path.write_bytes(data)
    for use in (kept, lambda path: keep(path, kept_set(day=1))):
        with pytest.raises(HistoryError, match="is damaged"):
            use(path)
    assert path.read_bytes() == data


def test_a_locked_file_is_reported_and_nothing_changes(path, monkeypatch):
    monkeypatch.setattr("hipform.store.history._LOCK_TIMEOUT_S", 0.05)
    keep(path, kept_set())
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HistoryError, match="in use"):
        keep(path, kept_set(day=1))
    database.execute("ROLLBACK")
    database.close()
    assert len(kept(path)) == 1


def test_a_folder_in_its_place_is_reported(path):
    path.mkdir(parents=True)
    with pytest.raises(HistoryError, match="HIPFORM_HISTORY"):
        keep(path, kept_set())


def test_a_path_below_a_file_is_reported(path):
    path.parent.write_text("in the way")
    with pytest.raises(HistoryError, match="cannot be opened"):
        keep(path, kept_set())


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_at_the_commit_is_raised(path, monkeypatch, when):
    class Interrupted(BaseException):
        pass

    class Slow(sqlite3.Connection):
        def execute(self, sql, *values):
            if sql == "COMMIT" and when == "before":
                raise Interrupted
            done = super().execute(sql, *values)
            if sql == "COMMIT" and self.total_changes > 0:
                raise Interrupted
            return done

    keep(path, kept_set(name="first.mp4"))
    plain = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *how, **also: plain(*how, **also, factory=Slow))
        with pytest.raises(Interrupted):
            keep(path, kept_set(name="second.mp4"))
    assert {one.clip_name for one in kept(path)} == {"first.mp4"} | ({"second.mp4"} if when == "after" else set())


# ---------------------------------------------------------------------------------------------------------- two writers

_WRITER = """
import sys
from pathlib import Path
from hipform.store import History, history
from tests.histories import kept_set
history._LOCK_TIMEOUT_S = 240
for number in range(20):
    with History(Path(sys.argv[1])) as history:
        history.keep([kept_set(name=f"{sys.argv[2]}-{number}.mp4")])
"""


def test_several_writers_at_once_lose_nothing(path):
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two", "three")
    ]
    complaints = [writer.communicate(timeout=LIMIT_S)[1] for writer in writers]
    assert complaints == ["", "", ""]
    assert len(kept(path)) == 60
