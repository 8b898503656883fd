"""Run hipform against damaged video and bad moments.

.. code-block:: text

    python -m scripts.reliability inputs [WORD]       every odd clip of the corpus, or those whose name contains WORD
    python -m scripts.reliability fuzz [--files N]    mutated clips, settings, recordings, results and manifests
    python -m scripts.reliability faults [--runs N]   kills at random moments, full disk, no memory, damaged history
    python -m scripts.reliability app [--runs N]      the app's server and workers killed at random moments
    python -m scripts.reliability moments             a stop, an interruption or a failure at every step of writing
    python -m scripts.reliability interruptions       Ctrl-C at random moments of five commands; resumes
    python -m scripts.reliability names [--some N]    files and folders with names that look like something else
    python -m scripts.reliability streams [--only P]  network cameras that misbehave
    python -m scripts.reliability outputs             every command with closed, full or unread standard streams
    python -m scripts.reliability damage [--every N]  flipped bits in every kind of file that hipform reads back
    python -m scripts.reliability long                a clip of two hours, 200 clips in one process: memory and handles

Each prints its findings, ends with exit code 1 if a promise was broken, and writes its figures into
docs/reliability.md (``inputs``, ``moments``, ``names``, ``streams``, ``outputs`` and ``damage`` only after a complete
run, ``fuzz`` from 1,000 files on). ``--kept`` and ``--state`` name a file from which a later run resumes.
POSIX only: the commands run in forks.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.reliability.app_kills import kill_app
from scripts.reliability.damage import try_damage
from scripts.reliability.damaged_kinds import kinds
from scripts.reliability.faults import try_faults
from scripts.reliability.fuzz import fuzz
from scripts.reliability.inputs import try_inputs
from scripts.reliability.interruptions import broken, interrupt
from scripts.reliability.long import try_long
from scripts.reliability.moments import try_moments
from scripts.reliability.names import NAMES, try_names
from scripts.reliability.page import put_damage, put_fuzz, put_inputs, put_interruptions, put_long, put_series
from scripts.reliability.probe import MOST_MEMORY
from scripts.reliability.standard_streams import try_standard_streams
from scripts.reliability.streams import try_streams

LEAST_FOR_PAGE = 1000
"""Least number of mutated clips for which the figures go into the page."""


def main() -> int:
    """Run what the command line asks for."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # A shell does that to what it starts in the background, and hipform keeps it so: nothing would be interrupted.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(sys.executable, [sys.executable, "-m", "scripts.reliability", *sys.argv[1:]])  # noqa: S606 - itself
    parser = argparse.ArgumentParser(
        prog="python -m scripts.reliability",
        description=__doc__.replace(".. code-block:: text\n\n", "").replace("``", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    jobs = parser.add_subparsers(dest="job", required=True)
    for name, (run, arguments) in _PARTS.items():
        part = jobs.add_parser(name)
        part.set_defaults(run=run)
        for flag, facts in arguments.items():
            part.add_argument(flag, **facts)
    options = parser.parse_args()
    return int(options.run(options))


def _inputs(options: argparse.Namespace) -> int:
    tried = try_inputs(options.word)
    wrong = sum(bool(one.wrong) for one in tried)
    print(f"{len(tried)} inputs, {wrong} wrong")
    if not options.word:
        put_inputs(tried)
    return int(bool(wrong))


def _fuzz(options: argparse.Namespace) -> int:
    found = fuzz(options.files, options.seed, options.keep)
    if options.files >= LEAST_FOR_PAGE:
        put_fuzz(found, options.seed)
    return int(any(tally.wrong for tally in found.values()))


def _faults(options: argparse.Namespace) -> int:
    found = try_faults(options.runs)
    put_series("faults", "Fault", found)
    return int(any(series.wrong for series in found))


def _app(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        series = kill_app(Path(scratch), options.runs)
    series.print_summary()
    put_series("app", "Killed", [series])
    return int(bool(series.wrong))


def _moments(options: argparse.Namespace) -> int:
    found = try_moments(options.every, options.kept)
    if options.every == 1:
        put_series("moments", "Stopped", found)
    return int(any(series.wrong for series in found))


def _names(options: argparse.Namespace) -> int:
    found = try_names(NAMES[: options.some], options.kept)
    if options.some >= len(NAMES):
        put_series("names", "Command", found)
    return int(any(series.wrong for series in found))


def _streams(options: argparse.Namespace) -> int:
    found = try_streams(options.only) if options.only else try_streams()
    if not options.only:
        put_series("streams", "Camera", found)
    return int(any(series.wrong for series in found))


def _outputs(options: argparse.Namespace) -> int:
    found = try_standard_streams(options.kept)
    put_series("outputs", "State", found)
    return int(any(series.wrong for series in found))


def _interruptions(options: argparse.Namespace) -> int:
    done = interrupt(options.runs, options.kept)
    put_interruptions(done)
    return int(any(broken(one) for one in done))


def _damage(options: argparse.Namespace) -> int:
    # The commands run in this process; a size that they trust must not exhaust the machine's memory.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # Otherwise every refusal would be logged to standard error.
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = try_damage(kinds, Path(folder), every=options.every, state=options.state, only=options.only)
    if options.every == 1 and not options.only:
        put_damage(found)
    return int(any(one.wrong for one in found.values()))


def _long(options: argparse.Namespace) -> int:
    curves = try_long(options.minutes, options.clips)
    put_long(curves)
    return int(not all(curve.is_flat for curve in curves))


_KEPT: dict[str, Any] = {"type": Path, "help": "file of the runs so far; a later run resumes from it"}

_PARTS: dict[str, tuple[Callable[[argparse.Namespace], int], dict[str, dict[str, Any]]]] = {
    "inputs": (_inputs, {"word": {"nargs": "?", "default": ""}}),
    "fuzz": (
        _fuzz,
        {
            "--files": {"type": int, "default": 2000, "help": "mutated clips; half as many of each other kind"},
            "--seed": {"type": int, "default": 1},
            "--keep": {"type": Path, "help": "folder for files that broke a promise"},
        },
    ),
    "faults": (_faults, {"--runs": {"type": int, "default": 50, "help": "number of kills at a random moment"}}),
    "app": (_app, {"--runs": {"type": int, "default": 30, "help": "number of kills at a random moment"}}),
    "moments": (
        _moments,
        {"--every": {"type": int, "default": 1, "help": "stop only at every Nth step"}, "--kept": _KEPT},
    ),
    "interruptions": (
        _interruptions,
        {
            "--runs": {"type": int, "default": 300, "help": "total number of interruptions"},
            "--kept": {**_KEPT, "default": Path("interruptions.jsonl")},
        },
    ),
    "names": (
        _names,
        {"--some": {"type": int, "default": len(NAMES), "help": "only the first N names"}, "--kept": _KEPT},
    ),
    "streams": (_streams, {"--only": {"nargs": "+", "default": [], "help": "only these cameras"}}),
    "outputs": (_outputs, {"--kept": _KEPT}),
    "damage": (
        _damage,
        {
            "--every": {"type": int, "default": 1, "help": "only every Nth flip"},
            "--only": {"default": "", "help": "only the kinds of files whose name contains this"},
            "--state": {"type": Path, "help": "file for the progress; a later run resumes from it"},
            "--folder": {"type": Path, "help": "folder for the files, best on a memory disk"},
        },
    ),
    "long": (
        _long,
        {
            "--minutes": {"type": float, "default": 120, "help": "length of the long clip"},
            "--clips": {"type": int, "default": 200, "help": "number of clips in one process"},
        },
    ),
}
"""Function and options (for argparse) of every part."""


if __name__ == "__main__":
    sys.exit(main())
