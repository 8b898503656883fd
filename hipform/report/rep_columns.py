"""The columns of the repetition tables; each is declared once, here.

reps.csv, its Parquet version, its table in docs/outputs.md and the terminal table are made from `REP_COLUMNS`. A new
column is one more entry; ``python -m scripts.update_docs`` adds it to the docs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.features.rep_timing import TEMPO_PARTS
from hipform.feedback.angle_text import format_angle_change, format_joint_angle
from hipform.kinematics.uncertainty import u95_name
from hipform.types import Estimate

Cell = str | float | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalCell:
    """A column of the terminal table.

    Attributes
    ----------
    place
        Position in the row from the left; files have their own order.
    heading
        Heading of the column.
    text
        Function that returns the cell of a repetition.
    is_shown
        Function that returns whether the table of an exercise and these repetitions has the column.
    """

    place: int
    heading: str
    text: Callable[[Rep], str]
    is_shown: Callable[[Exercise, Sequence[Rep]], bool] = lambda _exercise, _reps: True


@dataclass(frozen=True, slots=True, kw_only=True)
class RepColumn:
    """One column of the tables of repetitions.

    Attributes
    ----------
    name
        Name in files, with its unit.
    meaning
        Description for docs/outputs.md.
    cell
        Function that returns its value; ``None`` for an unseen value.
    kind
        Type of its values, which determines its Parquet type.
    in_terminal
        Its column in the terminal table; ``None`` for a column in files only.
    """

    name: str
    meaning: str
    cell: Callable[[SetResult, Rep], Cell]
    kind: type[str | float | int | bool] = float
    in_terminal: TerminalCell | None = None


def _is_judged(rep: Rep) -> bool:
    return rep.finding(LOCKOUT_RULE).status is not Status.NOT_ASSESSED


def _joint_angle(of: Callable[[Rep], Estimate]) -> Callable[[Rep], str]:
    # An angle that was not judged must not be shown as if it had been; it is only in the files.
    return lambda rep: format_joint_angle(of(rep)) if _is_judged(rep) else "?"


def _change(change: Estimate | None) -> str:
    """Return a change with its uncertainty, rounded up: "+14° ± 9"; "± 9" if it is not beyond it, "?" if not known."""
    if change is None:
        return "?"
    u95 = f"± {math.ceil(change.u95)}"
    return f"{format_angle_change(change.value)} {u95}" if abs(change.value) > change.u95 else u95


def _speed(speed: Estimate | None) -> str:
    return f"{speed.value:.2f} ± {speed.u95:.2f}" if speed else "?"


def _estimate(
    name: str, meaning: str, of: Callable[[Rep], Estimate | None], in_terminal: TerminalCell | None = None
) -> tuple[RepColumn, RepColumn]:
    """Return the columns of a measured value and its uncertainty."""

    def value(_: SetResult, rep: Rep) -> float | None:
        estimate = of(rep)
        return None if estimate is None else estimate.value

    def u95(_: SetResult, rep: Rep) -> float | None:
        estimate = of(rep)
        return None if estimate is None else estimate.u95

    uncertainty = f"half-width of the 95 % interval of `{name}`"
    return (
        RepColumn(name=name, meaning=meaning, cell=value, in_terminal=in_terminal),
        RepColumn(name=u95_name(name), meaning=uncertainty, cell=u95),
    )


def _tempo(part: str, meaning: str) -> RepColumn:
    """Return the column of one of `hipform.features.rep_timing.TEMPO_PARTS`."""

    def text(rep: Rep) -> str:
        seconds = rep.timing.parts[part]
        return "-" if seconds is None else f"{seconds:.1f}"

    return RepColumn(
        name=f"{part}_s",
        meaning=meaning,
        cell=lambda _, rep: rep.timing.parts[part],
        in_terminal=TerminalCell(place=4 + TEMPO_PARTS.index(part), heading=part.capitalize(), text=text),
    )


REP_COLUMNS: tuple[RepColumn, ...] = (
    RepColumn(name="set", meaning="number of the set in the clip", cell=lambda found, _: found.number, kind=int),
    RepColumn(name="exercise", meaning="exercise it was judged as", cell=lambda found, _: found.exercise, kind=str),
    RepColumn(
        name="rep",
        meaning="number among the counted repetitions of the set, or among the partial ones",
        cell=lambda _, rep: rep.number,
        kind=int,
        in_terminal=TerminalCell(
            place=0, heading="Rep", text=lambda rep: f"({rep.number})" if rep.partial else str(rep.number)
        ),
    ),
    RepColumn(name="partial", meaning="whether it is a partial repetition", cell=lambda _, rep: rep.partial, kind=bool),
    RepColumn(
        name="side",
        meaning="side of the body it was measured on",
        cell=lambda _, rep: rep.side.value,
        kind=str,
        in_terminal=TerminalCell(
            place=1, heading="Side", text=lambda rep: rep.side.value, is_shown=lambda exercise, _: exercise.names_leg
        ),
    ),
    RepColumn(
        name="start_s",
        meaning="start of the lift; if repetitions start at the top, start of the lowering",
        cell=lambda _, rep: rep.timing.start_s,
    ),
    RepColumn(
        name="lift_start_s",
        meaning="start of the lift: the hip leaves the bottom by 5 % of its range, at least 2 degrees",
        cell=lambda _, rep: rep.timing.lift_start_s,
    ),
    RepColumn(name="top_start_s", meaning="start of the top", cell=lambda _, rep: rep.timing.top_start_s),
    RepColumn(name="top_s", meaning="moment of the most extended hip", cell=lambda _, rep: rep.timing.top_s),
    RepColumn(name="top_end_s", meaning="end of the top", cell=lambda _, rep: rep.timing.top_end_s),
    RepColumn(
        name="end_s",
        meaning="end of the lowering, near the bottom; if repetitions start at the top, end of the top",
        cell=lambda _, rep: rep.timing.end_s,
    ),
    _tempo("lift", "time from the start of the lift to the start of the top"),
    _tempo(
        "hold",
        "time within 5 degrees of the top. If repetitions start at the top, a repetition ends once the lifter is at "
        "rest there, and its hold counts only until then; the pause before the next one is not part of it",
    ),
    _tempo("lower", "time of the lowering"),
    *_estimate(
        "lockout_trunk_thigh_flexion_deg",
        "trunk-thigh flexion held at the top: 0 is straight, negative is past straight",
        lambda rep: rep.lockout_trunk_thigh_flexion_deg,
        TerminalCell(place=2, heading="Lockout", text=_joint_angle(lambda rep: rep.lockout_trunk_thigh_flexion_deg)),
    ),
    *_estimate(
        "bottom_trunk_thigh_flexion_deg",
        "trunk-thigh flexion at the bottom from which the lift started",
        lambda rep: rep.bottom_trunk_thigh_flexion_deg,
        TerminalCell(place=3, heading="Bottom", text=_joint_angle(lambda rep: rep.bottom_trunk_thigh_flexion_deg)),
    ),
    *_estimate("range_deg", "bottom minus lockout", lambda rep: rep.range_deg),
    *_estimate(
        "lumbar_extension_deg",
        "low back at the top relative to the lifter's neutral: positive is arched, negative is rounded; empty if the "
        "outline does not show it",
        lambda rep: rep.lumbar_extension_deg,
        TerminalCell(
            place=4 + len(TEMPO_PARTS),
            heading="Low back",
            text=lambda rep: _change(rep.lumbar_extension_deg),
            is_shown=lambda _, reps: any(rep.lumbar_extension_deg for rep in reps),
        ),
    ),
    RepColumn(
        name="low_back_share_ratio",
        meaning="share of the last 30 degrees of the lift that came from the low back, beyond the lifter's neutral",
        cell=lambda _, rep: rep.low_back_share_ratio.value if rep.low_back_share_ratio else None,
    ),
    *_estimate(
        "bar_mean_m_per_s",
        "mean speed of the bar on its way up; empty if its plate was not seen all the way, or if neither "
        "`--plate-diameter` nor the body's size shows how large it is",
        lambda rep: rep.bar_mean_m_per_s,
        TerminalCell(
            place=5 + len(TEMPO_PARTS),
            heading="Bar m/s",
            text=lambda rep: _speed(rep.bar_mean_m_per_s),
            is_shown=lambda _, reps: any(rep.bar_mean_m_per_s for rep in reps),
        ),
    ),
    *_estimate(
        "bar_peak_m_per_s",
        "highest speed of the bar on its way up, over a tenth of a second",
        lambda rep: rep.bar_peak_m_per_s,
    ),
    RepColumn(
        name="attribution",
        meaning="whether the lift was completed, and by hip or low back, in one line",
        cell=lambda _, rep: rep.attribution,
        kind=str,
    ),
)
"""Columns of every repetition, in order; the columns of the rules follow."""
