"""Run hipform over clips with known answers and write down how right it was.

.. code-block:: text

    python -m scripts.evaluate                       the rendered samples, whose every angle is known
    python -m scripts.evaluate --clips DIR           also a folder of real clips with a manifest.csv
    python -m scripts.evaluate --model full          with another pose model

``manifest.csv`` has the columns of sample_videos/manifest.csv. Exercise ``none`` means that nothing may be counted,
whichever exercise is asked for. Landmarks are kept in ``--cache``, so that a second run takes seconds. Results go to
docs/accuracy.md and, with every number, to ``--cache``/evaluation.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np

import hipform
from hipform.app import FILES, analyze
from hipform.exercises import EXERCISES
from hipform.report.result import AnalysisResult
from hipform.sources import ModelName
from hipform.types import LOCKOUT_RULE, FloatArray, Status

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_videos"
NOTHING = "none"
HELD_DEG_PER_S = 5.0
MOVING_DEG_PER_S = 15.0


@dataclass(frozen=True)
class Entry:
    """One row of a manifest."""

    path: Path
    exercise: str
    reps: range
    lockout: str
    note: str


@dataclass
class Outcome:
    """What hipform made of one clip as one exercise."""

    clip: str
    exercise: str
    expected: str
    reps: int
    partial: int
    view_off_deg: float | None
    lockout_expected: str
    lockout: dict[str, int]
    count_right: bool
    lockout_right: bool | None
    errors: dict[str, dict[str, float]] = field(default_factory=dict)


def read_manifest(folder: Path) -> list[Entry]:
    """Return the rows of ``folder/manifest.csv`` that hipform has an exercise for, and those of no exercise."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Entry(
            path=folder / row["file"],
            exercise=row["exercise"],
            reps=range(int(row["reps_min"]), int(row["reps_max"]) + 1),
            lockout=row["lockout"],
            note=row["note"],
        )
        for row in rows
        if row["exercise"] in EXERCISES or row["exercise"] == NOTHING
    ]


def outcomes(entry: Entry, model: ModelName, cache: Path) -> Iterator[Outcome]:
    """Analyse one clip, as its own exercise or, if it shows none, as each of them."""
    for slug in EXERCISES if entry.exercise == NOTHING else [entry.exercise]:
        folder = cache / f"{entry.path.stem}_{model}"
        poses = folder / FILES["poses"]
        result = analyze(poses if poses.exists() else entry.path, exercise=slug, model=model, out=folder)
        outcome = judge(entry, slug, result)
        truth = entry.path.with_suffix(".csv")
        if truth.exists():
            outcome.errors = angle_errors(truth, folder / FILES["frames"])
        yield outcome


def judge(entry: Entry, slug: str, result: AnalysisResult) -> Outcome:
    """Hold a result against its row of the manifest."""
    verdicts = [rep.finding(LOCKOUT_RULE).status for rep in result.set.reps]
    counts = {status.value: verdicts.count(status) for status in Status}
    judged = len(verdicts) - counts[Status.NOT_ASSESSED]
    wanted = {"full": Status.OK, "short": Status.FAULT}.get(entry.lockout)
    low, high = entry.reps[0], entry.reps[-1]
    return Outcome(
        clip=entry.path.name,
        exercise=slug,
        expected=str(low) if low == high else f"{low}-{high}",
        reps=len(result.set.reps),
        partial=len(result.set.partial_reps),
        view_off_deg=result.set.view_off_deg,
        lockout_expected=entry.lockout,
        lockout=counts,
        count_right=len(result.set.reps) in entry.reps,
        lockout_right=None if wanted is None or not judged else counts[wanted] == judged,
    )


def angle_errors(truth_csv: Path, frames_csv: Path) -> dict[str, dict[str, float]]:
    """Return bias, mean absolute error, 95th percentile and coverage of the stated band, by what the hip does."""
    truth, frames = read_columns(truth_csv), read_columns(frames_csv)
    true_deg = 180.0 - truth["hip_shk"]
    at = np.searchsorted(truth["t"], frames["time_s"] - 1e-3).clip(0, len(true_deg) - 1)
    speed = np.abs(np.gradient(true_deg, truth["t"]))[at]
    error = frames["hip_flexion_deg"] - true_deg[at]
    top = true_deg[at] < true_deg.min() + 6.0
    groups = {
        "top hold": (speed < HELD_DEG_PER_S) & top,
        "bottom": (speed < HELD_DEG_PER_S) & ~top,
        "moving": speed > MOVING_DEG_PER_S,
    }
    return {name: error_figures(error[group], frames["hip_flexion_u95_deg"][group]) for name, group in groups.items()}


