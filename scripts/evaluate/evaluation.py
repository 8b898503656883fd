"""Compare every run with what is known of its clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hipform.analysis.judged_reps import SetResult
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.report.result import AnalysisResult
from scripts.evaluate.ablation import StepError
from scripts.evaluate.angles import Sample, clip_samples, wrong_side_share
from scripts.evaluate.clips import NOTHING, Entry
from scripts.evaluate.crossing import Crossing, crossings
from scripts.evaluate.labels import Measured
from scripts.evaluate.low_back import Still
from scripts.evaluate.recognition import Recognition, recognition
from scripts.evaluate.reps import (
    Matching,
    MomentError,
    count_error,
    match_reps,
    moment_errors,
)
from scripts.evaluate.runs import Outcome, Run, counted_reps
from scripts.evaluate.truth import Truth, read_truth
from scripts.evaluate.verdicts import RuleAnswer, set_verdicts

SOURCES = ("real", "rendered")
"""Where clips come from."""

CLEAR_AZIMUTHS = ("0-10", "10-20", "20-30")
"""Intervals of the camera's angle in which hipform judges angles (`view.angles_deg`)."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of a clip that did not become a counted repetition. Seconds of the clip; ``None`` for all of it."""

    clip: str
    model: str
    start_s: float | None
    end_s: float | None
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One run beside what was expected of it.

    Attributes
    ----------
    clip, shows, exercise, model
        Name of the clip, what it shows, what it was analysed as, and the pose model.
    source, azimuth, occlusion, side_view
        As in `clips.Entry`.
    expected, any_number
        Right numbers of repetitions, and whether so many are right that a count cannot be wrong.
    counted, count_error
        The counted number, and its error; too many is positive.
    partial
        Repetitions listed as partial.
    view_off_deg
        Camera's angle off the side view as hipform read it, in the first set.
    lockout, lockout_expected, lockout_right
        Number of lockout verdicts by status, what all should be, and whether those that were given are;
        ``None`` when nothing was expected or judged.
    frames, frames_with_person
        Number of frames of the clip, and of those with a person.
    wrong_side
        Share of the tracked frames in which the far side was measured; ``None`` without truth.
    """

    clip: str
    shows: str
    exercise: str
    model: str
    source: str
    azimuth: str
    occlusion: str
    side_view: bool
    expected: str
    any_number: bool
    counted: int
    count_error: int
    partial: int
    view_off_deg: float | None
    lockout: dict[str, int]
    lockout_expected: str
    lockout_right: bool | None
    frames: int
    frames_with_person: int
    wrong_side: float | None = None

    @property
    def countable(self) -> bool:
        """Whether this is a set whose count can be right or wrong."""
        return self.shows != NOTHING and not self.any_number


@dataclass(slots=True)
class Evaluation:
    """All results, clip by clip.

    Attributes
    ----------
    rows, samples, verdicts, losses, moments
        One or more for each run.
    recognitions, crossings
        Which exercise was recognised in each clip, and what the analysers of other exercises counted in it.
    unruled
        True faults that no rule covers, with the number of repetitions that have them.
    digests
        Name of each clip by its sha256.
    steps
        Errors of the hip angle after each candidate step that might make it steadier, first model.
    stills
        Images of low backs, first model; empty if there are none.
    labelled
        Moments of real people whose joints were placed by eye; empty if there are none.
    """

    rows: list[Row] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    verdicts: list[RuleAnswer] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    moments: list[MomentError] = field(default_factory=list)
    recognitions: list[Recognition] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    unruled: Counter[str] = field(default_factory=Counter)
    digests: dict[str, str] = field(default_factory=dict)
    steps: list[StepError] = field(default_factory=list)
    stills: list[Still] = field(default_factory=list)
    labelled: list[Measured] = field(default_factory=list)

    def of_source(self, source: str) -> Evaluation:
        """Return what was found in the clips of one of `SOURCES`."""
        clips = {row.clip for row in self.rows if row.source == source}
        return Evaluation(
            rows=[row for row in self.rows if row.clip in clips],
            losses=[loss for loss in self.losses if loss.clip in clips],
            moments=[error for error in self.moments if error.clip in clips],
            recognitions=[found for found in self.recognitions if found.clip in clips],
        )

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of one clip."""
        self.digests[outcome.sha256] = outcome.entry.path.name
        self.recognitions.append(recognition(outcome))
        self.crossings += crossings(outcome)
        for run in outcome.runs:
            self._add_run(run, outcome.entry, outcome.model)

    def _add_run(self, run: Run, entry: Entry, model: str) -> None:
        clip = entry.path.name
        if run.result is None or run.frames_csv is None:
            self.losses.append(Loss(clip, model, None, None, "all of it", run.error))
            self.rows.append(_row(run, entry, model))
            return
        truth = read_truth(entry.truth_json) if entry.truth_json else None
        wrong_side = wrong_side_share(truth, run.frames_csv) if truth else None
        self.rows.append(_row(run, entry, model, wrong_side))
        if truth:
            self.samples += clip_samples(truth, run.frames_csv, entry, model)
            self._add_truth(truth, run.result, EXERCISES[run.exercise], (clip, model))
        if entry.exercise != NOTHING:
            self.losses += result_losses(run.result, clip, model)

    def _add_truth(self, truth: Truth, result: AnalysisResult, exercise: Exercise, where: tuple[str, str]) -> None:
        matching = match_reps(truth.reps, counted_reps(result))
        self.verdicts += set_verdicts(matching, result.sets, exercise, where)
        self.losses += matching_losses(matching, *where)
        self.moments += moment_errors(matching, *where)
        rules = {rule.id for rule in exercise.all_rules}
        self.unruled += Counter(fault.id for rep in truth.reps for fault in rep.faults if fault.rule not in rules)


