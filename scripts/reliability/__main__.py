"""Run hipform against the world's bad video and bad moments.

.. code-block:: text

    python -m scripts.reliability inputs [WORD]       every odd clip of the corpus, or those whose name holds WORD
    python -m scripts.reliability fuzz [--files N]    mutated clips, settings, recordings, results and manifests
    python -m scripts.reliability faults [--runs N]   killed at random moments, full disk, no memory, damaged history
    python -m scripts.reliability moments             stopped, interrupted and failed at every step of the writing
    python -m scripts.reliability long                a clip of two hours, 200 clips in one process: memory and handles

Each prints what it found, leaves with 1 if a promise was broken, and writes its figures into docs/reliability.md
(``inputs`` without a word, ``fuzz`` from 1,000 files on).
POSIX only: the commands are run in forks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.reliability.faults import try_faults
from scripts.reliability.fuzz import fuzz
from scripts.reliability.inputs import try_inputs
from scripts.reliability.long import try_long
from scripts.reliability.moments import try_moments
from scripts.reliability.page import put_faults, put_fuzz, put_inputs, put_long, put_moments

WORTH_TELLING = 1000
"""Mutated clips from which on the figures go into the page."""


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reliability", description=__doc__.splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    inputs = jobs.add_parser("inputs")
    inputs.add_argument("word", nargs="?", default="")
    mutated = jobs.add_parser("fuzz")
    mutated.add_argument("--files", type=int, default=2000, help="mutated clips; half as many of each other kind")
    mutated.add_argument("--seed", type=int, default=1)
    mutated.add_argument("--keep", type=Path, help="folder for files that broke a promise")
    faults = jobs.add_parser("faults")
    faults.add_argument("--runs", type=int, default=50, help="how often to kill at a random moment")
    moments = jobs.add_parser("moments")
    moments.add_argument("--every", type=int, default=1, help="stop at one of so many steps only")
    long = jobs.add_parser("long")
    long.add_argument("--minutes", type=float, default=120, help="length of the long clip")
    long.add_argument("--clips", type=int, default=200, help="how many clips in one process")
    asked = parser.parse_args()
    return {"inputs": _inputs, "fuzz": _fuzz, "faults": _faults, "moments": _moments, "long": _long}[asked.job](asked)


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
    put_faults(found)
    return int(any(series.wrong for series in found))


def _moments(asked: argparse.Namespace) -> int:
    found = try_moments(asked.every)
    if asked.every == 1:
        put_moments(found)
    return int(any(series.wrong for series in found))


def _long(asked: argparse.Namespace) -> int:
    curves = try_long(asked.minutes, asked.clips)
    put_long(curves)
    return int(not all(curve.is_flat for curve in curves))


if __name__ == "__main__":
    sys.exit(main())
