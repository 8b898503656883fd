"""Run hipform over clips with known answers and write down how right it was.

.. code-block:: text

    python -m scripts.evaluate                       the rendered samples, whose every angle is known
    python -m scripts.evaluate --clips DIR           also the clips of a folder with a manifest.csv
    python -m scripts.evaluate --samples REAL        only the clips of another folder
    python -m scripts.evaluate --no-crossing         without the runs as every other exercise: much faster
    python -m scripts.evaluate --model lite --model heavy
    python -m scripts.evaluate --part tune           only the rendered clips of even seed
    python -m scripts.evaluate --labels DIR --clips CLIPS    also against joints that people placed by eye
    python -m scripts.evaluate --stills DIR          also how well the outline shows the low back
    python -m scripts.evaluate --compare OLD.json    also what got better and worse since OLD.json was written

What a run measured replaces its sections of docs/accuracy.md and docs/accuracy_tables.md, and its CSV files; all other
sections keep their figures.

A manifest has the columns file, exercise, lockout, view, and either reps or reps_min and reps_max. Exercise ``none``
means that nothing may be counted, whichever exercise is requested, and ``_then_`` in a file name that other
exercises follow. Landmarks are kept in ``--cache`` by the clip's and the model's sha256, so that a second run takes
seconds; remove the folder when the code that finds landmarks changed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any, get_args

import hipform
from scripts.evaluate.ablation import step_errors
from scripts.evaluate.accuracy_page import PAGE, Origin
from scripts.evaluate.clips import Part, select
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text
from scripts.evaluate.evaluation import Evaluation
from scripts.evaluate.figures import Figure, Figures, comparison
from scripts.evaluate.labels import Measured, measure_labels, read_labels
from scripts.evaluate.low_back import read_stills
from scripts.evaluate.overall_figures import all_figures
from scripts.evaluate.page import write_pages
from scripts.evaluate.runs import landmarks_of, run_clip, sha256_of
from scripts.paths import SAMPLES

FORMAT = 1


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=Path, default=SAMPLES, help="rendered clips (default: sample_videos)")
    add_shared_options(parser)
    parser.add_argument(
        "--labels",
        type=Path,
        help="folder with joints.csv, of clips in the first of --clips (else --samples)",
    )
    parser.add_argument("--stills", type=Path, help="images of low backs: python -m scripts.render_samples stills")
    parser.add_argument("--no-crossing", action="store_true", help="analyse no clip as another exercise")
    parser.add_argument("--part", choices=get_args(Part), default="all", help="by seed: even tune, odd report")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="figures of another version")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="clips at once (default: processors)")
    parser.add_argument("--json", type=Path, help="every figure (default: evaluation.json in the cache)")
    parser.add_argument("--out", type=Path, default=PAGE, help="its tables go into files beside it")
    options = parser.parse_args(arguments)
    options.model = chosen_models(options)
    options.json = options.json or options.cache / "evaluation.json"
    return options


def command(options: argparse.Namespace) -> str:
    """Return the command that gives the same figures; paths are left out."""
    others = ["--samples", options.samples.name.upper()] if options.samples != SAMPLES else []
    others += ["--labels", options.labels.name.upper()] if options.labels else []
    others += ["--stills", options.stills.name.upper()] if options.stills else []
    others += ["--no-crossing"] if options.no_crossing else []
    others += ["--part", options.part] if options.part != "all" else []
    return command_text("scripts.evaluate", options, options.model, others)


def evaluate(options: argparse.Namespace) -> Evaluation:
    """Run every clip with every model, the first of them also as every other exercise."""
    entries = list(select([options.samples, *options.clips], options.part))
    crossed = None if options.no_crossing else options.model[0]
    jobs = [(model, entry) for model in options.model for entry in entries]
    found = Evaluation()
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        running = [
            pool.submit(run_clip, entry, model, options.cache, crossed=model == crossed) for model, entry in jobs
        ]
        for number, future in enumerate(running, 1):
            outcome = future.result()
            found.add(outcome)
            print(f"[{number}/{len(jobs)}] {outcome.model} {outcome.entry.path.name}", flush=True)
    found.steps = list(step_errors(entries, options.model, options.cache))
    if options.labels:
        found.labelled = list(measured_labels(options))
    if options.stills:
        found.stills = read_stills(options.stills, options.model[0], options.cache)
    return found


def measured_labels(options: argparse.Namespace) -> Iterator[Measured]:
    """Yield what each model reads at every labelled moment."""
    for model in options.model:
        for clip, labels in read_labels(options.labels, (options.clips or [options.samples])[0]).items():
            yield from measure_labels(landmarks_of(clip, sha256_of(clip), model, options.cache), labels)


def record(found: Evaluation, figures: Figures, options: argparse.Namespace) -> dict[str, Any]:
    """Return everything as JSON."""
    return {
        "format": FORMAT,
        "hipform_version": hipform.__version__,
        "command": command(options),
        "part": options.part,
        "models": options.model,
        "clips": found.digests,
        "figures": {name: asdict(figure) for name, figure in figures.items()},
        "runs": [asdict(row) for row in found.rows],
        "verdicts": [asdict(verdict) for verdict in found.verdicts],
        "losses": [asdict(loss) for loss in found.losses],
        "recognitions": [asdict(recognition) for recognition in found.recognitions],
        "crossings": [asdict(crossing) for crossing in found.crossings],
    }


def print_comparison(old: Mapping[str, Any], found: Evaluation, figures: Figures) -> None:
    """Print what got better and what got worse since *old*, and warn if the set of clips differs."""
    then, now = set(old["clips"]), set(found.digests)
    if then != now:
        print(f"Not the same set: {len(then - now)} clips only in the old one, {len(now - then)} only in this one.")
    before = {name: Figure(**figure) for name, figure in old["figures"].items()}
    print("\n".join(comparison(before, figures)))


def main() -> None:
    """Run, write the page and the JSON, and compare."""
    options = parse()
    # Read first: it may be the very file that is about to be replaced.
    old = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else None
    found = evaluate(options)
    figures = all_figures(found)
    write_pages(found, figures, Origin.now(command(options)), options.part, options.out)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(record(found, figures, options), indent=1), encoding="utf-8")
    print(f"{options.out} and {options.json} written")
    if old:
        print_comparison(old, found, figures)


if __name__ == "__main__":
    main()
