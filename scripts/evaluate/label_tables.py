"""The section of docs/accuracy.md on real people: hipform beside two people who placed the joints by eye."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hipform.exercises.findings import Status
from scripts.evaluate.labels import Measured
from scripts.evaluate.markdown import percent, plain, signed, table

_INTRODUCTION = """\
Two people placed shoulder, hip, knee and ankle on frames of real clips, independently and without seeing any
measurement (`scripts/evaluate/labels.py`). Errors are those of the trunk-thigh angle in the image against the mean of
both, degrees; *ratings apart* is the difference between the two, mean / 90th percentile. *Covered*: share of the
moments whose rating lies within the stated 95 % interval. *Answered*: share of the tops on which `incomplete-lockout`
says ok or fault; tops that were not counted as a repetition are not answered. *Right*: share of the answers that agree
where both raters agree whether the top is locked out. *Wrong faults*: tops called short that both call full."""


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Figures of a group of labelled moments; ``None`` where nothing was measured."""

    moments: int
    apart: tuple[float | None, float | None]
    error: tuple[float | None, float | None, float | None]
    covered: float | None
    answered: float | None
    right: float | None
    wrong_faults: int


def label_figures(found: Sequence[Measured]) -> LabelFigures:
    """Return the figures of some moments."""
    apart = np.array([abs(one.rated_deg[0] - one.rated_deg[1]) for one in found])
    apart = apart[np.isfinite(apart)]
    read = [one for one in found if one.reading and np.isfinite(one.error_deg)]
    errors = np.array([one.error_deg for one in read])
    within = [one.reading is not None and abs(one.error_deg) <= one.reading.u95 for one in read]
    tops = [one for one in found if one.label.moment == "top"]
    answers = [one for one in tops if one.status in (Status.OK, Status.FAULT)]
    agreed = [(one.status is Status.OK) == one.label.full for one in answers if one.label.full is not None]
    return LabelFigures(
        moments=len(found),
        apart=(_mean(apart), _p90(apart)),
        error=(_mean(errors), _mean(np.abs(errors)), _p90(np.abs(errors))),
        covered=_mean(within),
        answered=len(answers) / len(tops) if tops else None,
        right=_mean(agreed),
        wrong_faults=sum(one.status is Status.FAULT and one.label.full is True for one in tops),
    )


def label_section(found: Sequence[Measured]) -> Iterator[str]:
    """Yield the section; nothing without labels."""
    if not found:
        return
    yield from ("## Real people, joints placed by eye", "", _INTRODUCTION, "")
    errors = ("ratings apart", "bias", "error mean / p90", "covered")
    head = ("model", "moments", "n", *errors, "answered", "right", "wrong faults")
    rows = []
    for model in dict.fromkeys(one.model for one in found):
        own = [one for one in found if one.model == model]
        for name, belongs in _groups(own).items():
            rows.append(_cells(model, name, label_figures([one for one in own if belongs(one)])))
    yield from table(head, rows)


def _groups(found: Sequence[Measured]) -> dict[str, Callable[[Measured], bool]]:
    def is_top(one: Measured) -> bool:
        return one.label.moment == "top"

    groups: dict[str, Callable[[Measured], bool]] = {
        "tops": is_top,
        "tops in counted repetitions": lambda one: is_top(one) and one.reading is not None,
        "tops, hip visible": lambda one: is_top(one) and one.label.is_hip_visible,
        "tops, hip hidden": lambda one: is_top(one) and not one.label.is_hip_visible,
    }
    for view in sorted({one.label.view for one in found}):
        groups[f"tops, view {view}"] = partial(_is_top_from, view)
    for slug in sorted({one.label.exercise for one in found}):
        groups[f"tops, {slug}"] = partial(_is_top_of, slug)
    return {**groups, "bottoms": lambda one: not is_top(one)}


def _is_top_from(view: str, one: Measured) -> bool:
    return one.label.moment == "top" and one.label.view == view


def _is_top_of(slug: str, one: Measured) -> bool:
    return one.label.moment == "top" and one.label.exercise == slug


def _cells(model: str, name: str, figures: LabelFigures) -> tuple[object, ...]:
    bias, mean, p90 = figures.error
    return (
        model,
        name,
        figures.moments,
        f"{plain(figures.apart[0], 1)} / {plain(figures.apart[1], 1)}",
        signed(bias, 1),
        f"{plain(mean, 1)} / {plain(p90, 1)}",
        percent(figures.covered),
        percent(figures.answered),
        percent(figures.right),
        figures.wrong_faults,
    )


def _mean(values: Sequence[float] | NDArray[np.float64]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _p90(values: NDArray[np.float64]) -> float | None:
    return float(np.percentile(values, 90)) if len(values) else None
