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

Pictures = Sequence[Image]

QUICK_VPX = {"deadline": "realtime", "cpu-used": "8"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One odd input.

    Attributes
    ----------
    name
        What is odd about it.
    make
        Writes it into a folder, from the pictures of a set of one repetition; returns what to give to hipform.
    codes
        Exit codes that are right.
    reps
        Repetitions that must be counted all the same; ``None`` where the oddity leaves that open.
    says
        A word that the one line of complaint, or the notes of the result, must hold.
    is_heavy
        Whether making it takes seconds.
    """

    name: str
    make: Callable[[Path, Pictures], Path | str]
    codes: tuple[int, ...] = (OK,)
    reps: int | None = None
    says: str = ""
    is_heavy: bool = False


def written(name: str, **form: Any) -> Callable[[Path, Pictures], Path]:
    """Return what writes all frames to a file of this name, in the `Form` that *form* gives."""
    return lambda folder, images: write(folder / name, images, Form(**form))
