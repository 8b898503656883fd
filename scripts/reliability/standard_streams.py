"""Standard streams that are closed, full or unread: every command does its work and ends with the right exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

from hipform.errors import OutputError
from hipform.store.history import PATH_VARIABLE
from scripts.paths import ROOT
from scripts.reliability.clips import FPS, Form, sample_images, write
from scripts.reliability.series import KeptRuns, Run, Series

LIMIT_S = 300.0
_HISTORY = "history.sqlite3"
_POSES = str(ROOT / "tests" / "goldens" / "glute_bridge_studio.npz")
_CLIP = "clip.mp4"
_EVERY = 3
"""Of the sample's pictures every so many go into the clip: the commands need a repetition, not its exact measures."""
_DONE = ("analyze", _CLIP, "-e", "hip-thrust", "-m", "lite", "--jobs", "1", "-o", "done", "--athlete", "Ana")
"""Leaves a result with its landmarks, which a recording's does not have, and a set in the history."""
COMMANDS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "analyze": (0, ("analyze", _POSES, "-e", "glute-bridge", "-o", "out")),
    "analyze, a clip": (0, ("analyze", _CLIP, "-e", "hip-thrust", "-m", "lite", "--jobs", "1", "-o", "out")),
    "analyze, no clip": (4, ("analyze", "missing.mp4", "-o", "out")),
    "batch": (0, ("batch", _POSES, "-e", "glute-bridge", "--workers", "1", "-o", "out")),
    "calibrate": (0, ("calibrate", _POSES, "-e", "glute-bridge", "--out", "me.json")),
    "live": (0, ("live", "--headless", "-c", _CLIP, "-e", "hip-thrust", "-m", "lite", "--sound", "off")),
    "cameras": (0, ("cameras",)),
    "report": (0, ("report", "done")),
    "compare": (0, ("compare", "done", "done", "--out", "out.html")),
    "export": (0, ("export", "done", "--to", "trc")),
    "exercises": (0, ("exercises", "deadlift")),
    "rules": (0, ("rules",)),
    "history": (0, ("history",)),
    "history export": (0, ("history", "export", "sets.csv")),
    "history delete": (2, ("history", "delete", "--all")),
    "progress": (0, ("progress", "--out", "page.html")),
    "doctor": (0, ("doctor",)),
    "wrong usage": (2, ("analyse",)),
    "help": (0, ("--help",)),
}
"""The exit code that each must have, and the command, given in a folder with an earlier analysis and a history."""
STATES: Mapping[str, str] = {
    "input closed": "<&-",
    "output closed": ">&-",
    "errors closed": "2>&-",
    "all closed": "<&- >&- 2>&-",
    "output full": ">/dev/full",
    "errors full": "2>/dev/full",
    "both full": ">/dev/full 2>&1",
    "output without a reader": "> >(:)",
    "errors without a reader": "2> >(:)",
    "nobody reads": "> >(sleep 5) 2>&1",
}
"""Shell redirections of each state."""


def try_standard_streams(kept: Path | None = None) -> list[Series]:
    """Run every command with its streams in every state, and print a summary of each state.

    *kept* holds the runs that were done before, which are not done again.
    """
    done = KeptRuns(kept)
    for state, name, code, wanted in codes_in(case for case in product(STATES, COMMANDS) if _key(*case) not in done):
        wrong = [] if code == wanted else [f"{name}: exit code {code}, not {wanted}"]
        done.add(_key(state, name), [Run(f"standard streams: {state}", code, wrong)])
        print(state, name, code, *wrong, sep=", ", flush=True)
    for series in done.series:
        series.print_summary()
    return done.series


def _key(state: str, name: str) -> str:
    return f"{state}: {name}"


def codes_in(cases: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, int, int]]:
    """Yield the state of the streams and the name of each command, its exit code, and the one it must have."""
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared"
        prepared.mkdir()
        write(prepared / _CLIP, sample_images()[::_EVERY], Form(fps=FPS // _EVERY))
        assert _code(prepared, _DONE, ">/dev/null 2>&1") == 0
        assert (prepared / _HISTORY).exists()
        for state, name in cases:
            wanted, command = COMMANDS[name]
            place = Path(scratch) / "place"
            shutil.copytree(prepared, place)
            # The output was lost: only that is a failure.
            is_lost = state in ("output full", "both full") and not wanted
            yield state, name, _code(place, command, STATES[state]), OutputError.exit_code if is_lost else wanted
            shutil.rmtree(place)


def _code(place: Path, command: tuple[str, ...], redirection: str) -> int:
    """Return the exit code of a command, given in the folder *place*."""
    done = subprocess.run(
        ["bash", "-c", f'"$@" {redirection}', "hipform", sys.executable, "-m", "hipform", *command],
        cwd=place,
        env={**os.environ, PATH_VARIABLE: str(place / _HISTORY), "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode
