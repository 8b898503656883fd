"""Figures with the value that would be perfect, so that two versions of the program can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NAMES_SHOWN = 8
"""So many names of figures that one version lacks are written out."""

_NO_DIFFERENCE = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the evaluation.

    Attributes
    ----------
    value
        The number.
    ideal
        What it would be if the program were perfect: of two values the one nearer to it is better.
    n
        How many clips, frames or repetitions it is made from.
    """

    value: float
    ideal: float
    n: int


Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in the old and the new version; `gain` is how much nearer to the ideal the new one is."""

    name: str
    old: Figure
    new: Figure

    @property
    def gain(self) -> float:
        """Positive is better, negative worse."""
        return abs(self.old.value - self.old.ideal) - abs(self.new.value - self.new.ideal)


def changes(old: Mapping[str, Figure], new: Mapping[str, Figure]) -> tuple[list[Change], list[Change]]:
    """Return what got better and what got worse, each with the largest share of its old size first."""
    both = [Change(name, old[name], new[name]) for name in new if name in old]
    better = [change for change in both if change.gain > _NO_DIFFERENCE]
    worse = [change for change in both if change.gain < -_NO_DIFFERENCE]
    return sorted(better, key=_weight, reverse=True), sorted(worse, key=_weight, reverse=True)


def _weight(change: Change) -> float:
    largest = max(abs(figure.value - figure.ideal) for figure in (change.old, change.new))
    return abs(change.gain) / largest


def comparison(old: Mapping[str, Figure], new: Mapping[str, Figure]) -> Iterator[str]:
    """Yield the lines that say what changed."""
    better, worse = changes(old, new)
    for title, found in (("Better", better), ("Worse", worse)):
        yield f"{title}: {len(found)}"
        for change in found:
            n = f"n {change.new.n}" if change.old.n == change.new.n else f"n {change.old.n} -> {change.new.n}"
            yield f"  {change.name}: {change.old.value:.3g} -> {change.new.value:.3g} (ideal {change.new.ideal:g}, {n})"
    for title, names in (("Only in the old one", old.keys() - new.keys()), ("New", new.keys() - old.keys())):
        if names:
            shown = sorted(names)[:NAMES_SHOWN]
            more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
            yield f"{title}: {', '.join(shown)}{more}"
