"""The page's tables of the low back: how well the outline of the trunk separates it from the hip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from hipform.config import SETTINGS
from hipform.exercises import EXERCISES
from hipform.exercises.attribution import is_arched
from hipform.exercises.declaration import Answer
from hipform.exercises.findings import Status
from hipform.pose.poses import CONTOUR_STATIONS
from hipform.types import Estimate, FloatArray
from scripts.evaluate.low_back import NEUTRAL_REPS, Change, Still, changes
from scripts.evaluate.markdown import clip_number, percent, plain, table

_UNCHANGED_DEG, _ARCHED_DEG = 3.0, 10.0
_STATUSES = (Status.FAULT, Status.OK, Status.NOT_ASSESSED)
_CONFOUNDED = ("lumbar-compensation", 15.0)


def area(positive: FloatArray, negative: FloatArray) -> float:
    """Return the area under the ROC curve of values that should be larger in *positive*; NaN without both."""
    if not (len(positive) and len(negative)):
        return float("nan")
    larger = positive[:, None] > negative[None, :]
    return float(np.mean(larger + 0.5 * (positive[:, None] == negative[None, :])))


_INTRODUCTION = """\
The outline of the trunk compared with the true lumbar extension, on stills of rendered lifters: {lifters} sets, each of
the tops and bottoms of up to 13 repetitions by one lifter who shows every kind of low back; model {model}. Each is
compared with the same lifter's first two, good repetitions. *Measured*: share of the images in which the outline shows
the low back. *Mean, p95*: error of the estimated change, degrees. *Good reps apart*: 95th percentile of the reading of
a repetition without any change. ROC areas: how reliably an arch (at the bottom a rounding) of about that size is
separated from none at the same shoulder-hip-knee angle. The scales were fitted on even seeds; odd seeds are held
out."""

_CANDIDATES_INTRODUCTION = """\
Other possible measures, each fitted on the even seeds and tested on the odd ones, tops only. Whether the trunk keeps
rotating after the thigh has stopped cannot be tested here: rendered lifters move hip and low back together. The head
helps only because the renderer holds the gaze while the trunk rotates: real lifters look anywhere."""

_CONFOUNDED_INTRODUCTION = """\
Lockouts that stop 15 degrees short at the hip and compensate with the low back, so that shoulder, hip and knee form a
straight line. *Not called full*: the arch stands out from chance, so that the lockout is left open or called short.
*Called arched*: `lumbar-overextension` is a fault. *False*: the same of good repetitions."""

_VERDICTS_INTRODUCTION = """\
What `lumbar-overextension` makes of the outline at the top, on stills of rendered lifters: {lifters} sets, model
{model}. Each repetition is judged as the odd one in a set of three or four good ones of the same lifter: arches of more
than 10 degrees, at an equal line or past straight, and neutral ones. *Angle alone*: share that is not held further past
straight than the rule accepts, so that the angle shows no arch."""


def low_back_section(stills: Sequence[Still], model: str) -> Iterator[str]:
    """Yield errors and ROC areas by exercise and part, candidate measures, and the scales."""
    lifters = len({(still.exercise, still.seed) for still in stills})
    yield from ("## Hip or low back", "", _INTRODUCTION.format(lifters=lifters, model=model), "")
    head = ("exercise", "where", "seeds", "n lifters", "measured", "mean", "p95", "good reps apart", "ROC 10", "ROC 15")
    yield from table(head, _rows(stills))
    yield from ("", "### Candidates", "", _CANDIDATES_INTRODUCTION, "")
    yield from table(("exercise", "what is read at the top", "mean error", "ROC 10", "ROC 15"), _candidate_rows(stills))
    yield from ("", "### Scales", "", *_scale_lines(stills))


def low_back_verdict_section(stills: Sequence[Still], model: str) -> Iterator[str]:
    """Yield the verdicts on arches, and on lockouts that an arch makes up for."""
    lifters = len({(still.exercise, still.seed) for still in stills})
    yield from ("## Verdicts on the low back", "", _VERDICTS_INTRODUCTION.format(lifters=lifters, model=model), "")
    counted = ("arched: fault / ok / not assessed", "neutral: fault / ok / not assessed")
    alone = ("arched, angle alone", "neutral, angle alone")
    found = changes(stills, "top")
    yield from table(("exercise", *counted, *alone), _verdict_rows(found))
    yield from ("", "### Compensated lockouts", "", _CONFOUNDED_INTRODUCTION, "")
    outcomes = ("not called full", "called arched", "false: not full", "false: arched")
    yield from table(("exercise", "seeds", "n", *outcomes), _confounded_rows(found))


def _groups(found: Sequence[Change]) -> Iterator[tuple[str, str, list[Change]]]:
    for exercise in sorted({change.still.exercise for change in found}):
        for part, parity in (("even", 0), ("odd", 1)):
            picked = [c for c in found if c.still.exercise == exercise and c.still.seed % 2 == parity]
            if picked:
                yield exercise, part, picked


def _rows(stills: Sequence[Still]) -> Iterator[tuple[object, ...]]:
    for where, sign in (("top", 1), ("bottom", -1)):
        for exercise, part, found in _groups(changes(stills, where)):
            measured = [c for c in found if np.isfinite(c.found.value)]
            value, true = np.array([c.found.value for c in measured]), np.array([c.true_deg for c in measured])
            if np.abs(true).max(initial=0) < _UNCHANGED_DEG:
                continue
            error, none = np.abs(value - true), np.abs(true) < _UNCHANGED_DEG
            areas = _areas(sign * value, sign * true, [c.still.fault for c in measured])
            yield (
                exercise,
                where,
                part,
                clip_number(len({c.still.seed for c in found})),
                percent(len(measured) / len(found)),
                plain(float(error.mean()), 1),
                plain(float(np.percentile(error, 95)), 1),
                plain(float(np.percentile(np.abs(value[none]), 95)), 1) if none.any() else "-",
                *("-" if np.isnan(a) else f"{a:.2f}" for a in areas),
            )


_SAME_LINE = ("", "lumbar-compensation", "lumbar-rounding")
"""No fault, and faults that do not change the line shoulder-hip-knee."""
_SIZES_DEG = ((8.0, 13.9), (13.9, 20.0))


def _areas(value: FloatArray, true: FloatArray, faults: Sequence[str]) -> list[float]:
    """Return for each size how reliably such a change is separated from none at the same shoulder-hip-knee angle."""
    same = np.isin(faults, _SAME_LINE)
    none = same & (np.abs(true) < _UNCHANGED_DEG)
    return [area(value[same & (true >= low) & (true < high)], value[none]) for low, high in _SIZES_DEG]


Features = Callable[[Still], FloatArray]
CANDIDATES: Mapping[str, Features] = {
    "trunk-thigh angle": lambda still: np.array([still.line_deg]),
    "length of the line shoulder-hip, of the thigh's": lambda still: np.array([still.inputs["trunk_over_thigh_ratio"]]),
    "head against the trunk": lambda still: np.array([still.inputs["neck_extension_deg"]]),
    "hollow of the back": lambda still: np.array([still.inputs["back_hollow_ratio"]]),
    "rise of the belly": lambda still: np.array([still.inputs["belly_bulge_ratio"]]),
    "hollow and rise": lambda still: np.array([still.inputs[n] for n in ("back_hollow_ratio", "belly_bulge_ratio")]),
    "back and trunk-thigh angle, learned": lambda still: np.array([*_waves(still.outline_ratio[0]), still.line_deg]),
    "whole outline and trunk-thigh angle, learned": lambda still: np.array(
        [*_waves(still.outline_ratio[0]), *_waves(still.outline_ratio[1]), still.line_deg]
    ),
    "as used": lambda still: np.array([still.reading_deg]),
}
"""Candidate measures of the low back, each fitted on the even seeds by least squares, learned ones with a penalty."""
_WAVES = 3
_PENALTY = 1e-3


def _waves(outline_ratio: FloatArray) -> FloatArray:
    """Return the first sine components of an outline over the chord of its middle part; NaN where it is hidden."""
    part = (CONTOUR_STATIONS >= 0.15) & (CONTOUR_STATIONS <= 1.05)
    height, along = outline_ratio[part], np.linspace(0, 1, int(part.sum()))
    height = height - np.interp(along, [0, 1], [height[0], height[-1]])
    return np.array([np.mean(2 * height * np.sin(np.pi * (wave + 1) * along)) for wave in range(_WAVES)])


def _candidate_rows(stills: Sequence[Still]) -> Iterator[tuple[object, ...]]:
    tops = [still for still in stills if still.where == "top"]
    for exercise in sorted({still.exercise for still in tops}):
        for name, features in CANDIDATES.items():
            own = [still for still in tops if still.exercise == exercise]
            (x, y, _), (test_x, true, faults) = (_differences(own, features, parity) for parity in (0, 1))
            if len(x) < 2 * x.shape[1]:
                yield (exercise, name, "-", "-", "-")
                continue
            weights = np.linalg.solve(x.T @ x + _PENALTY * np.eye(x.shape[1]), x.T @ y)
            found = test_x @ weights
            areas = _areas(found, true, faults)
            yield (exercise, name, plain(float(np.abs(found - true).mean()), 1), *(plain(a, 2) for a in areas))


def _differences(
    tops: Sequence[Still], features: Features, parity: int
) -> tuple[FloatArray, FloatArray, Sequence[str]]:
    """Return features and true lumbar extension against each lifter's neutral, and the faults, where all was seen."""
    rows: list[tuple[FloatArray, float, str]] = []
    for seed in sorted({still.seed for still in tops if still.seed % 2 == parity}):
        own = [still for still in tops if still.seed == seed]
        neutral = [still for still in own if still.rep <= NEUTRAL_REPS]
        zero = np.mean([features(still) for still in neutral], axis=0)
        lumbar_deg = float(np.mean([still.lumbar_deg for still in neutral]))
        later = [still for still in own if still.rep > NEUTRAL_REPS]
        rows += [(features(still) - zero, still.lumbar_deg - lumbar_deg, still.fault) for still in later]
    seen = [row for row in rows if np.isfinite(row[0]).all()]
    width = len(features(tops[0]))
    x = np.array([row[0] for row in seen]).reshape(-1, width)
    return x, np.array([row[1] for row in seen]), [row[2] for row in seen]


