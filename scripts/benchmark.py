"""Measure what hipform costs: time against the bare pose model, memory, and how quickly ``--help`` answers.

.. code-block:: text

    python -m scripts.benchmark                  all figures, about half an hour with the heavy model
    python -m scripts.benchmark --quick          without the ten-minute clip
    python -m scripts.benchmark --clip FILE      on a clip of your own

Every figure is a whole process. Times are compared as ratios between runs that follow each other, and the median of
several pairs is given, so that a busy machine disturbs both sides alike. Results go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import av

import hipform
from hipform.exercises import AUTO
from hipform.pose import ModelName
from scripts.performance_page import PAGE, put_section

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "sample_videos" / "hip_thrust_demo.mp4"
EXERCISE = "hip-thrust"
HEADING = "# Performance"
LONG_S = 600.0
SHORT_S = 20.0

_BARE = """
import json, resource, sys, time
import av, numpy
from hipform.pose import Landmarker
from hipform.types import Frame
path, model = sys.argv[1:]
with Landmarker(model) as landmarker, av.open(path) as container:
    started = None
    for decoded in container.decode(video=0):
        image = numpy.ascontiguousarray(decoded.to_ndarray(format="rgb24"))
        landmarker.detect(Frame(float(decoded.time), image))
        started = started or time.perf_counter()
print(json.dumps({"s": time.perf_counter() - started, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

_WHOLE = """
import json, resource, sys, time
import hipform
path, model, exercise, out = sys.argv[1:]
started = []
def progress(t_s, duration_s):
    if not started:
        started.append(time.perf_counter())
hipform.analyze(path, exercise=exercise, model=model, out=out, progress=progress)
spent = time.perf_counter() - started[0]
print(json.dumps({"s": spent, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(code: str, *arguments: str) -> dict[str, float]:
    """Run *code* in its own process and return the figures it prints: ``s`` after the first frame, ``mb`` at most."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def looped(clip: Path, seconds: float, folder: Path) -> Path:
    """Return a clip of about *seconds* that repeats *clip*, its packets copied unchanged."""
    target = folder / f"{clip.stem}_{seconds:.0f}s.mp4"
    with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        copy = sink.add_stream_from_template(stream)
        assert stream.time_base is not None
        length = round(float(stream.duration or 0))
        packets = [packet for packet in source.demux(stream) if packet.dts is not None]
        round_s = length * float(stream.time_base)
        for turn in range(max(1, round(seconds / round_s))):
            for packet in packets:
                later = av.Packet(bytes(packet))
                later.pts = None if packet.pts is None else packet.pts + turn * length
                later.dts = None if packet.dts is None else packet.dts + turn * length
                later.time_base, later.is_keyframe, later.stream = stream.time_base, packet.is_keyframe, copy
                sink.mux(later)
    return target


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


def compare_times(clip: Path, model: ModelName, rounds: int, folder: Path) -> dict[str, Times]:
    """Return the times of the bare loop, of analyze with a named exercise, and of analyze that recognises it."""
    spent_s: dict[str, list[float]] = {"bare": [], EXERCISE: [], AUTO: []}
    for number in range(rounds):
        spent_s["bare"].append(run(_BARE, str(clip), model)["s"])
        for exercise in (EXERCISE, AUTO):
            out = folder / f"out_{exercise}_{number}"
            spent_s[exercise].append(run(_WHOLE, str(clip), model, exercise, str(out))["s"])
    return {name: Times.of(seconds, spent_s["bare"]) for name, seconds in spent_s.items()}


def memory_mb(clip: Path, model: ModelName, seconds: float, folder: Path) -> float:
    """Return the peak resident memory of analysing a clip of that length."""
    return run(_WHOLE, str(looped(clip, seconds, folder)), model, EXERCISE, str(folder / "out_memory"))["mb"]


def help_s(times: int = 15) -> float:
    """Return the median time of ``hipform --help`` as a whole process."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hipform", "--help"], cwd=ROOT, capture_output=True, check=True)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def report(
    clip: Path, model: ModelName, times: dict[str, Times], memory: dict[float, float], help_time_s: float
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
            f"Python {platform.python_version()}. Made by `python -m scripts.benchmark`."
        ),
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
        f"| decode and landmarks alone | {times['bare'].median_s:.1f} s | - |",
        f"| `analyze`, exercise named: decode, pose, rules, overlay, encode | {times[EXERCISE].median_s:.1f} s | - |",
        f"| ratio of the two, median (lowest to highest) | {times[EXERCISE].ratio_text} | at most 1.25 |",
        f"| `analyze`, exercise recognised first: the same, decoding twice | {times[AUTO].median_s:.1f} s | - |",
        f"| ratio to decode and landmarks alone | {times[AUTO].ratio_text} | - |",
    ]
    for seconds, used_mb in memory.items():
        lines.append(f"| resident memory, clip of {seconds:.0f} s | {used_mb:.0f} MB | under 600 MB, same for both |")
    lines.append(f"| `hipform --help` | {help_time_s:.2f} s | under 0.3 s |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, default=DEMO)
    parser.add_argument("--model", choices=get_args(ModelName), default="heavy")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of runs for the time ratios")
    parser.add_argument("--quick", action="store_true", help="without the ten-minute clip")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        times = compare_times(options.clip, options.model, options.pairs, folder)
        lengths = [SHORT_S] if options.quick else [SHORT_S, LONG_S]
        memory = {seconds: memory_mb(options.clip, options.model, seconds, folder) for seconds in lengths}
    text = report(options.clip, options.model, times, memory, help_s())
    put_section(text, options.out)
    print(text)


if __name__ == "__main__":
    main()
