"""Run hipform against the world's bad video and bad moments.

.. code-block:: text

    python -m scripts.reliability inputs [WORD]       every odd clip of the corpus, or those whose name holds WORD
    python -m scripts.reliability fuzz [--files N]    mutated clips, settings, recordings, results and manifests
    python -m scripts.reliability faults [--runs N]   killed at random moments, full disk, no memory, damaged history
    python -m scripts.reliability moments             stopped, interrupted and failed at every step of the writing
    python -m scripts.reliability interruptions       Ctrl-C at random moments of five commands; goes on where it was
    python -m scripts.reliability names [--some N]    files and folders with names that look like something else
    python -m scripts.reliability streams [--only P]  cameras in the network that misbehave
    python -m scripts.reliability outputs             every command with its standard streams closed, full or not read
    python -m scripts.reliability damage [--every N]  bits flipped in every kind of file that is read back
    python -m scripts.reliability long                a clip of two hours, 200 clips in one process: memory and handles

Each prints what it found, leaves with 1 if a promise was broken, and writes its figures into docs/reliability.md
(``inputs``, ``names``, ``streams`` and ``damage`` of everything, ``fuzz`` from 1,000 files on).
POSIX only: the commands are run in forks.
"""

from __future__ import annotations

import argparse
import logging
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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

WORTH_TELLING = 1000
"""Mutated clips from which on the figures go into the page."""


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reliability", description=__doc__.splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    for name, (run, options) in _PARTS.items():
        part = jobs.add_parser(name)
        part.set_defaults(run=run)
        for flag, facts in options.items():
            part.add_argument(flag, **facts)
    asked = parser.parse_args()
    return int(asked.run(asked))


def _inputs(asked: argparse.Namespace) -> int:
    tried = try_inputs(asked.word)
    wrong = sum(bool(one.wrong) for one in tried)
    print(f"{len(tried)} inputs, {wrong} wrong")
    if not asked.word:
        put_inputs(tried)
    return int(bool(wrong))


def _fuzz(asked: argparse.Namespace) -> int:
    found = fuzz(asked.files, asked.seed, asked.keep)
    if asked.files >= WORTH_TELLING:
        put_fuzz(found, asked.seed)
    return int(any(tally.wrong for tally in found.values()))


def _faults(asked: argparse.Namespace) -> int:
    found = try_faults(asked.runs)
    put_series("faults", "Fault", found)
    return int(any(series.wrong for series in found))


def _moments(asked: argparse.Namespace) -> int:
    found = try_moments(asked.every)
    if asked.every == 1:
        put_series("moments", "Stopped", found)
    return int(any(series.wrong for series in found))


def _names(asked: argparse.Namespace) -> int:
    found = try_names(NAMES[: asked.some])
    if asked.some >= len(NAMES):
        put_series("names", "Command", found)
    return int(any(series.wrong for series in found))


def _streams(asked: argparse.Namespace) -> int:
    found = try_streams(asked.only) if asked.only else try_streams()
    if not asked.only:
        put_series("streams", "Camera", found)
    return int(any(series.wrong for series in found))


def _outputs(_asked: argparse.Namespace) -> int:
    found = try_standard_streams()
    put_series("outputs", "State", found)
    return int(any(series.wrong for series in found))


def _interruptions(asked: argparse.Namespace) -> int:
    done = interrupt(asked.runs, asked.kept)
    put_interruptions(done)
    return int(any(broken(one) for one in done))


def _damage(asked: argparse.Namespace) -> int:
    # The commands run in this process; a size that they believe must not take the machine's memory.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # Every refusal would otherwise be logged to standard error, for want of another place.
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        found = try_damage(kinds, Path(folder), every=asked.every, state=asked.state, only=asked.only)
    if asked.every == 1 and not asked.only:
        put_damage(found)
    return int(any(one.wrong for one in found.values()))


def _long(asked: argparse.Namespace) -> int:
    curves = try_long(asked.minutes, asked.clips)
    put_long(curves)
    return int(not all(curve.is_flat for curve in curves))


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
    "faults": (_faults, {"--runs": {"type": int, "default": 50, "help": "how often to kill at a random moment"}}),
    "moments": (
        _moments,
        {"--every": {"type": int, "default": 1, "help": "stop at one of so many steps only"}},
    ),
    "interruptions": (
        _interruptions,
        {
            "--runs": {"type": int, "default": 300, "help": "how many interruptions in all"},
            "--kept": {"type": Path, "default": Path("interruptions.jsonl"), "help": "file of the runs done so far"},
        },
    ),
    "names": (_names, {"--some": {"type": int, "default": len(NAMES), "help": "only so many of the names"}}),
    "streams": (_streams, {"--only": {"nargs": "+", "default": [], "help": "only these of the cameras"}}),
    "outputs": (_outputs, {}),
    "damage": (
        _damage,
        {
            "--every": {"type": int, "default": 1, "help": "only each so many of the flips"},
            "--only": {"default": "", "help": "only the kinds of files whose name holds this"},
            "--state": {"type": Path, "help": "file for how far it came; it goes on from there"},
            "--folder": {"type": Path, "help": "folder for the files, best on a memory disk"},
        },
    ),
    "long": (
        _long,
        {
            "--minutes": {"type": float, "default": 120, "help": "length of the long clip"},
            "--clips": {"type": int, "default": 200, "help": "how many clips in one process"},
        },
    ),
}
"""Every part: what does it, and its options as argparse takes them."""


if __name__ == "__main__":
    sys.exit(main())