def _confounded_rows(found: Sequence[Change]) -> Iterator[tuple[object, ...]]:
    fault, amount = _CONFOUNDED
    for exercise, part, group in _groups(found):
        cases = [c for c in group if c.still.fault == fault and abs(c.still.hip_deg - amount) < 5 and c.true_deg > 13.9]
        good = [c for c in group if not c.still.fault]
        cells = [percent(_share(subset, judge)) for subset in (cases, good) for judge in (is_arched, _is_fault)]
        yield (exercise, part, clip_number(len(cases)), *cells)


def _verdict_rows(found: Sequence[Change]) -> Iterator[tuple[object, ...]]:
    suspect_deg = SETTINGS["lumbar-overextension.suspect_deg"].default
    for exercise in (*sorted({change.still.exercise for change in found}), "all"):
        own = [change for change in found if exercise in {"all", change.still.exercise}]
        arched = [change for change in own if change.true_deg > _ARCHED_DEG]
        neutral = [change for change in own if abs(change.true_deg) < _UNCHANGED_DEG]
        answers = [[_status(change.found) for change in group] for group in (arched, neutral)]
        counts = [" / ".join(str(group.count(status)) for status in _STATUSES) for group in answers]
        passed = [np.mean([-change.lockout_deg <= suspect_deg for change in group]) for group in (arched, neutral)]
        yield (exercise, *counts, *(percent(float(share)) for share in passed))