def _row(run: Run, entry: Entry, model: str, wrong_side: float | None = None) -> Row:
    result = run.result
    reps = counted_reps(result) if result else []
    statuses = Counter(rep.finding(LOCKOUT_RULE).status for rep in reps)
    return Row(
        clip=entry.path.name,
        shows=entry.exercise,
        exercise=run.exercise,
        model=model,
        source=entry.source,
        azimuth=entry.azimuth,
        occlusion=entry.occlusion,
        side_view=entry.side_view,
        expected=entry.expected,
        any_number=entry.any_number,
        counted=len(reps),
        count_error=count_error(len(reps), entry.reps),
        partial=sum(len(found.partial_reps) for found in result.sets) if result else 0,
        view_off_deg=result.sets[0].view_off_deg if result else None,
        lockout={status.value: statuses[status] for status in Status},
        lockout_expected=entry.lockout,
        lockout_right=lockout_right(entry, statuses),
        frames=result.clip.frames if result else 0,
        frames_with_person=result.clip.frames_with_person if result else 0,
        wrong_side=wrong_side,
    )


def clip_groups(rows: Iterable[Row]) -> dict[str, set[str]]:
    """Return the names of clips by source, by view, and, if rendered, by the camera's angle and by plates."""
    groups: dict[str, set[str]] = {}
    for row in rows:
        names = [row.source, f"{row.source}, side view" if row.side_view else f"{row.source}, other view"]
        if row.azimuth:
            plates = "no plates" if row.occlusion == "none" else "plates"
            names += [f"rendered, {row.azimuth} degrees off", f"rendered, {plates}"]
        for name in names:
            groups.setdefault(name, set()).add(row.clip)
    return dict(sorted(groups.items()))


def lockout_right(entry: Entry, statuses: Counter[Status]) -> bool | None:
    """Return whether all judged lockouts agree with the manifest; ``None`` if that is unknown."""
    wanted = {"full": Status.OK, "short": Status.FAULT}.get(entry.lockout)
    judged = statuses[Status.OK] + statuses[Status.FAULT]
    return None if wanted is None or not judged else statuses[wanted] == judged


def result_losses(result: AnalysisResult, clip: str, model: str) -> Iterator[Loss]:
    """Yield the losses that hipform itself reports."""
    for found in result.sets:
        yield from _set_losses(found, clip, model)


def _set_losses(found: SetResult, clip: str, model: str) -> Iterator[Loss]:
    for gap in found.gaps:
        yield Loss(clip, model, gap.start_s, gap.end_s, "gap", gap.reason)
    for movement in found.rejected:
        yield Loss(clip, model, movement.start_s, movement.end_s, "not counted", movement.reason)
    for rep in found.partial_reps:
        reason = f"{rep.range_deg.value:.0f} degrees of range, listed as partial"
        yield Loss(clip, model, rep.timing.seen_start_s, rep.timing.seen_end_s, "partial", reason)


def matching_losses(matching: Matching, clip: str, model: str) -> Iterator[Loss]:
    """Yield true repetitions that were not counted, and counted movements that are no repetition."""
    for rep, found in matching.pairs:
        if found is None:
            faults = ", ".join(f"{f.id} {f.amount:g} {f.unit}" for f in rep.faults) or "no fault"
            yield Loss(clip, model, rep.start_s, rep.end_s, "true repetition missed", faults)
    for extra in matching.extra:
        timing = extra.timing
        reason = f"top at {timing.top_s:.1f} s"
        yield Loss(clip, model, timing.seen_start_s, timing.seen_end_s, "counted, but none", reason)


def clear_samples(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples that hipform is meant to judge: near the side view, with no plates in front."""
    return [sample for sample in samples if sample.azimuth in CLEAR_AZIMUTHS and sample.occlusion == "none"]


def models_of(found: Evaluation) -> list[str]:
    """Return the pose models, in the order they came."""
    return list(dict.fromkeys(row.model for row in found.rows))
