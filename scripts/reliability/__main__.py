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
from typing import TypeAlias

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

_Jobs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - there is no public name

WORTH_TELLING = 1000
"""Mutated clips from which on the figures go into the page."""


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reliability", description=__doc__.splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    inputs = _job(jobs, "inputs", _inputs)
    inputs.add_argument("word", nargs="?", default="")
    mutated = _job(jobs, "fuzz", _fuzz)
    mutated.add_argument("--files", type=int, default=2000, help="mutated clips; half as many of each other kind")
    mutated.add_argument("--seed", type=int, default=1)
    mutated.add_argument("--keep", type=Path, help="folder for files that broke a promise")
    faults = _job(jobs, "faults", _faults)
    faults.add_argument("--runs", type=int, default=50, help="how often to kill at a random moment")
    moments = _job(jobs, "moments", _moments)
    moments.add_argument("--every", type=int, default=1, help="stop at one of so many steps only")
    interruptions = _job(jobs, "interruptions", _interruptions)
    interruptions.add_argument("--runs", type=int, default=300, help="how many interruptions in all")
    interruptions.add_argument(
        "--kept", type=Path, default=Path("interruptions.jsonl"), help="file of the runs done so far"
    )
    long = _job(jobs, "long", _long)
    long.add_argument("--minutes", type=float, default=120, help="length of the long clip")
    long.add_argument("--clips", type=int, default=200, help="how many clips in one process")
    _add_attacks(jobs)
    asked = parser.parse_args()
    return int(asked.run(asked))


def _add_attacks(jobs: _Jobs) -> None:
    """Add the parts that attack one kind of door each."""
    names = _job(jobs, "names", _names)
    names.add_argument("--some", type=int, default=len(NAMES), help="only so many of the names")
    streams = _job(jobs, "streams", _streams)
    streams.add_argument("--only", nargs="+", default=[], help="only these of the cameras")
    _job(jobs, "outputs", _outputs)
    damage = _job(jobs, "damage", _damage)
    damage.add_argument("--every", type=int, default=1, help="only each so many of the flips")
    damage.add_argument("--only", default="", help="only the kinds of files whose name holds this")
    damage.add_argument("--state", type=Path, help="file for how far it came; it goes on from there")
    damage.add_argument("--folder", type=Path, help="folder for the files, best on a memory disk")


def _job(
    jobs: _Jobs,
    name: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = jobs.add_parser(name)
    parser.set_defaults(run=run)
    return parser


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


if __name__ == "__main__":
    sys.exit(main())
