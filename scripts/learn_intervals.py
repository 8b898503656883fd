"""Learn how wrong readings of the hip are, and write the numbers that hipform's intervals and bias are made of.

.. code-block:: text

    python -m scripts.learn_intervals --labels DIR --clips DIR --cache DIR    measures every label, then learns
    python -m scripts.learn_intervals                                         learns from reading_errors.csv alone

``reading_errors.csv`` beside this file has one row per labelled or rendered moment, so that learning needs neither
clips nor labels. The result is ``hipform/kinematics/reading_errors.json``. The figures that go into docs/accuracy.md
predict each person from all others.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from scipy import optimize

from hipform.app.judge_recording import poses_with_load
from hipform.exercises import EXERCISES
from hipform.exercises.postures import ON_BENCH
from hipform.kinematics.load import find_load
from hipform.kinematics.reading_errors import exercise_reading
from hipform.pose.model_files import ModelName
from hipform.pose.recording import Recording
from hipform.types import FloatArray
from scripts.evaluate.accuracy_page import Origin, write_section
from scripts.evaluate.clips import read_manifest
from scripts.evaluate.command_line import add_shared_options, chosen_models
from scripts.evaluate.labels import Label, judged_reps, measure_labels, read_labels
from scripts.evaluate.markdown import percent, table
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.evaluate.truth import TrueRep, Truth, read_truth
from scripts.paths import ROOT

SECTION = "People that learning did not see"
_INTRODUCTION = """\
Labelled moments of counted repetitions, each predicted by what was learned from all other people; *raw*: the same
readings without what was learned. Degrees; *covered*: share of the moments whose rating lies within the stated
95 % interval."""

TABLE = Path(__file__).with_name("reading_errors.csv")
LEARNED = ROOT / "hipform" / "kinematics" / "reading_errors.json"

RANGES = {
    "view_off_deg": (20.0, 60.0, 60.0),
    "tilt_deg": (20.0, 50.0, 60.0),
    "segment_change_ratio": (0.1, 0.4, 1.0),
    "depth_difference_deg": (5.0, 30.0, 40.0),
    "hidden_ratio": (0.2, 0.9, 1.1),
    "thigh_error_ratio": (0.2, 0.6, 0.8),
    "jitter_deg": (0.5, 3.0, 5.0),
}
"""By condition: value up to which nothing is widened, value from which nothing is added, value that is implausible."""
RENDERED = "rendered"
RENDERED_WEIGHT = 0.3
"""Weight of a rendered lifter relative to a person: clothes, build and light of people are not all rendered."""
BIAS_VIEW_DEG = 25.0
"""The bias is learned from moments up to this angle off the side view, where the view itself adds none."""
BIAS_PEOPLE = 2.0
"""The bias of a group counts by n / (n + this), n being its number of people."""
USUAL_LOG_GROWTH = 0.25
"""What the growth of a condition is pulled to: it widens the intervals even where too few people show it."""
RIDGE = 1.0
"""Strength of this pull."""
FOLDS = 5
"""Groups of people that are left out in turn to find the half-widths."""
COVERED_LEVELS = np.arange(0.95, 0.995, 0.01)
"""Shares of the left-out errors that the interval holds, on average over these levels.

