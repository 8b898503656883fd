"""Comparison of two groups of repetitions; a difference within the measurement error does not count."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hipform.analysis.judged_reps import Rep
from hipform.exercises.common_rules import TIME_U95_S
from hipform.feedback.angle_text import format_angle
from hipform.texts import english
from hipform.types import Estimate

_TEMPO_U95_S = math.hypot(TIME_U95_S, TIME_U95_S)
"""Half-width of the 95 % interval of a time between two turning points."""
NO_CLEAR = english("no clear difference")


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison, as text.

    Attributes
    ----------
    label
        Name of the quantity.
    first, second
        Mean of each group with its uncertainty; "not known" if there is none.
    change
        Second minus first with its uncertainty; empty if either is not known.
    verdict
        How the second differs from the first, or `NO_CLEAR` if the difference is within the measurement error.
    clear
        Whether there is a clear difference.
    """

    label: str
    first: str
    second: str
    change: str
    verdict: str
    clear: bool


@dataclass(frozen=True, slots=True)
class _Quantity:
    label: str
    of: Callable[[Rep], Estimate | None]
    more: str
    less: str
    set_relative: bool = False
    """Whether the zero differs between sets; such a quantity is only compared within a set, with its own intervals."""

    def compare(self, first: Sequence[Rep], second: Sequence[Rep], angle_u95_deg: float | None) -> Difference:
        one, other = (_mean([value for rep in reps if (value := self.of(rep))]) for reps in (first, second))
        if one is None or other is None:
            return Difference(
                self.label, estimate_text(one), estimate_text(other), "", english("cannot be compared"), clear=False
            )
        by = other.value - one.value
        u95 = math.hypot(one.u95, other.u95)
        if angle_u95_deg is not None and one.unit == "deg" and not self.set_relative:
            u95 = angle_u95_deg
        clear = abs(by) > u95
        verdict = (self.more if by > 0 else self.less) if clear else NO_CLEAR
        return Difference(
            self.label, estimate_text(one), estimate_text(other), _change(by, u95, one.unit), verdict, clear
        )


def estimate_text(estimate: Estimate | None) -> str:
    """Return an angle with its uncertainty, "72° ± 10", or a time, "1.2 s"; "not known" for ``None`` and NaN."""
    if estimate is None or not (math.isfinite(estimate.value) and math.isfinite(estimate.u95)):
        return _UNKNOWN
    if estimate.unit == "s":
        return f"{estimate.value:.1f} s"
    if estimate.unit == "m_per_s":
        return f"{estimate.value:.2f} ± {estimate.u95:.2f} m/s"
    return format_angle(estimate)


def compare_reps(first: Sequence[Rep], second: Sequence[Rep], angle_u95_deg: float | None = None) -> list[Difference]:
    """Compare the means of two groups of repetitions.

    Parameters
    ----------
    first, second
        The groups. Repetitions whose angles could not be judged only count for tempo.
    angle_u95_deg
        Half-width of the 95 % interval of angle differences within one set, where build, clothes and camera are the
        same; it is narrower than the combined intervals of both angles. ``None`` for groups from two sets: each set
        has its own neutral low back, so the low back is then not compared.
    """
    return [
        found
        for quantity in _QUANTITIES
        if angle_u95_deg is not None or not quantity.set_relative
        for found in [quantity.compare(first, second, angle_u95_deg)]
        if (found.first, found.second) != (_UNKNOWN, _UNKNOWN)
    ]


def _included(flexion: Callable[[Rep], Estimate]) -> Callable[[Rep], Estimate | None]:
    """Return a function for the joint angle in the convention for people: 180 degrees is straight."""

    def of(rep: Rep) -> Estimate | None:
        found = flexion(rep)
        return Estimate(180 - found.value, found.u95, found.unit) if rep.angles_judged else None

    return of


def _tempo(seconds: Callable[[Rep], float | None]) -> Callable[[Rep], Estimate | None]:
    def of(rep: Rep) -> Estimate | None:
        value = seconds(rep)
        return None if value is None else Estimate(value, _TEMPO_U95_S, "s")

    return of


_QUANTITIES = (
    _Quantity(
        english("Lockout"),
        _included(lambda rep: rep.lockout_trunk_thigh_flexion_deg),
        english("more extended"),
        english("less extended"),
    ),
    _Quantity(
        english("Bottom"),
        _included(lambda rep: rep.bottom_trunk_thigh_flexion_deg),
        english("less deep"),
        english("deeper"),
    ),
    _Quantity(
        english("Range"),
        lambda rep: rep.range_deg if rep.angles_judged else None,
        english("larger"),
        english("smaller"),
    ),
    _Quantity(
        english("Low back at the top"),
        lambda rep: rep.lumbar_extension_deg,
        english("more arched"),
        english("less arched"),
        set_relative=True,
    ),
    _Quantity(english("Lift"), _tempo(lambda rep: rep.timing.lift_s), english("slower"), english("quicker")),
    _Quantity(english("Bar speed"), lambda rep: rep.bar_mean_m_per_s, english("faster"), english("slower")),
    _Quantity(english("Hold"), _tempo(lambda rep: rep.timing.hold_s), english("longer"), english("shorter")),
    _Quantity(english("Lower"), _tempo(lambda rep: rep.timing.lower_s), english("slower"), english("quicker")),
)
_UNKNOWN = english("not known")


def _mean(estimates: Sequence[Estimate]) -> Estimate | None:
    """Return the mean; its half-width is that of one repetition, because most of the error is shared within a set."""
    known = [one for one in estimates if math.isfinite(one.value) and math.isfinite(one.u95)]
    if not known:
        return None
    u95 = statistics.median(one.u95 for one in known)
    return Estimate(statistics.fmean(one.value for one in known), u95, known[0].unit)


def _change(by: float, u95: float, unit: str) -> str:
    # Rounding first and adding 0.0 avoids "-0" for values near zero.
    if unit == "s":
        return f"{round(by, 1) + 0.0:+.1f} ± {u95:.1f} s"
    if unit == "m_per_s":
        return f"{round(by, 2) + 0.0:+.2f} ± {u95:.2f} m/s"
    return f"{round(by) + 0.0:+.0f}° ± {math.ceil(u95)}"
