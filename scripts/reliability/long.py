"""Long runs: a clip of hours, and hundreds of clips in one process, with memory, handles and threads over time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmark_runs import looped
from scripts.paths import ROOT
from scripts.reliability.clips import FPS, SAMPLE, Form, sample_images, write

LONG_FPS = 10
"""Frame rate of the long clip: the run must end within an hour."""
POINTS = 24
"""How many readings are kept of a run."""
_BARS = "▁▂▃▄▅▆▇█"
_PRINTS_READINGS = """
import json, os, sys, threading
from pathlib import Path
import hipform

def reading(at):
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    print(json.dumps([at, memory_mb, len(os.listdir("/proc/self/fd")), threading.active_count()]), flush=True)
"""
_ONE_LONG = (
    _PRINTS_READINGS
    + """
clip, out, every_s = sys.argv[1], sys.argv[2], float(sys.argv[3])
due = [0.0]
def progress(t_s, duration_s):
    if t_s >= due[0]:
        due[0] += every_s
        reading(t_s / 60)
hipform.analyze(clip, exercise="hip-thrust", model="lite", out=out, progress=progress)
"""
)
_MANY = (
    _PRINTS_READINGS
    + """
clip, out, count, every = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for number in range(count):
    hipform.analyze(clip, exercise="hip-thrust", model="lite", out=out)
    if number % every == 0:
        reading(number + 1)
"""
)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Readings of one run: minutes of the clip or clips done, memory in megabytes, open files, threads."""

    name: str
    readings: Sequence[tuple[float, float, int, int]]

    @property
    def growth_ratio(self) -> float:
        """Memory in the last quarter of the run against that in its second quarter: 1 is flat."""
        quarter = max(1, len(self.readings) // 4)
        memory = [reading[1] for reading in self.readings]
        return max(memory[-quarter:]) / max(memory[quarter : 2 * quarter])

    @property
    def chart(self) -> str:
        """Memory from zero to the most of the run, a bar for each reading."""
        most = max(reading[1] for reading in self.readings)
        return "".join(_BARS[round(reading[1] / most * (len(_BARS) - 1))] for reading in self.readings)

    @property
    def is_flat(self) -> bool:
        """Whether memory does not grow by a tenth, and neither files nor threads by one."""
        quarter = max(1, len(self.readings) // 4)
        steady = self.readings[quarter:]
        return self.growth_ratio < 1.1 and all(max(row[i] for row in steady) <= steady[0][i] + 1 for i in (2, 3))


def try_long(minutes: float, clips: int) -> list[Curve]:
    """Analyse a clip of *minutes*, then *clips* short ones in one process."""
    curves = []
    with tempfile.TemporaryDirectory() as scratch:
        sparse = write(Path(scratch) / "sparse.mp4", sample_images()[:: FPS // LONG_FPS], Form(fps=LONG_FPS))
        long_clip = looped(sparse, minutes * 60, Path(scratch))
        out = str(Path(scratch) / "out")
        every_s = minutes * 60 / POINTS
        curves.append(
            _run(
                f"a clip of {minutes:.0f} minutes, {LONG_FPS} frames a second",
                _ONE_LONG,
                str(long_clip),
                out,
                str(every_s),
            )
        )
        many = str(max(1, clips // POINTS))
        curves.append(_run(f"{clips} clips in one process", _MANY, str(SAMPLE), out, str(clips), many))
    return curves


def _run(name: str, code: str, *arguments: str) -> Curve:
    """Run *code* in a process of its own and collect what it prints."""
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if process.returncode:
        raise RuntimeError(f"{name}: {process.stderr.strip()}")
    curve = Curve(name=name, readings=[tuple(json.loads(line)) for line in process.stdout.splitlines()])
    print(f"{name}: {'flat' if curve.is_flat else 'WRONG: grows'} ({curve.growth_ratio:.2f})  {curve.chart}")
    for at, memory_mb, files, threads in curve.readings:
        print(f"  {at:7.1f}  {memory_mb:5.0f} MB  {files} files  {threads} threads")
    return curve
