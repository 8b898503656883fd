"""Every exercise's analyser over the clips of every other exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hipform.exercises import EXERCISES
from scripts.evaluate.clips import NOTHING
from scripts.evaluate.figures import Figure
from scripts.evaluate.markdown import clip_number, table
from scripts.evaluate.runs import Outcome

_INTRODUCTION = """\
Repetitions counted in all clips together: rows are what the clips show, columns what they were analysed as; the
diagonal is in brackets. The exercise that the user names wins, so that relatives count each other's repetitions: a hip
thrust is counted as a glute bridge if that is what was asked for. A movement of another posture - lying, on all fours,
prone, standing - shall be refused whatever was named, and nothing at all may be counted in clips of something else."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many repetitions one exercise's analyser counted in one clip."""

    clip: str
    shows: str
    exercise: str
    counted: int

    @property
    def across_postures(self) -> bool:
        """Whether clip and analyser are of exercises in different postures."""
        if self.shows == NOTHING:
            return False
        shown, asked = (EXERCISES[slug].posture.family for slug in (self.shows, self.exercise))
        return shown != asked


def crossings(outcome: Outcome) -> Iterator[Crossing]:
    """Yield what every analyser counted, the right one included; nothing when the others were not asked."""
    for exercise, counted in outcome.crossed.items():
        yield Crossing(outcome.entry.path.name, outcome.entry.exercise, exercise, counted)


def crossing_figures(found: Sequence[Crossing]) -> Iterator[tuple[str, Figure]]:
    """Yield how many repetitions were counted across postures."""
    across = [crossing for crossing in found if crossing.across_postures]
    if across:
        counted = sum(crossing.counted for crossing in across)
        yield "crossing/across_postures", Figure(float(counted), 0.0, len({crossing.clip for crossing in across}))


def crossing_section(found: Sequence[Crossing], model: str) -> Iterator[str]:
    """Give the counts of every analyser over every kind of clip."""
    yield from ("## Analysed as another exercise", "", _INTRODUCTION, "", f"Model {model}.", "")
    counts: Counter[tuple[str, str]] = Counter()
    clips: dict[str, set[str]] = {}
    for crossing in found:
        counts[crossing.shows, crossing.exercise] += crossing.counted
        clips.setdefault(crossing.shows, set()).add(crossing.clip)
    rows = [
        (shows, clip_number(len(clips[shows])), *(_cell(shows, exercise, counts) for exercise in EXERCISES))
        for shows in (*EXERCISES, NOTHING)
        if shows in clips
    ]
    yield from table(("shows", "n clips", *EXERCISES), rows)
    across = [crossing for crossing in found if crossing.across_postures and crossing.counted]
    total = sum(crossing.counted for crossing in across)
    yield from ("", f"Counted across postures: {total}.")
    if across:
        yield from ("", *table(("clip", "as", "counted"), ((c.clip, c.exercise, c.counted) for c in across)))


def _cell(shows: str, exercise: str, counts: Counter[tuple[str, str]]) -> str:
    number = str(counts[shows, exercise])
    return f"({number})" if shows == exercise else number
