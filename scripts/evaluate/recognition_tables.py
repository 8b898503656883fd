"""The page's tables of what clips were taken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from hipform.exercises import EXERCISES
from scripts.evaluate.clips import NOTHING
from scripts.evaluate.evaluation import Evaluation, clip_groups
from scripts.evaluate.markdown import clip_number, percent, plain, table
from scripts.evaluate.recognition import (
    SEVERAL,
    SOON_MOVEMENTS,
    Recognition,
    confusion_counts,
    mean_confidence,
    of_exercises,
    right_share,
    soon_share,
)

_ANSWERS = (*EXERCISES, SEVERAL, NOTHING)

_INTRODUCTION = f"""\
The classifier was trained on these real clips; how many are recognised by one that has not seen their people
is in [recognition.md](recognition.md). What `--exercise auto` recognises in every clip. *Right*: what it
shows and nothing else; a clip that shows two exercises in turn is right when that of the manifest is among
them. Clips in which any number of repetitions is right are excluded. *Live*: the guess while the clip runs;
*movements* are those it rests on when it first settles on the right exercise, *soon* is within {SOON_MOVEMENTS} of
them, *misled* is settled on another one first."""


def recognition_section(found: Evaluation, models: Sequence[str], source: str) -> Iterator[str]:
    """Yield how often the exercise was recognised in clips of one source, and with what it was confused."""
    yield from (f"## Recognition, {source} clips", "", _INTRODUCTION, "")
    yield from table(
        (
            "model",
            "clips",
            "n clips",
            "right",
            "wrong",
            "none",
            "share right",
            "confidence right / wrong",
            "live movements, median / worst",
            "soon",
            "never settled right",
            "misled",
        ),
        (row for model in models for row in _shares(found, model)),
    )
    yield from ("", "### Taken for what", "")
    rated = [row for row in found.recognitions if row.model in models]
    yield from table(("model", "shows", "taken for", "n clips"), _confusion_rows(rated))
    yield from ("", "### Exceptions", "", "Taken for something else, or live for it at first, or late:", "")
    head = ("clip", "model", "shows", "taken for", "confidence", "live at first", "live movements until right")
    yield from table(head, (_exception_cells(row) for row in found.recognitions if _is_exception(row)))


def _is_exception(row: Recognition) -> bool:
    late = row.shows != NOTHING and not row.soon
    return row.rated and (not row.right or row.misled or late)


def _exception_cells(row: Recognition) -> tuple[object, ...]:
    taken_for = ", then ".join(row.exercises) or NOTHING
    after = "-" if row.settled_after is None else row.settled_after
    return (row.clip, row.model, row.shows, taken_for, percent(row.confidence), row.first_settled or "-", after)


def _shares(found: Evaluation, model: str) -> Iterator[tuple[object, ...]]:
    own = [row for row in found.recognitions if row.model == model]
    for group, clips in clip_groups(found.rows).items():
        rows = [row for row in of_exercises(own) if row.clip in clips]
        if rows:
            yield (model, group, clip_number(len(rows)), *_cells(rows))


def _cells(rows: Sequence[Recognition]) -> tuple[object, ...]:
    right = [row for row in rows if row.right]
    wrong = [row for row in rows if not row.right and row.exercises]
    confidences = " / ".join(percent(mean_confidence(part)) for part in (right, wrong))
    after = [row.settled_after for row in rows if row.settled_after is not None]
    return (
        len(right),
        len(wrong),
        len(rows) - len(right) - len(wrong),
        percent(right_share(rows)),
        confidences,
        f"{plain(median(after), 0)} / {max(after)}" if after else "-",
        percent(soon_share(rows)),
        len(rows) - len(after),
        sum(row.misled for row in rows),
    )


def _confusion_rows(rows: Sequence[Recognition]) -> Iterator[tuple[object, ...]]:
    for model in dict.fromkeys(row.model for row in rows):
        counts = confusion_counts([row for row in rows if row.model == model])
        for (shows, answer), number in sorted(
            counts.items(), key=lambda item: [_ANSWERS.index(one) for one in item[0]]
        ):
            yield (model, shows, answer, number)
