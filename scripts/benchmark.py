"""Measure what hipform costs: time compared with the bare pose model, memory, and the time of ``--help``.

.. code-block:: text

    python -m scripts.benchmark                  all figures, about half an hour with the heavy model
    python -m scripts.benchmark --quick          without the ten-minute clip
    python -m scripts.benchmark --clip FILE      on a clip of your own

Every figure is a whole process. Times are compared as ratios between runs that follow each other, and the median of
several pairs is given, so that a busy machine affects both sides equally. Results go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import av

import hipform
from hipform.exercises import AUTO
from hipform.pose.model_files import ModelName
from hipform.video.segments import cut_into_segments
from hipform.video.video_file import VideoFile
from scripts.benchmark_runs import BARE, EXERCISE, LANDMARKS, MEMORY, WHOLE, enlarged, looped, run
from scripts.page_sections import PERFORMANCE_PAGE, put_section
from scripts.paths import DEMO, ROOT

HEADING = "# Performance"
LONG_S = 600.0
SHORT_S = 20.0
JOBS = {1: 1.15, 2: 0.70}
"""How many processes find landmarks, and the aim for the time of the whole analysis against the bare loop."""


@dataclass(frozen=True)
class Times:
    """Median seconds, and the median, lowest and highest ratio of neighbouring runs to the bare loop."""

    median_s: float
    ratio: float
    lowest: float
    highest: float

    @staticmethod
    def of(spent_s: Sequence[float], bare_s: Sequence[float]) -> Times:
        """Compare runs with the bare loops next to them."""
        ratios = [spent / bare for spent, bare in zip(spent_s, bare_s, strict=True)]
        return Times(statistics.median(spent_s), statistics.median(ratios), min(ratios), max(ratios))

    @property
    def ratio_text(self) -> str:
        """The ratio with its spread, for people."""
        return f"{self.ratio:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


@dataclass(frozen=True)
class Measured:
    """What a kind of run took, compared with the bare loops next to it.

    Attributes
    ----------
    wall, processor
        Seconds from the first frame on, and of all processors from the very start.
    first_s
        Seconds until the first sign of progress; NaN for the bare loop.
    """

    wall: Times
    processor: Times
    first_s: float


def measure_times(clip: Path, model: ModelName, rounds: int, folder: Path) -> dict[str, Measured]:
    """Return what the bare loop, the landmark stage and the whole of analyze take, by a name for each kind of run."""
    kinds: dict[str, Callable[[str], dict[str, float]]] = {
        "bare": lambda _out: run(BARE, str(clip), model),
        **{f"landmarks, {jobs}": partial(_run_landmarks, clip, model, jobs) for jobs in JOBS},
        **{
            f"{exercise}, {jobs}": partial(_run_whole, clip, model, exercise, jobs)
            for exercise in (EXERCISE, AUTO)
            for jobs in JOBS
        },
    }
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name, kind in kinds.items():
            figures[name].append(kind(str(folder / f"out {name} {number}")))
    return {name: _measured(found, figures["bare"]) for name, found in figures.items()}


def _run_landmarks(clip: Path, model: ModelName, jobs: int, out: str) -> dict[str, float]:
    return run(LANDMARKS, str(clip), model, str(jobs), out)


def _run_whole(clip: Path, model: ModelName, exercise: str, jobs: int, out: str) -> dict[str, float]:
    return run(WHOLE, str(clip), model, exercise, str(jobs), out)


def _measured(found: Sequence[dict[str, float]], bare: Sequence[dict[str, float]]) -> Measured:
    times = {name: Times.of([one[name] for one in found], [one[name] for one in bare]) for name in ("s", "processor_s")}
    return Measured(times["s"], times["processor_s"], statistics.median(one.get("first_s", math.nan) for one in found))


def memory_mb(clip: Path, model: ModelName, seconds: float, folder: Path) -> float:
    """Return the most memory that analysing a clip of that length takes, with two processes for the landmarks."""
    long = looped(clip, seconds, folder)
    return run(MEMORY, str(long), model, EXERCISE, "2", str(folder / f"out_memory_{seconds:.0f}"))["mb"]


def speed_up(clip: Path, jobs: int) -> float:
    """Return how much sooner *jobs* processes finish all segments of a clip than one does, by the number of frames."""
    with VideoFile(clip) as video:
        index = video.read_index()
    assert index is not None
    looks = [len(segment.ticks) - segment.warm_up for segment in cut_into_segments(index)]
    until = [0] * jobs
    for count in looks:
        until[until.index(min(until))] += count
    return sum(looks) / max(until)


def help_s(times: int = 15) -> float:
    """Return the median time of ``hipform --help`` as a whole process."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hipform", "--help"], cwd=ROOT, capture_output=True, check=True)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def report(
    clip: Path,
    model: ModelName,
    measured: dict[str, Measured],
    memory: dict[float, float],
    help_time_s: float,
    predicted: dict[str, float],
) -> str:
    """Return the figures as Markdown."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        size = f"{stream.width}x{stream.height}"
    lines = [
        HEADING,
        "",
        (
            f"hipform {hipform.__version__}, model {model}, {clip.name} ({size}), {os.cpu_count()} cores, "
            f"Python {platform.python_version()}. Made by `python -m scripts.benchmark`. Ratios are those to the bare "
            "loop that ran next - decode and landmarks in turn, in one process: median (lowest to highest)."
        ),
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
        f"| the bare loop | {measured['bare'].wall.median_s:.1f} s | - |",
    ]
    for jobs in JOBS:
        stage = measured[f"landmarks, {jobs}"]
        lines.append(f"| landmarks alone, `--jobs {jobs}`: time | {stage.wall.ratio_text} | - |")
        lines.append(
            f"| landmarks alone, `--jobs {jobs}`: processor time | {stage.processor.ratio_text} | at most 1.15 |"
        )
    gain = measured["landmarks, 1"].wall.median_s / measured["landmarks, 2"].wall.median_s
    lines.append(f"| landmarks alone, `--jobs 2` against `--jobs 1` | {gain:.2f} times as fast | at least 1.9 |")
    lines += [
        f"| the same, {name}, by the segments' lengths | {times:.2f} times | - |" for name, times in predicted.items()
    ]
    for exercise, words in ((EXERCISE, "exercise named"), (AUTO, "exercise recognised")):
        for jobs, aim in JOBS.items():
            whole = measured[f"{exercise}, {jobs}"]
            lines.append(f"| `analyze --jobs {jobs}`, {words}: time | {whole.wall.ratio_text} | at most {aim} |")
            lines.append(f"| the same: processor time | {whole.processor.ratio_text} | - |")
            lines.append(f"| the same: first progress after | {whole.first_s:.1f} s | 2 s |")
    for seconds, used_mb in memory.items():
        lines.append(
            f"| memory of all processes, `--jobs 2`, 1080p, {seconds:.0f} s | {used_mb:.0f} MB | "
            "under 1100 MB, same for both |"
        )
    lines.append(f"| `hipform --help` | {help_time_s:.2f} s | under 0.15 s |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, default=DEMO)
    parser.add_argument("--model", choices=get_args(ModelName), default="heavy")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of runs for the time ratios")
    parser.add_argument("--quick", action="store_true", help="without the ten-minute clip")
    parser.add_argument("--out", type=Path, default=PERFORMANCE_PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        measured = measure_times(options.clip, options.model, options.pairs, folder)
        lengths = [SHORT_S] if options.quick else [SHORT_S, LONG_S]
        large = enlarged(options.clip, folder)
        memory = {seconds: memory_mb(large, options.model, seconds, folder) for seconds in lengths}
        long = looped(options.clip, LONG_S, folder)
        predicted = {
            f"{name}, `--jobs {jobs}`": speed_up(path, jobs)
            for name, path in (("this clip", options.clip), ("ten minutes", long))
            for jobs in (2, 8)
        }
    text = report(options.clip, options.model, measured, memory, help_s(), predicted)
    put_section(text, options.out)
    print(text)


if __name__ == "__main__":
    main()
