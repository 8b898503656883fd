"""`hipform app` killed at random moments: no clip is lost, and no half result is shown."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import numpy as np
import psutil

from hipform.batch.library import Library, LibrarySet
from hipform.errors import HipformError
from hipform.report.result_folder import ResultFolder
from scripts.app_process import AppProcess, wait_until
from scripts.reliability.clips import SAMPLE
from scripts.reliability.probe import Outcome
from scripts.reliability.series import LIMIT_S, Series, facts

_N_CLIPS = 3
_KILLED = 137


def kill_app(scratch: Path, runs: int) -> Series:
    """Kill the server, its workers, or both at random moments while clips are analysed and corrected."""
    series = Series("app: server, workers or both killed at a random moment")
    random = np.random.default_rng(7)
    root = scratch / "app"
    app = AppProcess(scratch / "first", root)
    names = [app.send(SAMPLE, model="lite", exercise="hip-thrust", athlete="Ana")]
    wait_until(lambda: not app.is_busy, LIMIT_S)
    expected = _facts(root, names[0])
    begun_s = time.monotonic()
    names += [app.send(SAMPLE, model="lite", exercise="hip-thrust") for _ in range(_N_CLIPS - 1)]
    for number in range(runs):
        _disturb(app, names, number)
        time.sleep(float(random.uniform(0.0, 4.0)))
        _kill(app, number % 3)
        wrong = _found_wrong(root, names)
        app = AppProcess(scratch / str(number), root)
        series.add(
            Outcome(command="app", code=_KILLED, spent_s=time.monotonic() - begun_s, most_mb=0.0, said=""), wrong
        )
    wait_until(lambda: not app.is_busy, LIMIT_S)
    app.kill()
    series.wrong += _found_wrong(root, names)
    series.wrong += [f"{name} differs" for name in names if _facts(root, name) != expected]
    return series


def _disturb(app: AppProcess, names: list[str], number: int) -> None:
    """Correct one set and have another one done again, so that the queue is never empty."""
    app.ask("POST", f"/sets/{names[number % len(names)]}/judge-as", b"exercise=hip-thrust")
    app.ask("POST", f"/sets/{names[(number + 1) % len(names)]}/retry", b"")


def _kill(app: AppProcess, what: int) -> None:
    workers = app.workers if what != 0 else []
    for worker in workers:
        with contextlib.suppress(psutil.Error):
            worker.kill()
    if what == 1:
        # The server lives on and has to notice; then it goes as well.
        time.sleep(0.5)
    app.kill()


def _found_wrong(root: Path, names: list[str]) -> list[str]:
    """Return what the next start, or somebody who looks into the folders, would find wrong."""
    library = Library(root)
    library.open()
    sets = {entry.id: entry for entry in library.sets()}
    wrong = [f"{name} is lost" for name in names if name not in sets]
    for entry in sets.values():
        wrong += _wrong_with(root / "results" / entry.id, entry)
    return wrong


def _wrong_with(folder: Path, entry: LibrarySet) -> list[str]:
    if not entry.has_clip:
        return [f"{entry.id} has lost its clip"]
    if not entry.has_result:
        return [f"{entry.id} is settled without a result"] if entry.is_settled else []
    try:
        result = ResultFolder.open(folder).result
    except HipformError as error:
        return [f"{entry.id} has half a result: {error}"]
    return [f"{entry.id} lacks its {name}" for name in result.files.values() if not (folder / name).exists()]


def _facts(root: Path, name: str) -> object:
    """Return what a finished set says, without what differs from set to set."""
    result = facts(root / "results" / name)
    return result["sets"], result["model"], result["files"].get("video")