For 95 % of the errors of one more person, it must hold 95 % of n + 1 people, of whom one is not there yet; for some 30
people that is 0.98 of those who are.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One moment: what hipform read without its bias, what it was, and the conditions."""

    clip: str
    person: str
    model: str
    exercise: str
    moment: str
    view: str
    full: str
    rating_difference_deg: float
    hip_visible: int
    truth_deg: float
    reading_deg: float
    conditions: Mapping[str, float]

    @property
    def error_deg(self) -> float:
        """Reading minus truth."""
        return self.reading_deg - self.truth_deg

    @property
    def family(self) -> str:
        """Group of postures in which readings err alike."""
        return bias_family(self.exercise)


def bias_family(slug: str) -> str:
    """Return the group of postures of an exercise in which readings err alike; a bench is not a floor."""
    posture = EXERCISES[slug].posture
    return "bench" if posture is ON_BENCH else posture.family


# ----------------------------------------------------------------------------------------------------------- collecting


def labelled_rows(labels: Mapping[Path, Sequence[Label]], model: ModelName, cache: Path) -> Iterator[Row]:
    """Yield a row for every labelled moment in a counted repetition."""
    for video, own in labels.items():
        for found in measure_labels(landmarks_of(video, sha256_of(video), model, cache), own):
            if found.reading is None or math.isnan(found.truth_deg):
                continue
            # Unknown where a plate hid the body for most of the lift: such a reading says nothing about landmarks.
            if math.isnan(found.conditions["segment_change_ratio"]):
                continue
            first_deg, second_deg = found.rated_deg
            yield Row(
                clip=found.label.clip,
                person=found.label.person,
                model=model,
                exercise=found.label.exercise,
                moment=found.label.moment,
                view=found.label.view,
                full="" if found.label.full is None else str(int(found.label.full)),
                rating_difference_deg=abs(first_deg - second_deg),
                hip_visible=int(found.label.is_hip_visible),
                truth_deg=found.truth_deg,
                reading_deg=found.reading.value + found.bias_deg,
                conditions=found.conditions,
            )


def rendered_rows(model: ModelName, folders: Sequence[Path], cache: Path) -> Iterator[Row]:
    """Yield a row for the top and one for the bottom of every counted repetition of the rendered clips."""
    for entry in (entry for folder in folders for entry in read_manifest(folder) if entry.truth_json):
        assert entry.truth_json is not None
        exercise, truth = EXERCISES[entry.exercise], read_truth(entry.truth_json)
        with Recording(landmarks_of(entry.path, sha256_of(entry.path), model, cache)) as recording:
            poses = poses_with_load(recording, find_load(recording))
            reps = judged_reps(exercise, recording.info, poses)
        for rep, summary in reps:
            true = next((one for one in truth.reps if one.start_s <= rep.timing.top_s <= one.end_s), None)
            if true is None:
                continue
            at = {
                "top": (rep.lockout_trunk_thigh_flexion_deg.value, true.top_hip_deg),
                "bottom": (rep.bottom_trunk_thigh_flexion_deg.value, _bottom_deg(truth, true)),
            }
            for moment, (reading_deg, truth_deg) in at.items():
                yield Row(
                    clip=entry.path.stem,
                    person=f"{RENDERED} {entry.path.stem}",
                    model=model,
                    exercise=entry.exercise,
                    moment=moment,
                    view=f"{entry.azimuth_deg:.0f}",
                    full="",
                    rating_difference_deg=0.0,
                    hip_visible=int(entry.occlusion == "none"),
                    truth_deg=truth_deg,
                    reading_deg=reading_deg + exercise_reading(entry.exercise).bias_deg,
                    conditions=summary.all_conditions,
                )


def _bottom_deg(truth: Truth, rep: TrueRep) -> float:
    before = (truth.t_s >= rep.start_s) & (truth.t_s <= rep.top_start_s)
    return float(truth.angles["trunk_thigh_flexion_deg"][before].max()) if before.any() else math.nan


def write_table(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as CSV, rounded to what matters."""
    plain = [name.name for name in fields(Row) if name.name != "conditions"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*plain, *RANGES])
        for row in rows:
            values = [*(getattr(row, name) for name in plain), *(row.conditions.get(name, math.nan) for name in RANGES)]
            writer.writerow([f"{value:.3f}" if isinstance(value, float) else value for value in values])


def read_table(path: Path) -> list[Row]:
    """Read what `write_table` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: Mapping[str, str]) -> Row:
    kinds = {"rating_difference_deg": float, "hip_visible": int, "truth_deg": float, "reading_deg": float}
    plain = [name.name for name in fields(Row) if name.name != "conditions"]
    values = {name: kinds.get(name, str)(record[name]) for name in plain}
    return Row(**values, conditions={name: float(record[name]) for name in RANGES})


# ------------------------------------------------------------------------------------------------------------- learning


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from some rows.

    Attributes
    ----------
    bias_deg
        By exercise.
    u95_scale
        By exercise: factor on the intervals.
    log_growth
        By condition, at the end of its range.
    held_u95_deg, moving_u95_deg
        Half-widths of the 95 % intervals at growth 1.
    """

    bias_deg: Mapping[str, float]
    u95_scale: Mapping[str, float]
    log_growth: Mapping[str, float]
    held_u95_deg: float
    moving_u95_deg: float

    def growth(self, row: Row) -> float:
        """Return the factor on the interval of a row."""
        log_growth = sum(self.log_growth[name] * level for name, level in levels(row).items())
        return self.u95_scale[row.exercise] * math.exp(log_growth)

    def error_deg(self, row: Row) -> float:
        """Return the error that remains when the bias is subtracted."""
        return row.error_deg - self.bias_deg[row.exercise]

    def u95_deg(self, row: Row) -> float:
        """Return the half-width of the interval of a row."""
        return self.growth(row) * (self.held_u95_deg if row.moment == "top" else self.moving_u95_deg)


def levels(row: Row) -> dict[str, float]:
    """Return each condition on a scale from 0 to 1 within its range; 0 where it is not known."""
    found = {}
    for name, (low, high, _) in RANGES.items():
        value = row.conditions[name]
        found[name] = 0.0 if math.isnan(value) else min(max((value - low) / (high - low), 0.0), 1.0)
    return found


