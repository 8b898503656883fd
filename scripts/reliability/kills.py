"""Commands killed at random moments: no finished work is lost, and the next run works."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from hipform.errors import HistoryError, InputError, NoPersonError
from hipform.report.result import FILES
from hipform.store import History
from scripts.reliability.clips import SAMPLE
from scripts.reliability.probe import left_broken, run
from scripts.reliability.series import ANALYZE, LIMIT_S, Series, facts, keep_history_at


def kill_analyses(scratch: Path, runs: int) -> Series:
    """Kill analyses of one folder at random moments: earlier results stay whole, and the next run succeeds."""
    series = Series("analyze killed at a random moment")
    random = np.random.default_rng(1)
    whole = scratch / "whole"
    undisturbed = run((*ANALYZE, "-o", str(whole)), limit_s=LIMIT_S, said=scratch / "said")
    expected = facts(whole)
    out = scratch / "out"
    for number in range(runs):
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = left_broken(out)
        if number % 10 == 9:
            again = run((*ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
            wrong += [] if again.code == 0 and facts(out) == expected else [f"the next run differs: {again.said}"]
        series.add(outcome, wrong)
    return series


def kill_analyses_with_history(scratch: Path, runs: int) -> Series:
    """Kill runs that write to the history: it stays readable and complete."""
    series = Series("analyze --athlete killed at a random moment")
    random = np.random.default_rng(2)
    poses = scratch / "analysis" / FILES["poses"]
    run((*ANALYZE, "-o", str(poses.parent)), limit_s=LIMIT_S, said=scratch / "said")
    command = ("analyze", str(poses), "-e", "hip-thrust", "-o", str(scratch / "out"), "--athlete", "Ana")
    with keep_history_at(scratch / "history.sqlite3"):
        undisturbed = run(command, limit_s=LIMIT_S, said=scratch / "said")
        for _ in range(runs):
            moment_s = float(random.uniform(0.5, 1.05)) * undisturbed.spent_s
            outcome = run(command, limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
            series.add(outcome, _lost_from(scratch / "history.sqlite3"))
    return series


def kill_batches(scratch: Path, runs: int) -> Series:
    """Kill batches: each clip has its complete result or none, and resuming gives the results of an undisturbed run."""
    series = Series("batch killed at a random moment")
    random = np.random.default_rng(3)
    clips = scratch / "clips"
    clips.mkdir()
    for number in range(3):
        shutil.copy(SAMPLE, clips / f"{number}.mp4")
    command = ("batch", str(clips), "-e", "hip-thrust", "-m", "lite", "--workers", "2", "-o")
    undisturbed = run((*command, str(scratch / "whole")), limit_s=LIMIT_S, said=scratch / "said")
    expected = _facts_of_batch(scratch / "whole")
    out = scratch / "out 0"
    for number in range(runs):
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = [one for folder in _folders(out) for one in left_broken(folder)]
        if number % 5 == 4:
            again = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said")
            same = again.code == 0 and _facts_of_batch(out) == expected
            wrong += [] if same else [f"resuming gives other results: {again.said}"]
            out = scratch / f"out {number}"
        series.add(outcome, wrong)
    return series


def _folders(out: Path) -> list[Path]:
    return sorted(path for path in out.iterdir() if (path / FILES["result"]).exists()) if out.exists() else []


def _facts_of_batch(out: Path) -> object:
    return {folder.name: (facts(folder), sorted(path.name for path in folder.rglob("*"))) for folder in _folders(out)}


def kill_live(scratch: Path, runs: int) -> Series:
    """Kill live trainings with a file as the camera: the recording can be analysed, or is reported to be empty."""
    series = Series("live killed at a random moment")
    random = np.random.default_rng(4)
    command = ("live", "--camera", str(SAMPLE), "--headless", "--sound", "off", "-e", "hip-thrust", "-m", "lite", "-o")
    undisturbed = run((*command, str(scratch / "whole")), limit_s=LIMIT_S, said=scratch / "said")
    if undisturbed.code:
        series.wrong.append(f"undisturbed: exit code {undisturbed.code}: {undisturbed.said.strip()}")
    for number in range(runs):
        out = scratch / f"{number}"
        moment_s = float(random.uniform(0, undisturbed.spent_s))
        outcome = run((*command, str(out)), limit_s=LIMIT_S, said=scratch / "said", kill_after_s=moment_s)
        wrong = left_broken(out)
        recording = out / FILES["recording"]
        if recording.exists():
            again = run(
                ("analyze", str(recording), "-e", "hip-thrust", "-m", "lite", "-o", str(scratch / "again")),
                limit_s=LIMIT_S,
                said=scratch / "said",
            )
            if again.code not in (0, InputError.exit_code, NoPersonError.exit_code):
                wrong.append(f"its recording: exit code {again.code}: {again.said.strip()}")
        series.add(outcome, wrong)
    return series


def _lost_from(path: Path) -> list[str]:
    try:
        with History(path) as history:
            return [] if len(history.sets(athlete="Ana")) == 1 else ["the stored set is gone"]
    except HistoryError as error:
        return [f"the history cannot be read: {error}"]
