"""Find out which rules find their fault: on simulated landmarks of rendered lifters, a section of docs/accuracy.md.

.. code-block:: text

    python -m scripts.evaluate.rules                 all sets; even numbers are for tuning, odd ones for reporting
    python -m scripts.evaluate.rules --part tune --rule momentum --exercise hip-thrust

The lifters are those of `scripts.render_samples`, posed but not drawn: their joints are known, and get the errors that
the pose model makes on the rendered samples (`landmark_noise.py`). That allows hundreds of sets in the time of a few
rendered ones. What it cannot show: the outline of the trunk, clothes, plates, and errors that the model makes on real
people only.
"""

from __future__ import annotations

import argparse
import json
import shlex
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np

from hipform.analysis import Section, Session
from hipform.exercises import EXERCISES
from hipform.pose.model_files import ModelName
from hipform.video.frames import ClipInfo
from scripts.evaluate.accuracy_page import PAGE, Origin, write_section
from scripts.evaluate.clips import Part, read_manifest
from scripts.evaluate.landmark_noise import LandmarkNoise, fit_noise, noisy_poses
from scripts.evaluate.markdown import plain, signed, table
from scripts.evaluate.reps import MOMENTS, MomentError, match_reps, moment_errors, time_figures
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.evaluate.simulated_sets import FPS, PlannedSet, planned_sets, simulate
from scripts.evaluate.verdict_tables import confusion_table
from scripts.evaluate.verdicts import ALONE, RuleAnswer, by_rule, set_verdicts
from scripts.paths import SAMPLES
from scripts.render_samples.exercises import EXERCISES as RENDERED
from scripts.render_samples.faults import FAULTS

FOUND_LEAST, RIGHT_LEAST = 0.6, 0.85
"""A rule that finds a smaller share of the faults it judges, or is right in fewer of its calls, is removed."""

