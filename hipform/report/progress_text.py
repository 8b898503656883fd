"""Progress as terminal text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hipform.errors import one_line
from hipform.features.rep_timing import TEMPO_PARTS
from hipform.feedback.advice import advice, changes_in_words, exercise_name, rule_title
from hipform.feedback.angle_text import format_angle, format_joint_angle
from hipform.feedback.load_speed import load_speed_in_words
from hipform.feedback.progress import AthleteProgress, ExerciseProgress, Totals
from hipform.report.history_tables import locked_out_text, reps_text
from hipform.texts import english

SHOWN_SESSIONS = 12
"""Number of latest sessions in the table; the history has them all."""
_SHOWN_WEEKS = 12
_WIDE = 110
"""Terminal width from which there is room for range and tempo."""
_SHORT_MONTHS = (
    english("Jan"),
    english("Feb"),
    english("Mar"),
    english("Apr"),
    english("May"),
    english("Jun"),
    english("Jul"),
    english("Aug"),
    english("Sep"),
    english("Oct"),
    english("Nov"),
    english("Dec"),
)
_LEGEND = (
    "Angle between trunk and thigh: 180° is straight, more is past straight. Values are medians of the day's reps; "
    "± gives a 95 % interval; ? could not be judged. Only reps judged as full count for a personal best."
)


def show_progress(console: Console, athletes: Sequence[AthleteProgress]) -> None:
    """Print the progress of each athlete."""
    for one in athletes:
        console.rule(Text(one_line(one.athlete), "bold"), align="left")
        console.print(Text(weeks_text(one), "dim"))
        for exercise in one.exercises:
            _show_exercise(console, exercise)
        _list(console, "What to do", advice(one))
        console.print()
    console.print(Text(_LEGEND, "dim"))
    console.print(Text("Feedback on movement, not medical advice.", "dim"))


def weeks_text(one: AthleteProgress) -> str:
    """Return the sessions of the latest weeks, oldest first."""
    weeks = one.weeks[-_SHOWN_WEEKS:]
    counts = ", ".join(str(count) for _, count in weeks)
    return english(
        "Analysed sessions per week since Monday, {day}: {counts}", day=short_day(weeks[0][0]), counts=counts
    )


def short_day(day: date) -> str:
    """Return a day as in "05 Nov 2026"."""
    return english("{n} {month} {year}", n=f"{day:%d}", month=_SHORT_MONTHS[day.month - 1], year=day.year)


def _show_exercise(console: Console, one: ExerciseProgress) -> None:
    console.print()
    console.print(Text(exercise_name(one.exercise), "bold italic"))
    console.print(_table(one.days[-SHOWN_SESSIONS:], wide=console.width >= _WIDE))
    if len(one.days) > SHOWN_SESSIONS:
        console.print(Text(f"{len(one.days) - SHOWN_SESSIONS} earlier sessions: see hipform history", "dim"))
    if len(one.days) == 1:
        console.print("There is one session so far; changes appear from the second session.")
    _list(console, "From the first sessions to the latest", changes_in_words(one))
    _list(console, "Personal bests", (f"{best.of}: {best.value} ({best.day:%Y-%m-%d})" for best in one.bests))
    _list(console, "Speed and load", load_speed_in_words(one.load_speed))
    _list(console, "A fault that persists", (rule_title(one.exercise, rule) for rule in one.persistent))


def _list(console: Console, title: str, lines: Iterable[str]) -> None:
    items = Table.grid(padding=(0, 1))
    for line in lines:
        items.add_row("  -", Text(one_line(line)))
    if items.rows:
        console.print(f"{title}:")
        console.print(items)


def _table(days: Sequence[Totals], *, wide: bool) -> Table:
    columns = session_columns(days)
    table = Table()
    shown = [name for name in columns if wide or name not in ("Range", "Lift", "Hold", "Lower", "Bar speed")]
    for name in shown:
        table.add_column(name, justify="left" if name == "Day" else "right", no_wrap=True)
    for cells in zip(*(columns[name] for name in shown), strict=True):
        table.add_row(*cells)
    return table


def session_columns(days: Sequence[Totals]) -> dict[str, list[str]]:
    """Return the columns of a session table by heading; load, bar speed and low back only if a session has them."""
    columns = {
        english("Day"): [f"{day.day:%Y-%m-%d}" for day in days],
        english("Sets"): [str(day.sets) for day in days],
        english("Reps"): [reps_text(day) for day in days],
        english("Locked out"): [locked_out_text(day) for day in days],
        english("Lockout"): [format_joint_angle(day.lockout) if day.lockout else "?" for day in days],
        english("Low back"): [format_angle(day.lumbar) if day.lumbar else "?" for day in days],
        english("Range"): [format_angle(day.range) if day.range else "?" for day in days],
        **{
            part.capitalize(): [_seconds(day.tempo.parts[part] if day.tempo else None) for day in days]
            for part in TEMPO_PARTS
        },
        english("Load"): [str(day.heaviest or "-") for day in days],
        english("Bar speed"): [f"{day.fastest_bar.value:.2f} m/s" if day.fastest_bar else "-" for day in days],
    }
    if not any(day.lumbar for day in days):
        del columns["Low back"]
    if not any(day.heaviest for day in days):
        del columns["Load"]
    if not any(day.fastest_bar for day in days):
        del columns["Bar speed"]
    return columns


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:.1f} s"
