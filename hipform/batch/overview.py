"""The files of a batch that cover all clips, made from the run records: index.html, summary.csv, summary.parquet."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path

from hipform.batch.result_store import ResultStore
from hipform.batch.run_records import Cell, RunRecord
from hipform.files import make_folder, write_whole
from hipform.report.index_page import IndexRow, index_page
from hipform.report.parquet import csv_to_parquet
from hipform.report.result import INDEX_FILES
from hipform.report.tables import write_rows
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.texts import Texts

PAGE, TABLE, PARQUET = INDEX_FILES


def write_index(store: ResultStore, failed: Mapping[str, IndexRow], texts: Texts) -> tuple[str, ...]:
    """Write the files that cover all clips with a run record in *store*; return messages about them.

    The run records are read twice, so that memory use does not depend on their number.

    Parameters
    ----------
    store
        The result store.
    failed
        Rows, by folder, of failures without a run record. A run record in such a folder belongs to an earlier analysis,
        which must not be taken for the requested one.
    texts
        The texts in the language of the page; the tables are English.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    rows = dict(failed)
    columns = dict.fromkeys(_facts("", IndexRow(clip="")))
    for name, record in _records(store, failed):
        rows[name] = record.row
        for rep in record.reps:
            columns |= dict.fromkeys(rep)
    scratch = make_temporary_folder(store.work)
    made = scratch / "made"
    try:
        make_folder(made)
        write_whole(made / PAGE, index_page(sorted(rows.items(), key=itemgetter(0)), texts).encode())
        write_rows(made / TABLE, list(columns), _reps(store, failed))
        notes = _write_parquet(made)
        for file in sorted(made.iterdir()):
            store.put(file.name, file)
    finally:
        remove_temporary_folder(scratch)
    return notes


def _records(store: ResultStore, failed: Mapping[str, IndexRow]) -> Iterator[tuple[str, RunRecord]]:
    for name, text in store.records():
        record = RunRecord.from_json(text)
        if record and name not in failed:
            yield name, record


def _reps(store: ResultStore, failed: Mapping[str, IndexRow]) -> Iterator[dict[str, Cell]]:
    for name, record in _records(store, failed):
        for rep in record.reps:
            yield {**_facts(name, record.row), **rep}


def _facts(name: str, row: IndexRow) -> dict[str, Cell]:
    """Return the columns that all repetitions of a clip share."""
    return {
        "clip": row.clip,
        "folder": name,
        "athlete": row.athlete,
        "day": row.day,
        "load_kg": row.load_kg,
        "note": row.note,
    }


def _write_parquet(scratch: Path) -> tuple[str, ...]:
    if importlib.util.find_spec("pyarrow") is None:
        return (f"{PARQUET} was not written, because the package pyarrow is missing (pip install 'hipform[parquet]').",)
    csv_to_parquet(scratch / TABLE, scratch / PARQUET)
    return ()
