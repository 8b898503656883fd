"""compare.html: two sets of one exercise side by side, or a set and its best repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.errors import ConfigError, InputError, OutputError
from hipform.exercises import find_exercise
from hipform.exercises.common_rules import WITHIN_SET_U95_DEG
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.advice import load_change_in_words
from hipform.feedback.rep_verdict import best_and_worst, ranked_reps
from hipform.feedback.set_summary import Summary
from hipform.files import write_whole
from hipform.report.curves import read_curves, typical
from hipform.report.differences import Difference, compare_reps
from hipform.report.ghost import BONES, POINTS, laid_over
from hipform.report.pages import render_page
from hipform.report.pictures import MIDDLE_PX, Album, Shrink
from hipform.report.report_page import Video, day_of_moment, number, training_in_words, video_of
from hipform.report.result import AnalysisResult, spare_results
from hipform.report.result_folder import ResultFolder
from hipform.report.set_view import NOT_JUDGED, RepView, rep_view, with_pictures
from hipform.texts import ENGLISH, Texts, english
from hipform.types import FloatArray

_LEAST_JUDGED = 2
"""Repetitions with judged angles that it takes to compare one with the others."""


@dataclass(frozen=True, slots=True)
class Group:
    """Repetitions of one set that are compared with others.

    Attributes
    ----------
    name
        Name of the group in tables.
    folder
        Results folder of the set.
    found, summary
        The set and its summary.
    reps
        The repetitions.
    """

    name: str
    folder: ResultFolder
    found: SetResult
    summary: Summary
    reps: tuple[Rep, ...]

    @property
    def clip(self) -> str:
        """Name of the clip, and number of the set if the clip has several."""
        name = self.folder.result.clip.name
        return name if self.set_number is None else f"{name}, set {self.set_number}"

    @property
    def set_number(self) -> int | None:
        """Number of the set; ``None`` if the clip has only one."""
        return self.found.number if len(self.folder.result.sets) > 1 else None


@dataclass(frozen=True, slots=True)
class Column:
    """One group as the page shows it: counts, the median repetition with its images, and the video."""

    group: Group
    reps: int
    locked_out: str
    facts: str
    middle: RepView
    video: Video | None


def two_groups(
    first: ResultFolder, second: ResultFolder | None, first_set: int | None = None, second_set: int | None = None
) -> tuple[Group, Group]:
    """Choose the groups to compare: one set from each folder, or the repetitions of one set and its best one.

    Parameters
    ----------
    first, second
        The folders.
    first_set, second_set
        Number of the set, required if the clip has several.

    Raises
    ------
    ConfigError
        If a set must be chosen, or there is no set of that number.
    InputError
        If the sets cannot be compared: different exercises, or too few repetitions.
    """
    one = _group(english("First"), first, first_set, "--set-a")
    if second is None:
        return _against_own_best(one)
    other = _group(english("Second"), second, second_set, "--set-b")
    if one.found.exercise != other.found.exercise:
        names = [find_exercise(group.found.exercise).name_in_sentence for group in (one, other)]
        raise InputError(
            f"{one.clip} is judged as {names[0]} and {other.clip} as {names[1]}.",
            "Only sets of the same exercise can be compared. If they are the same, analyse them again with --exercise.",
        )
    return one, other


def _group(name: str, folder: ResultFolder, number: int | None, option: str) -> Group:
    result = folder.result
    known = "; ".join(f"{found.number}: {found.exercise}, {len(found.reps)} reps" for found in result.sets)
    if number is None and len(result.sets) > 1:
        raise ConfigError(f"{result.clip.name} has several sets.", f"Choose one with {option} ({known}).")
    for found, summary in zip(result.sets, result.summaries, strict=True):
        if number in (None, found.number):
            if not found.reps:
                raise InputError(f"{result.clip.name}: set {found.number} has no counted repetition to compare.")
            return Group(name, folder, found, summary, found.reps)
    raise ConfigError(f"{result.clip.name} has no set {number}.", f"It has {known}.")


def _against_own_best(group: Group) -> tuple[Group, Group]:
    """Compare the best repetition, or the straightest one if too little was judged to call any the best."""
    exercise = find_exercise(group.found.exercise)
    ranked = ranked_reps(exercise, group.reps)
    if len(ranked) < _LEAST_JUDGED:
        what = f"has fewer than {_LEAST_JUDGED} repetitions with judged angles"
        raise InputError(f"{group.clip} {what}.", "Name a second folder to compare it with.")
    found = best_and_worst(exercise, group.reps)
    best, name = (found[0], english("Best")) if found else (ranked[0], english("Closest to straight"))
    others = tuple(rep for rep in group.reps if rep is not best)
    return (
        Group(english("The other reps"), group.folder, group.found, group.summary, others),
        Group(english("{name}: rep {n}", name=name, n=best.number), group.folder, group.found, group.summary, (best,)),
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """Hip curves of a group over the time of a repetition, and the repetition that represents it.

    Attributes
    ----------
    each
        Trunk-thigh flexion at 0 to 100 % of each repetition, degrees; ``None`` for one that is not completely in the
        clip, or whose angles were not judged.
    middle
        Repetition closest to the median of all.
    """

    each: tuple[FloatArray | None, ...]
    middle: Rep


def curve_of(group: Group) -> Curve:
    """Read the hip curves of *group*; if there are none, its first repetition represents it.

    Raises
    ------
    InputError
        If frames.csv exists and cannot be read.
    """
    frames, clip = group.folder.part("frames"), group.folder.result.clip
    read = read_curves(frames, clip.start_s, clip.end_s, group.reps).phases if frames else [None] * len(group.reps)
    each = [curve if rep.angles_judged else None for curve, rep in zip(read, group.reps, strict=True)]
    middle = typical(each)
    return Curve(tuple(each), group.reps[middle or 0])


def write_comparison(
    path: Path,
    groups: tuple[Group, Group],
    curves: tuple[Curve, Curve],
    bodies: tuple[FloatArray | None, FloatArray | None],
    shrink: Shrink,
    texts: Texts = ENGLISH,
) -> None:
    """Write the page.

    Parameters
    ----------
    path
        The page; its name ends in .html.
    groups, curves
        From `two_groups`, and `curve_of` for each.
    bodies
        From `hipform.report.ghost.trace` for the median repetitions; a ghost is drawn only if both are given.
    shrink
        Function that shrinks images.
    texts
        The texts in the language of the page.

    Raises
    ------
    OutputError
        If the page cannot be written, its name does not end in .html, or it is a file of a finished analysis.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"Cannot write {path}: a comparison is an HTML page.", "Choose a name that ends in .html.")
    spare_results(path)
    write_whole(path, _page(path.parent, groups, curves, bodies, shrink, texts).encode())


