"""What is written of a repetition: each column is declared once, here.

reps.csv, its Parquet, its table in docs/outputs.md and the table in the terminal are made from `REP_COLUMNS`. A new
column is one more entry; ``python -m scripts.update_docs`` describes it.
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
    """How a column stands in the table of the terminal.

    Attributes
    ----------
    place
        Place in the row, counted from the left; the files have an order of their own.
    heading
        Words over the column.
    text
        What stands in the cell of a repetition.
    is_shown
        Whether the table of an exercise and these repetitions has the column.
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
        What it holds, for docs/outputs.md.
    cell
        What stands in it; ``None`` for what was not seen.
    kind
        Type of what stands in it, which decides about its type in Parquet.
    in_terminal
        How it stands in the table of the terminal; ``None`` for a column of files only.
    """

    name: str
    meaning: str
    cell: Callable[[SetResult, Rep], Cell]
    kind: type[str | float | int | bool] = float
    in_terminal: TerminalCell | None = None


def _is_judged(rep: Rep) -> bool:
    return rep.finding(LOCKOUT_RULE).status is not Status.NOT_ASSESSED


def _joint_angle(of: Callable[[Rep], Estimate]) -> Callable[[Rep], str]:
    # An angle that may not be judged must not be read off as if it had been; it stays in the files.
    return lambda rep: format_joint_angle(of(rep)) if _is_judged(rep) else "?"


def _change(change: Estimate | None) -> str:
    """Return a change with its uncertainty, rounded up: "+14° ± 9"; "?" where it is not known."""
    return "?" if change is None else f"{format_angle_change(change.value)} ± {math.ceil(change.u95)}"


def _estimate(
    name: str, meaning: str, of: Callable[[Rep], Estimate | None], in_terminal: TerminalCell | None = None
) -> tuple[RepColumn, RepColumn]:
    """Return the column of a measured value and that of its uncertainty."""

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
            place=1, heading="Side", text=lambda rep: rep.side.value, is_shown=lambda exercise, _: exercise.has_sides
        ),
    ),
    RepColumn(
        name="start_s",
        meaning="start of the lift; where a repetition starts at the top, start of the lowering",
        cell=lambda _, rep: rep.timing.start_s,
    ),
    RepColumn(name="lift_start_s", meaning="start of the lift", cell=lambda _, rep: rep.timing.lift_start_s),
    RepColumn(name="top_start_s", meaning="start of the top", cell=lambda _, rep: rep.timing.top_start_s),
    RepColumn(name="top_s", meaning="moment of the most extended hip", cell=lambda _, rep: rep.timing.top_s),
    RepColumn(name="top_end_s", meaning="end of the top", cell=lambda _, rep: rep.timing.top_end_s),
    RepColumn(
        name="end_s",
        meaning="end of the lowering; where a repetition starts at the top, end of the top",
        cell=lambda _, rep: rep.timing.end_s,
    ),
    _tempo("lift", "time from the start of the lift to the start of the top"),
    _tempo(
        "hold",
        "time within 5 degrees of the top. Where a repetition starts at the top, it is over once the lifter has come "
        "to rest there, and its hold counts up to then only: the pause before the next one is no part of it",
    ),
    _tempo("lower", "time of the lowering"),
    *_estimate(
        "lockout_trunk_thigh_flexion_deg",
        "trunk-thigh angle held at the top: 0 straight, negative past straight",
        lambda rep: rep.lockout_trunk_thigh_flexion_deg,
        TerminalCell(place=2, heading="Lockout", text=_joint_angle(lambda rep: rep.lockout_trunk_thigh_flexion_deg)),
    ),
    *_estimate(
        "bottom_trunk_thigh_flexion_deg",
        "the same at the bottom the lift began from",
        lambda rep: rep.bottom_trunk_thigh_flexion_deg,
        TerminalCell(place=3, heading="Bottom", text=_joint_angle(lambda rep: rep.bottom_trunk_thigh_flexion_deg)),
    ),
    *_estimate("range_deg", "bottom minus lockout", lambda rep: rep.range_deg),
    *_estimate(
        "lumbar_extension_deg",
        "low back at the top against the lifter's own neutral: positive arched, negative rounded; empty where the "
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
        meaning="share of the last 30 degrees of the lift that came from the low back, beyond the own neutral",
        cell=lambda _, rep: rep.low_back_share_ratio.value if rep.low_back_share_ratio else None,
    ),
    RepColumn(
        name="attribution",
        meaning="whether the lift was finished and with what, in one line",
        cell=lambda _, rep: rep.attribution,
        kind=str,
    ),
)
"""Columns that every repetition has, in their order; those of the rules follow them."""
