"""One odd input, and what hipform must make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hipform.types import Image
from scripts.reliability.clips import Form, write

OK, INPUT, NOBODY, OUTPUT = 0, 4, 5, 6
"""Exit codes that a case may end with; the full table is `hipform.errors.EXIT_CODES`."""

Images = Sequence[Image]

QUICK_VPX = {"deadline": "realtime", "cpu-used": "8"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One odd input.

    Attributes
    ----------
    name
        What is odd about it.
    make
        Writes it into a folder, from the frames of a set of one repetition; returns the input for hipform.
    codes
        Accepted exit codes.
    reps
        Repetitions that must be counted; ``None`` if the oddity leaves that open.
    says
        Text that the error message, or the notes of the result, must contain.
    is_heavy
        Whether making it takes several seconds.
    """

    name: str
    make: Callable[[Path, Images], Path | str]
    codes: tuple[int, ...] = (OK,)
    reps: int | None = None
    says: str = ""
    is_heavy: bool = False


def written(name: str, **form: Any) -> Callable[[Path, Images], Path]:
    """Return what writes all frames to a file of this name, in the `Form` that *form* gives."""
    return lambda folder, images: write(folder / name, images, Form(**form))
