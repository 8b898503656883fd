"""Bad moments: killed, camera gone, disk full, out of memory, model altered, history locked or damaged.

Nothing finished may be lost by them, and the next run must work.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import av
import numpy as np

from hipform.errors import MEMORY_EXIT_CODE, HistoryError, InputError, ModelError, NoPersonError, OutputError
from hipform.pose import model_files as models
from hipform.report.result import FILES
from hipform.store import History
from hipform.store.history import PATH_VARIABLE
from scripts.reliability.clips import SAMPLE, sample_images
from scripts.reliability.phone import SILENT, phone
from scripts.reliability.probe import Outcome, broken_promises, left_broken, run

LIMIT_S = 300.0
DISKS_KB = (16, 64, 128, 256, 384, 512)
"""Sizes of disks that are too small for the results of the sample."""
FILES_KB = (8, 16, 32, 64, 128)
"""Sizes that one of its files at least is larger than."""
PICTURES = (0, 1, 10, 45, 90, 150)
"""How many pictures a camera gives before it goes."""
MEMORIES_MB = (600, 800, 1000, 1200, 1500, 2000, 3000)
_ANALYZE = ("analyze", str(SAMPLE), "-e", "hip-thrust", "-m", "lite")
_OUT_OF_MEMORY = (0, MEMORY_EXIT_CODE, ModelError.exit_code, 128 + signal.SIGABRT, 128 + signal.SIGSEGV)
"""Ways a process without memory may end: well, told so, without room for the model, stopped in a native library."""


@dataclass
class Series:
    """Runs with one kind of fault: how many, how they ended, and what was wrong."""

    name: str
    runs: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, wrong: Sequence[str]) -> None:
        """Take in one run."""
        self.runs += 1
        self.codes[outcome.code] += 1
        self.wrong += [f"run {self.runs}: {one}" for one in wrong]

    def tell(self) -> None:
        """Print how the runs ended, and what was wrong."""
        codes = ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items()))
        print(f"{self.name}: {self.runs} runs, exit codes {codes or '-'}")
        for wrong in self.wrong:
            print(f"  WRONG {wrong}")


def try_faults(runs: int) -> list[Series]:
    """Inject every fault, the random ones *runs* times each, and tell of each series as it ends."""
    found = []
    for series in (
        _killed,
        _killed_with_history,
        _batch_killed,
        _live_killed,
        _camera_gone,
        _full_disk,
        _small_files,
        _no_memory,
        _bad_models,
        _bad_history,
    ):
        with tempfile.TemporaryDirectory() as scratch:
            one = series(Path(scratch), runs)
        one.tell()
        found.append(one)
    return found


def _killed(scratch: Path, runs: int) -> Series:
    """Kill analyses of one folder at random moments: what was there before stays whole, the next run ends as ever."""
    series = Series("analyze killed at a random moment")
    random = np.random.default_rng(1)
    whole = scratch / "whole"
    undisturbed = run((*_ANALYZE, "-o", str(whole)), limit_s=LIMIT_S, said=scratch / "said")
    expected = facts(whole)
    out = scratch / "out"
    for number in range(runs):
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*_ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = left_broken(out)
        if number % 10 == 9:
            again = run((*_ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
            wrong += [] if again.code == 0 and facts(out) == expected else [f"the next run differs: {again.said}"]
        series.add(outcome, wrong)
    return series


def facts(out: Path) -> dict[str, Any]:
    """Return what is in a result, apart from when it was made."""
    result = json.loads((out / FILES["result"]).read_bytes())
    return {key: value for key, value in result.items() if key != "analysed_at"}


def _killed_with_history(scratch: Path, runs: int) -> Series:
    """Kill runs that keep their sets: the history can be read after each, and loses nothing that was in it."""
    series = Series("analyze --athlete killed at a random moment")
    random = np.random.default_rng(2)
    poses = scratch / "analysis" / FILES["poses"]
    run((*_ANALYZE, "-o", str(poses.parent)), limit_s=LIMIT_S, said=scratch / "said")
    command = ("analyze", str(poses), "-e", "hip-thrust", "-o", str(scratch / "out"), "--athlete", "Ana")
    with keep_history_at(scratch / "history.sqlite3"):
        undisturbed = run(command, limit_s=LIMIT_S, said=scratch / "said")
        for _ in range(runs):
            moment_s = float(random.uniform(0.5, 1.05)) * undisturbed.spent_s
            outcome = run(command, limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
            series.add(outcome, _lost_from(scratch / "history.sqlite3"))
    return series


def _batch_killed(scratch: Path, runs: int) -> Series:
    """Kill batches: each clip has its whole result or none, and going on ends as one undisturbed run does."""
    series = Series("batch killed at a random moment")
    random = np.random.default_rng(3)
    clips = scratch / "clips"
    clips.mkdir()
    for number in range(3):
        shutil.copy(SAMPLE, clips / f"{number}.mp4")
    command = ("batch", str(clips), "-e", "hip-thrust", "-m", "lite", "--workers", "2", "-o")
    undisturbed = run((*command, str(scratch / "whole")), limit_s=LIMIT_S, said=scratch / "said")
    expected = _facts_of_batch(scratch / "whole")
    out = scratch / "out 0"
    for number in range(runs):
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = [one for folder in _folders(out) for one in left_broken(folder)]
        if number % 5 == 4:
            again = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said")
            same = again.code == 0 and _facts_of_batch(out) == expected
            wrong += [] if same else [f"going on ends otherwise: {again.said}"]
            out = scratch / f"out {number}"
        series.add(outcome, wrong)
    return series


def _folders(out: Path) -> list[Path]:
    return sorted(path for path in out.iterdir() if (path / FILES["result"]).exists()) if out.exists() else []


def _facts_of_batch(out: Path) -> object:
    return {folder.name: (facts(folder), sorted(path.name for path in folder.rglob("*"))) for folder in _folders(out)}


def _live_killed(scratch: Path, runs: int) -> Series:
    """Kill live trainings, a file for the camera: what was recorded can be analysed, or says that it holds nothing."""
    series = Series("live killed at a random moment")
    random = np.random.default_rng(4)
    command = ("live", "--camera", str(SAMPLE), "--headless", "--sound", "off", "-e", "hip-thrust", "-m", "lite", "-o")
    undisturbed = run((*command, str(scratch / "whole")), limit_s=LIMIT_S, said=scratch / "said")
    if undisturbed.code:
        series.wrong.append(f"undisturbed: exit code {undisturbed.code}: {undisturbed.said.strip()}")
    for number in range(runs):
        out = scratch / f"{number}"
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = left_broken(out)
        recording = out / FILES["recording"]
        if recording.exists():
            again = run(
                ("analyze", str(recording), "-e", "hip-thrust", "-m", "lite", "-o", str(scratch / "again")),
                limit_s=LIMIT_S,
                said=scratch / "said",
            )
            if again.code not in (0, InputError.exit_code, NoPersonError.exit_code):
                wrong.append(f"its recording: exit code {again.code}: {again.said.strip()}")
        series.add(outcome, wrong)
    return series


def _camera_gone(scratch: Path, _runs: int) -> Series:
    """Let the camera hang up or fall silent: training ends by itself, and what was filmed until then is all there."""
    series = Series("camera gone or silent in mid-training")
    with phone(sample_images()) as address:
        for number, (pictures, after) in enumerate(product(PICTURES, ("", SILENT))):
            out = scratch / f"{number}"
            camera = f"{address}/{pictures}/{after}"
            command = ("live", "--camera", camera, "--headless", "--sound", "off", "-e", "hip-thrust", "-m", "lite")
            outcome = run((*command, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
            wrong = [*broken_promises(outcome, out), *_not(0 if pictures > 1 else InputError.exit_code, outcome)]
            if outcome.code == 0:
                with av.open(str(out / FILES["recording"])) as container:
                    kept = sum(1 for _ in container.decode(video=0))
                wrong += [] if kept == facts(out)["clip"]["frames"] else [f"{kept} pictures recorded, others judged"]
            series.add(outcome, wrong)
    return series


@contextlib.contextmanager
def keep_history_at(path: Path) -> Iterator[None]:
    """Have the commands keep their history at *path*."""
    os.environ[PATH_VARIABLE] = str(path)
    try:
        yield
    finally:
        del os.environ[PATH_VARIABLE]


def _lost_from(path: Path) -> list[str]:
    try:
        with History(path) as history:
            return [] if len(history.sets(athlete="Ana")) == 1 else ["the set that was kept is gone"]
    except HistoryError as error:
        return [f"the history cannot be read: {error}"]


def _full_disk(scratch: Path, _runs: int) -> Series:
    """Write to disks that are too small; needs the right to make them."""
    series = Series("disk full")
    for size_kb in DISKS_KB:
        disk = scratch / f"{size_kb}"
        disk.mkdir()
        options = ("-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(disk))
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
            series.name += " (left out: making a small disk takes the rights of root)"
            break
        try:
            outcome = run((*_ANALYZE, "-o", str(disk / "out")), limit_s=LIMIT_S, said=scratch / "said")
            series.add(outcome, [*broken_promises(outcome, disk / "out"), *_not(OutputError.exit_code, outcome)])
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    return series


def _small_files(scratch: Path, _runs: int) -> Series:
    """Let no file grow beyond a size, as a quota does."""
    series = Series("files limited in size")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size_kb in FILES_KB:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_kb << 10, before[1]))
        try:
            outcome = run((*_ANALYZE, "-o", str(scratch / f"{size_kb}")), limit_s=LIMIT_S, said=scratch / "said")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        wrong = broken_promises(outcome, scratch / f"{size_kb}")
        series.add(outcome, [*wrong, *_not(OutputError.exit_code, outcome)])
    return series


def _not(code: int, outcome: Outcome) -> list[str]:
    return [] if outcome.code == code else [f"exit code {outcome.code} instead of {code}: {outcome.said.strip()}"]


def _no_memory(scratch: Path, _runs: int) -> Series:
    """Give too little memory: however it ends, nothing half-written lies under a final name, and the next run works."""
    series = Series("too little memory")
    for memory_mb in MEMORIES_MB:
        out = scratch / "out"
        outcome = run((*_ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said", most_memory=memory_mb << 20)
        wrong = left_broken(out)
        if outcome.code not in _OUT_OF_MEMORY or "Traceback" in outcome.said:
            wrong.append(f"{memory_mb} MB: exit code {outcome.code}: {outcome.said.strip()}")
        again = run((*_ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
        series.add(outcome, [*wrong, *_not(0, again)])
    return series


def _bad_models(scratch: Path, _runs: int) -> Series:
    """Have pose models that are missing or altered: that is told in one line, and nothing is written."""
    series = Series("pose model missing, altered, or a folder")
    whole = models.model_path("lite")
    for number, spoil in enumerate((_gone, _cut, _one_bit, _emptied, _a_folder)):
        folder, out = scratch / f"{number}", scratch / f"out {number}"
        shutil.copytree(whole.parent, folder)
        spoil(folder / whole.name)
        with mock.patch.object(models, "_PLACES", (folder,)):
            outcome = run((*_ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
        wrong = [*broken_promises(outcome, out), *_not(ModelError.exit_code, outcome)]
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


def _bad_history(scratch: Path, _runs: int) -> Series:
    """Keep into histories that cannot be written: the analysis is done all the same, and the history left as it is."""
    series = Series("history locked, damaged, of a newer version, or a folder")
    with keep_history_at(scratch / "healthy.sqlite3"):
        run((*_ANALYZE, "-o", str(scratch), "--athlete", "Ana"), limit_s=LIMIT_S, said=scratch / "said")
    for number, spoil in enumerate((_locked, _damaged, _newer, _in_the_way)):
        path = scratch / f"{number}.sqlite3"
        shutil.copy(scratch / "healthy.sqlite3", path)
        with spoil(path), keep_history_at(path):
            before = path.read_bytes() if path.is_file() else b""
            out = scratch / f"out {number}"
            outcome = run((*_ANALYZE, "-o", str(out), "--athlete", "Ana"), limit_s=LIMIT_S, said=scratch / "said")
            listed = run(("history",), limit_s=LIMIT_S, said=scratch / "said")
            wrong = [*broken_promises(outcome, out), *_not(0, outcome)]
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
