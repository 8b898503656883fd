"""Pose models that are missing or altered, and histories that cannot be written."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from hipform.errors import HistoryError, ModelError
from hipform.pose import model_files as models
from scripts.reliability.probe import broken_promises, run
from scripts.reliability.series import ANALYZE, LIMIT_S, Series, keep_history_at, unexpected_code


def spoil_models(scratch: Path, _runs: int) -> Series:
    """Use pose models that are missing or altered: one line reports it, and nothing is written."""
    series = Series("pose model missing, altered, or a folder")
    whole = models.model_path("lite")
    for number, spoil in enumerate((_gone, _cut, _one_bit, _emptied, _a_folder)):
        folder, out = scratch / f"{number}", scratch / f"out {number}"
        shutil.copytree(whole.parent, folder)
        spoil(folder / whole.name)
        with mock.patch.object(models, "_PLACES", (folder,)):
            outcome = run((*ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
        wrong = [*broken_promises(outcome, out), *unexpected_code(ModelError.exit_code, outcome)]
        series.add(outcome, [*wrong, *(["something was written"] if out.exists() else [])])
    return series


def _gone(model: Path) -> None:
    model.unlink()


def _cut(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-1000])


def _one_bit(model: Path) -> None:
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)


def _emptied(model: Path) -> None:
    model.write_bytes(b"")


def _a_folder(model: Path) -> None:
    model.unlink()
    model.mkdir()


def spoil_history(scratch: Path, _runs: int) -> Series:
    """Write to histories that cannot be written: the analysis succeeds, and the history stays unchanged."""
    series = Series("history locked, damaged, of a newer version, or a folder")
    with keep_history_at(scratch / "healthy.sqlite3"):
        run((*ANALYZE, "-o", str(scratch), "--athlete", "Ana"), limit_s=LIMIT_S, said=scratch / "said")
    for number, spoil in enumerate((_locked, _damaged, _newer, _in_the_way)):
        path = scratch / f"{number}.sqlite3"
        shutil.copy(scratch / "healthy.sqlite3", path)
        with spoil(path), keep_history_at(path):
            before = path.read_bytes() if path.is_file() else b""
            out = scratch / f"out {number}"
            outcome = run((*ANALYZE, "-o", str(out), "--athlete", "Ana"), limit_s=LIMIT_S, said=scratch / "said")
            listed = run(("history",), limit_s=LIMIT_S, said=scratch / "said")
            wrong = [*broken_promises(outcome, out), *unexpected_code(0, outcome)]
            # A locked history can still be read.
            wrong += [] if listed.code in (0, HistoryError.exit_code) else [f"history: exit code {listed.code}"]
            wrong += [] if before == (path.read_bytes() if path.is_file() else b"") else ["the history was changed"]
            series.add(outcome, wrong)
    return series


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        database.close()


@contextlib.contextmanager
def _damaged(path: Path) -> Iterator[None]:
    data = bytearray(path.read_bytes())
    data[: len(data) // 2] = np.random.default_rng(3).bytes(len(data) // 2)
    path.write_bytes(data)
    yield


@contextlib.contextmanager
def _newer(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 1000")
    yield


@contextlib.contextmanager
def _in_the_way(path: Path) -> Iterator[None]:
    path.unlink()
    path.mkdir()
    yield
