"""The typed result of an analysis, its JSON and its JSON Schema."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hipform.analysis.judged_reps import PICTURE_NAME, SetResult
from hipform.config import Settings
from hipform.errors import OutputError
from hipform.exercises import EXERCISES
from hipform.exercises.findings import Finding
from hipform.feedback.cues import ShownCue
from hipform.feedback.set_summary import Summary
from hipform.report.rep_columns import REP_COLUMNS
from hipform.training import Training

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from pydantic import TypeAdapter

SCHEMA_VERSION = 1
"""Incremented when a field changes its meaning or is removed, not when a field is added."""

FILES: Mapping[str, str] = {
    "report": "report.html",
    "video": "annotated.mp4",
    "cues": "cues.vtt",
    "keyframes": "keyframes",
    "result": "result.json",
    "reps": "reps.csv",
    "frames": "frames.csv",
    "poses": "poses.npz",
    "recording": "recording.mp4",
}
"""File names of the outputs in the output folder; only live training has a recording."""

THUMBNAIL = "thumbnail.jpg"
"""Thumbnail of a clip of a batch, in its output folder."""
RUN_RECORD = "batch.json"
INDEX_FILES = ("index.html", "summary.csv", "summary.parquet")
"""Files of a batch that cover all its clips: page, table, and the same table as Parquet."""
"""Run record of a clip of a batch, in its output folder."""
RESULT_FILES = frozenset({FILES["result"], RUN_RECORD})
"""Outputs that vouch for the others, and are therefore written last."""
_OUTPUTS = frozenset({*FILES.values(), THUMBNAIL, RUN_RECORD}) - {FILES["keyframes"]}


def is_output(name: str) -> bool:
    """Return whether hipform writes a file *name* to the output folder; images are prefixed by their folder's name."""
    folder, _, picture = name.rpartition("/")
    return name in _OUTPUTS or (folder == FILES["keyframes"] and PICTURE_NAME.fullmatch(picture) is not None)


