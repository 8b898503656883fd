"""The result as a person reads it in a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from hipform.config import SETTINGS, Settings
from hipform.errors import one_line
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.declaration import Exercise
from hipform.feedback.set_summary import Summary
from hipform.report.result import AnalysisResult
from hipform.types import (
    LOCKOUT_RULE,
    TEMPO_PARTS,
    Calibration,
    Estimate,
    Rep,
    SetResult,
    Status,
    change_text,
    included_text,
)

_MARKS = {Status.OK: ("✓", "cyan"), Status.FAULT: ("✗", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_ASCII_MARKS = {Status.OK: ("ok", "cyan"), Status.FAULT: ("X", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_REP, _SIDE = "Rep", "Side"
_NUMBERS = ("Lockout", "Bottom", *(part.capitalize() for part in TEMPO_PARTS))
_LOW_BACK = "Low back"
_RIGHT = (_REP, *_NUMBERS, _LOW_BACK)
_NUMBERS_WIDTH = 73
"""Room that count, angles and tempo take."""
_LEGEND = (
    "Angle between trunk and thigh: 180° is straight, more is past straight; ± should hold 95 of 100. "
    "Low back: more arched (+) or rounder (-) at the top than in your first reps or your calibration. "
    "Times in seconds. ✓ ok, ✗ fault, ? could not be judged. (1) is a partial rep."
)


def show(console: Console, result: AnalysisResult) -> None:
    """Print a table of repetitions and the summary for each set, then what holds for the whole clip."""
    for found, summary in zip(result.sets, result.summaries, strict=True):
        exercise = find_exercise(found.exercise)
        number = f"Set {found.number} of {len(result.sets)} - " if len(result.sets) > 1 else ""
        sure = "" if found.confidence is None else f" (recognised, {found.confidence:.0%} sure)"
        heading = f"{number}{exercise.name}{sure} - {one_line(result.clip.name)}"
        console.print(Text(heading, "italic"), soft_wrap=True)
        if found.reps or found.partial_reps:
            for table in rep_tables(exercise, found, console):
                console.print(table)
        console.print(_words(found, summary))
        console.print()
    if any(found.reps or found.partial_reps for found in result.sets):
        console.print(Text(_LEGEND, "dim"))
    for line in _section("About the clip", result.clip.notes):
        console.print(line)
    console.print(Text("Feedback on movement, not medical advice.", "dim"))


def rep_tables(exercise: Exercise, found: SetResult, console: Console) -> list[Table]:
    """Return one row per repetition: count, lockout, depth and tempo, and the verdict of every rule.

    In a narrow terminal the verdicts come in tables of their own.
    """
    marks = _MARKS if console.encoding.lower().startswith("utf") else _ASCII_MARKS
    reps = sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.top_s)
    rules = [rule.short for rule in exercise.rules]
    with_low_back = any(rep.lumbar_extension_deg for rep in reps)
    headings = [_REP, *([_SIDE] if exercise.has_sides else []), *_NUMBERS, *([_LOW_BACK] if with_low_back else [])]
    numbers: list[list[RenderableType]] = [
        [
            *_number_cells(rep, with_side=exercise.has_sides),
            *([_low_back_text(rep.lumbar_extension_deg)] if with_low_back else []),
        ]
        for rep in reps
    ]
    verdicts: list[list[RenderableType]] = [[Text(*marks[finding.status]) for finding in rep.findings] for rep in reps]
    if console.width >= _NUMBERS_WIDTH + _width(rules):
        rows = [[*left, *right] for left, right in zip(numbers, verdicts, strict=True)]
        return [_table([*headings, *rules], rows)]
    parts = [_table(headings, numbers)]
    for chosen in _parts_that_fit(rules, console.width):
        labelled = [[left[0], *right[chosen]] for left, right in zip(numbers, verdicts, strict=True)]
        parts.append(_table([_REP, *rules[chosen]], labelled))
    return parts


def _parts_that_fit(headings: Sequence[str], width: int) -> list[slice]:
    """Return the fewest runs of columns, about equally many each, that fit *width* beside the repetition's number."""
    for parts in range(1, len(headings) + 1):
        size = -(-len(headings) // parts)
        runs = [slice(first, first + size) for first in range(0, len(headings), size)]
        if all(_width([_REP, *headings[run]]) <= width for run in runs):
            return runs
    return runs


def _width(headings: Sequence[str]) -> int:
    """Return the width of a table with a line and a blank on either side of each heading."""
    return 1 + sum(len(heading) + 3 for heading in headings)


def _table(headings: Sequence[str], rows: Sequence[Sequence[RenderableType]]) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in _RIGHT else "center", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _number_cells(rep: Rep, *, with_side: bool) -> list[RenderableType]:
    number = f"({rep.number})" if rep.partial else str(rep.number)
    judged = rep.finding(LOCKOUT_RULE).status is not Status.NOT_ASSESSED
    angles = (rep.lockout_hip_flexion_deg, rep.bottom_hip_flexion_deg)
    # An angle that may not be judged must not be read off as if it had been; it stays in the files.
    shown = [included_text(angle) if judged else "?" for angle in angles]
    side = [rep.side.value] if with_side else []
    return [number, *side, *shown, *map(_seconds, rep.timing.parts.values())]


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:.1f}"