def _page(
    folder: Path,
    groups: tuple[Group, Group],
    curves: tuple[Curve, Curve],
    bodies: tuple[FloatArray | None, FloatArray | None],
    shrink: Shrink,
    texts: Texts,
) -> str:
    same_set = groups[0].found is groups[1].found
    rows = compare_reps(groups[0].reps, groups[1].reps, WITHIN_SET_U95_DEG if same_set else None)
    columns = [_column(group, curve, folder, shrink, texts) for group, curve in zip(groups, curves, strict=True)]
    media = dict.fromkeys(source for column in columns if column.video for source in column.video.media)
    return render_page(
        "compare.html.j2",
        data={
            "names": [texts(group.name) for group in groups],
            "curves": [_curve(curve) for curve in curves],
            "spans": [_span(group, curve.middle) for group, curve in zip(groups, curves, strict=True)],
            "ghost": _ghost(bodies),
        },
        scripts=("compare.js",),
        texts=texts,
        media=tuple(media),
        exercise=find_exercise(groups[0].found.exercise).name,
        same_set=same_set,
        columns=columns,
        rows=rows,
        verdict=verdict_of(rows),
        load_change="" if same_set else _load_change(groups),
        has_curves=all(any(curve is not None for curve in one.each) for one in curves),
        has_ghost=all(body is not None for body in bodies),
    )


