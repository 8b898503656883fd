"""Which leg hipform judges where one leg works, beside the leg by eye, and beside what single cues would choose.

.. code-block:: text

    python -m scripts.evaluate.working_legs --clips DIR --cache DIR

``working_legs.csv`` beside this file has the leg that works in every real clip of such exercises, by eye. Nothing is
learned from it, so that no person has to be left out.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hipform.app.judge_recording import poses_with_load
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.kinematics.load import find_load
from hipform.kinematics.measures import SIDE_POINTS, SideView, trunk_thigh_flexion_deg
from hipform.kinematics.orientation import compute_near_side
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.types import FloatArray, Side
from scripts.evaluate.accuracy_page import Origin, write_section
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text
from scripts.evaluate.labels import judged_reps
from scripts.evaluate.markdown import table
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.paths import ROOT, SAMPLES

SECTION = "Which leg is judged"
_INTRODUCTION = """\
Counted repetitions of exercises in which one leg works, by the leg that was judged: real clips with the leg by eye
(`scripts/evaluate/working_legs.csv`), and rendered ones with the known leg. The other rows are what one cue alone
would choose from the whole repetition, and the majority of the three cues of the legs. *People*: those whose every
repetition is right."""
LEGS = Path(__file__).with_name("working_legs.csv")
RECORDED_SAMPLES = ROOT / "tests" / "sample_recordings"


@dataclass(frozen=True, slots=True)
class Leg:
    """The leg that works in a part of a clip, from *first_s* to *last_s*."""

    clip: str
    person: str
    exercise: str
    first_s: float
    last_s: float
    side: Side


@dataclass(frozen=True, slots=True)
class Choice:
    """The leg of one repetition: the true one, and what each way chooses."""

    person: str
    side: Side
    chosen: Mapping[str, Side]


def read_legs(path: Path = LEGS) -> list[Leg]:
    """Return the legs by eye."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Leg(
                clip=row["clip"],
                person=row["person"],
                exercise=row["exercise"],
                first_s=float(row["first_s"]),
                last_s=float(row["last_s"]),
                side=Side(row["side"]),
            )
            for row in csv.DictReader(file)
        ]


def rendered_legs() -> Iterator[Leg]:
    """Yield the legs of the rendered samples in which one leg works."""
    for path in sorted(RECORDED_SAMPLES.glob("*.npz")):
        slug, truth = path.stem.split("_")[0], SAMPLES / f"{path.stem}.json"
        if truth.exists() and slug in EXERCISES and EXERCISES[slug].has_sides:
            for rep in json.loads(truth.read_text(encoding="utf-8"))["reps"]:
                yield Leg(path.stem, path.stem, slug, rep["start_s"], rep["end_s"], Side(rep["side"]))


def choices(recording_path: Path, legs: Sequence[Leg]) -> Iterator[Choice]:
    """Yield the counted repetitions of one clip whose leg is known."""
    exercise = EXERCISES[legs[0].exercise]
    with Recording(recording_path) as recording:
        poses = list(poses_with_load(recording, find_load(recording)))
        reps = judged_reps(exercise, recording.info, poses)
    for rep, _ in reps:
        leg = next((one for one in legs if one.first_s <= rep.timing.top_s <= one.last_s), None)
        if leg:
            own = [
                pose for pose in poses if pose.found and _during(pose, rep.timing.seen_start_s, rep.timing.seen_end_s)
            ]
            yield Choice(leg.person, leg.side, {"hipform": rep.side, **by_cues(own, exercise.working_side)})


def _during(pose: Pose, start_s: float, end_s: float) -> bool:
    return start_s <= pose.t_s <= end_s


# ----------------------------------------------------------------------------------------------------------------- cues


def by_cues(poses: Sequence[Pose], working_side: WorkingSide) -> dict[str, Side]:
    """Return the leg that each cue chooses from all poses of a repetition."""
    moves = 1.0 if working_side is WorkingSide.MOVING else -1.0
    by_leg = {
        "range of the thigh": _right_minus_left(poses, _thigh_range_deg),
        "foot that travels or stays": moves * _right_minus_left(poses, _foot_path_px),
        "foot in the air or on the floor": moves * _right_minus_left(poses, _foot_height_px),
    }
    majority = sum(float(np.sign(evidence)) for evidence in by_leg.values())
    near = float(np.nanmedian([compute_near_side(pose) for pose in poses]))
    every = by_leg | {"majority of these three": majority, "side near the camera": near}
    return {name: Side.RIGHT if evidence > 0 else Side.LEFT for name, evidence in every.items()}


def _right_minus_left(poses: Sequence[Pose], cue: Callable[[Sequence[Pose], Side], float]) -> float:
    return cue(poses, Side.RIGHT) - cue(poses, Side.LEFT)


def _thigh_range_deg(poses: Sequence[Pose], side: Side) -> float:
    flexions_deg = [abs(trunk_thigh_flexion_deg(SideView.of(pose, side, 1))) for pose in poses]
    low, high = np.nanpercentile(flexions_deg, [10, 90])
    return float(high - low)


def _ankles_px(poses: Sequence[Pose], side: Side) -> FloatArray:
    return np.array([pose.image_px[SIDE_POINTS[side]["ankle"]] for pose in poses])


def _foot_path_px(poses: Sequence[Pose], side: Side) -> float:
    low, high = np.nanpercentile(_ankles_px(poses, side), [10, 90], axis=0)
    return float(np.hypot(*(high - low)))


def _foot_height_px(poses: Sequence[Pose], side: Side) -> float:
    return -float(np.nanmedian(_ankles_px(poses, side)[:, 1]))


# ------------------------------------------------------------------------------------------------------------- figures


def figures(real: Sequence[Choice], rendered: Sequence[Choice]) -> Iterator[str]:
    """Yield the section of docs/accuracy.md."""
    yield from (f"## {SECTION}", "", _INTRODUCTION, "")
    rows = [(way, *_counts(real, way), *_counts(rendered, way)) for way in real[0].chosen]
    yield from table(("chosen by", "real reps", "people", "rendered reps", "clips"), rows)


def _counts(found: Sequence[Choice], way: str) -> tuple[str, str]:
    wrong = [one for one in found if one.chosen[way] is not one.side]
    people, misled = {one.person for one in found}, {one.person for one in wrong}
    return f"{len(found) - len(wrong)} of {len(found)}", f"{len(people - misled)} of {len(people)}"


def _by_clip(legs: Sequence[Leg]) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = {}
    for leg in legs:
        found.setdefault(leg.clip, []).append(leg)
    return found


def main() -> None:
    """Measure every clip whose leg is known, and write the section."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate.working_legs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shared_options(parser)
    options = parser.parse_args()
    model = chosen_models(options)[0]
    videos = {path.stem: path for folder in options.clips for path in folder.iterdir()}
    real: list[Choice] = []
    for clip, legs in _by_clip(read_legs()).items():
        if clip in videos:
            landmarks = landmarks_of(videos[clip], sha256_of(videos[clip]), model, options.cache)
            real += choices(landmarks, legs)
    recorded = _by_clip(list(rendered_legs())).items()
    rendered = [choice for clip, legs in recorded for choice in choices(RECORDED_SAMPLES / f"{clip}.npz", legs)]
    lines = list(figures(real, rendered))
    print("\n".join(lines))
    write_section(lines, Origin.now(command_text("scripts.evaluate.working_legs", options, [model])))


if __name__ == "__main__":
    main()
