"""Measure live training: the delay of image and speech, dropped frames, and the cost of a long session.

.. code-block:: text

    python -m scripts.benchmark_live                     half an hour
    python -m scripts.benchmark_live --live-minutes 1    a quick run

A sample is scaled to 720p, looped, and plays at its own pace as the camera. The window stands on a virtual screen
(Xvfb) where there is one; otherwise the finished image is discarded. Results go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import bisect
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

import hipform
from hipform.app.live_training import train
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.feedback.trainer import DoneSet, LiveState
from hipform.feedback.voice_lines import Utterance, UtteranceKind
from hipform.live.training_plan import TrainingPlan
from hipform.pose.model_files import ModelName
from hipform.render import Command, Window
from hipform.sound import SoundMode, Voice
from hipform.types import Image
from hipform.video.camera import open_camera
from scripts.benchmark_runs import EXERCISE, looped
from scripts.page_sections import put_section
from scripts.paths import DEMO

HEADING = "## Live training"
WIDTH_PX, HEIGHT_PX = 1280, 720
_SETTLED_S = 5.0
_SAMPLE_S = 5.0
_ROWS = 10
_ANNOUNCING = {UtteranceKind.COUNT, UtteranceKind.CUE, UtteranceKind.PRAISE}
_BARS = "▁▂▃▄▅▆▇█"


@dataclass
class Figures:
    """What one session gave.

    Attributes
    ----------
    captured, dropped, seconds
        Frames of the camera, those dropped to keep up, and the duration.
    image_late_ms
        For each frame shown: from its capture until it was on the screen.
    word_late_ms
        For each repetition: from its end until it was announced.
    samples
        Minute, share of one core in percent, memory in MB, every few seconds.
    """

    captured: int = 0
    dropped: int = 0
    seconds: float = 0.0
    model: str = ""
    on_screen: bool = False
    image_late_ms: list[float] = field(default_factory=list)
    word_late_ms: list[float] = field(default_factory=list)
    samples: list[tuple[float, float, float]] = field(default_factory=list)


class Listener(Voice):
    """A silent voice that notes when repetitions were announced."""

    def __init__(self) -> None:
        super().__init__(SoundMode.OFF)
        self.heard_s: list[float] = []

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Note the moment."""
        if any(one.kind in _ANNOUNCING for one in utterances):
            self.heard_s.append(time.monotonic())


class Nowhere:
    """A display that discards the finished image."""

    def show(self, _image: Image) -> Command | None:
        """Take it."""
        return None

    def poll(self) -> Command | None:
        """Ask for nothing."""
        return None


