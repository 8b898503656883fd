"""The result as terminal text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
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
from hipform.report.recognised_text import recognised_text
from hipform.report.rep_columns import REP_COLUMNS
from hipform.report.result import AnalysisResult

_MARKS = {Status.OK: ("✓", "cyan"), Status.FAULT: ("✗", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_ASCII_MARKS = {Status.OK: ("ok", "cyan"), Status.FAULT: ("X", "bold yellow"), Status.NOT_ASSESSED: ("?", "dim")}
_VERDICT_STYLES = {Status.OK: "bold green", Status.FAULT: "bold yellow", Status.NOT_ASSESSED: "bold"}
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


def show(console: Console, result: AnalysisResult, *, details: bool) -> None:
    """Print the verdict of each set in a few lines; with *details*, also every repetition and every reason."""
    for found, summary in zip(result.sets, result.summaries, strict=True):
        console.print(_verdict(console, found, summary, n_sets=len(result.sets)))
    if details:
        _show_details(console, result)
    else:
        for note in result.clip.notes:
            console.print(Text(f"Note: {one_line(note)}"))
        console.print(Text("Feedback on movement, not medical advice. --details lists every rep.", "dim"))


def _verdict(console: Console, found: SetResult, summary: Summary, *, n_sets: int) -> Table:
    """Return the verdict of a set: the result, the one thing to change with its cue, the praise and the doubts."""
    exercise = find_exercise(found.exercise)
    name = f"Set {found.number}, {exercise.name_in_sentence}" if n_sets > 1 else exercise.name
    mark, style = _marks(console)[summary.status]
    lines = [(mark, Text(f"{name}: {summary.headline}", _VERDICT_STYLES[summary.status]))]
    if summary.one_thing and summary.one_thing_rule:
        title = summary.one_thing.partition("). ")[0].removesuffix(".") + ")"
        lines.append(("", Text(f"Change one thing: {title}.")))
        lines.append(("", Text(f"Cue: {summary.one_thing_cue}.", "bold yellow")))
    if summary.went_well:
        lines.append(("", Text(f"Went well: {_first(summary.went_well)}.")))
    if summary.not_judged:
        lines.append(("", Text(_doubts_line(summary.not_judged, console.width - 2), "dim")))
    elif summary.rejected and not summary.reps:
        lines.append(("", Text(f"Not counted: {_first(summary.rejected)}", "dim")))
    if summary.camera_advice and summary.lockout_unknown == summary.reps:
        lines.append(("", Text(f"Next time: {summary.camera_advice}")))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for sign, text in lines:
        table.add_row(Text(sign, style), text)
    return table


def _first(items: Sequence[str]) -> str:
    """Return the first of *items* on one line, and how many more there are."""
    more = f" (and {len(items) - 1} more)" if len(items) > 1 else ""
    return one_line(items[0]) + more


def _doubts_line(doubts: Sequence[str], width: int) -> str:
    """Return what was not judged, with the reason if it fits on one line."""
    line = f"Not judged: {_first([_shortened(doubt) for doubt in doubts])}"
    if len(line) <= width:
        return line
    names = [name for doubt in doubts for name in doubt.partition(": ")[0].split(", ")]
    return f"Not judged: {_first(names)}; --details says why"


def _shortened(doubt: str) -> str:
    """Return why some checks were not judged, with the first of them only."""
    checks, _, reason = doubt.partition(": ")
    names = checks.split(", ")
    return doubt if len(names) == 1 else f"{names[0]} and {len(names) - 1} more: {reason}"


def _show_details(console: Console, result: AnalysisResult) -> None:
    """Print a table of repetitions and the summary for each set, then notes about the whole clip."""
    for found, summary in zip(result.sets, result.summaries, strict=True):
        exercise = find_exercise(found.exercise)
        number = f"Set {found.number} of {len(result.sets)} - " if len(result.sets) > 1 else ""
        how = recognised_text(found)
        if how and found.alternative:
            how += f": --exercise {found.alternative} judges it as that"
        sure = f" ({how})" if how else ""
        heading = f"{number}{exercise.name}{sure} - {one_line(result.clip.name)}"
        console.print()
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
    marks = _marks(console)
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


def _marks(console: Console) -> Mapping[Status, tuple[str, str]]:
    return _MARKS if console.encoding.lower().startswith("utf") else _ASCII_MARKS


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
    lines = []
    if summary.one_thing:
        lines.append(Text(f"Change one thing: {summary.one_thing}"))
    lines += _section("Went well", summary.went_well)
    lines += _section("Could not be judged", summary.not_judged)
    lines += _section("Not counted", summary.rejected)
    lines += _section("Not tracked", [f"{g.start_s:.1f}-{g.end_s:.1f} s: {g.reason}" for g in found.gaps])
    if summary.camera_advice:
        lines.append(Text(f"Camera advice for next time: {summary.camera_advice}"))
    return Group(*lines)


def _section(title: str, items: list[str] | tuple[str, ...]) -> list[Text]:
    return [Text(f"{title}:"), *(Text(f"  - {one_line(item)}") for item in items)] if items else []


def rules_list(settings: Settings, exercise: Exercise | None = None) -> RenderableType:
    """Return every setting with its value, unit, bounds, meaning, basis and source.

    It is a list because a table would have to cut the keys, which are what a settings file takes.

    Parameters
    ----------
    settings
        Values in force.
    exercise
        Only the limits of the rules of this exercise; all settings without it.
    """
    chosen = exercise.limits if exercise else SETTINGS.keys()
    lines: list[RenderableType] = []
    for key, setting in SETTINGS.items():
        if key in chosen:
            value = f"{settings[key]:g}{'*' if key in settings.overrides else ''} {setting.unit}"
            heading = Text.assemble((key, "bold"), f" = {value}", (f"  ({setting.low:g} to {setting.high:g})", "dim"))
            basis = Text(f"{setting.basis}: {setting.source}", "dim")
            lines += [heading, Padding(Text(setting.meaning), (0, 0, 0, 4)), Padding(basis, (0, 0, 1, 4))]
    if settings.overrides:
        lines.append(Text("* differs from the default", "dim"))
    return Group(*lines)
