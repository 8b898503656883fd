"""The result as terminal text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from hipform.analysis.judged_reps import Calibration, SetResult
from hipform.config import SETTINGS, Settings
from hipform.errors import one_line
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Status
from hipform.feedback.set_summary import Summary
from hipform.interruption import raise_if_interrupted
from hipform.report.rep_columns import REP_COLUMNS
from hipform.report.result import AnalysisResult

_MARKS = {Status.OK: ("✓", "cyan"), Status.FAULT: ("✗", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_ASCII_MARKS = {Status.OK: ("ok", "cyan"), Status.FAULT: ("X", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_COLUMNS = sorted(
    ((column.kind, column.in_terminal) for column in REP_COLUMNS if column.in_terminal),
    key=lambda column: column[1].place,
)
_RIGHT = {cell.heading for kind, cell in _COLUMNS if kind is not str}
"""Headings of the right-aligned columns."""
_LEGEND = (
    "Angle between trunk and thigh: 180° is straight, more is past straight; ± gives a 95 % interval. "
    "Low back: more arched (+) or rounder (-) at the top than in your first reps or your calibration. "
    "Times in seconds. ✓ ok, ✗ fault, ? could not be judged. (1) is a partial rep."
)


def show(console: Console, result: AnalysisResult) -> None:
    """Print a table of repetitions and the summary for each set, then notes about the whole clip."""
    for found, summary in zip(result.sets, result.summaries, strict=True):
        exercise = find_exercise(found.exercise)
        number = f"Set {found.number} of {len(result.sets)} - " if len(result.sets) > 1 else ""
        sure = "" if found.confidence is None else f" (recognised, {found.confidence:.0%} confidence)"
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
    """Return tables with one row per repetition: number, lockout, depth and tempo, and the finding of every rule.

    In a narrow terminal the findings are in separate tables.
    """
    marks = _MARKS if console.encoding.lower().startswith("utf") else _ASCII_MARKS
    reps = sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.top_s)
    rules = [rule.short for rule in exercise.rules]
    columns = [cell for _, cell in _COLUMNS if cell.is_shown(exercise, reps)]
    headings = [cell.heading for cell in columns]
    numbers = [[cell.text(rep) for cell in columns] for rep in reps]
    verdicts: list[list[RenderableType]] = [[Text(*marks[finding.status]) for finding in rep.findings] for rep in reps]
    widest = [max((heading, *texts), key=len) for heading, *texts in zip(headings, *numbers, strict=True)]
    if console.width >= _width([*widest, *rules]):
        rows = [[*left, *right] for left, right in zip(numbers, verdicts, strict=True)]
        return [_table([*headings, *rules], rows)]
    parts = [_table(headings, numbers)]
    for chosen in _parts_that_fit(rules, headings[0], console.width):
        labelled = [[left[0], *right[chosen]] for left, right in zip(numbers, verdicts, strict=True)]
        parts.append(_table([headings[0], *rules[chosen]], labelled))
    return parts


def _parts_that_fit(headings: Sequence[str], first: str, width: int) -> list[slice]:
    """Return the fewest groups of columns, of similar size, that fit in *width* next to the column headed *first*."""
    for parts in range(1, len(headings) + 1):
        size = -(-len(headings) // parts)
        runs = [slice(begin, begin + size) for begin in range(0, len(headings), size)]
        if all(_width([first, *headings[run]]) <= width for run in runs):
            return runs
    return runs


def _width(headings: Sequence[str]) -> int:
    """Return the width of a table of these headings, with a line and a space on either side of each."""
    return 1 + sum(len(heading) + 3 for heading in headings)


def _table(headings: Sequence[str], rows: Sequence[Sequence[RenderableType]]) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in _RIGHT else "center", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def calibration_text(found: Calibration) -> list[str]:
    """Return sentences that describe a calibration."""
    of = f"{found.reps} repetitions" if found.reps else "the held lockout"
    known = [
        name
        for name, value in (("at the top", found.low_back_top_deg), ("deep in the movement", found.low_back_levels_deg))
        if value is not None
    ]
    low_back = f"The neutral low back is known {' and '.join(known)}." if known else "The low back was not seen."
    name, lockout_deg = find_exercise(found.exercise).name, 180 - found.lockout_trunk_thigh_flexion_deg
    return [f"{name}: your full lockout measures {lockout_deg:.0f}° (from {of}, {found.model} model).", low_back]


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, float | None], None]]:
    """Show a progress bar with the remaining time; yield a callback that takes clip time and length, seconds.

    The bar goes to stderr, so that the result can be piped, and only appears in a terminal.
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
            raise_if_interrupted()
            bar.update(task, completed=t_s, total=duration_s)

        yield update


def exercises_table() -> Table:
    """Return a table of the exercises with their purpose and how to film them."""
    table = Table(title="Exercises", title_justify="left", show_lines=True)
    table.caption = "For details, a drawing and the limits of an exercise, run: hipform exercises hip-thrust"
    table.caption_justify = "left"
    for heading in ("Exercise", "Purpose", "Camera"):
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
    lines += _section("Not counted", summary.rejected)
    lines += _section("Not tracked", [f"{g.start_s:.1f}-{g.end_s:.1f} s: {g.reason}" for g in found.gaps])
    if summary.camera_advice:
        lines.append(Text(f"Camera advice for next time: {summary.camera_advice}"))
    return Group(*lines)


def _section(title: str, items: list[str] | tuple[str, ...]) -> list[Text]:
    return [Text(f"{title}:"), *(Text(f"  - {one_line(item)}") for item in items)] if items else []


def rules_table(settings: Settings) -> Table:
    """Return a table of every setting with its value, bounds, unit, basis and source."""
    table = Table(title="Settings and limits", title_justify="left", show_lines=True)
    for heading in ("Setting", "Value", "Bounds", "Unit", "Meaning", "Basis"):
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