def is_plausible(row: Row) -> bool:
    """Return whether hipform would give the angle of a row at all."""
    return all(not row.conditions[name] >= refused for name, (_, _, refused) in RANGES.items())


def learn(rows: Sequence[Row]) -> Learned:
    """Learn from rows of several people; each person counts once, however many moments were labelled.

    The half-widths come from the errors of people who were left out of the rest: errors of those who were learned from
    are smaller, and intervals made from them would hold fewer than they claim.
    """
    rows = [row for row in rows if is_plausible(row)]
    learned = _conditional(rows)
    pairs = list(_left_out(rows))
    tops = [(row, other) for row, other in pairs if row.moment == "top"]
    # From an oblique side, labels in the image are shorter than the flexion itself.
    near_side_view = [(row, other) for row, other in pairs if row.conditions["view_off_deg"] <= BIAS_VIEW_DEG]
    bottoms = [(row, other) for row, other in near_side_view if row.moment == "bottom"]
    return replace(learned, held_u95_deg=_covering(tops), moving_u95_deg=_covering(bottoms))


def _conditional(rows: Sequence[Row]) -> Learned:
    """Return bias, growths and scales; the half-widths are 1."""
    people = [row for row in rows if not row.person.startswith(RENDERED) and row.moment == "top"]
    bias_deg = biases_deg([row for row in people if row.conditions["view_off_deg"] <= BIAS_VIEW_DEG])
    tops = [row for row in rows if row.moment == "top"]
    growths = _log_growths(tops, bias_deg)
    learned = Learned(bias_deg, dict.fromkeys(EXERCISES, 1.0), growths, 1.0, 1.0)
    return replace(learned, u95_scale=_scales(learned, tops))


def _left_out(rows: Sequence[Row]) -> Iterator[tuple[Row, Learned]]:
    """Yield every row with what was learned without its fold of people."""
    people = sorted({row.person for row in rows})
    for fold in range(FOLDS):
        out = set(people[fold::FOLDS])
        others = [row for row in rows if row.person not in out]
        if others:
            learned = _conditional(others)
            yield from ((row, learned) for row in rows if row.person in out)


def biases_deg(rows: Sequence[Row]) -> dict[str, float]:
    """Return the bias of every exercise: that of its group of postures, pulled towards 0 where people are few."""
    families = {bias_family(slug) for slug in EXERCISES}
    by_family = {family: _pulled([row for row in rows if row.family == family]) for family in families}
    return {slug: by_family[bias_family(slug)] for slug in EXERCISES}


def _scales(learned: Learned, rows: Sequence[Row]) -> dict[str, float]:
    """Return how much larger the errors in a group of postures are, pulled towards 1 where people are few."""
    sizes = np.array([abs(learned.error_deg(row)) / learned.growth(row) for row in rows])
    weight = weights(rows)
    usual = float(weight @ sizes / weight.sum())
    by_family = {}
    for family in {bias_family(slug) for slug in EXERCISES}:
        own = np.array([row.family == family for row in rows])
        n_people = float(weight[own].sum())
        excess = max(float(weight[own] @ sizes[own]) / n_people / usual - 1.0, 0.0) if n_people else 0.0
        by_family[family] = 1.0 + n_people / (n_people + BIAS_PEOPLE) * excess
    return {slug: by_family[bias_family(slug)] for slug in EXERCISES}


def _pulled(rows: Sequence[Row]) -> float:
    n_people = len({row.person for row in rows})
    return n_people / (n_people + BIAS_PEOPLE) * _median_of_people(rows)


def _median_of_people(rows: Sequence[Row]) -> float:
    """Return the median over people of their own median errors."""
    by_person: dict[str, list[float]] = {}
    for row in rows:
        by_person.setdefault(row.person, []).append(row.error_deg)
    return float(np.median([np.median(errors) for errors in by_person.values()])) if by_person else 0.0


