"""Compare fast mode, and every frame but the first three, with every frame, repetition by repetition.

.. code-block:: text

    python -m scripts.evaluate.fast --clips DIR            the rendered samples and a folder with a manifest.csv
    python -m scripts.evaluate.fast --model heavy --model full

Landmarks are kept in ``--cache`` as in ``python -m scripts.evaluate``. The page goes to docs/fast.md. Limits may
be set on clips of the development part only: even seeds of the rendered ones, and real ones whose sha256 ends in an
even digit. The others are held out.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from hipform.app import analyze
from hipform.errors import HipformError, NoExerciseError
from hipform.exercises import AUTO
from hipform.pose.model_files import ModelName
from hipform.report.result import FILES, AnalysisResult
from scripts.evaluate.agreement import LEFT_OUT, compare
from scripts.evaluate.angles import clip_samples
from scripts.evaluate.clips import Entry
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text, exercise_entries
from scripts.evaluate.evaluation import clear_samples
from scripts.evaluate.fast_page import PARTS, Agreement, Counted, page
from scripts.evaluate.reps import count_error
from scripts.evaluate.runs import cache_folder, counted_reps, landmarks_of, record_in_one_run, sha256_of
from scripts.evaluate.truth import read_truth
from scripts.paths import ROOT


def part_of(entry: Entry) -> str:
    """Return which part a clip belongs to."""
    number = int(sha256_of(entry.path)[-1], 16) if entry.seed is None else entry.seed
    return PARTS[number % 2]


def run_clip(entry: Entry, model: ModelName, cache_root: Path, *, control: bool) -> list[Agreement]:
    """Analyse a clip in fast mode, and with *control* without its first frames, and compare with every frame."""
    sha256 = sha256_of(entry.path)
    every = landmarks_of(entry.path, sha256, model, cache_root)
    folder = cache_folder(sha256, model, cache_root)
    ways = {"fast": folder / "fast" / FILES["poses"]}
    if not ways["fast"].exists():
        analyze(entry.path, exercise=entry.exercise, model=model, out=folder / "fast", fast=True)
    if control:
        ways["control"] = folder / "control" / FILES["poses"]
        if not ways["control"].exists():
            record_in_one_run(entry.path, model, ways["control"], left_out=LEFT_OUT)
    full = _Judged.of(every, entry, model)
    return [_agreement(entry, model, way, full, _Judged.of(poses, entry, model)) for way, poses in ways.items()]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a recording gives: its result, the exercises recognised in it, and the coverage of the stated intervals."""

    result: AnalysisResult
    recognised: tuple[str, ...]
    coverage: Counted | None

    @staticmethod
    def of(poses: Path, entry: Entry, model: str) -> _Judged:
        """Judge a recording as what its clip shows."""
        folder = poses.parent / "judged"
        result = analyze(poses, exercise=entry.exercise, out=folder)
        try:
            recognised = tuple(dict.fromkeys(found.exercise for found in analyze(poses, exercise=AUTO).sets))
        except NoExerciseError:
            recognised = ()
        return _Judged(result, recognised, _coverage(folder / FILES["frames"], entry, model))


def _coverage(frames_csv: Path, entry: Entry, model: str) -> Counted | None:
    if entry.truth_json is None:
        return None
    samples = clear_samples(clip_samples(read_truth(entry.truth_json), frames_csv, entry, model))
    top = [sample for sample in samples if (sample.measure, sample.state) == ("trunk_thigh_flexion_deg", "top")]
    # Where nothing was measured, no interval is stated either.
    stated = [np.isfinite(sample.error_deg) & np.isfinite(sample.u95_deg) for sample in top]
    held = [np.abs(sample.error_deg) <= sample.u95_deg for sample in top]
    of = sum(int(frames.sum()) for frames in stated)
    return (sum(int((one & other).sum()) for one, other in zip(held, stated, strict=True)), of) if of else None


def _agreement(entry: Entry, model: str, way: str, full: _Judged, other: _Judged) -> Agreement:
    reps = [counted_reps(judged.result) for judged in (full, other)]
    return Agreement(
        clip=entry.path.name,
        model=model,
        way=way,
        part=part_of(entry),
        source=entry.source,
        frames=full.result.clip.frames,
        processed=other.result.clip.frames,
        count_errors=None
        if entry.any_number
        else (count_error(len(reps[0]), entry.reps), count_error(len(reps[1]), entry.reps)),
        exercises=full.recognised == other.recognised,
        coverage=(full.coverage, other.coverage) if full.coverage and other.coverage else None,
        **compare(*reps),  # type: ignore[arg-type]
    )


def main() -> None:
    """Parse the command line, run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_shared_options(parser)
    parser.add_argument("--part", choices=PARTS, action="append", help="may be repeated; both if none")
    parser.add_argument("--control", action="store_true", help="also every frame but the first three; takes long")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="clips at once (default: processors)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "fast.md")
    options = parser.parse_args()
    models = chosen_models(options)
    entries = [e for e in exercise_entries(options) if part_of(e) in (options.part or PARTS)]
    found: list[Agreement] = []
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        running = [
            (entry, pool.submit(run_clip, entry, model, options.cache, control=options.control))
            for model in models
            for entry in entries
        ]
        for number, (entry, future) in enumerate(running, 1):
            try:
                found += future.result()
            except HipformError as error:
                print(f"{entry.path.name} is skipped: {error}")
            print(f"[{number}/{len(running)}] {entry.path.name}", flush=True)
    words = [word for part in options.part or () for word in ("--part", part)]
    words += ["--control"] if options.control else []
    options.out.write_text(page(found, command_text("scripts.evaluate.fast", options, models, words)), encoding="utf-8")
    print(f"{options.out} written")


if __name__ == "__main__":
    main()
