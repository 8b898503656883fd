"""The measured sections of docs/accuracy.md and docs/accuracy_tables.md, with every table in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hipform.exercises.findings import Status
from scripts.evaluate.ablation import ablation_section
from scripts.evaluate.accuracy_page import Origin, write_section
from scripts.evaluate.angle_tables import angle_section, coverage_section
from scripts.evaluate.claims import aims_section
from scripts.evaluate.clips import NOTHING, SIDE_VIEW_DEG, Part
from scripts.evaluate.crossing import crossing_section
from scripts.evaluate.evaluation import SOURCES, Evaluation, Row, clip_groups, models_of
from scripts.evaluate.figures import Figure
from scripts.evaluate.label_tables import label_section
from scripts.evaluate.low_back_tables import low_back_section, low_back_verdict_section
from scripts.evaluate.markdown import FEW, clip_number, percent, plain, signed, table
from scripts.evaluate.recognition_tables import recognition_section
from scripts.evaluate.reps import MOMENTS, MomentError, count_figures, time_figures
from scripts.evaluate.verdict_tables import verdict_section
from scripts.page_sections import put_section

_PARTS = {
    "all": "All clips, those for tuning and those for reporting alike.",
    "tune": "The clips for tuning only: even seeds. Real clips have no seed and are excluded.",
    "report": "The clips for reporting only: odd seeds. Real clips have no seed and are excluded.",
}

_HOW_TO_READ = f"""\
Figures for people that hipform had not seen come first; *in sample* means that the clips were seen while hipform was
developed, so that new clips do a little worse. Real clips are private: only their names and numbers are listed. A
figure is as reliable as its number of clips, because the frames of one clip are similar; fewer than {FEW} are *few*.
[Every table](accuracy_tables.md) is a CSV file, explained, with the command, the day and the commit of its last run:
verdicts of every rule, stated intervals, single clips, other models. The README says
how far each rule can be trusted."""

_HOW_TO_READ_TABLES = """\
What the CSV files in the folder `accuracy` hold, and what was measured how; [accuracy.md](accuracy.md) has the
headlines. In a file of several tables, `table` and `by` say which one a row is of, and `group` is its first column."""

_TIMES_INTRODUCTION = """\
Moments and tempo of the repetitions against the truth of rendered clips, seconds; positive is late or long. The top is,
as in hipform, the most extended moment (any within 1 degree of it is right); it starts and ends within 5 degrees
of it. A lift or a lowering begins where the hip leaves its end position by 5 % of its range, at least 2 degrees, and
ends that close to the next one, in the truth as in hipform. Times that the truth and hipform define differently are
excluded: end and hold of repetitions that start at the top, and end and lowering of swings."""

_COUNT_INTRODUCTION = f"""\
*Side view*: less than {SIDE_VIEW_DEG:.0f} degrees off it by the truth, or called so by the manifest. A clip's count is
that of all its sets together; clips in which any number is right are excluded."""


def write_pages(found: Evaluation, figures: Mapping[str, Figure], origin: Origin, part: Part, page: Path) -> None:
    """Write every section that was measured; all other sections of the pages stay as they are."""
    models = models_of(found)
    put_section("\n".join(["# Accuracy", "", _HOW_TO_READ]), page)
    tables_page = page.with_name(f"{page.stem}_tables.md")
    put_section("\n".join(["# Every table of accuracy", "", _HOW_TO_READ_TABLES]), tables_page)
    for section in sections(found, figures, models):
        lines = list(section)
        if any(line.startswith("|") for line in lines):
            write_section([*lines[:2], *clips_line(found, part), "", *lines[2:]], origin, page)


def sections(found: Evaluation, figures: Mapping[str, Figure], models: Sequence[str]) -> Iterator[Iterable[str]]:
    """Yield the sections, those of real and of rendered clips apart."""
    yield label_section(found.labelled)
    for source in SOURCES:
        own = found.of_source(source)
        if own.rows:
            yield count_section(own, models, source)
            yield row_section(own.rows, source)
            yield recognition_section(own, models, source)
            yield loss_section(own, source)
    yield nothing_section(found.rows)
    yield aims_section(figures, models)
    yield crossing_section(found.crossings, models[0])
    yield angle_section(found.samples, models)
    yield coverage_section(found.samples, models)
    yield ablation_section(found.steps, models[0])
    if found.stills:
        yield low_back_section(found.stills, models[0])
        yield low_back_verdict_section(found.stills, models[0])
    yield verdict_section(found, models)


def clips_line(found: Evaluation, part: Part) -> Iterator[str]:
    """Yield which clips the figures were measured on."""
    rendered = {row.clip for row in found.rows if row.source == "rendered"}
    yield f"{len(found.digests)} clips, {len(rendered)} of them rendered. {_PARTS[part]}"


def count_section(found: Evaluation, models: Sequence[str], source: str) -> Iterator[str]:
    """Yield how well repetitions in clips of one source were counted and, where the truth is known, timed."""
    rows = []
    for model in models:
        own = [row for row in found.rows if row.model == model and row.countable]
        for group, clips in clip_groups(own).items():
            counts = count_figures([row.count_error for row in own if row.clip in clips])
            numbers = (clip_number(counts.clips), counts.exact, percent(counts.exact / counts.clips))
            rows.append((model, group, *numbers, counts.off_by_one, counts.worst_error, plain(counts.mean_error, 2)))
    head = ("model", "clips", "n clips", "exact", "share exact", "off by one", "worst", "mean absolute error")
    yield from (f"## Counting, {source} clips", "", _COUNT_INTRODUCTION, "", *table(head, rows))
    if found.moments:
        yield from ("", "### Times", "", _TIMES_INTRODUCTION, "", *_time_table(found.moments, models))


def _time_table(errors: Sequence[MomentError], models: Sequence[str]) -> Iterator[str]:
    rows = []
    for model in models:
        for moment in MOMENTS:
            times = time_figures([error for error in errors if (error.model, error.moment) == (model, moment)])
            cells = (signed(times.bias_s, 2), plain(times.mean_s, 2), plain(times.p95_s, 2))
            rows.append((model, f"`{moment}`", clip_number(times.clips), times.reps, *cells))
    head = ("model", "time", "n clips", "n repetitions", "bias", "mean absolute error", "95th percentile")
    yield from table(head, rows)


def row_section(rows: Sequence[Row], source: str) -> Iterator[str]:
    """List every set with its count and lockout verdicts."""
    counts = ("reps", "expected", "partial")
    lockout = ("lockout ok / fault / not assessed", "expected")
    head = ("clip", "as", "model", *counts, "view off, deg", *lockout, "frames with a person", "far side measured")
    yield from (
        f"## Repetitions and lockout, {source} clips",
        "",
        "Where any number is right, counting is not rated.",
        "",
    )
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
    yield from table(("clip", "model", "runs", "counted"), lines)


def loss_section(found: Evaluation, source: str) -> Iterator[str]:
    """List the parts of clips that were not counted, and why."""
    yield from (f"## What was lost, {source} clips", "", "In the clips of an exercise, and every clip that failed.", "")
    rows = [
        (loss.clip, loss.model, f"{plain(loss.start_s, 1)} to {plain(loss.end_s, 1)}", loss.what, loss.reason)
        for loss in found.losses
    ]
    yield from table(("clip", "model", "seconds", "what", "why"), rows)
