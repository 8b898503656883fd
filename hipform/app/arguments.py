"""What a program may pass to `analyze`, `calibrate` and their like: anything else is one clear error."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from numbers import Integral, Real
from pathlib import Path
from typing import SupportsFloat

from hipform.analysis.judged_reps import Calibration
from hipform.config import Settings
from hipform.errors import ConfigError, InputError
from hipform.training import HEAVIEST_KG, Load, LoadUnit, Training
from hipform.validation import MAX_TIME_S

_SPEEDS = (0.01, 100.0)
"""How many times slower than reality a clip may play."""
_TURNS_DEG = (0, 90, 180, 270)
_MAX_KEPT_CHARS = 1000
"""Longest name or note."""
_MAX_SIDE_PX = 999_999
_MAX_SHOWN_CHARS = 60
_MAX_SHOWN_BITS = 200


def check_arguments(**given: object) -> None:
    """Raise if an argument is of another kind than its name says; ``None`` is checked as any other value.

    Raises
    ------
    ConfigError
        It names the argument, what it must be, and what it is.
    """
    for name, value in given.items():
        wanted, fits = _WANTED[name]
        if not fits(value):
            raise ConfigError(f"{name} must be {wanted}, not {_shown(value)}.")


def checked_path(path: object, name: str = "path") -> Path:
    """Return the path that a program passed.

    Raises
    ------
    ConfigError
        If it is no path.
    InputError
        If no file can have this name.
    """
    try:
        text = os.fspath(path)  # type: ignore[call-overload]
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise ConfigError(f"{name} must be a path, not {_shown(path)}.")
    try:
        is_possible = b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        is_possible = False
    if not is_possible:
        raise InputError(f"{text[:_MAX_SHOWN_CHARS]!r} cannot be the name of a file.", "Check the path.")
    return Path(text)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _size_of(number: SupportsFloat) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_speed(value: object) -> bool:
    return isinstance(value, Real) and _is_number(value) and _SPEEDS[0] <= _size_of(value) <= _SPEEDS[1]


def _is_turn(value: object) -> bool:
    return _is_whole(value) and value in _TURNS_DEG


def _is_number_of_jobs(value: object) -> bool:
    return isinstance(value, Integral) and _is_whole(value) and int(value) >= 0


def _is_size(value: object) -> bool:
    return isinstance(value, Sequence) and [_is_side(side) for side in value] == [True, True]


def _is_side(value: object) -> bool:
    return isinstance(value, Integral) and _is_whole(value) and 0 < int(value) <= _MAX_SIDE_PX


def _are_calibrations(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(one, Calibration) for one in value)


def _is_kept_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_KEPT_CHARS and _is_utf8(value)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_load(value: object) -> bool:
    if not isinstance(value, Load) or not isinstance(value.unit, LoadUnit):
        return False
    return _is_number(value.kg) and 0 < _size_of(value.kg) <= HEAVIEST_KG


def _is_training(value: object) -> bool:
    return isinstance(value, Training) and all(
        fact is None or fits(fact)
        for fact, fits in (
            (value.athlete, _is_kept_text),
            (value.note, _is_kept_text),
            (value.load, _is_load),
            (value.recorded_at, lambda at: isinstance(at, datetime)),
        )
    )


def _is_time(value: object) -> bool:
    return isinstance(value, Real) and _is_number(value) and abs(_size_of(value)) <= MAX_TIME_S


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


_TRAINING = (
    f"of hipform.Training, with text of at most {_MAX_KEPT_CHARS} letters, a hipform.Load of at most "
    f"{HEAVIEST_KG:g} kg and a datetime, or None"
)
_NUMBER = ("a number or None", _or_none(_is_number))
_WANTED: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "exercise": ("the name of an exercise", _is_text),
    "model": ("the name of a pose model", _is_text),
    "settings": ("of hipform.Settings or None", _or_none(lambda value: isinstance(value, Settings))),
    "calibrations": ("a list of what hipform.calibrate returned", _are_calibrations),
    "progress": ("a function of two numbers or None", _or_none(callable)),
    "training": (_TRAINING, _or_none(_is_training)),
    "jobs": ("a whole number from 0 on or None", _or_none(_is_number_of_jobs)),
    "fps": _NUMBER,
    "size_px": ("width and height in whole pixels or None", _or_none(_is_size)),
    "t_s": (f"a number of seconds up to {MAX_TIME_S:g}", _is_time),
    "view_deg": _NUMBER,
    "speed": (f"a number from {_SPEEDS[0]:g} to {_SPEEDS[1]:g} or None", _or_none(_is_speed)),
    "turn_deg": ("0, 90, 180, 270 or None", _or_none(_is_turn)),
    "start_s": _NUMBER,
    "end_s": _NUMBER,
    "person": ("text, such as 'left' or '2'", _is_text),
    "language": ("text, such as 'en'", _is_text),
}


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > _MAX_SHOWN_BITS:
        return "a number too long to print"
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)[:_MAX_SHOWN_CHARS]
    return f"of {type(value).__name__}"
