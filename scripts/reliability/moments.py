"""Stop, interrupt or fail a command at every single step of writing: each open, write, rename, removal, statement.

The steps of a command are counted once; then the command is run again for each of them, and at that step it is killed,
gets Ctrl-C, or finds the disk full or broken. It runs in a fork of this process whose file operations go by a
counter (`sys.addaudithook`), on a landmark recording, so that one run takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from hipform.app import analyze, keep
from hipform.errors import EXIT_CODES, HipformError, HistoryError
from hipform.pose.recording import Recording, RecordingWriter
from hipform.report.result_folder import ResultFolder
from hipform.store import History
from hipform.training import DateSource, Training
from scripts.paths import ROOT
from scripts.reliability.probe import Outcome, run
from scripts.reliability.series import KeptRuns, Run, Series, keep_history_at
from scripts.reliability.steps import DISK_BROKEN, DISK_FULL, INTERRUPT, KILL, Stop, counted, stopped_at, undisturbed

LIMIT_S = 120.0
_FRAMES = 80
_NEXT_RUN_EVERY = 5
"""After every kill there is another run; after the other ways to stop, only at every Nth step."""
RECORDING = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"
_EXERCISE = ("-e", "glute-bridge", "--athlete", "Ana")
# Times, and whether a batch could keep the sets, which it tries again.
_PASSING = re.compile(rb'"in_history": ?\w+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)?')
_USERS_OWN = ("notes.txt", "keyframes/mine.jpg", "archive/before.txt")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One command, and what it changes.

    Attributes
    ----------
    name
        What it is.
    first, then
        What makes the state before, and the command that is stopped.
    results
        Folder of results, relative to the scene; ``None`` where none is written.
    """

    name: str
    first: tuple[tuple[str, ...], ...]
    then: tuple[str, ...]
    results: str | None = None


SCENES = (
    Scene(
        name="analyze --athlete",
        first=(("analyze", "clip.npz", *_EXERCISE, "--note", "before", "-o", "out"),),
        then=("analyze", "clip.npz", *_EXERCISE, "--note", "after", "--config", "new.toml", "-o", "out"),
        results="out",
    ),
    Scene(
        name="batch, a clip done again",
        first=(("batch", "clip.npz", *_EXERCISE, "-o", "all"),),
        then=("batch", "clip.npz", *_EXERCISE, "--config", "new.toml", "-o", "all"),
        results="all/clip",
    ),
    Scene(
        name="history delete",
        first=(("analyze", "clip.npz", *_EXERCISE, "-o", "out"),),
        then=("history", "delete", "--athlete", "Ana", "--yes"),
    ),
)


def try_moments(every: int = 1, kept: Path | None = None) -> list[Series]:
    """Stop each scene at every step, or at one of *every* steps, in each way, and print a summary of each series.

    *kept* holds the runs that were done before, which are not done again.
    """
    done = KeptRuns(kept.absolute() if kept else None)
    _warm_up()
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as scratch, _working_in(Path(scratch)):
            _Stage(scene, Path(scratch)).try_all(every, done)
    for series in done.series:
        series.print_summary()
    return done.series


def _warm_up() -> None:
    """Have everything imported once, before the forks."""
    with tempfile.TemporaryDirectory() as scratch, _working_in(Path(scratch)):
        poses = Path(scratch) / "clip.npz"
        _record(poses)
        keep(analyze(poses, exercise="glute-bridge", out=Path(scratch) / "out", training=Training(athlete="Ana")))


@contextlib.contextmanager
def _working_in(scratch: Path) -> Iterator[None]:
    with keep_history_at(scratch / "now" / "history.sqlite3"), contextlib.chdir(scratch):
        yield


def _record(path: Path) -> None:
    """Write the landmarks of a repetition or two, with all that the history asks of a clip."""
    with Recording(RECORDING) as recording:
        info = replace(
            recording.info,
            sha256=hashlib.sha256(path.name.encode()).hexdigest(),
            recorded_at=datetime(2026, 3, 21, tzinfo=UTC),
            recorded_from=DateSource.GIVEN,
        )
        with RecordingWriter(path, info, recording.model) as writer:
            for pose in islice(recording, _FRAMES):
                writer.write(pose)


