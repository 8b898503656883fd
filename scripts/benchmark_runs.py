"""What the benchmarks run in processes of their own, and what those measure of themselves."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import av
import psutil

from scripts.paths import ROOT

EXERCISE = "hip-thrust"
_MEMORY_SEEN_EVERY_S = 0.1

BARE = """
import json, sys, time
import av, numpy
from hipform.pose.mediapipe_pose import Landmarker
from hipform.video.frames import Frame
from scripts.benchmark_runs import processor_s
path, model = sys.argv[1:]
with Landmarker(model) as landmarker, av.open(path) as container:
    started = None
    for decoded in container.decode(video=0):
        image = numpy.ascontiguousarray(decoded.to_ndarray(format="rgb24"))
        landmarker.detect(Frame(float(decoded.time), image))
        started = started or time.perf_counter()
print(json.dumps({"s": time.perf_counter() - started, "processor_s": processor_s()}))
"""

LANDMARKS = """
import json, sys, time
from pathlib import Path
from hipform.app.landmarks import record_landmarks
from scripts.benchmark_runs import Clock, processor_s
path, model, jobs, out = sys.argv[1:]
clock = Clock()
record_landmarks(Path(path), Path(out), model=model, fast=False, jobs=int(jobs), progress=clock)
print(json.dumps({**clock.figures(), "processor_s": processor_s()}))
"""

WHOLE = """
import json, sys
import hipform
from scripts.benchmark_runs import Clock, processor_s
path, model, exercise, jobs, out = sys.argv[1:]
clock = Clock()
hipform.analyze(path, exercise=exercise, model=model, out=out, jobs=int(jobs), progress=clock)
print(json.dumps({**clock.figures(), "processor_s": processor_s()}))
"""

MEMORY = """
import json, sys
import hipform
from scripts.benchmark_runs import MemoryOfAll
path, model, exercise, jobs, out = sys.argv[1:]
with MemoryOfAll() as memory:
    hipform.analyze(path, exercise=exercise, model=model, out=out, jobs=int(jobs))
print(json.dumps({"mb": memory.most_mb}))
"""


def processor_s() -> float:
    """Return the processor time of this process and of the ones it started, as far as they have ended."""
    import resource

    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Clock:
    """A progress that takes the time of the first call."""

    def __init__(self) -> None:
        self._began_s = time.perf_counter()
        self._first_s: float | None = None

    def __call__(self, _t_s: float, _duration_s: float | None) -> None:
        """Hear of a frame."""
        self._first_s = self._first_s or time.perf_counter()

    def figures(self) -> dict[str, float]:
        """Return the seconds before the first call (``first_s``) and since (``s``)."""
        assert self._first_s is not None
        return {"first_s": self._first_s - self._began_s, "s": time.perf_counter() - self._first_s}


class MemoryOfAll:
    """Watches the memory of this process and all below it; what several of them share counts once (Linux).

    Attributes
    ----------
    most_mb
        The most they held at a time.
    """

    def __init__(self) -> None:
        self.most_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_MEMORY_SEEN_EVERY_S):
            own = psutil.Process()
            self.most_mb = max(self.most_mb, sum(map(_memory_mb, [own, *own.children(recursive=True)])))


def _memory_mb(process: psutil.Process) -> float:
    try:
        held = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(held, "pss", held.rss)) / 2**20


def run(code: str, *arguments: str) -> dict[str, float]:
    """Run *code* in its own process and return the figures it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def enlarged(clip: Path, folder: Path) -> Path:
    """Return *clip* in Full HD, as phones film."""
    target = folder / f"{clip.stem}_1080p.mp4"
    with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        assert stream.average_rate is not None
        copy = sink.add_stream("libx264", rate=stream.average_rate, options={"preset": "veryfast"})
        copy.width, copy.height, copy.pix_fmt = 1920, 1080, "yuv420p"
        for frame in source.decode(stream):
            sink.mux(copy.encode(frame.reformat(1920, 1080, "yuv420p")))
        sink.mux(copy.encode())
    return target


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