_INTRODUCTION = f"""\
Rendered lifters that are posed but not drawn, with the errors that the {{model}} model makes on the rendered samples.
{{sets}} sets of five to eight repetitions: {{exercises}}. All bodies, the camera up to 20 degrees off the side view,
amounts from just visible to gross, half of the sets with the fault in every repetition. The outline of the trunk is not
simulated, so the low back is judged by the angle only; plates and clothes are not there either, so real clips are
answered less often. Columns are those of *Verdicts*, but repetitions with the fault of any other rule count as good
here. A rule that finds less than {FOUND_LEAST:.0%} or is right in less than {RIGHT_LEAST:.0%} is not among
the verdicts."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate.rules",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", choices=get_args(ModelName), default="heavy")
    parser.add_argument("--part", choices=get_args(Part), default="report", help="by number: even tune, odd report")
    parser.add_argument(
        "--rule", action="append", default=[], help="only sets with a fault of this rule and clean ones"
    )
    parser.add_argument("--exercise", choices=RENDERED, action="append", default=[], help="only sets of this exercise")
    parser.add_argument("--sets", type=int, help="sets with each fault (default: all)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "hipform-evaluation")
    parser.add_argument("--json", type=Path, help="every answer (default: rules.json in the cache)")
    parser.add_argument("--out", type=Path, default=PAGE, help="its tables go into files beside it")
    options = parser.parse_args(arguments)
    options.json = options.json or options.cache / "rules.json"
    return options


def command(options: argparse.Namespace) -> str:
    """Return the command that gives the same figures."""
    words = ["python", "-m", "scripts.evaluate.rules", "--model", options.model, "--part", options.part]
    words += [word for rule in options.rule for word in ("--rule", rule)]
    words += [word for exercise in options.exercise for word in ("--exercise", exercise)]
    words += ["--sets", str(options.sets)] if options.sets is not None else []
    return shlex.join(words)


def recorded_noise(exercises: Collection[str], model: ModelName, cache: Path) -> dict[str, list[LandmarkNoise]]:
    """Return the errors of a model on the rendered samples of each exercise; missing landmarks are found."""
    found: dict[str, list[LandmarkNoise]] = {}
    for entry in read_manifest(SAMPLES):
        if entry.truth_json and entry.exercise in exercises:
            poses = landmarks_of(entry.path, sha256_of(entry.path), model, cache)
            found.setdefault(entry.exercise, []).append(fit_noise(poses, entry.truth_json))
    return found


def judged_set(
    planned: PlannedSet, noise: Sequence[LandmarkNoise], cache: Path
) -> tuple[list[RuleAnswer], list[MomentError]]:
    """Return the answers of all rules for one set, and the errors of its times."""
    rng = np.random.default_rng([planned.number, 11])
    simulated = simulate(planned, cache / "simulated")
    camera, slug, name = planned.spec.camera, planned.spec.exercise, str(planned.number)
    info = ClipInfo(name=name, width_px=camera.width_px, height_px=camera.height_px, fps=FPS)
    session = Session([Section(exercise=EXERCISES[slug])], info)
    for pose in noisy_poses(simulated, noise[int(rng.integers(len(noise)))], rng):
        session.push(pose)
    sets = session.finish()
    matching = match_reps(simulated.reps, [rep for found in sets for rep in found.reps])
    where = (name, "simulated")
    return list(set_verdicts(matching, sets, EXERCISES[slug], where)), list(moment_errors(matching, *where))


def section(
    model: ModelName, planned: Sequence[PlannedSet], answers: Sequence[RuleAnswer], moments: Sequence[MomentError]
) -> Iterator[str]:
    """Yield the section of the page: what the rules answered for the *planned* sets."""
    exercises = ", ".join(f"`{slug}`" for slug in RENDERED if any(one.spec.exercise == slug for one in planned))
    text = _INTRODUCTION.format(model=model, sets=len(planned), exercises=exercises)
    yield from (f"## Rules on simulated landmarks, {model} model", "", text, "")
    groups = {f"`{rule}`": group for rule, group in by_rule(answers).items() if not rule.endswith(ALONE)}
    shown = {rule: group for rule, group in groups.items() if any(answer.faults for answer in group)}
    yield from confusion_table(shown, "rule")
    yield from ("", "### Times", "", "Times of the same repetitions, seconds; positive is late or long:", "")
    found_times = {moment: time_figures([one for one in moments if one.moment == moment]) for moment in MOMENTS}
    lines = [
        (f"`{moment}`", times.reps, signed(times.bias_s, 2), plain(times.mean_s, 2), plain(times.p95_s, 2))
        for moment, times in found_times.items()
    ]
    yield from table(("time", "n repetitions", "bias", "mean absolute error", "95th percentile"), lines)


def main() -> None:
    """Simulate, judge, and write the section and the answers."""
    options = parse()
    planned = list(chosen_sets(options))
    noise = recorded_noise({one.spec.exercise for one in planned}, options.model, options.cache)
    answers: list[RuleAnswer] = []
    moments: list[MomentError] = []
    for one in planned:
        found, errors = judged_set(one, noise[one.spec.exercise], options.cache)
        answers += found
        moments += errors
    lines = list(section(options.model, planned, answers, moments))
    write_section(lines, Origin.now(command(options)), options.out)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps([asdict(answer) for answer in answers], indent=0), encoding="utf-8")
    print("\n".join(lines))


def chosen_sets(options: argparse.Namespace) -> Iterator[PlannedSet]:
    """Yield the sets of the chosen part, rules and exercises."""
    amounts = {} if options.sets is None else {"a_fault": options.sets}
    for planned in planned_sets(**amounts):
        mine = not options.rule or not planned.fault or FAULTS[planned.fault].rule in options.rule
        mine = mine and (not options.exercise or planned.spec.exercise in options.exercise)
        if mine and (options.part == "all" or planned.number % 2 == (0 if options.part == "tune" else 1)):
            yield planned


if __name__ == "__main__":
    main()
