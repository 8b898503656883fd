"""Facts about a training session that the user states, parsed strictly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hipform.errors import ConfigError, one_line
from hipform.texts import english

MAX_SETS = 99
REST_BOUNDS_S = 10, 3600
MAX_REPS = 100
"""What may be planned for a live training: the number of sets, the rest between them, the repetitions of each."""


class DateSource(StrEnum):
    """How it is known when a clip was recorded."""

    GIVEN = "given"
    CLIP = "clip"
    FILE = "file"

    @property
    def in_words(self) -> str:
        """What to say beside the date."""
        return {
            "given": english("as given"),
            "clip": english("the clip's own time"),
            "file": english("the file's time"),
        }[self.value]


class LoadUnit(StrEnum):
    """The units a load may be given in."""

    KG = "kg"
    LB = "lb"

    @property
    def kg(self) -> float:
        """One of this unit in kilograms."""
        return {"kg": 1.0, "lb": 0.45359237}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A weight on the bar, in the hands or on the hips.

    Attributes
    ----------
    kg
        The weight in kilograms.
    unit
        The unit it was given in, and is shown in.
    """

    kg: float
    unit: LoadUnit = LoadUnit.KG

    def __str__(self) -> str:
        return f"{round(self.kg / self.unit.kg, 2):g} {self.unit.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is known of a clip's sets beside what the picture shows.

    Attributes
    ----------
    athlete
        Who is in the clip, as the user calls them.
    load
        Weight that was moved, in every set of the clip.
    note
        What the user wants to be remembered.
    recorded_at, recorded_from
        As in `ClipInfo`; a date that the user gave goes before the clip's own.
    """

    athlete: str | None = None
    load: Load | None = None
    note: str | None = None
    recorded_at: datetime | None = None
    recorded_from: DateSource | None = None


_LONGEST_NAME = 80
_LONGEST_NOTE = 1000
HEAVIEST_KG = 1000.0
_EARLIEST_YEAR = 2000
_UNITS = {
    "kg": LoadUnit.KG,
    "kgs": LoadUnit.KG,
    "kilo": LoadUnit.KG,
    "kilos": LoadUnit.KG,
    "lb": LoadUnit.LB,
    "lbs": LoadUnit.LB,
    "pound": LoadUnit.LB,
    "pounds": LoadUnit.LB,
}


def training_facts(athlete: str | None, load: str | None, note: str | None, date: str | None) -> Training:
    """Return the facts that the options state.

    Raises
    ------
    ConfigError
        If an option is invalid: an empty name, a load without a unit, a future date.
    """
    return Training(
        athlete=None if athlete is None else athlete_name(athlete),
        load=None if load is None else _load(load),
        note=None if note is None else _words(note, "--note", _LONGEST_NOTE),
        recorded_at=None if date is None else date_in_past(date, "--date"),
        recorded_from=None if date is None else DateSource.GIVEN,
    )


def athlete_name(text: str) -> str:
    """Return the name as it is stored: one line, with single spaces.

    Raises
    ------
    ConfigError
        If it is empty or too long.
    """
    return _words(text, "--athlete", _LONGEST_NAME)


def date_in_past(text: str, option: str) -> datetime:
    """Return the date that *option* gives, in local time if it has no time zone.

    Raises
    ------
    ConfigError
        If it is not a date, or is in the future.
    """
    from hipform.validation import YEARS  # noqa: PLC0415 - needs pydantic, which `--help` does not wait for

    try:
        date = datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            "{option} {given!r} is not a date.",
            "Write it as 2026-03-21 or 2026-03-21T18:30.",
            option=option,
            given=text,
        ) from error
    # A clock that is set wrong must not let a date pass that nothing would read again.
    if date > datetime.now(UTC) + timedelta(days=1) or date.year > YEARS[1]:
        raise ConfigError(
            "{option} {given!r} is in the future.",
            "Write year, month and day as in 2026-03-21.",
            option=option,
            given=text,
        )
    if date.year < _EARLIEST_YEAR:
        raise ConfigError(
            "{option} {given!r} is before {year}.", "Check the year.", option=option, given=text, year=_EARLIEST_YEAR
        )
    return date


def _load(text: str) -> Load:
    """Return the load that *text* states; the unit is required, because a guess could be off by a factor of two."""
    match = re.fullmatch(r"\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*([a-z]*)\s*", text, re.IGNORECASE | re.ASCII)
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise ConfigError(
            "--load {given!r} is not understood.", "Write a number and its unit, such as 80kg or 175lb.", given=text
        )
    load = Load(kg=float(match[1].replace(",", ".")) * unit.kg, unit=unit)
    if not 0 < load.kg <= HEAVIEST_KG:
        raise ConfigError(
            "--load {given!r} is out of bounds.",
            "Give up to {kg:.0f} kg; omit it for body weight.",
            given=text,
            kg=HEAVIEST_KG,
        )
    return load


def _words(text: str, option: str, longest: int) -> str:
    words = one_line(" ".join(unicodedata.normalize("NFC", text).split()))
    if not words:
        raise ConfigError("{option} is empty.", "Omit it or give a value.", option=option)
    if len(words) > longest:
        raise ConfigError(
            "{option} has {n} characters, more than {of}.", "Make it shorter.", option=option, n=len(words), of=longest
        )
    return words