def weights(rows: Sequence[Row]) -> FloatArray:
    """Return the weight of each row: each person counts 1 in all, a rendered one `RENDERED_WEIGHT`."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.person] = counts.get(row.person, 0) + 1
    return np.array(
        [(RENDERED_WEIGHT if row.person.startswith(RENDERED) else 1.0) / counts[row.person] for row in rows]
    )


def _log_growths(rows: Sequence[Row], bias_deg: Mapping[str, float]) -> dict[str, float]:
    """Fit a Laplace distribution whose width grows with the conditions; no condition may narrow it."""
    at = np.array([list(levels(row).values()) for row in rows])
    size = np.abs([row.error_deg - bias_deg[row.exercise] for row in rows])
    weight = weights(rows)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        log_width, unusual = parameters[0] + at @ parameters[1:], parameters[1:] - USUAL_LOG_GROWTH
        value = float(weight @ (log_width + size * np.exp(-log_width))) + RIDGE * float(unusual @ unusual)
        slope = weight * (1.0 - size * np.exp(-log_width))
        return value, np.array([slope.sum(), *(slope @ at + 2.0 * RIDGE * unusual)])

    start = np.array([1.0, *[0.1] * len(RANGES)])
    bounds = [(-1.0, 4.0), *[(0.0, 2.5)] * len(RANGES)]
    best = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return dict(zip(RANGES, map(float, best.x[1:]), strict=True))


def _covering(pairs: Sequence[tuple[Row, Learned]]) -> float:
    """Return the half-width at growth 1 whose intervals hold 95 % of the errors, every person counting the same."""
    ratios = np.array([abs(learned.error_deg(row)) / learned.growth(row) for row, learned in pairs])
    order = np.argsort(ratios)
    weight = weights([row for row, _ in pairs])
    shares = np.cumsum(weight[order]) / np.sum(weight)
    # A single quantile of so few people jumps from one of them to the next.
    return float(np.mean([ratios[order][np.searchsorted(shares, level)] for level in COVERED_LEVELS]))


def predicted(rows: Sequence[Row]) -> Iterator[tuple[Row, Learned]]:
    """Yield every row with what was learned without its person."""
    for person in sorted({row.person for row in rows if not row.person.startswith(RENDERED)}):
        learned = learn([row for row in rows if row.person != person])
        yield from ((row, learned) for row in rows if row.person == person)


def figures(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the section of docs/accuracy.md on what unseen people would get."""
    pairs = [(row, learned) for row, learned in predicted(rows) if is_plausible(row)]
    groups: dict[str, Callable[[Row], bool]] = {
        "tops": lambda row: row.moment == "top",
        "tops, side views": lambda row: row.moment == "top" and row.view == "side",
        "tops, other views": lambda row: row.moment == "top" and row.view != "side",
        "bottoms, side views": lambda row: row.moment == "bottom" and row.view == "side",
    }
    cells = [
        _cells(name, own) for name, belongs in groups.items() if (own := [pair for pair in pairs if belongs(pair[0])])
    ]
    head = ("moments", "n", "bias", "error mean / p90", "raw error mean / p90", "covered", "median half-width")
    yield from (f"## {SECTION}", "", _INTRODUCTION, "", *table(head, cells))


def _cells(name: str, pairs: Sequence[tuple[Row, Learned]]) -> tuple[object, ...]:
    errors = np.array([learned.error_deg(row) for row, learned in pairs])
    u95 = np.array([learned.u95_deg(row) for row, learned in pairs])
    sizes = [np.abs(errors), np.abs([row.error_deg for row, _ in pairs])]
    both = [f"{size.mean():.1f} / {np.percentile(size, 90):.1f}" for size in sizes]
    covered = percent(float(np.mean(np.abs(errors) <= u95)))
    return (name, len(pairs), f"{errors.mean():+.1f}", *both, covered, f"{np.median(u95):.1f}")


def write_learned(learned: Learned, path: Path) -> None:
    """Write what hipform reads."""
    conditions = {
        name: {"low": low, "high": high, "log_growth": round(learned.log_growth[name], 3), "refused": refused}
        for name, (low, high, refused) in RANGES.items()
    }
    record = {
        "u95": {"trunk_thigh_flexion_deg": [round(learned.held_u95_deg, 1), round(learned.moving_u95_deg, 1)]},
        "conditions": conditions,
        "exercises": {
            slug: {"bias_deg": round(learned.bias_deg[slug], 1), "u95_scale": round(learned.u95_scale[slug], 2)}
            for slug in sorted(EXERCISES)
        },
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Collect if asked to, learn, write the figures for unseen people, and write the result."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.learn_intervals",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--labels", type=Path, help="folder with joints.csv; its clips are in the first of --clips, the others rendered"
    )
    add_shared_options(parser)
    options = parser.parse_args()
    if options.labels:
        clips, *rendered = options.clips
        labels = read_labels(options.labels, clips)
        rows: list[Row] = []
        for model in chosen_models(options):
            rows += labelled_rows(labels, model, options.cache)
            rows += rendered_rows(model, rendered, options.cache)
        write_table(rows, TABLE)
    rows = read_table(TABLE)
    lines = list(figures(rows))
    print("\n".join(lines))
    write_section(lines, Origin.now("python -m scripts.learn_intervals"))
    write_learned(learn(rows), LEARNED)


if __name__ == "__main__":
    main()