def error_figures(error: FloatArray, u95: FloatArray) -> dict[str, float]:
    """Summarise signed errors; NaN ones, where nothing was measured, are left out and counted."""
    seen = np.isfinite(error)
    size = np.abs(error[seen])
    return {
        "frames": float(len(error)),
        "unseen": float((~seen).sum()),
        "bias_deg": float(error[seen].mean()),
        "mean_deg": float(size.mean()),
        "p95_deg": float(np.percentile(size, 95)),
        "within_band": float((size <= u95[seen]).mean()),
    }


def read_columns(path: Path) -> dict[str, FloatArray]:
    """Return the numeric columns of a CSV file; empty cells are NaN, columns of words are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, FloatArray] = {}
    for name in rows[0]:
        try:
            columns[name] = np.array([float(row[name] or "nan") for row in rows])
        except ValueError:
            continue
    return columns


def report(found: list[Outcome], model: str) -> str:
    """Return the tables as Markdown."""
    counted = [o for o in found if o.expected != "0"]
    empty = [o for o in found if o.expected == "0"]
    judged = [o for o in found if o.lockout_right is not None]
    lines = [
        "# Accuracy",
        "",
        (
            f"hipform {hipform.__version__}, model {model}. Made by `python -m scripts.evaluate --model {model}`; with "
            "`--clips` it takes real clips, listed here by name and number only."
        ),
        "",
        (
            f"- Repetitions right on {sum(o.count_right for o in counted)} of {len(counted)} clips; "
            f"{sum(o.count_right for o in empty)} of {len(empty)} runs over clips of something else counted nothing."
        ),
        (
            f"- Lockout right on {sum(bool(o.lockout_right) for o in judged)} of {len(judged)} clips that could be "
            "judged and have an answer."
        ),
        "",
        "## Repetitions and lockout",
        "",
        "| clip | as | reps | expected | partial | view off, deg | lockout ok / fault / not assessed | expected |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for o in found:
        view = "-" if o.view_off_deg is None else f"{o.view_off_deg:.0f}"
        verdicts = " / ".join(str(o.lockout[status.value]) for status in Status)
        mark = "" if o.count_right else " **wrong**"
        wrong = " **wrong**" if o.lockout_right is False else ""
        lines.append(
            f"| {o.clip} | {o.exercise} | {o.reps}{mark} | {o.expected} | {o.partial} | {view} | {verdicts}{wrong} "
            f"| {o.lockout_expected or '-'} |"
        )
    return "\n".join([*lines, "", *error_table(found)]) + "\n"


def error_table(found: list[Outcome]) -> list[str]:
    """Return the table of angle errors for the clips whose truth is known."""
    lines = [
        "## Hip angle against the truth of rendered clips",
        "",
        "Trunk-thigh angle of every frame, degrees. *Within* is how often the truth lies inside the stated 95 % band.",
        "",
        "| clip | while | frames | bias | mean error | 95th percentile | within |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for o in found:
        for group, e in o.errors.items():
            lines.append(
                f"| {o.clip} | {group} | {e['frames']:.0f} | {e['bias_deg']:+.1f} | {e['mean_deg']:.1f} "
                f"| {e['p95_deg']:.1f} | {e['within_band']:.0%} |"
            )
    return lines


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, action="append", default=[], help="folder with clips and a manifest.csv")
    parser.add_argument("--model", choices=get_args(ModelName), default="heavy")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "hipform-evaluation")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "accuracy.md")
    options = parser.parse_args()
    entries = [entry for folder in (SAMPLES, *options.clips) for entry in read_manifest(folder)]
    found: list[Outcome] = []
    for number, entry in enumerate(entries, 1):
        print(f"[{number}/{len(entries)}] {entry.path.name}", flush=True)
        found += outcomes(entry, options.model, options.cache)
    text = report(found, options.model)
    options.out.write_text(text, encoding="utf-8")
    figures = json.dumps([asdict(outcome) for outcome in found], indent=1)
    (options.cache / "evaluation.json").write_text(figures, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
