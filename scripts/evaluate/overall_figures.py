"""Every figure of an evaluation, under a name that says what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hipform.exercises.findings import Status
from scripts.evaluate.angles import MEASURES, Sample, error_figures, grouped
from scripts.evaluate.clips import NOTHING
from scripts.evaluate.crossing import crossing_figures
from scripts.evaluate.evaluation import Evaluation, Row, clear_samples, models_of
from scripts.evaluate.figures import Figure, Figures
from scripts.evaluate.recognition import recognition_figures
from scripts.evaluate.reps import (
    MOMENTS,
    MomentError,
    count_figures,
    time_figures,
)
from scripts.evaluate.verdicts import ALONE, ROC_FAULTS, RuleAnswer, by_rule, confusion, roc_area

STATED_COVERAGE = 0.95


def all_figures(found: Evaluation) -> Figures:
    """Return every figure under a name that says what it is; ratios are shares of 1."""
    figures: Figures = {}
    models = models_of(found)
    for model in models:
        parts = (
            row_figures([row for row in found.rows if row.model == model]),
            recognition_figures([row for row in found.recognitions if row.model == model]),
            crossing_figures(found.crossings) if model == models[0] else (),
            angle_figures([sample for sample in found.samples if sample.model == model]),
            moment_figures([error for error in found.moments if error.model == model]),
            verdict_figures([verdict for verdict in found.verdicts if verdict.model == model]),
        )
        for name, figure in (item for part in parts for item in part):
            figures[f"{model}/{name}"] = figure
    return figures


def row_figures(rows: Sequence[Row]) -> Iterator[tuple[str, Figure]]:
    """Yield figures of counting and of lockout as the manifests have it."""
    for source in ("rendered", "real"):
        sets = [row for row in rows if row.source == source and row.shows != NOTHING]
        counts = count_figures([row.count_error for row in sets if row.countable])
        if counts.mean_error is not None:
            yield f"reps/{source}/exact", Figure(counts.exact / counts.clips, 1.0, counts.clips)
            yield f"reps/{source}/mean_error", Figure(counts.mean_error, 0.0, counts.clips)
        side = count_figures([row.count_error for row in sets if row.countable and row.side_view])
        if side.worst_error is not None:
            yield f"reps/{source}/side_view/worst_error", Figure(float(side.worst_error), 0.0, side.clips)
        answered = [row.lockout_right for row in sets if row.lockout_right is not None]
        if answered:
            yield f"lockout/{source}/right", Figure(sum(answered) / len(answered), 1.0, len(answered))
    empty = [row for row in rows if row.shows == NOTHING]
    if empty:
        yield "none/counted_nothing", Figure(sum(not row.counted for row in empty) / len(empty), 1.0, len(empty))
    sides = [row.wrong_side for row in rows if row.wrong_side is not None]
    if sides:
        yield "side/right", Figure(1.0 - sum(sides) / len(sides), 1.0, len(sides))


def angle_figures(samples: Sequence[Sample]) -> Iterator[tuple[str, Figure]]:
    """Yield errors and coverage by measure and state: of all clips, of those in clear view, and of every group."""
    groups: dict[str, Sequence[Sample]] = {"all": samples, "clear": clear_samples(samples)}
    for attribute in ("exercise", "azimuth", "occlusion"):
        groups |= {f"{attribute}={value}": group for value, group in grouped(samples, attribute).items()}
    for group, members in groups.items():
        for measure in MEASURES:
            for state, picked in grouped((s for s in members if s.measure == measure), "state").items():
                errors = error_figures(picked)
                values = {
                    "bias_deg": (errors.bias_deg, 0.0),
                    "mean_deg": (errors.mean_deg, 0.0),
                    "p95_deg": (errors.p95_deg, 0.0),
                    "within": (errors.within, STATED_COVERAGE),
                }
                for name, (value, ideal) in values.items():
                    if value is not None:
                        yield f"angles/{group}/{measure}/{state}/{name}", Figure(value, ideal, errors.clips)


def moment_figures(errors: Sequence[MomentError]) -> Iterator[tuple[str, Figure]]:
    """Yield the errors of the moments of repetitions."""
    for moment in MOMENTS:
        times = time_figures([error for error in errors if error.moment == moment])
        if times.bias_s is not None and times.mean_s is not None:
            yield f"times/{moment}/bias_s", Figure(times.bias_s, 0.0, times.reps)
            yield f"times/{moment}/mean_s", Figure(times.mean_s, 0.0, times.reps)


def verdict_figures(verdicts: Sequence[RuleAnswer]) -> Iterator[tuple[str, Figure]]:
    """Yield precision, recall, the share found and the share assessed of every rule, and areas under ROC curves."""
    groups = by_rule(verdict for verdict in verdicts if not verdict.rule.endswith(ALONE))
    for fault, rule in ROC_FAULTS.items():
        roc = roc_area(groups.get(rule, []), fault)
        if roc:
            yield f"verdicts/{fault}/roc_area", Figure(roc.area, 1.0, roc.clips)
    for rule, group in groups.items():
        table = confusion(group)
        called = table.counts[True, Status.FAULT] + table.counts[False, Status.FAULT]
        faulty = table.counts[True, Status.FAULT] + table.counts[True, Status.OK]
        shares = {
            "precision": (table.precision, called),
            "recall": (table.recall, faulty),
            "found": (table.found, sum(bool(verdict.faults) for verdict in group)),
            "assessed": (table.assessed, len(group)),
        }
        for name, (value, n) in shares.items():
            if value is not None:
                yield f"verdicts/{rule}/{name}", Figure(value, 1.0, n)
