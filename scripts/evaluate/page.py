"""docs/accuracy.md: what is good and what is poor, then every table; words about quality follow from figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import hipform
from hipform.exercises import EXERCISES
from hipform.types import Status
from scripts.evaluate.angle_tables import angle_section, coverage_section
from scripts.evaluate.claims import summary
from scripts.evaluate.clips import NOTHING, STAND_IN, Part
from scripts.evaluate.evaluation import Evaluation, Row
from scripts.evaluate.figures import Figure
from scripts.evaluate.markdown import FEW, percent, plain, signed, table
from scripts.evaluate.reps import MOMENTS, count_figures, time_figures
from scripts.evaluate.verdict_tables import verdict_section

_PARTS = {
    "all": "All clips, those for tuning and those for reporting alike.",
    "tune": "The clips for tuning only: even seeds. Real clips have no seed and are left out.",
    "report": "The clips for reporting only: odd seeds. Real clips have no seed and are left out.",
}

_TIMES_INTRODUCTION = """\
Moments and tempo of the repetitions against the truth of rendered clips, seconds; positive is late or long. The top is,
as in hipform, the most extended moment (any within 1 degree of it is right), and begins and ends within 5 degrees of
it."""


def page(found: Evaluation, figures: Mapping[str, Figure], command: str, part: Part) -> str:
    """Return the whole page as Markdown."""
    models = list(dict.fromkeys([*(row.model for row in found.rows), *(s.model for s in found.samples)]))
    lines = ["# Accuracy", "", f"    {command}", "", *introduction(found, models, part), ""]
    for model in models:
        own = {name.removeprefix(f"{model}/"): f for name, f in figures.items() if name.startswith(f"{model}/")}
        lines += [*summary(own, model), ""]
    sections = (
        count_section(found, models),
        row_section(found.rows),
        nothing_section(found.rows),
        angle_section(found.samples, models),
        coverage_section(found.samples, models),
        verdict_section(found, models),
        loss_section(found),
    )
    for section in sections:
        lines += [*section, ""]
    return "\n".join(lines).rstrip() + "\n"


def introduction(found: Evaluation, models: Sequence[str], part: Part) -> Iterator[str]:
    """Say what was measured and on what, and what the numbers are not."""
    rendered = {sample.clip for sample in found.samples}
    words = f"hipform {hipform.__version__}, pose model {', '.join(models)}"
    clips = f"{len(found.digests)} clips, {len(rendered)} of them rendered"
    yield f"Made by this command with {words}, on {clips} with known"
    yield f"joints. {_PARTS[part]} Real clips are private: only"
    yield "their names and numbers are here. The frames of one clip are alike, so what stands behind a figure is its"
    yield f"number of clips, not of frames; fewer than {FEW} are marked *few*."
    others = sorted({sample.exercise for sample in found.samples} - set(EXERCISES))
    if others:
        yield from (
            "",
            f"hipform does not judge {', '.join(others)} yet. The angles of those clips come from an analysis",
        )
        yield f"as `{STAND_IN}`, because measures do not depend on the exercise; counts and verdicts are left out."


def count_section(found: Evaluation, models: Sequence[str]) -> Iterator[str]:
    """Tell how well repetitions were counted and timed."""
    rows = []
    for model in models:
        for source in ("rendered", "real"):
            sets = [row for row in found.rows if (row.model, row.source) == (model, source) and row.countable]
            counts = count_figures([row.count_error for row in sets])
            if counts.clips:
                cells = (counts.clips, counts.exact, counts.off_by_one, plain(counts.mean_error, 2))
                rows.append((model, source, *cells))
    yield from ("## Counting", "")
    yield from table(("model", "clips", "n clips", "exact", "off by one", "mean absolute error"), rows)
    yield from ("", _TIMES_INTRODUCTION, "", *_time_table(found.moments_s))


def _time_table(moments_s: Mapping[str, Mapping[str, Sequence[float]]]) -> Iterator[str]:
    rows = []
    for model, errors_s in moments_s.items():
        for moment in MOMENTS:
            times = time_figures(errors_s[moment])
            cells = (signed(times.bias_s, 2), plain(times.mean_s, 2), plain(times.p95_s, 2))
            rows.append((model, f"`{moment}`", times.reps, *cells))
    yield from table(("model", "time", "n repetitions", "bias", "mean absolute error", "95th percentile"), rows)


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
    """List the clips of something else."""
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


def loss_section(found: Evaluation) -> Iterator[str]:
    """List what did not become a counted repetition, and why."""
    yield from ("## What was lost, and why", "", "In the sets of judged exercises, and every clip that failed.", "")
    rows = [
        (loss.clip, loss.model, f"{plain(loss.start_s, 1)} to {plain(loss.end_s, 1)}", loss.what, loss.reason)
        for loss in found.losses
    ]
    yield from table(("clip", "model", "seconds", "what", "why"), rows)
