"""A series of runs with one kind of fault, and what its runs have in common."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import av

from hipform.report.result import FILES
from hipform.store.history import PATH_VARIABLE
from scripts.reliability.clips import SAMPLE
from scripts.reliability.probe import Outcome

LIMIT_S = 300.0
ANALYZE = ("analyze", str(SAMPLE), "-e", "hip-thrust", "-m", "lite")


@dataclass
class Series:
    """Runs with one kind of fault: their number, how they ended, and what was wrong."""

    name: str
    runs: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, wrong: Sequence[str]) -> None:
        """Add one run."""
        self.count(outcome.code, wrong)

    def count(self, code: int, wrong: Sequence[str]) -> None:
        """Add one run that ended with an exit code."""
        self.runs += 1
        self.codes[code] += 1
        self.wrong += [f"run {self.runs}: {one}" for one in wrong]

    def print_summary(self) -> None:
        """Print how the runs ended, and what was wrong."""
        print(f"{self.name}: {self.runs} runs, exit codes {format_codes(self.codes)}")
        for wrong in self.wrong:
            print(f"  WRONG {wrong}")


@dataclass(frozen=True)
class Run:
    """One run of a series: how it ended, and what was wrong."""

    series: str
    code: int
    wrong: list[str]


class KeptRuns:
    """Series whose runs are noted in a file as they end, so that a whole run that was stopped can be resumed.

    Parameters
    ----------
    path
        The file, one JSON object a line; ``None`` to keep nothing. Runs of other code than today's must not be in it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._keys: set[str] = set()
        self._found: dict[str, Series] = {}
        for line in path.read_text().splitlines() if path and path.exists() else ():
            kept = json.loads(line)
            self._count(kept["key"], [Run(**run) for run in kept["runs"]])

    @property
    def series(self) -> list[Series]:
        """The series, in the order of their first runs."""
        return list(self._found.values())

    def __contains__(self, key: str) -> bool:
        """Return whether the runs with this key were done before."""
        return key in self._keys

    def add(self, key: str, runs: Sequence[Run]) -> None:
        """Add the runs that belong to a key, which are done or repeated together."""
        self._count(key, runs)
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps({"key": key, "runs": [asdict(run) for run in runs]}) + "\n")

    def _count(self, key: str, runs: Sequence[Run]) -> None:
        self._keys.add(key)
        for run in runs:
            self._found.setdefault(run.series, Series(run.series)).count(run.code, run.wrong)


def facts(out: Path) -> dict[str, Any]:
    """Return the content of a result without its time of creation."""
    result = json.loads((out / FILES["result"]).read_bytes())
    return {key: value for key, value in result.items() if key != "analysed_at"}


@contextlib.contextmanager
def keep_history_at(path: Path) -> Iterator[None]:
    """Have the commands keep their history at *path*."""
    os.environ[PATH_VARIABLE] = str(path)
    try:
        yield
    finally:
        del os.environ[PATH_VARIABLE]


def unexpected_code(code: int, outcome: Outcome) -> list[str]:
    """Return the complaint that a command did not end with exit code *code*; empty if it did."""
    return [] if outcome.code == code else [f"exit code {outcome.code} instead of {code}: {outcome.said.strip()}"]


def unequal_recording(out: Path) -> list[str]:
    """Return the complaint that the recording in *out* has another number of frames than were judged, if it has."""
    with av.open(str(out / FILES["recording"])) as container:
        recorded = sum(1 for _ in container.decode(video=0))
    judged = facts(out)["clip"]["frames"]
    return [] if recorded == judged else [f"{recorded} frames recorded, {judged} judged"]


def format_codes(codes: Counter[int]) -> str:
    """Return exit codes with their numbers, such as ``3 x 0, 1 x 4``; a dash if there are none."""
    return ", ".join(f"{count} x {code}" for code, count in sorted(codes.items())) or "-"
