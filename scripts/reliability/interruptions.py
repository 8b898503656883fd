"""Interrupt commands at random moments: each must end soon with exit code 130 and one line, and leave nothing running.

A command that had printed its last line before the signal was sent, leaves with 0 and has written all that it writes
undisturbed was finished, not interrupted. Nothing else than 130 is right.

The commands are started as a user starts them, not as forks: their imports and the start of their workers are moments,
too. The signal goes to the whole process group, as Ctrl-C in a terminal does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil

from hipform.errors import INTERRUPTED_EXIT_CODE
from hipform.store.history import PATH_VARIABLE
from scripts.reliability.clips import SAMPLE
from scripts.reliability.probe import left_broken

LIMIT_S = 2.0
"""How soon after the signal a command must be gone."""
HANG_S = 30.0
_OPTIONS = ("-e", "hip-thrust", "-m", "lite")
_LONGER = str(SAMPLE.with_name("glute-bridge_good.mp4"))
"""With enough repetitions to recognise its exercise, and to calibrate by."""
_PRINTED, _MARK = "printed.txt", "mark"


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """One interrupted run.

    Attributes
    ----------
    command, number
        Which, and the number of the run.
    after_s
        When the signal was sent, from the start of the process.
    code
        Exit code, negative for a signal's number; 137 where it hung and was killed.
    left_after_s
        How long it took to leave.
    was_in_hipform
        Whether the first line of hipform had been run; before, the interpreter itself is interrupted.
    was_finished
        Whether it left with 0, its last line was printed before the signal was sent, and all its files are there.
    wrong
        What else was wrong.
    """

    command: str
    number: int
    after_s: float
    code: int
    left_after_s: float
    was_in_hipform: bool
    was_finished: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Undisturbed:
    """What a command does that nobody interrupts: how long it takes, the last line it prints, the files it writes."""

    took_s: float
    last_line: str
    files: frozenset[str]


def interrupt(runs: int, kept: Path) -> list[Interruption]:
    """Interrupt *runs* commands in all; *kept* holds the runs that were done before, which are not done again."""
    # Whoever starts this in the background may have it ignored, which the commands would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    done = [Interruption(**json.loads(line)) for line in kept.read_text().splitlines()] if kept.exists() else []
    with tempfile.TemporaryDirectory() as scratch:
        commands = _commands(Path(scratch))
        undisturbed = {name: _undisturbed(Path(scratch), command) for name, command in commands.items()}
        for number in range(len(done), runs):
            name = list(commands)[number % len(commands)]
            moment = float(np.random.default_rng(number).uniform(0.0, 1.0))
            one = _interrupted(Path(scratch), name, commands[name], undisturbed[name], number, moment)
            done.append(one)
            with kept.open("a") as file:
                file.write(json.dumps(asdict(one)) + "\n")
            print(f"{number + 1}/{runs} {one}" if broken(one) else f"{number + 1}/{runs}", flush=True)
    return done


def broken(one: Interruption) -> list[str]:
    """Return what promises an interrupted run broke."""
    if not one.was_in_hipform:
        return []
    found = list(one.wrong)
    if one.code != INTERRUPTED_EXIT_CODE and not one.was_finished:
        found.append(f"{one.command} after {one.after_s:.2f} s: exit code {one.code}")
    if one.left_after_s > LIMIT_S:
        found.append(f"{one.command} after {one.after_s:.2f} s: gone only after {one.left_after_s:.1f} s")
    return found


def _commands(scratch: Path) -> Mapping[str, Sequence[str]]:
    clips = scratch / "clips"
    clips.mkdir()
    for number in range(2):
        shutil.copy(SAMPLE, clips / f"{number}.mp4")
    return {
        "analyze": ("analyze", str(SAMPLE), *_OPTIONS, "-o", "out"),
        "analyze, recognised": ("analyze", _LONGER, "-m", "lite", "-o", "out", "--athlete", "Ana"),
        "batch": ("batch", str(clips), *_OPTIONS, "--workers", "2", "-o", "out"),
        "calibrate": ("calibrate", _LONGER, "-e", "glute-bridge", "-m", "lite", "-o", "out.json"),
        "rules": ("rules",),
    }


def _started(scratch: Path, command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Path]:
    place = Path(tempfile.mkdtemp(dir=scratch))
    mark = place / _MARK
    # Reports when hipform's own code begins, as the console script enters it.
    code = f"import os; os.close(os.open({str(mark)!r}, os.O_CREAT)); from hipform.__main__ import run; run()"
    with (place / _PRINTED).open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *command],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            cwd=place,
            env={**os.environ, PATH_VARIABLE: str(place / "history.sqlite3")},
            start_new_session=True,
        )
    return process, place


def _undisturbed(scratch: Path, command: Sequence[str]) -> _Undisturbed:
    started_s = time.monotonic()
    process, place = _started(scratch, command)
    process.communicate()
    took_s = time.monotonic() - started_s
    assert process.returncode == 0, command
    return _Undisturbed(took_s=took_s, last_line=_last_line(place), files=_files(place))


def _last_line(place: Path) -> str:
    """Return the last line that a command in *place* has printed so far; empty where that line has no end yet."""
    lines = (place / _PRINTED).read_text(encoding="utf-8").splitlines(keepends=True)
    return lines[-1] if lines and lines[-1].endswith("\n") else ""


def _files(place: Path) -> frozenset[str]:
    return frozenset(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def _interrupted(
    scratch: Path, name: str, command: Sequence[str], undisturbed: _Undisturbed, number: int, share: float
) -> Interruption:
    """Interrupt one run after *share* of the time that it takes undisturbed."""
    after_s = share * undisturbed.took_s
    process, place = _started(scratch, command)
    time.sleep(after_s)
    while process.poll() is not None:
        # Quicker than the undisturbed one: once more, earlier.
        shutil.rmtree(place)
        after_s *= 0.8
        process, place = _started(scratch, command)
        time.sleep(after_s)
    was_in_hipform = (place / _MARK).exists()
    children = psutil.Process(process.pid).children(recursive=True)
    had_printed_all = _last_line(place) == undisturbed.last_line
    sent_s = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    wrong = []
    try:
        _, said = process.communicate(timeout=HANG_S)
        left_after_s, code = time.monotonic() - sent_s, process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
        left_after_s, code = HANG_S, 128 + signal.SIGKILL
    lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith("hipform: ")]
    if "Traceback" in said.decode(errors="replace") or len(lines) > 1:
        wrong.append(f"{name} after {after_s:.2f} s said: {said.decode(errors='replace')[-300:]!r}")
    if psutil.wait_procs(children, timeout=LIMIT_S)[1]:
        wrong.append(f"{name} after {after_s:.2f} s left workers running")
    wrong += left_broken(place / "out")
    was_finished = code == 0 and had_printed_all and _files(place) == undisturbed.files
    shutil.rmtree(place, ignore_errors=True)
    return Interruption(
        command=name,
        number=number,
        after_s=after_s,
        code=code,
        left_after_s=left_after_s,
        was_in_hipform=was_in_hipform,
        was_finished=was_finished,
        wrong=tuple(wrong),
    )
