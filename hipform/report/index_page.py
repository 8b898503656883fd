"""index.html of a batch: one row per clip, sortable and filterable, with a link to each report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from hipform.analysis.judged_reps import SetResult
from hipform.errors import one_line
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.feedback.advice import exercise_name
from hipform.feedback.coach import fault_severity
from hipform.feedback.rep_verdict import LOW_BACK_RULES, low_back_status
from hipform.feedback.set_summary import faults_of_reps, n_reps
from hipform.files import write_whole
from hipform.report.pages import render_page
from hipform.report.pictures import Shrink
from hipform.report.result import FILES, THUMBNAIL, AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.texts import ENGLISH, Texts, english
from hipform.training import Training

_THUMBNAIL_PX = 192
_MOST_FIRST = 5
"""Clips named as those to look at first."""
_PICTURES = ("'self'", "file:")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One clip in the index.

    Attributes
    ----------
    clip
        Its label in the batch.
    failure
        Why there is no result; ``None`` if there is one. After a failure, all fields below are empty except the facts
        about the training.
    exercises
        Slugs of its exercises, in order.
    sets, reps, partial_reps
        Counts over the whole clip.
    locked_out, lockout_judged
        Number of counted repetitions that locked out, and number that could be judged.
    low_back
        The `hipform.feedback.rep_verdict.low_back_status` of its sets: ``fault`` if one has a fault, ``ok`` if all are.
    low_back_faults, low_back_fine
        Number of repetitions with such a fault, and of those that all low-back rules judged as ok.
    worst_fault
        The most severe fault of the clip and how often it was seen; ``None`` if there is none.
    athlete, load, load_kg, note, day
        Facts about the training; *load* as it was given, *day* in ISO 8601.
    has_thumbnail
        Whether its folder has a `THUMBNAIL`.
    """

    clip: str
    failure: str | None = None
    exercises: tuple[str, ...] = ()
    sets: int = 0
    reps: int = 0
    partial_reps: int = 0
    locked_out: int = 0
    lockout_judged: int = 0
    low_back: Status = Status.NOT_ASSESSED
    low_back_faults: int = 0
    low_back_fine: int = 0
    worst_fault: str | None = None
    athlete: str | None = None
    load: str | None = None
    load_kg: float | None = None
    note: str | None = None
    day: str | None = None
    has_thumbnail: bool = False


def index_row(clip: str, result: AnalysisResult, *, has_thumbnail: bool) -> IndexRow:
    """Return the row of an analysed clip."""
    reps = [rep for found in result.sets for rep in found.reps]
    lockouts = [rep.finding(LOCKOUT_RULE).status for rep in reps]
    backs = {low_back_status(find_exercise(found.exercise), found) for found in result.sets if found.reps}
    statuses = [{f.status for f in rep.findings if f.rule in LOW_BACK_RULES} for rep in reps]
    return replace(
        _known(clip, result.training),
        exercises=tuple(dict.fromkeys(found.exercise for found in result.sets)),
        sets=len(result.sets),
        reps=len(reps),
        partial_reps=sum(len(found.partial_reps) for found in result.sets),
        locked_out=lockouts.count(Status.OK),
        lockout_judged=len(lockouts) - lockouts.count(Status.NOT_ASSESSED),
        low_back=Status.FAULT if Status.FAULT in backs else Status.OK if backs == {Status.OK} else Status.NOT_ASSESSED,
        low_back_faults=sum(Status.FAULT in of_rep for of_rep in statuses),
        low_back_fine=sum(of_rep == {Status.OK} for of_rep in statuses),
        worst_fault=_worst_fault(result),
        has_thumbnail=has_thumbnail,
    )


def failed_row(clip: str, training: Training, reason: str) -> IndexRow:
    """Return the row of a clip without a result."""
    return replace(_known(clip, training), failure=reason)


def _known(clip: str, training: Training) -> IndexRow:
    return IndexRow(
        clip=clip,
        athlete=training.athlete,
        load=str(training.load) if training.load else None,
        load_kg=training.load.kg if training.load else None,
        note=training.note,
        day=training.recorded_at.date().isoformat() if training.recorded_at else None,
    )