def spare_results(path: Path) -> None:
    """Raise if *path*, which another command is to write, is a file of a finished analysis.

    Raises
    ------
    OutputError
        If it has the name of an output, and a result lies beside it.
    """
    if is_output(path.name) and os.path.lexists(path) and os.path.lexists(path.parent / FILES["result"]):
        raise OutputError(f"{path} belongs to the results of an analysis.", "Choose another name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSummary:
    """The analysed clip, as known after it was read.

    Attributes
    ----------
    name
        File name without its folder.
    frames, frames_with_person
        Number of processed frames (all frames, unless the notes mention fast mode), and number of those in which a
        person was found.
    start_s, end_s
        Times of the first and last frame.
    notes
        Notes on how the clip was processed.
    sha256
        Digest of the clip's file, which identifies it; ``None`` if a recording does not contain it.
    speed
        How many times slower than reality the clip plays. All times are real ones.
    turned_deg
        Angle by which the frames were turned clockwise to be upright, beyond the clip's own tag: 0, 90, 180 or 270.
    """

    name: str
    width_px: int
    height_px: int
    frames: int
    frames_with_person: int
    start_s: float
    end_s: float
    notes: tuple[str, ...] = ()
    sha256: str | None = None
    speed: float = 1.0
    turned_deg: int = 0

    @property
    def video_late_s(self) -> float:
        """Delay of the annotated video: a clip that starts before 0 is shifted, as mp4 has no negative times."""
        return max(0.0, -self.start_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """The result of one analysis.

    Attributes
    ----------
    schema_version, hipform_version
        Versions of this structure and of the program.
    clip
        The analysed clip.
    model
        Source of the landmarks, as in `hipform.pose.sources.SOURCES`: a pose model, or the format of another tool.
    settings
        Settings that differ from their defaults, by key.
    sets
        Repetitions and verdicts of every set, in time order.
    summaries
        Summaries in plain words, one per set.
    analysed_at
        Time of the analysis: ISO 8601 with the local UTC offset.
    cues
        Cues shown to the lifter, in time order.
    files
        Written files by kind, relative to the output folder.
    training
        When the clip was recorded, and the user's facts about it.
    """

    schema_version: int
    hipform_version: str
    clip: ClipSummary
    model: str
    settings: Mapping[str, float]
    sets: tuple[SetResult, ...]
    summaries: tuple[Summary, ...]
    analysed_at: str
    cues: tuple[ShownCue, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    training: Training = field(default_factory=Training)

    def to_json(self) -> str:
        """Return the result as JSON text that conforms to `json_schema`."""
        return _adapter().dump_json(self, indent=2).decode()

    def same_verdicts(self, sets: Sequence[SetResult]) -> bool:
        """Return whether *sets* are exactly the sets of this result."""
        return replace(self, sets=tuple(sets)).to_json() == self.to_json()

    @staticmethod
    def from_json(text: str | bytes) -> AnalysisResult:
        """Read a result that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is not such a result; the message says where in one line.
        """
        from hipform.validation import validate_json  # noqa: PLC0415 - needs pydantic, as below

        return validate_json(_adapter(), text)

    def __repr__(self) -> str:
        """Return the verdict of each set in a line, because all fields would fill a screen."""
        lines = [f"  {name}: {headline}" for name, headline in self._verdicts()]
        return "\n".join([f"AnalysisResult of {self.clip.name!r}", *lines])

    def _repr_html_(self) -> str:
        """Return the verdicts as a table, for notebooks."""
        rows = [
            f"<tr><td>{escape(name)}</td><td>{escape(headline)}</td><td>{escape(summary.one_thing or '')}</td></tr>"
            for (name, headline), summary in zip(self._verdicts(), self.summaries, strict=True)
        ]
        heading = "<tr><th>Set</th><th>Result</th><th>Change one thing</th></tr>"
        return f"<table><caption>{escape(self.clip.name)}</caption>{heading}{''.join(rows)}</table>"

    def _verdicts(self) -> list[tuple[str, str]]:
        """Return the name and the headline of each set."""
        pairs = zip(self.sets, self.summaries, strict=True)
        return [(f"Set {found.number}, {found.exercise}", summary.headline) for found, summary in pairs]

    def plot(self) -> Figure:
        """Return a figure of lockout and tempo of every counted repetition; a notebook shows it.

        Raises
        ------
        ImportError
            If matplotlib is not installed (``pip install hipform[plot]``).
        """
        from hipform.report.plot import plot_sets  # noqa: PLC0415 - an optional extra

        return plot_sets(self.sets, Settings(self.settings)["incomplete-lockout.short_deg"])

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row per repetition, counted and partial, with the columns of reps.csv.

        Raises
        ------
        ImportError
            If pandas is not installed (``pip install hipform[pandas]``).
        """
        import pandas as pd  # noqa: PLC0415 - an optional extra

        return pd.DataFrame(list(rep_rows(self)), columns=rep_columns(self))


@cache
def _adapter() -> TypeAdapter[AnalysisResult]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that most imports do not need

    return TypeAdapter(AnalysisResult)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``result.json``."""
    schema = _adapter().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "hipform result", **schema}


def rep_columns(result: AnalysisResult) -> list[str]:
    """Return the columns of `rep_rows`; without any repetition, these do not include rules."""
    return list(next(rep_rows(result), [column.name for column in REP_COLUMNS]))


def known_rep_columns() -> frozenset[str]:
    """Return every column that `rep_rows` can have."""
    rules = {rule.id for exercise in EXERCISES.values() for rule in exercise.all_rules}
    names = [column.name for column in REP_COLUMNS]
    return frozenset({*names, *(name for rule in rules for name in _rule_cells(rule, None))})


def rep_rows(result: AnalysisResult) -> Iterator[dict[str, object]]:
    """Yield one flat row per repetition, set by set, counted repetitions first.

    Every row has the columns of all rules of the clip, with ``None`` for rules that its exercise does not have.
    """
    reps = [(found, rep) for found in result.sets for rep in (*found.reps, *found.partial_reps)]
    rules = dict.fromkeys(finding.rule for _, rep in reps for finding in rep.findings)
    for found, rep in reps:
        findings = {finding.rule: finding for finding in rep.findings}
        row: dict[str, object] = {column.name: column.cell(found, rep) for column in REP_COLUMNS}
        for rule in rules:
            row |= _rule_cells(rule, findings.get(rule))
        yield row


def _rule_cells(rule: str, finding: Finding | None) -> dict[str, object]:
    measured = finding.measured if finding else None
    return {rule: finding.status.value if finding else None, f"{rule} measured": measured.value if measured else None}