def scaled(clip: Path, folder: Path) -> Path:
    """Return *clip* without sound in 720p."""
    import av  # here, because OpenCV must be loaded before it: see hipform.video

    target = folder / "camera.mp4"
    with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
        pictures = source.streams.video[0]
        stream = sink.add_stream("libx264", rate=pictures.average_rate, options={"preset": "veryfast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for frame in source.decode(pictures):
            small = frame.reformat(WIDTH_PX, HEIGHT_PX, "yuv420p")
            small.pts, small.time_base = frame.pts, frame.time_base
            sink.mux(stream.encode(small))
        sink.mux(stream.encode(None))
    return target


def session(clip: Path, model: ModelName, folder: Path, *, on_screen: bool) -> Figures:
    """Train in front of *clip*; to be called in a process of its own."""
    figures, listener = Figures(on_screen=on_screen), Listener()
    plan = TrainingPlan(folder=folder, exercise=find_exercise(EXERCISE), model=model, settings=Settings())
    with ExitStack() as stack:
        camera = stack.enter_context(open_camera(str(clip), realtime=True))
        display = stack.enter_context(Window()) if on_screen else Nowhere()

        def watch(state: LiveState) -> None:
            if state.t_s > _SETTLED_S:
                figures.image_late_ms.append(1000 * (time.monotonic() - camera.begun_s - state.t_s))

        stack.enter_context(sampled(figures.samples))
        began = time.monotonic()
        filmed = train(camera, plan, listener, display=display, watch=watch)
        figures.seconds = time.monotonic() - began
    figures.captured, figures.dropped, figures.model = filmed.captured, filmed.dropped, filmed.model
    heard_s = [moment - camera.begun_s for moment in listener.heard_s]
    figures.word_late_ms = word_delays_ms(filmed.course.done, heard_s)
    return figures


def word_delays_ms(sets: Sequence[DoneSet], heard_s: Sequence[float]) -> list[float]:
    """Return for each counted repetition how long after its end the first word on it came; negative before the end."""
    late = []
    for done in sets:
        for rep in done.result.reps:
            at = bisect.bisect(heard_s, rep.timing.top_s)
            if rep.timing.end_s is not None and at < len(heard_s):
                late.append(1000 * (heard_s[at] - rep.timing.end_s))
    return late


@contextmanager
def sampled(samples: list[tuple[float, float, float]]) -> Iterator[None]:
    """Take samples of processor and memory in the background."""
    over = threading.Event()

    def run() -> None:
        began, before, before_cpu = time.monotonic(), time.monotonic(), cpu_s()
        while not over.wait(_SAMPLE_S):
            now, now_cpu = time.monotonic(), cpu_s()
            samples.append(((now - began) / 60, 100 * (now_cpu - before_cpu) / (now - before), memory_mb()))
            before, before_cpu = now, now_cpu

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def cpu_s() -> float:
    """Return the processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory_mb() -> float:
    """Return the memory that this process holds now; the maximum so far where the system does not report it."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """Yield the environment of a program with a window, on a screen that is not there; none without Xvfb."""
    if shutil.which("Xvfb") is None:
        yield {}
        return
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH_PX}x{HEIGHT_PX}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL) as server:
        os.close(write_end)
        with os.fdopen(read_end) as display:
            yield {"DISPLAY": f":{display.readline().strip()}"}
        server.terminate()


def section(figures: Figures, minutes: float) -> str:
    """Return the figures as Markdown."""
    pictures, words = sorted(figures.image_late_ms), sorted(figures.word_late_ms)
    place = "on screen (Xvfb)" if figures.on_screen else "handed over, no screen"
    kept = figures.captured - figures.dropped
    lines = [
        HEADING,
        "",
        (
            f"hipform {hipform.__version__}, model {figures.model}, {DEMO.name} as a {WIDTH_PX}x{HEIGHT_PX} camera "
            f"in real time for {minutes:g} minutes, recording on, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}. Made by `python -m scripts.benchmark_live --live-minutes {minutes:g}`."
        ),
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
        f"| frames a second processed | {kept / (figures.captured / 30):.1f} | 30 |",
        f"| dropped to keep up | {figures.dropped / figures.captured:.2%} of {figures.captured} | at most 1 % |",
        f"| capture to image {place}, median | {_at(pictures, 0.5):.0f} ms | - |",
        f"| the same, 95th percentile | {_at(pictures, 0.95):.0f} ms | at most 60 ms |",
        f"| end of a repetition to its announcement, median of {len(words)} | {_at(words, 0.5):.0f} ms | - |",
        f"| the same, latest | {_at(words, 1.0):.0f} ms | at most 250 ms |",
        "",
        *_curves(figures.samples),
    ]
    return "\n".join(lines) + "\n"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _curves(samples: Sequence[tuple[float, float, float]]) -> list[str]:
    """Return processor and memory over the session as a table of ten stretches with bars."""
    size = max(1, -(-len(samples) // _ROWS))
    parts = [samples[at : at + size] for at in range(0, len(samples), size)]
    rows = [tuple(statistics.mean(column) for column in zip(*part, strict=True)) for part in parts]
    most_cpu, most_mb = (max((row[column] for row in rows), default=1.0) for column in (1, 2))
    lines = ["| minute | processor, of one core | | memory | |", "| --- | --- | --- | --- | --- |"]
    for minute, cpu, used_mb in rows:
        lines.append(
            f"| {minute:.1f} | {cpu:.0f} % | {_bar(cpu / most_cpu)} | {used_mb:.0f} MB | {_bar(used_mb / most_mb)} |"
        )
    return lines


def _bar(share: float) -> str:
    eighths = round(8 * 8 * share)
    whole, rest = divmod(eighths, 8)
    return _BARS[-1] * whole + (_BARS[rest - 1] if rest else "")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--live-minutes", type=float, default=30.0)
    parser.add_argument("--model", choices=get_args(ModelName), default="full")
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--session", nargs=2, metavar=("CLIP", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.session:
        clip, folder = map(Path, options.session)
        found = session(clip, options.model, folder, on_screen=bool(os.environ.get("DISPLAY")))
        print(json.dumps(asdict(found)))
        return
    with tempfile.TemporaryDirectory() as name, virtual_screen() as screen:
        clip = looped(scaled(DEMO, Path(name)), 60 * options.live_minutes, Path(name))
        command = [sys.executable, "-m", __spec__.name, "--model", options.model, "--session", str(clip), f"{name}/out"]
        environment = {**os.environ, "DISPLAY": "", **screen}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    text = section(Figures(**measured), options.live_minutes)
    if not options.print:
        put_section(text)
    print(text)


if __name__ == "__main__":
    main()
