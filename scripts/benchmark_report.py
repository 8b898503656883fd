"""Measure how quickly the report of a long set opens in a browser.

.. code-block:: text

    python -m scripts.benchmark_report                 a set of 100 repetitions
    python -m scripts.benchmark_report --reps 20 --keep FOLDER

The set is the demo's, analysed and repeated; the browser is the system's Chromium, without a network. Results go to
docs/performance.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hipform
from hipform.analysis.judged_reps import Rep, image_name
from hipform.app import report
from hipform.exercises import find_exercise
from hipform.feedback.set_summary import summarise_set
from hipform.report.result import FILES, AnalysisResult
from scripts.page_sections import put_section
from scripts.paths import DEMO

HEADING = "## The report"
_TIMES = ("start_s", "lift_start_s", "top_start_s", "top_s", "top_end_s", "end_s")
_OPENINGS = 7

_DRAWN = """
() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({
    drawn_s: performance.now() / 1000,
    charts: document.querySelectorAll(".chart canvas").length,
}))))
"""
"""Seconds from the start of the navigation until every chart stands on the screen."""


def lengthened(folder: Path, reps: int, target: Path) -> None:
    """Write into *target* the results in *folder* as if their set had gone on to that many repetitions."""
    result = AnalysisResult.from_json((folder / FILES["result"]).read_bytes())
    (found,) = result.sets
    round_s = result.clip.end_s - result.clip.start_s + 1 / 30
    rounds = -(-reps // len(found.reps))
    many = [_later(rep, at * len(found.reps), at * round_s) for at in range(rounds) for rep in found.reps][:reps]
    long = replace(found, reps=tuple(many), partial_reps=(), rejected=(), gaps=(), end_s=rounds * round_s)
    clip = replace(
        result.clip,
        frames=result.clip.frames * rounds,
        frames_with_person=result.clip.frames_with_person * rounds,
        end_s=rounds * round_s,
    )
    summary = summarise_set(find_exercise(long.exercise), long)
    (target / FILES["keyframes"]).mkdir(parents=True)
    for at, rep in enumerate(many):
        for moment in ("top", "bottom"):
            name = image_name(found.reps[at % len(found.reps)], moment, None)
            shutil.copy(folder / FILES["keyframes"] / name, target / FILES["keyframes"] / image_name(rep, moment, None))
    _repeat_frames(folder / FILES["frames"], rounds, round_s, target / FILES["frames"])
    shutil.copy(folder / FILES["video"], target / FILES["video"])
    long_result = replace(result, clip=clip, sets=(long,), summaries=(summary,))
    (target / FILES["result"]).write_text(long_result.to_json(), encoding="utf-8")


def _later(rep: Rep, number: int, by_s: float) -> Rep:
    times: dict[str, Any] = {
        name: None if (at_s := getattr(rep.timing, name)) is None else at_s + by_s for name in _TIMES
    }
    return replace(rep, number=rep.number + number, timing=replace(rep.timing, **times))


def _repeat_frames(source: Path, rounds: int, round_s: float, target: Path) -> None:
    with source.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for at in range(rounds):
            writer.writerows([f"{float(row[0]) + at * round_s:.6f}", *row[1:]] for row in rows)


def opening_s(page: Path, times: int = _OPENINGS) -> list[float]:
    """Return the seconds until *page* is drawn, each time in a fresh browser.

    Raises
    ------
    SystemExit
        If there is no Chromium, or a chart is missing.
    """
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        raise SystemExit("Chromium is needed: on Debian and Ubuntu, apt-get install chromium.")
    spent = []
    with sync_playwright() as playwright:
        for _ in range(times):
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            tab = browser.new_page()
            tab.goto(page.as_uri())
            drawn = tab.evaluate(_DRAWN)
            browser.close()
            if not drawn["charts"]:
                raise SystemExit(f"{page} has no charts.")
            spent.append(float(drawn["drawn_s"]))
    return spent


def section(reps: int, spent_s: Iterable[float], page_bytes: int, made_s: float) -> str:
    """Return the figures as Markdown."""
    spent = sorted(spent_s)
    lines = [
        HEADING,
        "",
        (
            f"hipform {hipform.__version__}, a set of {reps} repetitions, {os.cpu_count()} cores, Chromium without a "
            "screen. Made by `python -m scripts.benchmark_report`."
        ),
        "",
        "| figure | measured | aim |",
        "| --- | --- | --- |",
        (
            f"| open `report.html` until every chart is drawn, median of {len(spent)} (lowest to highest) | "
            f"{statistics.median(spent):.2f} s ({spent[0]:.2f} to {spent[-1]:.2f}) | under 1.5 s |"
        ),
        f"| size of `report.html`, video not embedded | {page_bytes / 1e6:.1f} MB | under 3 MB |",
        f"| make it: `hipform.app.report` | {made_s:.1f} s | - |",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="leave the folder with the page here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name, "demo")
        hipform.analyze(DEMO, exercise="hip-thrust", model="lite", out=folder)
        target = options.keep or Path(folder_name, "long")
        lengthened(folder, options.reps, target)
        began = time.perf_counter()
        page = report(target)
        made_s = time.perf_counter() - began
        text = section(options.reps, opening_s(page), page.stat().st_size, made_s)
    put_section(text)
    print(text)


if __name__ == "__main__":
    main()