def _column(group: Group, curve: Curve, folder: Path, shrink: Shrink, texts: Texts) -> Column:
    exercise = find_exercise(group.found.exercise)
    album = Album(group.folder, shrink)
    judged = [rep.finding(LOCKOUT_RULE).status for rep in group.reps]
    known = [status for status in judged if status is not Status.NOT_ASSESSED]
    return Column(
        group=group,
        reps=len(group.reps),
        locked_out=english("{n} of {of}", n=known.count(Status.OK), of=len(known)) if known else NOT_JUDGED,
        facts=", ".join(_facts(group.folder.result, texts)),
        middle=with_pictures(rep_view(exercise, group.found, curve.middle), group.found, album, MIDDLE_PX),
        video=video_of(group.folder, folder),
    )


def verdict_of(rows: Sequence[Difference]) -> str:
    """Return one sentence on how the second group differs from the first."""
    clear = [
        english("{what} {verdict} ({change})", what=row.label.lower(), verdict=row.verdict, change=row.change)
        for row in rows
        if row.clear
    ]
    if not rows:
        return english("There was nothing to compare.")
    if clear:
        return english("Clear differences: {differences}.", differences=", ".join(clear))
    unknown = [row.label.lower() for row in rows if not row.change]
    if not unknown:
        return english("There is no clear difference in any measurement.")
    if len(unknown) == len(rows):
        return english("Nothing could be compared.")
    return english(
        "There is no clear difference in what could be compared; not known: {what}.", what=", ".join(unknown)
    )


def _facts(result: AnalysisResult, texts: Texts) -> list[str]:
    """Return athlete, load and day of the filming, or else of the analysis."""
    analysed = day_of_moment(result.analysed_at)
    known = training_in_words(result.training, texts)
    if result.training.recorded_at or not analysed:
        return known
    return [*known, texts("analysed on {day}", day=texts(analysed))]


def _load_change(groups: tuple[Group, Group]) -> str:
    """Return a sentence on the loads of the two sets, which explain much of what differs; empty without both."""
    before, now = (group.folder.result.training.load for group in groups)
    if not before or not now:
        return ""
    return english("Load: {load} in the first, {change}.", load=before, change=load_change_in_words(before, now))


def _curve(curve: Curve) -> dict[str, object]:
    """Return the curves for the scripts, 180 degrees straight: all repetitions, and the mean where all were seen."""
    known = [values for values in curve.each if values is not None]
    mean = np.mean(known, axis=0).tolist() if known else []
    return {
        "each": [[number(180 - value, 1) for value in values.tolist()] for values in known],
        "mean": [number(180 - value, 1) for value in mean],
    }


def _span(group: Group, rep: Rep) -> list[float | None]:
    """Return start and end of *rep* in the video's time."""
    late_s = group.folder.result.clip.video_late_s
    return [None if t_s is None else number(t_s + late_s) for t_s in (rep.timing.start_s, rep.timing.end_s)]


def _ghost(bodies: tuple[FloatArray | None, FloatArray | None]) -> dict[str, object] | None:
    if bodies[0] is None or bodies[1] is None:
        return None
    both = laid_over(bodies[0], bodies[1])
    points = np.concatenate([body.reshape(-1, 2) for body in both])
    low, high = np.nanmin(points, axis=0) - 0.15, np.nanmax(points, axis=0) + 0.15
    return {
        "bones": BONES,
        "near": len(POINTS),
        "box": [number(float(value)) for value in (*low, *(high - low))],
        "bodies": [[[[number(x), number(y)] for x, y in frame] for frame in body.tolist()] for body in both],
    }
