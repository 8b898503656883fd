"""Markdown tables, and numbers in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

FEW = 10
"""A figure made from fewer clips or repetitions than this is marked: it says little."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def measure_word(measure: str) -> str:
    """Return ``hip`` for ``trunk_thigh_flexion_deg``."""
    return measure.split("_", maxsplit=1)[0]


def clip_number(number: int) -> str:
    """Return a number of clips, marked when it is small."""
    return f"{number} (few)" if number < FEW else str(number)


def signed(value: float | None, digits: int) -> str:
    """Return a number with its sign, a dash for none."""
    return "-" if value is None else f"{value:+.{digits}f}"


def plain(value: float | None, digits: int) -> str:
    """Return a number, a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}"


def percent(share: float | None) -> str:
    """Return a share of 1 in per cent, a dash for none."""
    return "-" if share is None else f"{share:.0%}"