def _worst_fault(result: AnalysisResult) -> str | None:
    """Return the most severe of the faults that the sets' summaries name as the one thing to change."""
    named = [
        (exercise := find_exercise(found.exercise), found, summary.one_thing_rule, _gravest(exercise, found))
        for found, summary in zip(result.sets, result.summaries, strict=True)
        if summary.one_thing_rule
    ]
    if not named:
        return None
    exercise, found, rule, _ = max(named, key=lambda one: one[3])
    count = sum(f.rule == rule and f.status is Status.FAULT for rep in found.reps for f in rep.findings)
    how_often = faults_of_reps(count, len(found.reps)) if count else english("over the set")
    return english("{title} ({how_often})", title=exercise.rule(rule).title, how_often=how_often)


def _gravest(exercise: Exercise, found: SetResult) -> tuple[int, float]:
    findings: list[Finding] = [*(f for rep in found.reps for f in rep.findings), *found.findings]
    return max(fault_severity(exercise, finding) for finding in findings if finding.status is Status.FAULT)


def write_thumbnail(folder: ResultFolder, shrink: Shrink) -> bool:
    """Write a thumbnail of the first top to *folder*; return whether there was one."""
    for found in folder.result.sets:
        for rep in (*found.reps, *found.partial_reps):
            picture = folder.picture(found, rep, "top")
            small = shrink(picture, _THUMBNAIL_PX) if picture else None
            if small:
                write_whole(folder.path / THUMBNAIL, small[0])
                return True
    return False


# ----------------------------------------------------------------------------------------------------------------- page


def index_page(rows: Sequence[tuple[str, IndexRow]], texts: Texts = ENGLISH) -> str:
    """Return the page as HTML; *rows* are pairs of a folder, relative to the page, and its row."""
    failed = sum(row.failure is not None for _, row in rows)
    judged = sum(row.lockout_judged for _, row in rows)
    locked = sum(row.locked_out for _, row in rows)
    exercises = {exercise for _, row in rows for exercise in row.exercises}
    return render_page(
        "index.html.j2",
        data={},
        scripts=("index.js",),
        texts=texts,
        pictures=_PICTURES,
        clips=[_cells(folder, row) for folder, row in rows],
        failed=failed,
        athletes=_athletes(rows),
        first=_to_look_at_first(rows),
        exercises=[(exercise, exercise_name(exercise)) for exercise in sorted(exercises)],
        has_athlete=any(row.athlete for _, row in rows),
        has_load=any(row.load for _, row in rows),
        has_day=any(row.day for _, row in rows),
        tiles=[
            (english("Clips"), f"{len(rows)}", english("{n} failed", n=failed) if failed else english("all analysed")),
            (english("Reps"), f"{sum(row.reps for _, row in rows)}", english("counted")),
            (english("Locked out"), _of(locked, judged), english("of the judged reps")),
            (english("Low back"), *_low_back_tile([row for _, row in rows if row.reps])),
        ],
    )


def _to_look_at_first(rows: Sequence[tuple[str, IndexRow]]) -> list[dict[str, object]]:
    """Return the clips that need a coach most, with the reason: low back faults, then short lockouts, then others."""
    at_fault = [(folder, row) for folder, row in rows if row.worst_fault]
    at_fault.sort(key=lambda pair: (-_share(pair[1].low_back_faults, pair[1].reps), _rate(pair[1])))
    return [
        {"clip": one_line(row.clip), "athlete": one_line(row.athlete or ""), "report": _report(folder)}
        | {"why": row.worst_fault}
        for folder, row in at_fault[:_MOST_FIRST]
    ]


def _athletes(rows: Sequence[tuple[str, IndexRow]]) -> list[dict[str, object]]:
    """Return the totals of each athlete, sorted by name; empty if no athlete is named."""
    by_name: dict[str, list[IndexRow]] = {}
    for _, row in rows:
        if row.athlete:
            by_name.setdefault(row.athlete, []).append(row)
    return [_athlete(name, by_name[name]) for name in sorted(by_name, key=str.casefold)]


