"""The result as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from hipform.config import SETTINGS, Settings
from hipform.errors import one_line
from hipform.exercises import EXERCISES
from hipform.exercises.base import Exercise
from hipform.report.result import AnalysisResult
from hipform.types import LOCKOUT_RULE, Rep, Status, included_text

_MARKS = {Status.OK: ("✓", "cyan"), Status.FAULT: ("✗", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_ASCII_MARKS = {Status.OK: ("ok", "cyan"), Status.FAULT: ("X", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_NUMBERS = ("Rep", "Lockout", "Bottom", "Lift", "Hold", "Lower")
_WIDE = 116
_LEGEND = (
    "Angle between trunk and thigh: 180° is straight, more is past straight; ± holds 95 of 100. Times in seconds. "
    "✓ ok, ✗ fault, ? could not be judged. (1) is a partial rep."
)
_SHORT_TITLES = {
    "incomplete-lockout": "lockout",
    "lumbar-overextension": "arch",
    "no-squeeze": "squeeze",
    "momentum": "control",
    "shallow-range": "range",
    "shin-angle": "shins",
    "neck-posture": "neck",
}


def show(console: Console, exercise: Exercise, result: AnalysisResult) -> None:
    """Print the table of repetitions and the summary."""
    if result.set.reps or result.set.partial_reps:
        console.print(Text(f"{exercise.name} - {one_line(result.clip.name)}", "italic"), soft_wrap=True)
        for table in rep_tables(exercise, result, console):
            console.print(table)
        console.print(Text(_LEGEND, "dim"))
    console.print(_words(result))


def rep_tables(exercise: Exercise, result: AnalysisResult, console: Console) -> list[Table]:
    """Return one row per repetition: count, lockout, depth and tempo, and the verdict of every rule.

    In a narrow terminal the verdicts come in a second table.
    """
    marks = _MARKS if console.encoding.lower().startswith("utf") else _ASCII_MARKS
    reps = sorted((*result.set.reps, *result.set.partial_reps), key=lambda rep: rep.top_s)
    rules = [_SHORT_TITLES[rule.id] for rule in exercise.rules]
    numbers: list[list[RenderableType]] = [_number_cells(rep) for rep in reps]
    verdicts: list[list[RenderableType]] = [[Text(*marks[finding.status]) for finding in rep.findings] for rep in reps]
    if console.width >= _WIDE:
        rows = [[*left, *right] for left, right in zip(numbers, verdicts, strict=True)]
        return [_table([*_NUMBERS, *rules], rows)]
    labelled = [[left[0], *right] for left, right in zip(numbers, verdicts, strict=True)]
    return [_table(_NUMBERS, numbers), _table([_NUMBERS[0], *rules], labelled)]


def _table(headings: Sequence[str], rows: Sequence[Sequence[RenderableType]]) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in _NUMBERS else "center", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _number_cells(rep: Rep) -> list[RenderableType]:
    number = f"({rep.number})" if rep.partial else str(rep.number)
    judged = rep.finding(LOCKOUT_RULE).status is not Status.NOT_ASSESSED
    angles = (rep.lockout_hip_flexion_deg, rep.bottom_hip_flexion_deg)
    # An angle that may not be judged must not be read off as if it had been; it stays in the files.
    shown = [included_text(angle) if judged else "?" for angle in angles]
    return [number, *shown, *map(_seconds, (rep.lift_s, rep.hold_s, rep.lower_s))]


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:.1f}"


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


def _words(result: AnalysisResult) -> RenderableType:
    summary = result.summary
    lines = [Text(summary.headline, "bold")]
    if summary.one_thing:
        lines += [
            Text(f"Change one thing: {summary.one_thing}"),
            Text(f"  Cue: {summary.one_thing_cue}.", "bold yellow"),
        ]
    lines += _section("Went well", summary.went_well)
    lines += _section("Could not be judged", summary.not_judged)
    lines += _section("Not counted", summary.uncounted)
    lines += _section("Not followed", [f"{g.start_s:.1f}-{g.end_s:.1f} s: {g.reason}" for g in result.set.gaps])
    lines += _section("About the clip", result.clip.notes)
    if summary.camera_advice:
        lines.append(Text(f"For next time, the camera: {summary.camera_advice}"))
    lines.append(Text("Feedback on movement, not medical advice.", "dim"))
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
