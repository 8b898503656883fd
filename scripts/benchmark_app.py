"""Measure the app: start, first page, a large library, a large upload, a correction, and live training in the browser.

.. code-block:: text

    python -m scripts.benchmark_app                 everything; five minutes
    python -m scripts.benchmark_app --gigabytes 0.2 --live-s 10 --print

Live training is measured in the system's Chromium, whose camera plays a sample. Results go to docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

import hipform
from hipform.batch.library import Library, new_order
from hipform.pose.model_files import ModelName
from hipform.render import encode_jpeg
from hipform.video.video_file import VideoFile
from scripts.app_process import AppProcess, wait_until
from scripts.dev import TEST_TOOLS
from scripts.page_sections import put_section
from scripts.paths import DEMO

HEADING = "## The app"
N_SETS = 500
LIVE_SIZE_PX = 1280, 720
_SETTLED_S = 3.0
_ASKED = 20

Row = tuple[str, str, str]
"""What was measured, the figure, and its aim."""


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the upload")
    parser.add_argument("--live-s", type=float, default=30.0, help="length of the live training")
    parser.add_argument("--model", choices=get_args(ModelName), default="full", help="pose model of the live training")
    parser.add_argument("--only", choices=["start", "library", "upload", "correction", "live"])
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    parts: dict[str, Callable[[Path], Iterator[Row]]] = {
        "start": start_rows,
        "library": library_rows,
        "upload": lambda folder: upload_rows(folder, options.gigabytes),
        "correction": correction_rows,
        "live": lambda folder: live_rows(folder, options.live_s, options.model),
    }
    rows: list[Row] = []
    load_before = os.getloadavg()[0]
    for name, part in parts.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as scratch:
                rows += part(Path(scratch))
    text = section(rows, (load_before + os.getloadavg()[0]) / 2)
    print(text)
    if not options.print and options.only is None:
        put_section(text)


def section(rows: list[Row], load: float) -> str:
    """Return the section of the page."""
    how = (
        f"hipform {hipform.__version__}, {datetime.now().astimezone():%Y-%m-%d}, {os.cpu_count()} cores, for which "
        f"{load:.1f} processes were waiting on average (none on an idle machine). "
        "Made by `python -m scripts.benchmark_app`."
    )
    lines = [
        HEADING,
        "",
        how,
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
        *(f"| {what} | {figure} | {aim} |" for what, figure, aim in rows),
    ]
    return "\n".join(lines) + "\n"


def start_rows(folder: Path) -> Iterator[Row]:
    """Measure the start and the first page."""
    app = AppProcess(folder, folder / "app")
    start_s = app.processor_s
    first_s = _spent_s(lambda: app.ask("GET", "/"))
    page_s = app.processor_s - start_s
    again_s = statistics.median(_spent_s(lambda: app.ask("GET", "/")) for _ in range(_ASKED))
    app.end()
    yield "start, until browsers may connect", f"{app.ready_s:.1f} s", "at most 2 s"
    yield "the same, processor time", f"{start_s:.1f} s", "-"
    yield "first page, the first time", f"{1000 * first_s:.0f} ms", "under 300 ms"
    yield "the same, processor time", f"{1000 * page_s:.0f} ms", "-"
    yield f"the same, median of {_ASKED}", f"{1000 * again_s:.0f} ms", "-"


def library_rows(folder: Path) -> Iterator[Row]:
    """Measure a library of many sets, each with the results of one."""
    root = folder / "app"
    app = AppProcess(folder, root)
    made = _analysed(app)
    app.end()
    library = Library(root)
    library.open()
    first = library.find(made)
    for number in range(1, N_SETS):
        clip = folder / "clip"
        clip.touch()
        entry = library.add(
            new_order(f"{number}.mp4", model="lite").model_copy(update={"revision": first.order.revision}), clip
        )
        shutil.copytree(root / "results" / made, root / "results" / entry.id)
    app = AppProcess(folder, root)
    status, page = app.ask("GET", "/")
    before_s = app.processor_s
    first_s = _spent_s(lambda: app.ask("GET", "/"))
    page_s = app.processor_s - before_s
    app.end()
    assert status == 200
    assert page.count(b"data-set=") == N_SETS
    yield f"start with {N_SETS} sets", f"{app.ready_s:.1f} s", "-"
    yield f"page of {N_SETS} sets", f"{first_s:.2f} s", "under 1 s"
    yield "the same, processor time", f"{page_s:.2f} s", "-"


def upload_rows(folder: Path, gigabytes: float) -> Iterator[Row]:
    """Measure a large upload over loopback."""
    app = AppProcess(folder, folder / "app")
    clip = folder / "large.mp4"
    with clip.open("wb") as file:
        file.truncate(round(gigabytes * 1e9))
    server = psutil.Process(app.process.pid)
    before = server.memory_info().rss
    processor_s = sum(server.cpu_times()[:2])
    with _most_memory(server) as most:
        spent_s = _spent_s(lambda: app.send(clip, model="lite"))
    processor_s = sum(server.cpu_times()[:2]) - processor_s
    app.kill()
    yield f"upload of {gigabytes:g} GB over loopback", f"{1000 * gigabytes / spent_s:.0f} MB/s", "at least 100 MB/s"
    yield "the same, for each second of the server's processor time", f"{1000 * gigabytes / processor_s:.0f} MB/s", "-"
    yield "memory of the server, before and at most", f"{before / 1e6:.0f} and {most[0] / 1e6:.0f} MB", "flat"


def correction_rows(folder: Path) -> Iterator[Row]:
    """Measure how soon another verdict can be read."""
    app = AppProcess(folder, folder / "app")
    name = _analysed(app)
    result = folder / "app" / "results" / name / "result.json"
    spent_s, processor_s = [], []
    for load in ("80kg", "90kg", "100kg"):
        before, worked_s = result.read_bytes(), app.processor_s
        begun_s = time.monotonic()
        app.ask(
            "POST",
            f"/sets/{name}/correct",
            f"exercise=hip-thrust&side=left&load={load}&label=a.mp4&model=lite".encode(),
        )
        wait_until(lambda before=before: result.exists() and result.read_bytes() != before)  # type: ignore[misc]
        spent_s.append(time.monotonic() - begun_s)
        processor_s.append(app.processor_s - worked_s)
        wait_until(lambda: not app.is_busy, 900)
    app.end()
    yield "a correction, until the new verdict can be read", f"{statistics.median(spent_s):.1f} s", "about 1 s"
    yield "the same, processor time of server and workers", f"{statistics.median(processor_s):.1f} s", "-"


def live_rows(folder: Path, live_s: float, model: ModelName) -> Iterator[Row]:
    """Measure live training in a browser."""
    camera = folder / "camera.mjpeg"
    with VideoFile(DEMO) as video, camera.open("wb") as file:
        for frame in video:
            file.write(encode_jpeg(np.asarray(cv2.resize(frame.image, LIVE_SIZE_PX), np.uint8)))
    app = AppProcess(folder, folder / "app")
    path = next(filter(None, map(shutil.which, TEST_TOOLS["chromium"][0])))
    arguments = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=arguments) as browser:
        page = browser.new_page()
        page.goto(f"{app.address}/#{app.code}")
        page.wait_for_selector("[data-drop]")
        shown = _live(page, app.address, live_s, model)
        page.click("[data-command=quit]")
        page.wait_for_url("**/sets/*", timeout=0)
    app.kill()
    late_ms = sorted(now_ms - 1000 * captured_s for now_ms, captured_s in shown)
    rate = (len(shown) - 1) / (shown[-1][0] - shown[0][0]) * 1000
    yield f"live in the browser, `{model}`, 720p: frames a second", f"{rate:.1f}", "at least 25"
    yield "the same, capture to overlay, median", f"{statistics.median(late_ms):.0f} ms", "-"
    yield "the same, 95th percentile", f"{late_ms[int(0.95 * len(late_ms))]:.0f} ms", "at most 150 ms"


def _live(page: Page, address: str, live_s: float, model: ModelName) -> list[tuple[float, float]]:
    """Train for a while; return for each drawn frame when it was drawn, ms, and captured, s, by the page's clock."""
    page.goto(f"{address}/live")
    page.select_option("select[name=model]", model)
    page.select_option("select[name=exercise]", "hip-thrust")
    page.select_option("select[name=speaker]", "nobody")
    page.evaluate(
        "window.frames_shown = []; document.querySelector('[data-screen]').addEventListener("
        "'shown', (event) => frames_shown.push([performance.now(), event.detail.captured_s]))"
    )
    page.click("[data-start]")
    wait_until(lambda: page.evaluate("frames_shown.length"))
    time.sleep(_SETTLED_S)
    page.evaluate("frames_shown.length = 0")
    time.sleep(live_s)
    found: list[tuple[float, float]] = page.evaluate("frames_shown")
    return found


def _analysed(app: AppProcess) -> str:
    name = app.send(DEMO, model="lite", exercise="hip-thrust")
    wait_until(lambda: not app.is_busy, 900)
    return name


def _spent_s(work: Callable[[], object]) -> float:
    begun_s = time.monotonic()
    work()
    return time.monotonic() - begun_s


@contextmanager
def _most_memory(process: psutil.Process) -> Iterator[list[int]]:
    """Yield a list whose only item is the most memory that *process* has had during the block, bytes."""
    most, stop = [0], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            most[0] = max(most[0], process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    main()
