"""Measure the cost of a batch: clips an hour, the gain from more workers, memory, and the bookkeeping.

.. code-block:: text

    python -m scripts.benchmark_batch                       all figures, about an hour on two cores
    python -m scripts.benchmark_batch --clips 4 --tiny 1000   a quick run

Whole commands are timed, from their start to the written index. Runs with one worker and with many alternate, so that
a busy machine affects both equally. For the bookkeeping of an archive the analysis is replaced by one that writes a
stored result; everything else is real. Linux only, because one worker is pinned to one core. Results go to
docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import hipform
from hipform.pose.model_files import MODEL_NAMES
from scripts.benchmark_bookkeeping import Bookkeeping, bookkeeping, handing_out_ms, on_a_cluster_ms
from scripts.benchmark_runs import EXERCISE
from scripts.page_sections import put_section
from scripts.paths import DEMO, ROOT

HEADING = "## Batches"
_LOOK_EVERY_S = 0.05


# ---------------------------------------------------------------------------------------------------------- real clips


@dataclass(frozen=True)
class Run:
    """One command: how long it took, and the most memory that one of its workers held."""

    spent_s: float
    worker_mb: float


def command(clips: Path, model: str, workers: int, out: Path, *, on_one_core: bool = False) -> Run:
    """Run ``hipform batch`` as a whole process."""
    arguments = ["batch", str(clips), "-o", str(out), "-m", model, "-e", EXERCISE, "--workers", str(workers)]
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "hipform", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        if on_one_core:
            # Workers inherit it.
            psutil.Process(process.pid).cpu_affinity([0])
        most_mb = 0.0
        while process.poll() is None:
            most_mb = max(most_mb, _largest_child_mb(process.pid))
            time.sleep(_LOOK_EVERY_S)
    if process.returncode:
        raise SystemExit(f"hipform {' '.join(arguments)} ended with exit code {process.returncode}.")
    return Run(time.perf_counter() - began, most_mb)


def _largest_child_mb(parent: int) -> float:
    most = 0.0
    try:
        for child in psutil.Process(parent).children(recursive=True):
            most = max(most, child.memory_info().rss / 2**20)
    except psutil.NoSuchProcess:
        pass
    return most


def copies(clip: Path, count: int, folder: Path) -> Path:
    """Return a folder of so many copies of *clip*."""
    folder.mkdir()
    for at in range(count):
        shutil.copy(clip, folder / f"clip {at:02d}{clip.suffix}")
    return folder


@dataclass
class Speed:
    """What one model does with one worker on one core, with one worker on all, and with as many as there are cores.

    One worker uses more than one core already: a clip is decoded, processed and written in separate threads.
    """

    on_one_core: list[Run] = field(default_factory=list)
    one: list[Run] = field(default_factory=list)
    many: list[Run] = field(default_factory=list)

    def gain_text(self, than: Sequence[Run]) -> str:
        """Return how many times as much is done with many, median (lowest to highest)."""
        gains = sorted(one.spent_s / many.spent_s for one, many in zip(than, self.many, strict=True))
        return f"{statistics.median(gains):.2f} ({gains[0]:.2f} to {gains[-1]:.2f})"

    @property
    def worker_mb(self) -> float:
        """Most memory that a worker held."""
        return max(run.worker_mb for run in (*self.on_one_core, *self.one, *self.many))


def speeds(clips: Path, models: Sequence[str], workers: int, rounds: int, folder: Path) -> dict[str, Speed]:
    """Return the times of batches by model."""
    found = {model: Speed() for model in models}
    for at in range(rounds):
        for model, speed in found.items():
            for runs, count in ((speed.on_one_core, 1), (speed.one, 1), (speed.many, workers)):
                out = folder / f"out_{model}_{at}"
                runs.append(command(clips, model, count, out, on_one_core=runs is speed.on_one_core))
                shutil.rmtree(out)
    return found


# --------------------------------------------------------------------------------------------------------------- report


def section(
    found: Mapping[str, Speed], clips: int, workers: int, books: Mapping[int, Bookkeeping], handing: Mapping[str, float]
) -> str:
    """Return the figures as Markdown."""
    rounds = max(len(speed.many) for speed in found.values())
    lines = [
        HEADING,
        "",
        (
            f"hipform {hipform.__version__}, {clips} copies of {DEMO.name}, exercise named, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}. Made by "
            f"`python -m scripts.benchmark_batch --clips {clips} --rounds {rounds}`."
        ),
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
    ]
    for model, speed in found.items():
        spent_s = statistics.median(run.spent_s for run in speed.many)
        gain, core_gain = speed.gain_text(speed.one), speed.gain_text(speed.on_one_core)
        against = f"{workers} workers against one that has one core, median (lowest to highest)"
        lines += [
            f"| {model}: clips an hour, {workers} workers | {clips / spent_s * 3600:.0f} | - |",
            f"| {model}: {against} | {core_gain} | at least 1.85 on 2 cores |",
            f"| {model}: {workers} workers against one that has all cores | {gain} | - |",
            f"| {model}: most memory of a worker | {speed.worker_mb:.0f} MB | under 600 MB |",
        ]
    for count, book in books.items():
        lines += [
            f"| bookkeeping, {count} tiny clips, a clip | {book.first_ms:.2f} ms | under 5 ms, same for both |",
            f"| nothing left to do, {count} tiny clips, a clip | {book.again_ms:.2f} ms | under 5 ms, same for both |",
        ]
    for name, spent_ms in handing.items():
        lines.append(f"| a faked clip by way of {name}, warm | {spent_ms:.1f} ms | - |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", choices=MODEL_NAMES, default=list(MODEL_NAMES))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tiny", type=int, default=10_000, help="tiny clips of the simulated archive")
    options = parser.parse_args()
    result = hipform.analyze(DEMO, exercise=EXERCISE, model="lite")
    books = {count: bookkeeping(count, result) for count in (options.tiny // 10, options.tiny)}
    few = min(400, options.tiny)
    handing = {
        "local workers": handing_out_ms(few, result, options.workers, None),
        "a Dask cluster on this machine": on_a_cluster_ms(few, result, options.workers),
    }
    with tempfile.TemporaryDirectory() as name:
        clips = copies(DEMO, options.clips, Path(name) / "clips")
        found = speeds(clips, options.models, options.workers, options.rounds, Path(name))
    text = section(found, options.clips, options.workers, books, handing)
    put_section(text)
    print(text)


if __name__ == "__main__":
    main()
