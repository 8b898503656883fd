"""Measure which share of the time of an ordinary analysis fast mode takes.

.. code-block:: text

    python -m scripts.benchmark_fast                         a minute of the demo, heavy and full
    python -m scripts.benchmark_fast --clip FILE --seconds 60

Every figure is a whole process. Ordinary and fast runs follow each other and are compared in pairs, so that a busy
machine affects both equally; processor time hardly depends on what else runs. Results go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import hipform
from hipform.exercises import AUTO
from hipform.pose.model_files import ModelName
from scripts.benchmark_runs import EXERCISE, looped, run
from scripts.page_sections import put_section
from scripts.paths import DEMO

HEADING = "## Fast mode"

_ANALYZE = """
import json, sys, time
import hipform
from scripts.benchmark_runs import processor_s
path, model, exercise, out, fast = sys.argv[1:]
started_s = time.perf_counter()
result = hipform.analyze(path, exercise=exercise, model=model, out=out, fast=fast == "fast")
s = time.perf_counter() - started_s
print(json.dumps({"s": s, "cpu_s": processor_s(), "frames": result.clip.frames}))
"""


@dataclass(frozen=True)
class Shares:
    """What fast mode takes, relative to the ordinary run next to it, median of the pairs with the lowest and highest.

    Attributes
    ----------
    model, exercise
        What was asked for.
    ordinary_s, fast_s
        Median seconds of either.
    time, cpu
        Share of the time, and of the processor time.
    frames
        Share of the frames that was processed.
    """

    model: str
    exercise: str
    ordinary_s: float
    fast_s: float
    time: Sequence[float]
    cpu: Sequence[float]
    frames: float

    def row(self) -> str:
        """Return the figures as a row of a table."""
        cells = (
            self.model,
            "recognised" if self.exercise == AUTO else "named",
            f"{self.ordinary_s:.1f} s",
            f"{self.fast_s:.1f} s",
            _spread(self.time),
            _spread(self.cpu),
            f"{self.frames:.2f}",
        )
        return f"| {' | '.join(cells)} | at most 0.33 |"


def _spread(shares: Sequence[float]) -> str:
    return f"{statistics.median(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})"


def measure(clip: Path, model: ModelName, exercise: str, pairs: int, folder: Path) -> Shares:
    """Run ordinary and fast in turn."""
    runs = []
    for number in range(pairs):
        both = []
        for way in ("ordinary", "fast"):
            out = folder / f"{model}_{exercise}_{way}_{number}"
            both.append(run(_ANALYZE, str(clip), model, exercise, str(out), way))
        runs.append(both)
    return Shares(
        model,
        exercise,
        statistics.median(ordinary["s"] for ordinary, _ in runs),
        statistics.median(fast["s"] for _, fast in runs),
        [fast["s"] / ordinary["s"] for ordinary, fast in runs],
        [fast["cpu_s"] / ordinary["cpu_s"] for ordinary, fast in runs],
        runs[0][1]["frames"] / runs[0][0]["frames"],
    )


def section(found: Sequence[Shares], clip: Path, command: str) -> str:
    """Return the figures as Markdown."""
    lines = [
        HEADING,
        "",
        (
            f"hipform {hipform.__version__}, {clip.name}, {os.cpu_count()} cores, `analyze --fast` against `analyze`, "
            f"medians of {len(found[0].time)} pairs (lowest to highest). Made by `{command}`."
        ),
        "",
        (
            "| model | exercise | ordinary | fast | share of the time | share of the processor time | "
            "frames processed | aim |"
        ),
        f"|{' --- |' * 8}",
        *(shares.row() for shares in found),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, default=DEMO)
    parser.add_argument("--model", choices=get_args(ModelName), action="append", help="may be repeated")
    parser.add_argument("--seconds", type=float, default=60.0, help="the clip is repeated to about this length")
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    models = options.model or ["heavy", "full"]
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        clip = looped(options.clip, options.seconds, folder)
        found = [
            measure(clip, model, exercise, options.pairs, folder) for model in models for exercise in (EXERCISE, AUTO)
        ]
    command = f"python -m scripts.benchmark_fast --seconds {options.seconds:g} --pairs {options.pairs}"
    text = section(found, clip, command)
    put_section(text)
    print(text)


if __name__ == "__main__":
    main()