def _athlete(name: str, rows: Sequence[IndexRow]) -> dict[str, object]:
    analysed = [row for row in rows if row.failure is None]
    judged = sum(row.lockout_judged for row in analysed)
    locked = sum(row.locked_out for row in analysed)
    faults = Counter(row.worst_fault.rpartition(" (")[0] for row in analysed if row.worst_fault)
    return {
        "name": one_line(name),
        "clips": len(rows),
        "failed": len(rows) - len(analysed),
        "reps": sum(row.reps for row in analysed),
        "lockout": _of(locked, judged),
        "rate": f"{_share(locked, judged) if judged else -1.0:.4f}",
        "back": sum(row.low_back is Status.FAULT for row in analysed),
        "loads": _loads(analysed),
        "faults": [english("{title} ({n})", title=title, n=count) for title, count in faults.most_common(2)],
        "last": max((row.day for row in rows if row.day), default=""),
    }


def _loads(rows: Sequence[IndexRow]) -> str:
    """Return the lightest and the heaviest load: "45 kg to 80 kg"."""
    loads = sorted((row.load_kg, row.load) for row in rows if row.load_kg is not None and row.load)
    if not loads:
        return ""
    if loads[0][0] == loads[-1][0]:
        return loads[0][1]
    return english("{low} to {high}", low=loads[0][1], high=loads[-1][1])


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


def _rate(row: IndexRow) -> float:
    """Return the share of judged repetitions that locked out, -1 if none was judged."""
    return row.locked_out / row.lockout_judged if row.lockout_judged else -1.0


def _report(folder: str) -> str:
    return f"{quote(folder)}/{FILES['report']}"


def _cells(folder: str, row: IndexRow) -> dict[str, object]:
    """Return a row as the page shows it, with its sort keys."""
    return {
        "clip": one_line(row.clip),
        "failure": None if row.failure is None else one_line(row.failure),
        "report": _report(folder),
        "picture": f"{quote(folder)}/{THUMBNAIL}" if row.has_thumbnail else None,
        "slugs": " ".join(row.exercises),
        "exercises": [exercise_name(exercise) for exercise in row.exercises],
        "sets": row.sets,
        "reps": reps_of(row),
        "rep_count": row.reps,
        "lockout": lockout_of(row),
        "rate": f"{_rate(row):.4f}",
        "low_back": row.low_back.value,
        "low_back_text": low_back_of(row),
        "low_back_rank": {Status.NOT_ASSESSED: -1, Status.OK: 0}.get(row.low_back, row.low_back_faults),
        "worst": row.worst_fault or "",
        "athlete": one_line(row.athlete or ""),
        "load": row.load or "",
        "load_kg": -1 if row.load_kg is None else f"{row.load_kg:g}",
        "day": row.day or "",
    }


def reps_of(row: IndexRow) -> str:
    """Return the repetitions, with partial ones behind a plus sign: "8 + 1 partial"."""
    return english("{reps} + {n} partial", reps=row.reps, n=row.partial_reps) if row.partial_reps else str(row.reps)


def lockout_of(row: IndexRow) -> str:
    """Return how many of the judged repetitions locked out: "7 of 8", or a question mark where none was judged."""
    return _of(row.locked_out, row.lockout_judged)


def _of(locked: int, judged: int) -> str:
    return english("{n} of {of}", n=locked, of=judged) if judged else "?"


def _low_back_tile(rows: Sequence[IndexRow]) -> tuple[str, str]:
    """Return the number of clips with a low back fault and the words below it; *rows* are those with repetitions."""
    arched = sum(row.low_back is Status.FAULT for row in rows)
    unseen = sum(row.low_back is Status.NOT_ASSESSED for row in rows)
    if unseen == len(rows):
        return "?", english("not judged")
    words = english("clip with a fault") if arched == 1 else english("clips with a fault")
    return f"{arched}", english("{what}, {n} not judged", what=words, n=unseen) if unseen else words


def low_back_of(row: IndexRow) -> str:
    """Return the state of the low back in a word or two."""
    if row.low_back is Status.FAULT:
        return n_reps(row.low_back_faults)
    if row.low_back is Status.OK:
        return english("no fault seen")
    if row.low_back_fine:
        return english("? fine in {n} of {of}", n=row.low_back_fine, of=row.reps)
    return english("? not judged")
