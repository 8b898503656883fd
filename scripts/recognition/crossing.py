"""How many clips are recognised when the classifier has not seen their person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hipform.analysis import Recogniser
from hipform.analysis.movement_classifier import MovementClassifier
from hipform.pose.recording import Recording
from scripts.evaluate.clips import NOTHING, SEVERAL, manifest_rows
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.recognition.movements import MovementTable
from scripts.recognition.training import folds


def cross_validate(table: MovementTable, clips: Path, cache: Path) -> Iterator[str]:
    """Yield the clips that are not recognised, and how many are."""
    of_source = {str(source): fold.classifier for fold in folds(table) for source in fold.held_out}
    right, shown, wrong_none, nothing = 0, 0, 0, 0
    for entry in manifest_rows(clips):
        # A source without any movement was in no fold: any classifier is new to it.
        classifier = of_source.get(entry["source"]) or next(iter(of_source.values()))
        taken_for = _taken_for(clips / entry["file"], classifier, cache)
        is_right = entry["exercise"] in taken_for and (len(taken_for) == 1 or SEVERAL in entry["file"])
        if entry["exercise"] == NOTHING:
            nothing, wrong_none, is_right = nothing + 1, wrong_none + bool(taken_for), not taken_for
        else:
            shown, right = shown + 1, right + is_right
        if not is_right:
            yield f"{entry['file']}: {entry['exercise']}, taken for {', '.join(sorted(taken_for)) or NOTHING}"
    yield f"recognised {right} of {shown}; something else taken for an exercise {wrong_none} of {nothing}"


def _taken_for(clip: Path, classifier: MovementClassifier, cache: Path) -> set[str]:
    with Recording(landmarks_of(clip, sha256_of(clip), "heavy", cache)) as recording:
        recogniser = Recogniser(recording.info, classifier=classifier)
        for pose in recording:
            recogniser.push(pose)
        return {section.exercise.slug for section in recogniser.finish()}
