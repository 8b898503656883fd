"""Validation of everything read from disk: strict types, finite numbers, bounded sizes, plausible dates.

Files come from other people, other versions and failing disks. A reader gets the bytes with `read_bounded` and the
content with `validate_json` or `validate_rows`, and converts their errors, `OSError` and `ContentError`, into the
`hipform.errors` for that kind of file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from errno import EFBIG
from pathlib import Path
from typing import IO, Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hipform.folder_handle import open_named

MAX_NUMBER = 1e15
"""Upper limit of any number in hipform's files, even a clip's size in bytes; float64 is exact for integers up to it."""
MAX_TIME_S = 1e7
"""Upper limit of a time in a clip, four months: beyond it, steps between frames are lost in the tables' rounding."""
MAX_TEXT_CHARS = 100_000
YEARS = (1900, 2200)
"""First and last year in which a clip may have been recorded; others have no local time on some systems."""
_MAX_REASON_CHARS = 200
_T = TypeVar("_T")


class ContentError(ValueError):
    """The content is not what hipform writes; ``str(error)`` says where and why in one line."""


class Stored(BaseModel):
    """Base of stored models: no type conversions, no extra fields, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def is_plausible_date(date: datetime) -> bool:
    """Return whether a clip may have been recorded on *date*: its year is within `YEARS`."""
    first, last = YEARS
    return first <= date.year <= last


def _plausible(date: datetime) -> datetime:
    if not is_plausible_date(date):
        raise ValueError("the year is not plausible")
    return date


PlausibleDate = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A date and time with its UTC offset, within `YEARS`."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of an ordinary file.

    Raises
    ------
    OSError
        If it cannot be read, is larger than *max_bytes*, or is a pipe or a device, whose data may never end;
        ``strerror``
        gives the reason.
    """
    with open_named(path) as file:
        return read_whole(file, max_bytes)


def read_whole(file: IO[bytes], max_bytes: int) -> bytes:
    """Return the bytes of an open file.

    Raises
    ------
    OSError
        If it cannot be read or is larger than *max_bytes*; ``strerror`` gives the reason.
    """
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(EFBIG, f"larger than {max_bytes:,} bytes")
    return data


def validate_json(adapter: TypeAdapter[_T], text: bytes | str) -> _T:
    """Return the value of a JSON text.

    Raises
    ------
    ContentError
        If it is not JSON, has another structure, or has a number, text or date out of bounds.
    """
    try:
        value = adapter.validate_json(text, strict=True)
        _require_bounded(adapter.dump_python(value))
    except ValidationError as error:
        raise _content_error(error) from error
    return value


def validate_rows(adapter: TypeAdapter[_T], rows: object) -> _T:
    """Return the value of table rows given as Python objects.

    Raises
    ------
    ContentError
        If they have another structure, or a number, text or date out of bounds.
    """
    try:
        value = adapter.validate_python(rows)
        _require_bounded(adapter.dump_python(value))
    except ValidationError as error:
        raise _content_error(error) from error
    return value


def _content_error(error: ValidationError) -> ContentError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "the whole content"
    return ContentError(f"{where}: {first['msg']}"[:_MAX_REASON_CHARS])


def _require_bounded(value: Any) -> None:
    where = _out_of_bounds(value)
    if where is not None:
        raise ContentError(f"{'.'.join(where)}: out of bounds"[:_MAX_REASON_CHARS])


def _out_of_bounds(value: Any) -> list[str] | None:
    """Return the path to the first number, text or date in *value* that is out of bounds; ``None`` if there is none."""
    if isinstance(value, Mapping):
        inner = [*((key, key) for key in value), *value.items()]
    elif isinstance(value, list | tuple):
        inner = [*enumerate(value)]
    else:
        return None if _is_bounded(value) else []
    for key, one in inner:
        where = _out_of_bounds(one)
        if where is not None:
            return [str(key), *where]
    return None


def _is_bounded(value: Any) -> bool:
    if value is None or isinstance(value, Enum | bool):
        return True
    if isinstance(value, float | int):
        # NaN is out of bounds; an int may be too large for a float.
        return -MAX_NUMBER <= value <= MAX_NUMBER
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_CHARS
    return not isinstance(value, datetime) or (value.utcoffset() is not None and is_plausible_date(value))
