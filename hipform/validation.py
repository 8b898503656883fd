"""The boundary that everything read from disk crosses: strict types, finite numbers, bounded sizes, dates that can be.

Files come from other people, other versions and failing disks. Whoever reads one takes its bytes by `read_bounded` and
its content by `validate_json` or `validate_rows`, and turns the errors of both, `OSError` and `ContentError`, into the
`hipform.errors` of that kind of file.
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
"""No number in hipform's files is larger, not even the size of a clip in bytes; up to here float64 counts exactly."""
MAX_TEXT_CHARS = 100_000
YEARS = (1900, 2200)
"""Years, both included, in which a clip may have been recorded: others have no local time on some systems."""
_MAX_REASON_CHARS = 200
_T = TypeVar("_T")


class ContentError(ValueError):
    """What was read is not what hipform writes; ``str(error)`` says in one line where and why."""


class Stored(BaseModel):
    """Base of what is stored: no conversions, no other fields, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def is_plausible_date(date: datetime) -> bool:
    """Tell whether a clip may have been recorded then: the year is one of `YEARS`."""
    first, last = YEARS
    return first <= date.year <= last


def _plausible(date: datetime) -> datetime:
    if not is_plausible_date(date):
        raise ValueError("the year cannot be meant")
    return date


PlausibleDate = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A date and time with its offset to UTC, in one of `YEARS`."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return what an ordinary file holds.

    Raises
    ------
    OSError
        If it cannot be read, is larger, or is a pipe or a device, which could be read for ever; ``strerror`` says so.
    """
    with open_named(path) as file:
        return read_whole(file, max_bytes)


def read_whole(file: IO[bytes], max_bytes: int) -> bytes:
    """Return what an open file holds.

    Raises
    ------
    OSError
        If it cannot be read or is larger; ``strerror`` says so.
    """
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(EFBIG, f"larger than {max_bytes:,} bytes")
    return data


def validate_json(adapter: TypeAdapter[_T], text: bytes | str) -> _T:
    """Return the value that a JSON text holds.

    Raises
    ------
    ContentError
        If it is no JSON, of another form, or holds a number, text or date beyond all bounds.
    """
    try:
        value = adapter.validate_json(text, strict=True)
        _require_bounded(adapter.dump_python(value))
    except ValidationError as error:
        raise _content_error(error) from error
    return value


def validate_rows(adapter: TypeAdapter[_T], rows: object) -> _T:
    """Return the value that rows of a table, as Python objects, hold.

    Raises
    ------
    ContentError
        If they are of another form, or hold a number, text or date beyond all bounds.
    """
    try:
        value = adapter.validate_python(rows)
        _require_bounded(adapter.dump_python(value))
    except ValidationError as error:
        raise _content_error(error) from error
    return value


def _content_error(error: ValidationError) -> ContentError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "the whole"
    return ContentError(f"{where}: {first['msg']}"[:_MAX_REASON_CHARS])


def _require_bounded(value: Any) -> None:
    where = _out_of_bounds(value)
    if where is not None:
        raise ContentError(f"{'.'.join(where)}: beyond all bounds"[:_MAX_REASON_CHARS])


def _out_of_bounds(value: Any) -> list[str] | None:
    """Return the way to the first number, text or date in *value* that is beyond all bounds; ``None`` without any."""
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
        # NaN is not; an int may be too large to become a float.
        return -MAX_NUMBER <= value <= MAX_NUMBER
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_CHARS
    return not isinstance(value, datetime) or (value.utcoffset() is not None and is_plausible_date(value))