def calibration_text(found: Calibration) -> list[str]:
    """Return what a calibration says, in sentences."""
    of = f"{found.reps} repetitions" if found.reps else "the held lockout"
    known = [
        name
        for name, value in (("at the top", found.low_back_top_deg), ("deep in the movement", found.low_back_levels_deg))
        if value is not None
    ]
    low_back = f"Neutral low back known {' and '.join(known)}." if known else "The low back was not seen."
    name, lockout_deg = find_exercise(found.exercise).name, 180 - found.lockout_hip_flexion_deg
    return [f"{name}: your full lockout reads {lockout_deg:.0f}° (from {of}, {found.model} model).", low_back]


def _low_back_text(extension: Estimate | None) -> str:
    """Return a lumbar extension with its uncertainty, rounded up: "+14° ± 9"; "?" where it was not told."""
    return "?" if extension is None else f"{change_text(extension.value)} ± {math.ceil(extension.u95)}"


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, float | None], None]]:
    """Show a bar with the time left; yields what to call after every frame with clip time and length, seconds.

    The bar goes to stderr, so that the result can be piped, and only where a person looks.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    watched = console.is_terminal
    with Progress(*columns, console=console, transient=True, refresh_per_second=5, disable=not watched) as bar:
        task = bar.add_task(escape(one_line(title)), total=None)

        def update(t_s: float, duration_s: float | None) -> None:
            bar.update(task, completed=t_s, total=duration_s)

        yield update


def exercises_table() -> Table:
    """Return the exercises with what each is for and how to film it."""
    table = Table(title="Exercises", title_justify="left", show_lines=True)
    table.caption = "One page on an exercise, with a drawing and its limits: hipform exercises hip-thrust"
    table.caption_justify = "left"
    for heading in ("Exercise", "What it is for", "The camera"):
        table.add_column(heading)
    for exercise in EXERCISES.values():
        table.add_row(exercise.slug, exercise.purpose, exercise.camera.advice)
    return table


def _words(found: SetResult, summary: Summary) -> RenderableType:
    lines = [Text(summary.headline, "bold")]
    if summary.one_thing:
        lines += [
            Text(f"Change one thing: {summary.one_thing}"),
            Text(f"  Cue: {summary.one_thing_cue}.", "bold yellow"),
        ]
    lines += _section("Went well", summary.went_well)
    lines += _section("Could not be judged", summary.not_judged)
    lines += _section("Not counted", summary.uncounted)
    lines += _section("Not followed", [f"{g.start_s:.1f}-{g.end_s:.1f} s: {g.reason}" for g in found.gaps])
    if summary.camera_advice:
        lines.append(Text(f"For next time, the camera: {summary.camera_advice}"))
    return Group(*lines)


def _section(title: str, items: list[str] | tuple[str, ...]) -> list[Text]:
    return [Text(f"{title}:"), *(Text(f"  - {one_line(item)}") for item in items)] if items else []


def rules_table(settings: Settings) -> Table:
    """Return every setting with its value in force, bounds, unit, basis and source."""
    table = Table(title="Settings and limits", title_justify="left", show_lines=True)
    for heading in ("Setting", "Value", "Bounds", "Unit", "What it means", "Basis"):
        table.add_column(heading, justify="right" if heading == "Value" else "left")
    for key, setting in SETTINGS.items():
        table.add_row(
            key,
            f"{settings[key]:g}" + ("*" if key in settings.overrides else ""),
            f"{setting.low:g} to {setting.high:g}",
            setting.unit,
            setting.meaning,
            escape(f"{setting.basis}: {setting.source}"),
        )
    if settings.overrides:
        table.caption = "* differs from the default"
    return table
