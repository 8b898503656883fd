"""docs/accuracy.md: a summary of what is good and what is poor, derived from the figures, then every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import hipform
from hipform.exercises.findings import Status
from scripts.evaluate.ablation import ablation_section
from scripts.evaluate.angle_tables import angle_section, coverage_section
from scripts.evaluate.claims import summary
from scripts.evaluate.clips import NOTHING, SIDE_VIEW_DEG, Part
from scripts.evaluate.crossing import crossing_section
from scripts.evaluate.evaluation import Evaluation, Row, clip_groups, models_of
from scripts.evaluate.figures import Figure
from scripts.evaluate.label_tables import label_section
from scripts.evaluate.low_back_tables import low_back_section
from scripts.evaluate.markdown import FEW, clip_number, percent, plain, signed, table
from scripts.evaluate.recognition_tables import recognition_section
from scripts.evaluate.reps import MOMENTS, MomentError, count_figures, time_figures
from scripts.evaluate.verdict_tables import verdict_section

_PARTS = {
    "all": "All clips, those for tuning and those for reporting alike.",
    "tune": "The clips for tuning only: even seeds. Real clips have no seed and are excluded.",
    "report": "The clips for reporting only: odd seeds. Real clips have no seed and are excluded.",
}

_TIMES_INTRODUCTION = """\
Moments and tempo of the repetitions against the truth of rendered clips, seconds; positive is late or long. The top is,
as in hipform, the most extended moment (any within 1 degree of it is right); it starts and ends within 5 degrees
of it. A lift or a lowering begins where the hip leaves its end position by 5 % of its range, at least 2 degrees, and
ends that close to the next one, in the truth as in hipform. Times that the truth and hipform define differently are
excluded: end and hold of repetitions that start at the top, and end and lowering of swings."""

_COUNT_INTRODUCTION = f"""\
*Side view*: less than {SIDE_VIEW_DEG:.0f} degrees off it by the truth, or called so by the manifest. A clip's count is
that of all its sets together; clips in which any number is right are excluded."""


def page(found: Evaluation, figures: Mapping[str, Figure], command: str, part: Part) -> str:
    """Return the whole page as Markdown."""
    models = models_of(found)
    lines = ["# Accuracy", "", f"    {command}", "", *introduction(found, models, part), ""]
    if found.labelled:
        lines += [*label_section(found.labelled), ""]
    for model in models:
        own = {name.removeprefix(f"{model}/"): f for name, f in figures.items() if name.startswith(f"{model}/")}
        lines += [*summary(own, model), ""]
    sections = (
        count_section(found, models),
        row_section(found.rows),
        nothing_section(found.rows),
        recognition_section(found, models),
        crossing_section(found.crossings, models[0]),
        angle_section(found.samples, models),
        coverage_section(found.samples, models),
        ablation_section(found.steps, models[0]),
        low_back_section(found.stills, models[0]) if found.stills else (),
        verdict_section(found, models),
        loss_section(found),
    )
    for section in sections:
        written = list(section)
        lines += [*written, ""] if written else []
    return "\n".join(lines).rstrip() + "\n"


def introduction(found: Evaluation, models: Sequence[str], part: Part) -> Iterator[str]:
    """Yield what was measured, on which clips, and how far the numbers can be trusted."""
    rendered = {row.clip for row in found.rows if row.source == "rendered"}
    words = f"hipform {hipform.__version__}, pose model {', '.join(models)}"
    clips = f"{len(found.digests)} clips, {len(rendered)} of them rendered"
    yield f"Made by this command with {words}, on {clips} with known"
    yield f"joints. {_PARTS[part]} Real clips are private: only"
    yield "their names and numbers are listed. The frames of one clip are similar, so a figure is as reliable as its"
    yield f"number of clips, not of frames; fewer than {FEW} clips are marked *few*."


def count_section(found: Evaluation, models: Sequence[str]) -> Iterator[str]:
    """Yield how well repetitions were counted and timed."""
    rows = []
    for model in models:
        own = [row for row in found.rows if row.model == model and row.countable]
        for group, clips in clip_groups(own).items():
            counts = count_figures([row.count_error for row in own if row.clip in clips])
            numbers = (clip_number(counts.clips), counts.exact, percent(counts.exact / counts.clips))
            rows.append((model, group, *numbers, counts.off_by_one, counts.worst_error, plain(counts.mean_error, 2)))
    head = ("model", "clips", "n clips", "exact", "share exact", "off by one", "worst", "mean absolute error")
    yield from ("## Counting", "", _COUNT_INTRODUCTION, "", *table(head, rows))
    yield from ("", _TIMES_INTRODUCTION, "", *_time_table(found.moments, models))


def _time_table(errors: Sequence[MomentError], models: Sequence[str]) -> Iterator[str]:
    rows = []
    for model in models:
        for moment in MOMENTS:
            times = time_figures([error for error in errors if (error.model, error.moment) == (model, moment)])
            cells = (signed(times.bias_s, 2), plain(times.mean_s, 2), plain(times.p95_s, 2))
            rows.append((model, f"`{moment}`", clip_number(times.clips), times.reps, *cells))
    head = ("model", "time", "n clips", "n repetitions", "bias", "mean absolute error", "95th percentile")
    yield from table(head, rows)


def row_section(rows: Sequence[Row]) -> Iterator[str]:
    """List every set with its count and lockout verdicts."""
    counts = ("reps", "expected", "partial")
    lockout = ("lockout ok / fault / not assessed", "expected")
    head = ("clip", "as", "model", *counts, "view off, deg", *lockout, "frames with a person", "far side measured")
    yield from ("## Repetitions and lockout", "", "Where any number is right, counting is not rated.", "")
    yield from table(head, (_set_cells(row) for row in rows if row.shows != NOTHING))


def _set_cells(row: Row) -> tuple[object, ...]:
    verdicts = " / ".join(str(row.lockout[status.value]) for status in Status)
    return (
        row.clip,
        row.exercise,
        row.model,
        f"{row.counted}{' **wrong**' if row.count_error else ''}",
        row.expected,
        row.partial,
        plain(row.view_off_deg, 0),
        f"{verdicts}{' **wrong**' if row.lockout_right is False else ''}",
        row.lockout_expected or "-",
        percent(row.frames_with_person / row.frames if row.frames else None),
        percent(row.wrong_side),
    )


def nothing_section(rows: Sequence[Row]) -> Iterator[str]:
    """List the clips that show no exercise."""
    runs_of: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.shows == NOTHING:
            runs_of.setdefault((row.clip, row.model), []).append(row)
    lines = []
    for (clip, model), runs in runs_of.items():
        wrong = ", ".join(f"{run.counted} as {run.exercise} **wrong**" for run in runs if run.counted)
        lines.append((clip, model, len(runs), wrong or "nothing"))
    yield from ("## Clips of something else", "", "Analysed as each exercise; nothing may be counted.", "")
    yield from table(("clip", "model", "runs", "counted"), lines) if lines else ["There are none."]


def loss_section(found: Evaluation) -> Iterator[str]:
    """List the parts of clips that were not counted, and why."""
    yield from ("## What was lost, and why", "", "In the clips of an exercise, and every clip that failed.", "")
    rows = [
        (loss.clip, loss.model, f"{plain(loss.start_s, 1)} to {plain(loss.end_s, 1)}", loss.what, loss.reason)
        for loss in found.losses
    ]
    yield from table(("clip", "model", "seconds", "what", "why"), rows)