class _Stage:
    """A folder in which a scene runs again and again from the same initial state."""

    def __init__(self, scene: Scene, scratch: Path) -> None:
        self._scene = scene
        self._scratch = scratch
        self._now = scratch / "now"
        self._before = scratch / "before"
        self._build()
        self._states = [self._state()]
        self.steps = self._count()
        self._states.append(self._state())

    def _build(self) -> None:
        self._now.mkdir()
        _record(self._now / "clip.npz")
        (self._now / "new.toml").write_text("[incomplete-lockout]\nshort_deg = 9\n")
        for command in self._scene.first:
            done = self._run(command, undisturbed(self._now))
            assert done.code == 0, done.said
        if self._scene.results:
            for name in _USERS_OWN:
                path = self._now / self._scene.results / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(f"of the user: {name}")
            (self._now / self._scene.results / "keyframes" / "rep_09_top.jpg").write_text(
                "of a repetition that is gone"
            )
        self._now.rename(self._before)
        self._reset()

    def _reset(self) -> None:
        shutil.rmtree(self._now, ignore_errors=True)
        shutil.copytree(self._before, self._now)

    def _run(self, command: tuple[str, ...], prepare: Callable[[], None] | None = None) -> Outcome:
        with contextlib.chdir(self._now):
            return run(command, limit_s=LIMIT_S, said=self._scratch / "said", prepare=prepare)

    def _count(self) -> int:
        tally = self._scratch / "steps"
        done = self._run(self._scene.then, counted(self._now, tally))
        assert done.code == 0, done.said
        return int(tally.read_text())

    def _state(self) -> dict[str, str]:
        """Return what hipform finds: the results without the times at which they were made, and the sets kept."""
        state = {}
        if self._scene.results:
            folder = self._now / self._scene.results
            ResultFolder.open(folder)
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and name not in _USERS_OWN:
                    state[name] = hashlib.sha256(_PASSING.sub(b"", path.read_bytes())).hexdigest()
        return {name: digest for name, digest in state.items() if not name.startswith(".hipform-")}

    def try_all(self, every: int, done: KeptRuns) -> None:
        """Stop at each step, or at one of *every* steps, in each way."""
        for stop in (KILL, INTERRUPT, DISK_FULL, DISK_BROKEN):
            series = f"{self._scene.name}: {stop.name} at each of {self.steps} steps"
            for number in range(1, self.steps + 1, every):
                key = f"{series}: {number}"
                if key not in done:
                    done.add(key, [self._run_stopped(stop, number, series)])

    def _run_stopped(self, stop: Stop, number: int, series: str) -> Run:
        """Return how the command ended that was stopped at step *number*."""
        self._reset()
        outcome = self._run(self._scene.then, stopped_at(self._now, number, stop))
        wrong = self._broken(outcome, stop)
        if stop is KILL or number % _NEXT_RUN_EVERY == 0:
            wrong += self._next_run()
        return Run(series, outcome.code, [f"step {number}: {one}" for one in wrong])

    def _broken(self, outcome: Outcome, stop: Stop) -> list[str]:
        """Return which promises do not hold now."""
        said = [line for line in outcome.said.splitlines() if line.startswith("hipform: ")]
        wrong = []
        if "Traceback" in outcome.said or outcome.code in (1, 2) or outcome.code not in (*EXIT_CODES, stop.code):
            wrong.append(f"exit code {outcome.code}: {outcome.said.strip()[-300:]}")
        if len(said) != (outcome.code in EXIT_CODES and outcome.code != 0):
            wrong.append(f"{len(said)} lines with exit code {outcome.code}: {outcome.said!r}")
        if stop.signal and outcome.code != stop.code:
            wrong.append(f"exit code {outcome.code} instead of {stop.code}")
        for name in _USERS_OWN if self._scene.results else ():
            path = self._now / str(self._scene.results) / name
            if not path.is_file() or path.read_text() != f"of the user: {name}":
                wrong.append(f"{name}, the user's own, is gone")
        try:
            state = self._state()
            if state not in self._states:
                wrong.append(f"between two states: {self._differing(state)}")
            elif outcome.code == 0 and state != self._states[1]:
                wrong.append("it says done, and the results are the old ones")
        except HipformError as error:
            wrong.append(f"the results cannot be read: {error}")
        return wrong + self._kept(outcome)

    def _differing(self, state: dict[str, str]) -> list[str]:
        new = self._states[1]
        return sorted(name for name in state.keys() | new.keys() if state.get(name) != new.get(name))

    def _kept(self, outcome: Outcome) -> list[str]:
        """Return what is wrong with the history: its set is there, unless it was to be deleted."""
        try:
            with History(self._now / "history.sqlite3") as history:
                count = len(history.sets(athlete="Ana"))
        except HistoryError as error:
            return [f"the history cannot be read: {error}"]
        if self._scene.results:
            return [] if count == 1 else [f"{count} sets in the history"]
        return ["it says deleted, and the set is there"] if outcome.code == 0 and count else []

    def _next_run(self) -> list[str]:
        """Return what is wrong with the next run, undisturbed."""
        again = self._run(self._scene.then, undisturbed(self._now))
        wrong = [] if again.code == 0 else [f"the next run: exit code {again.code}: {again.said.strip()[-200:]}"]
        try:
            wrong += [] if self._state() == self._states[1] else ["the next run gives other results"]
        except HipformError as error:
            wrong.append(f"the next run's results cannot be read: {error}")
        hidden = [path for path in self._now.rglob(".hipform-*") if path.name != ".hipform-batch"]
        # A single file is left alone for a day, for another program may be writing it.
        wrong += [f"never removed: {path.name}" for path in hidden if path.is_dir()]
        return wrong
