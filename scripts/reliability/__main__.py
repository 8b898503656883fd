"""Run hipform against the world's bad video and bad moments.

.. code-block:: text

    python -m scripts.reliability inputs [WORD]       every odd clip of the corpus, or those whose name holds WORD
    python -m scripts.reliability fuzz [--files N]    mutated clips, settings, recordings, results and manifests
    python -m scripts.reliability faults [--runs N]   killed at random moments, full disk, no memory, damaged history
    python -m scripts.reliability long                a clip of two hours, 200 clips in one process: memory and handles

Each prints what it found, leaves with 1 if a promise was broken, and writes its figures into docs/reliability.md.
POSIX only: the commands are run in forks.
"""

from __future__ import annotations

import argparse
import sys

from scripts.reliability.inputs import try_inputs


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reliability", description=__doc__.splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    inputs = jobs.add_parser("inputs")
    inputs.add_argument("word", nargs="?", default="")
    asked = parser.parse_args()
    tried = try_inputs(asked.word)
    wrong = sum(bool(one.wrong) for one in tried)
    print(f"{len(tried)} inputs, {wrong} wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
