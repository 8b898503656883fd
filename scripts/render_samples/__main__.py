"""Command line: `python -m scripts.render_samples one|samples|evaluation|stills`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from scripts.render_samples.bodies import body_names
from scripts.render_samples.clip_sets import evaluation_jobs, sample_jobs, write_manifest
from scripts.render_samples.exercises import EXERCISES
from scripts.render_samples.faults import FAULTS, FaultRequest
from scripts.render_samples.jobs import render_job, run_jobs
from scripts.render_samples.spec import CameraSpec, ClipSpec, SceneSpec, from_dict, sample_spec
from scripts.render_samples.stills import render_stills, stills_jobs

COST = (
    "Rendering takes about 0.3 CPU-seconds a frame at 640x360 and 0.5 at 960x540 on a software renderer: one to two "
    "minutes for a clip of six seconds on one core, 45 minutes for the sample set, and about 6 core-hours for every "
    "100 evaluation clips (1.5 with --quick)."
)


def parse_fault(text: str) -> FaultRequest:
    """Read `id=amount` or `id=amount@1,3` (the reps that show it)."""
    name, _, rest = text.partition("=")
    amount, _, reps = rest.partition("@")
    if name not in FAULTS:
        raise argparse.ArgumentTypeError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
    try:
        chosen = tuple(int(rep) for rep in reps.split(",") if rep)
        return FaultRequest(name, float(amount or FAULTS[name].amounts[1]), chosen)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected id=amount@rep,rep but got {text!r}") from error


def one_spec(arguments: argparse.Namespace) -> ClipSpec:
    """Return the clip that the options of `one` describe."""
    if arguments.spec:
        return from_dict(json.loads(arguments.spec.read_text(encoding="utf-8")))
    if arguments.random:
        return sample_spec(arguments.seed, arguments.exercise)
    width_px, height_px = (int(n) for n in arguments.size.split("x"))
    return ClipSpec(
        exercise=arguments.exercise,
        body=arguments.body,
        seed=arguments.seed,
        reps=arguments.reps,
        faults=tuple(arguments.fault),
        camera=CameraSpec(
            azimuth_deg=arguments.azimuth,
            mirrored=arguments.mirrored,
            sway_m=arguments.sway,
            width_px=width_px,
            height_px=height_px,
            fps=arguments.fps,
        ),
        scene=SceneSpec(plates=arguments.plates or EXERCISES[arguments.exercise].plates[0]),
    )


def build_parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.render_samples", description=f"Render lifters with known truth. {COST}"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("one", help="render one clip", description=f"Render one clip. {COST}")
    one.add_argument("--exercise", choices=EXERCISES, required=True)
    one.add_argument("--out", type=Path, required=True, help="path of the files, without extension")
    one.add_argument("--body", choices=body_names(), default="male_average")
    one.add_argument("--fault", type=parse_fault, action="append", default=[], metavar="ID=AMOUNT[@REP,REP]")
    one.add_argument("--reps", type=int, default=2)
    one.add_argument("--plates", help="plates on the bar: none, small, medium, big, big-red")
    one.add_argument("--azimuth", type=float, default=0.0, help="camera angle off the side view, deg")
    one.add_argument("--mirrored", action="store_true", help="film the left side")
    one.add_argument("--sway", type=float, default=0.0, help="wander of a hand-held camera, m")
    one.add_argument("--size", default="960x540", help="frame size, WIDTHxHEIGHT")
    one.add_argument("--fps", type=float, default=30.0)
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--random", action="store_true", help="draw everything but the exercise from the seed")
    one.add_argument("--spec", type=Path, help="JSON file with a whole clip specification")
    _add_sets(commands)
    return parser


def _add_sets(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    samples = commands.add_parser("samples", help="render the committed set", description=COST)
    samples.add_argument("--out", type=Path, default=Path("sample_videos"))
    samples.add_argument("--exercise", choices=EXERCISES, help="only those of this one; the others must be there")
    evaluation = commands.add_parser("evaluation", help="render a big set, resumable", description=COST)
    evaluation.add_argument("--out", type=Path, required=True)
    evaluation.add_argument("--count", type=int, default=300)
    evaluation.add_argument("--first-seed", type=int, default=0)
    evaluation.add_argument("--exercise", choices=EXERCISES, help="only this one")
    evaluation.add_argument("--quick", action="store_true", help="small frames, two reps a clip")
    stills = commands.add_parser("stills", help="render images of low backs, resumable", description=COST)
    stills.add_argument("--out", type=Path, required=True)
    stills.add_argument("--count", type=int, default=24, help="lifters in each exercise")
    stills.add_argument("--first-seed", type=int, default=700)
    for command in (samples, evaluation, stills):
        command.add_argument("--workers", type=int, default=os.cpu_count() or 1)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    options = build_parser().parse_args(arguments)
    if options.command == "one":
        print(render_job((one_spec(options), options.out)))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    if options.command == "stills":
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
            for line in pool.map(render_stills, stills_jobs(options.out, options.count, options.first_seed)):
                print(line, flush=True)
        return 0
    if options.command == "samples":
        jobs = sample_jobs(options.out)
    else:
        jobs = evaluation_jobs(options.out, options.count, options.first_seed, options.exercise, small=options.quick)
    run_jobs([job for job in jobs if options.exercise in (None, job[0].exercise)], options.workers)
    write_manifest(options.out, jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
