"""The change since an athlete's last session, from the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hipform.errors import HistoryError
from hipform.feedback.advice import since_last_session
from hipform.feedback.history_records import KeptSet
from hipform.feedback.progress import day_of, total
from hipform.report.result import AnalysisResult
from hipform.store import History, history_path, kept_set


def kept_sets(result: AnalysisResult) -> list[KeptSet]:
    """Return the sets of *result* with repetitions as the history stores them.

    Raises
    ------
    HistoryError
        If the clip or its date is unknown.
    """
    training, clip = result.training, result.clip
    if clip.sha256 is None:
        raise HistoryError("The recording does not identify its clip.", "Analyse the video itself.")
    if training.recorded_at is None or training.recorded_from is None:
        raise HistoryError("The date of the clip is unknown.", "Give it with --date.")
    return [
        kept_set(
            found,
            training,
            clip_sha256=clip.sha256,
            clip_name=clip.name,
            model=result.model,
            hipform_version=result.hipform_version,
        )
        for found in result.sets
        if found.reps or found.partial_reps
    ]


def since_last_time(result: AnalysisResult) -> Mapping[int, Sequence[str]]:
    """Return sentences on the change since the last day on which the athlete did each exercise, by number of the set.

    It is empty without an athlete, without an earlier day, or if the history cannot be read: a report must not fail
    because of it.
    """
    if not result.training.athlete:
        return {}
    try:
        own = kept_sets(result)
        with History(history_path()) as history:
            earlier = history.sets(athlete=result.training.athlete)
    except HistoryError:
        return {}
    changes = {}
    for one in own:
        before = [other for other in earlier if other.exercise == one.exercise and day_of(other) < day_of(one)]
        if before:
            last = max(day_of(other) for other in before)
            changes[one.set_number] = since_last_session(
                total([other for other in before if day_of(other) == last]), total([one])
            )
    return changes
