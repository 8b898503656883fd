"""A figure of a result for notebooks: lockout and tempo of every repetition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hipform.analysis.judged_reps import Rep
from hipform.exercises import find_exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hipform.analysis.judged_reps import SetResult

_COLORS = {Status.OK: "#009e73", Status.FAULT: "#d55e00", Status.NOT_ASSESSED: "#777777"}


def plot_sets(sets: Sequence[SetResult], short_deg: float) -> Figure:
    """Return a figure with a column for each set: lockouts with their 95 % intervals above, tempo below.

    Parameters
    ----------
    sets
        The sets; at least one.
    short_deg
        Limit of a lockout, degrees short of straight.

    Raises
    ------
    ImportError
        If matplotlib is not installed (``pip install hipform[plot]``).
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(figsize=(4 * len(sets) + 2, 5), layout="constrained")
    axes = figure.subplots(2, len(sets), squeeze=False, sharex="col")
    for (upper, lower), found in zip(axes.T, sets, strict=True):
        _plot_lockouts(upper, found.reps, short_deg)
        _plot_tempo(lower, found.reps)
        upper.set_title(f"Set {found.number}: {find_exercise(found.exercise).name_in_sentence}")
        lower.set_xlabel("Rep")
        lower.set_xticks([rep.number for rep in found.reps])
    axes[0, 0].set_ylabel("Lockout, ° (180 is straight)")
    axes[1, 0].set_ylabel("Time, s")
    return figure


def _plot_lockouts(axes: Any, reps: Sequence[Rep], short_deg: float) -> None:
    """Draw the lockout of each repetition; angles that were not judged are not drawn."""
    axes.axhline(180 - short_deg, linestyle="--", color="#d55e00", linewidth=1)
    for rep in reps:
        if rep.angles_judged:
            lockout = rep.lockout_trunk_thigh_flexion_deg
            color = _COLORS[rep.finding(LOCKOUT_RULE).status]
            axes.errorbar(rep.number, 180 - lockout.value, lockout.u95, fmt="o", color=color, capsize=3)


def _plot_tempo(axes: Any, reps: Sequence[Rep]) -> None:
    for part in ("lift_s", "lower_s"):
        known = [(rep.number, getattr(rep.timing, part)) for rep in reps if getattr(rep.timing, part) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), "o-", label=part.removesuffix("_s"))
    axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
    if reps:
        axes.legend()
