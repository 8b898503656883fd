"""Run one hipform command in a separate process and check whether it kept its promises."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import mediapipe  # noqa: F401

# What the commands would import after the fork is imported before it, once.
import hipform.app
import hipform.cli
import hipform.report.terminal_text
import hipform.store
from hipform.errors import EXIT_CODES
from hipform.pose.recording import Recording
from hipform.report.result import FILES, AnalysisResult

MOST_MEMORY = 6 << 30
"""Address space of a probed process: a larger request fails there and not elsewhere on the machine."""
_KILLED = 128 + signal.SIGKILL
_POLL_S = 0.01


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended.

    Attributes
    ----------
    command
        Which it was.
    code
        Exit code; 128 and the signal's number where one ended it.
    spent_s, most_mb
        Wall time, and the most resident memory.
    said
        What it wrote to standard error.
    """

    command: str
    code: int
    spent_s: float
    most_mb: float
    said: str


def run(
    arguments: Sequence[str],
    *,
    limit_s: float,
    said: Path,
    kill_after_s: float | None = None,
    most_memory: int = MOST_MEMORY,
    prepare: Callable[[], None] | None = None,
) -> Outcome:
    """Run ``hipform ARGUMENTS`` in a fork of this process, which has the slow imports behind it.

    Parameters
    ----------
    limit_s
        After this it counts as hung and is killed.
    said
        File for what it writes to standard error.
    kill_after_s
        When to end it with a signal that no program can catch.
    most_memory
        Address space it may have, bytes.
    prepare
        Called in the fork before the command.
    """
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _become(arguments, said, most_memory, prepare)
    until = started + (limit_s if kill_after_s is None else kill_after_s)
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            _, status, usage = os.wait4(child, 0)
            break
        time.sleep(_POLL_S)
    code = os.waitstatus_to_exitcode(status)
    return Outcome(
        command=arguments[0],
        code=code if code >= 0 else 128 - code,
        spent_s=time.monotonic() - started,
        most_mb=usage.ru_maxrss / 1024,
        said=said.read_text(encoding="utf-8", errors="replace"),
    )


def _become(arguments: Sequence[str], said: Path, most_memory: int, prepare: Callable[[], None] | None = None) -> None:
    """Become the hipform command; never return."""
    # A session of its own: what it leaves running is not ours, and a signal to us is none to it.
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))
    nothing, errors = os.open(os.devnull, os.O_RDWR), os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, source in ((0, nothing), (1, nothing), (2, errors)):
        os.dup2(source, target)
    sys.argv = ["hipform", *arguments]
    code = 70
    if prepare:
        prepare()
    try:
        hipform.cli.main()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def broken_promises(outcome: Outcome, out: Path) -> list[str]:
    """Return what is wrong with how a command ended, whatever it was given.

    It must end by itself, with a code of the table that is no defect, one line of complaint and no traceback; what lies
    under a final name must be whole, and nothing else may be left.
    """
    found = []
    if outcome.code == _KILLED:
        found.append(f"hung: killed after {outcome.spent_s:.0f} s")
    elif outcome.code not in EXIT_CODES or outcome.code == 1:
        found.append(f"exit code {outcome.code}: {outcome.said.strip()[-300:]}")
    lines = outcome.said.strip().splitlines()
    if outcome.command == "batch":
        # It also prints a line for every clip.
        lines = [line for line in lines if line.startswith("hipform: ")]
    if "Traceback" in outcome.said:
        found.append(f"a traceback: {outcome.said.strip()[-300:]}")
    if outcome.code in EXIT_CODES and len(lines) != (outcome.code != 0):
        found.append(f"{len(lines)} lines of complaint with exit code {outcome.code}: {outcome.said[:300]!r}")
    return [*found, *left_broken(out), *left_over(out)]


def left_broken(out: Path) -> list[str]:
    """Return what lies under a final name in *out* and is not whole."""
    found = []
    try:
        if (out / FILES["result"]).exists():
            AnalysisResult.from_json((out / FILES["result"]).read_bytes())
        if (out / FILES["poses"]).exists():
            with Recording(out / FILES["poses"]) as recording:
                assert sum(1 for _ in recording) == recording.n_frames
        if (out / FILES["video"]).exists():
            with av.open(f"file:{(out / FILES['video']).absolute()}") as container:
                assert next(container.decode(video=0), None) is not None
        there = [out / FILES[name] for name in ("report", "cues", "reps", "frames") if (out / FILES[name]).exists()]
        found += [f"{path.name} is empty" for path in there if not path.stat().st_size]
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a file is what is looked for
        found.append(f"half an output: {type(error).__name__}: {error}")
    return found


def left_over(out: Path) -> list[str]:
    """Return the temporary files that were left in *out*."""
    return [f"left over: {path.name}" for path in (out.rglob(".hipform-*") if out.exists() else ()) if path.is_file()]
