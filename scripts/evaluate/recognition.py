"""What hipform took each clip for, beside what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from scripts.evaluate.clips import NOTHING
from scripts.evaluate.figures import Figure
from scripts.evaluate.runs import Outcome

SEVERAL = "several"
"""Stands for more than one exercise where there is one only."""

SOON_MOVEMENTS = 2
"""The live guess should settle within so many movements."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What one clip was taken for.

    Attributes
    ----------
    clip, shows, model, source
        Name of the clip, what it shows, the pose model, and ``rendered`` or ``real``.
    rated
        Whether it can be wrong; it cannot where any number of repetitions is right, because little is to be seen.
    shows_several
        Whether the clip shows other exercises besides.
    exercises, confidence, first_settled, settled_after
        As in `runs.Recognised`.
    """

    clip: str
    shows: str
    model: str
    source: str
    rated: bool
    shows_several: bool
    exercises: tuple[str, ...]
    confidence: float | None
    first_settled: str
    settled_after: int | None

    @property
    def right(self) -> bool:
        """Whether it was taken for what it shows and for nothing else, unless it shows more."""
        if self.shows_several:
            return self.shows in self.exercises
        return self.answer == self.shows

    @property
    def answer(self) -> str:
        """One exercise, `SEVERAL` or `NOTHING`."""
        if len(set(self.exercises)) > 1:
            return self.shows if self.shows_several and self.shows in self.exercises else SEVERAL
        return self.exercises[0] if self.exercises else NOTHING

    @property
    def misled(self) -> bool:
        """Whether the live guess settled on something else first, or on anything where there is nothing."""
        return self.first_settled not in {"", self.shows}

    @property
    def soon(self) -> bool:
        """Whether the live guess settled right within `SOON_MOVEMENTS`."""
        return self.settled_after is not None and self.settled_after <= SOON_MOVEMENTS


def recognition(outcome: Outcome) -> Recognition:
    """Return what a clip was taken for; without landmarks, for nothing."""
    entry, found = outcome.entry, outcome.recognised
    return Recognition(
        clip=entry.path.name,
        shows=entry.exercise,
        model=outcome.model,
        source=entry.source,
        rated=not entry.any_number,
        shows_several=entry.shows_several,
        exercises=found.exercises if found else (),
        confidence=found.confidence if found else None,
        first_settled=found.first_settled if found else "",
        settled_after=found.settled_after if found else None,
    )


def of_exercises(rows: Iterable[Recognition]) -> list[Recognition]:
    """Return the rated clips that show an exercise."""
    return [row for row in rows if row.rated and row.shows != NOTHING]


def confusion_counts(rows: Iterable[Recognition]) -> Counter[tuple[str, str]]:
    """Count the rated clips by what they show and what they were taken for."""
    return Counter((row.shows, row.answer) for row in rows if row.rated)


def right_share(rows: Sequence[Recognition]) -> float | None:
    """Return the share of clips that were taken for what they show."""
    return mean(row.right for row in rows) if rows else None


def mean_confidence(rows: Iterable[Recognition]) -> float | None:
    """Return the mean stated confidence of the clips that were taken for something."""
    stated = [row.confidence for row in rows if row.confidence is not None]
    return mean(stated) if stated else None


def soon_share(rows: Sequence[Recognition]) -> float | None:
    """Return the share of clips on which the live guess settled right soon."""
    return mean(row.soon for row in rows) if rows else None


def recognition_figures(rows: Sequence[Recognition]) -> Iterator[tuple[str, Figure]]:
    """Yield how often clips were recognised, how sure that was, and how soon a live guess would have been right."""
    for source in ("rendered", "real"):
        clips = [row for row in of_exercises(rows) if row.source == source]
        shares = {
            "right": (right_share(clips), 1.0),
            "live_soon": (soon_share(clips), 1.0),
            "live_misled": (mean(row.misled for row in clips) if clips else None, 0.0),
        }
        for name, (share, ideal) in shares.items():
            if share is not None:
                yield f"recognition/{source}/{name}", Figure(share, ideal, len(clips))
    for name, right in (("right", True), ("wrong", False)):
        answered = [row for row in rows if row.rated and row.confidence is not None and row.right == right]
        confidence = mean_confidence(answered)
        if confidence is not None:
            yield f"recognition/confidence_{name}", Figure(confidence, float(right), len(answered))
    nothing = [row for row in rows if row.shows == NOTHING]
    if nothing:
        yield "recognition/none/right", Figure(mean(row.right for row in nothing), 1.0, len(nothing))
