"""The progress page: charts over the weeks, tables of sessions, and advice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from hipform.errors import one_line
from hipform.feedback.advice import SESSIONS_A_WEEK, advice, changes_in_words, exercise_name, rule_title
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.load_speed import LoadSpeed, load_speed_in_words
from hipform.feedback.progress import AthleteProgress, ExerciseProgress, Totals
from hipform.report.history_tables import locked_out_text
from hipform.report.pages import render_page
from hipform.report.progress_text import session_columns, short_day, weeks_text
from hipform.texts import ENGLISH, MONTHS, Texts, english
from hipform.training import LoadUnit
from hipform.types import Estimate

_NAMED = 3
"""Maximum number of athletes named in the title."""


def progress_page(athletes: Sequence[AthleteProgress], today: date, texts: Texts = ENGLISH) -> str:
    """Return the page as HTML, in the language of *texts*."""
    return render_page(
        "progress.html.j2",
        data={"athletes": [_chart_data(one) for one in athletes], "advised": list(SESSIONS_A_WEEK)},
        scripts=["progress.js"],
        texts=texts,
        names=_names(athletes, texts),
        today=english("{n} {month} {year}", n=f"{today:%d}", month=MONTHS[today.month - 1], year=today.year),
        athletes=[_athlete_words(one) for one in athletes],
    )


def _names(athletes: Sequence[AthleteProgress], texts: Texts) -> str:
    names = [one_line(one.athlete) for one in athletes]
    return ", ".join(names) if len(names) <= _NAMED else texts("{n} athletes", n=len(names))


def _athlete_words(one: AthleteProgress) -> dict[str, object]:
    return {
        "name": one_line(one.athlete),
        "advice": [one_line(line) for line in advice(one)],
        "weeks": weeks_text(one),
        "exercises": [_exercise_words(exercise) for exercise in one.exercises],
    }


def _exercise_words(one: ExerciseProgress) -> dict[str, object]:
    last, columns = one.days[-1], session_columns(one.days[::-1])
    return {
        "name": exercise_name(one.exercise),
        "tiles": _tiles(one, last),
        "sessions": len(one.days),
        "changes": changes_in_words(one),
        "bests": [(best.of, best.value, short_day(best.day)) for best in one.bests],
        "persistent": [rule_title(one.exercise, rule) for rule in one.persistent],
        "columns": list(columns),
        "rows": list(zip(*columns.values(), strict=True)),
        "load_unit": _load_unit(one.days).value,
        "has_lockout": any(day.lockout for day in one.days),
        "has_rate": any(day.judged for day in one.days),
        "has_lumbar": any(day.lumbar for day in one.days),
        "load_speed": load_speed_in_words(one.load_speed),
        "has_line": one.load_speed is not None and len(one.load_speed.points) > 1,
        "has_load": any(day.heaviest for day in one.days),
    }


def _tiles(one: ExerciseProgress, last: Totals) -> list[tuple[str, str, str]]:
    """Return heading, value and explanation of the key figures."""
    tiles = [
        (english("Sessions"), str(len(one.days)), english("last on {day}", day=short_day(last.day))),
        (english("Reps"), str(sum(day.reps for day in one.days)), english("{n} last time", n=last.reps)),
        (english("Locked out"), locked_out_text(last), english("of the judged reps, last time")),
        (
            english("Lockout angle"),
            format_joint_angle(last.lockout) if last.lockout else "?",
            english("last time; 180° is straight"),
        ),
    ]
    if last.heaviest:
        tiles.append((english("Load"), str(last.heaviest), english("heaviest last time")))
    return tiles


# --------------------------------------------------------------------------------------------------------------- charts


def _chart_data(one: AthleteProgress) -> dict[str, object]:
    return {
        "weeks": [[_noon_s(monday) for monday, _ in one.weeks], [count for _, count in one.weeks]],
        "exercises": [_exercise_data(exercise) for exercise in one.exercises],
    }


def _exercise_data(one: ExerciseProgress) -> dict[str, object]:
    days, unit = one.days, _load_unit(one.days)
    return {
        "days": [_noon_s(day.day) for day in days],
        "lockout": _band([_included(day.lockout) for day in days]),
        "lumbar": _band([day.lumbar for day in days]),
        "rate": [round(100 * day.locked_out / day.judged) if day.judged else None for day in days],
        "load": [round(day.heaviest.kg / unit.kg, 2) if day.heaviest else None for day in days],
        "speed": _load_speed_data(one.load_speed) if one.load_speed else None,
    }


def _load_speed_data(line: LoadSpeed) -> list[list[float | None]]:
    """Return loads in the user's unit, the speeds measured with them, and those of the line up to the estimate."""
    measured = [(point.load_kg, point.speed.value) for point in line.points]
    end = [(line.one_rep_max.value, None)] if line.one_rep_max else []
    rows = sorted([*measured, *end], key=lambda row: row[0])
    has_line = math.isfinite(line.m_per_s_per_kg)
    return [
        [round(load_kg / line.unit.kg, 1) for load_kg, _ in rows],
        [None if speed is None else round(speed, 3) for _, speed in rows],
        [round(line.speed_at(load_kg), 3) if has_line else None for load_kg, _ in rows],
    ]


def _load_unit(days: Sequence[Totals]) -> LoadUnit:
    """Return the unit of the latest load."""
    return next((day.heaviest.unit for day in reversed(days) if day.heaviest), LoadUnit.KG)


def _included(flexion: Estimate | None) -> Estimate | None:
    """Return a joint's flexion as an angle in the convention for people: 180 is straight."""
    return Estimate(180 - flexion.value, flexion.u95, flexion.unit) if flexion else None


def _band(angles: Sequence[Estimate | None]) -> list[list[float | None]]:
    """Return values, and lower and upper ends of their intervals."""
    return [
        [round(angle.value, 1) if angle else None for angle in angles],
        [round(angle.value - angle.u95, 1) if angle else None for angle in angles],
        [round(angle.value + angle.u95, 1) if angle else None for angle in angles],
    ]


def _noon_s(day: date) -> int:
    """Return noon of *day* in UTC, the time zone of the charts; at noon it is the same day almost everywhere."""
    return int(datetime.combine(day, time(12), UTC).timestamp())