def _share(found: Sequence[Change], judge: Callable[[Estimate], bool]) -> float | None:
    measured = [change for change in found if np.isfinite(change.found.value)]
    return float(np.mean([judge(change.found) for change in measured])) if measured else None


def _is_fault(found: Estimate) -> bool:
    return _status(found) is Status.FAULT


def _status(found: Estimate) -> Status:
    """Return the verdict on a change of the low back; ``not_assessed`` where the outline did not show it."""
    return Answer(text="", measured=found, limit=SETTINGS["lumbar-overextension.low_back_deg"].default).status


def _scale_lines(stills: Sequence[Still]) -> Iterator[str]:
    yield "Least squares on the even seeds, beside what the product uses; degrees per trunk length, flexion per degree."
    yield ""
    rows = []
    tops = [still for still in stills if still.where == "top" and still.seed % 2 == 0]
    for exercise in sorted({still.exercise for still in tops}):
        scale = EXERCISES[exercise].low_back
        assert scale is not None
        used = {"back_hollow_ratio": scale.hollow_deg, "belly_bulge_ratio": scale.bulge_deg}
        used = {
            name: weight for name, weight in {**used, "trunk_thigh_flexion_deg": scale.flexion_ratio}.items() if weight
        }
        fitted = _fit([still for still in tops if still.exercise == exercise], list(used))
        for (name, weight), value in zip(used.items(), fitted, strict=True):
            rows.append((exercise, name, plain(value, 2), plain(weight, 2)))
    yield from table(("exercise", "measure", "fitted", "used"), rows)


def _fit(tops: Sequence[Still], names: Sequence[str]) -> list[float]:
    inputs, true = [], []
    for seed in {still.seed for still in tops}:
        own = [still for still in tops if still.seed == seed]
        neutral = [still for still in own if still.rep <= NEUTRAL_REPS]
        for still in own:
            if still.rep > NEUTRAL_REPS:
                means = [np.mean([n.inputs[name] for n in neutral]) for name in names]
                inputs.append([still.inputs[name] - mean for name, mean in zip(names, means, strict=True)])
                true.append(still.lumbar_deg - np.mean([n.lumbar_deg for n in neutral]))
    x, y = np.array(inputs), np.array(true)
    seen = np.isfinite(x).all(axis=1)
    return [float(weight) for weight in np.linalg.lstsq(x[seen], y[seen], rcond=None)[0]]
