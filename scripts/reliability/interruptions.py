"""Interrupt commands at random moments: each must end soon with exit code 130 and one line, and leave nothing running.

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

from hipform.errors import EXIT_CODES, INTERRUPTED_EXIT_CODE
from hipform.store.history import PATH_VARIABLE
from scripts.reliability.clips import SAMPLE
from scripts.reliability.probe import left_broken

LIMIT_S = 2.0
"""How soon after the signal a command must be gone."""
HANG_S = 30.0
_OVER_S = 0.1
"""One that is gone so soon with code 0 had written everything and was leaving: not interrupted, but done."""
_OPTIONS = ("-e", "hip-thrust", "-m", "lite")


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
    wrong
        What else was wrong.
    """

    command: str
    number: int
    after_s: float
    code: int
    left_after_s: float
    was_in_hipform: bool
    wrong: tuple[str, ...]


def interrupt(runs: int, kept: Path) -> list[Interruption]:
    """Interrupt *runs* commands in all; *kept* holds the runs that were done before, which are not done again."""
    # Whoever starts this in the background may have it ignored, which the commands would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    done = [Interruption(**json.loads(line)) for line in kept.read_text().splitlines()] if kept.exists() else []
    with tempfile.TemporaryDirectory() as scratch:
        commands = _commands(Path(scratch))
        lengths_s = {name: _undisturbed_s(Path(scratch), command) for name, command in commands.items()}
        for number in range(len(done), runs):
            name = list(commands)[number % len(commands)]
            moment = float(np.random.default_rng(number).uniform(0.0, 1.0)) * lengths_s[name]
            one = _interrupted(Path(scratch), name, commands[name], number, moment)
            if one is not None:
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
    if one.code != INTERRUPTED_EXIT_CODE:
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
        "analyze, recognised": ("analyze", str(SAMPLE), "-m", "lite", "-o", "out", "--athlete", "Ana"),
        "batch": ("batch", str(clips), *_OPTIONS, "--workers", "2", "-o", "out"),
        "calibrate": ("calibrate", str(SAMPLE), *_OPTIONS, "-o", "out.json"),
        "rules": ("rules",),
    }


def _started(scratch: Path, command: Sequence[str]) -> tuple[subprocess.Popen[bytes], Path]:
    place = Path(tempfile.mkdtemp(dir=scratch))
    mark = place / "mark"
    # Tells when hipform's own code begins, as the console script enters it.
    code = f"import os; os.close(os.open({str(mark)!r}, os.O_CREAT)); from hipform.__main__ import run; run()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=place,
        env={**os.environ, PATH_VARIABLE: str(place / "history.sqlite3")},
        start_new_session=True,
    ), place


def _undisturbed_s(scratch: Path, command: Sequence[str]) -> float:
    started_s = time.monotonic()
    process, _ = _started(scratch, command)
    process.communicate()
    # A clip of two repetitions is too short for some; they are interrupted on their way all the same.
    assert process.returncode in EXIT_CODES
    assert process.returncode != 1
    return time.monotonic() - started_s


def _interrupted(scratch: Path, name: str, command: Sequence[str], number: int, after_s: float) -> Interruption | None:
    """Interrupt one run; ``None`` where it was over before, and another moment is to be drawn."""
    process, place = _started(scratch, command)
    time.sleep(after_s)
    while process.poll() is not None:
        # Quicker than the undisturbed one: once more, earlier.
        shutil.rmtree(place)
        after_s *= 0.8
        process, place = _started(scratch, command)
        time.sleep(after_s)
    was_in_hipform = (place / "mark").exists()
    children = psutil.Process(process.pid).children(recursive=True)
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
    if code == 0 and left_after_s < _OVER_S:
        shutil.rmtree(place, ignore_errors=True)
        return None
    lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith("hipform: ")]
    if "Traceback" in said.decode(errors="replace") or len(lines) > 1:
        wrong.append(f"{name} after {after_s:.2f} s said: {said.decode(errors='replace')[-300:]!r}")
    if psutil.wait_procs(children, timeout=LIMIT_S)[1]:
        wrong.append(f"{name} after {after_s:.2f} s left workers running")
    wrong += left_broken(place / "out")
    shutil.rmtree(place, ignore_errors=True)
    return Interruption(
        command=name,
        number=number,
        after_s=after_s,
        code=code,
        left_after_s=left_after_s,
        was_in_hipform=was_in_hipform,
        wrong=tuple(wrong),
    )
