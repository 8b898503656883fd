"""How many clips are recognised when the classifier has not seen their person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hipform.analysis import Recogniser, Section
from hipform.analysis.movement_classifier import MovementClassifier
from hipform.app.judge_recording import poses_with_load
from hipform.kinematics.load import find_load
from hipform.pose.recording import Recording
from scripts.evaluate.clips import NOTHING, SEVERAL, manifest_rows
from scripts.recognition.confidences import Recognition
from scripts.recognition.movements import MovementTable, recording_of
from scripts.recognition.training import folds


@dataclass(frozen=True, slots=True)
class Crossed:
    """What was recognised in a clip.

    Attributes
    ----------
    file, source, shows
        Name of the clip, its person, and the exercise that it shows or `NOTHING`.
    sections
        What was recognised; the confidences are not calibrated.
    likelihoods
        Mean likelihood of each section, 0..1.
    """

    file: str
    source: str
    shows: str
    sections: Sequence[Section]
    likelihoods: Sequence[float]

    @property
    def is_right(self) -> bool:
        """Whether the clip is recognised; one that shows several exercises may be taken for several."""
        taken_for = {section.exercise.slug for section in self.sections}
        if self.shows == NOTHING:
            return not taken_for
        return self.shows in taken_for and (len(taken_for) == 1 or SEVERAL in self.file)

    @property
    def is_named_beside(self) -> bool:
        """Whether the exercise is not recognised, but named as what it may be as well."""
        return not self.is_right and [one.alternative for one in self.sections] == [self.shows]

    def recognitions(self) -> Iterator[Recognition]:
        """Yield what was recognised, with its likelihood and whether it is right."""
        for section, likelihood in zip(self.sections, self.likelihoods, strict=True):
            right = self.is_right if SEVERAL in self.file else section.exercise.slug == self.shows
            yield Recognition(self.source, likelihood, right)

    def __str__(self) -> str:
        taken_for = ", ".join(
            f"{one.exercise.slug} ({likelihood:.2f}" + (f", or {one.alternative})" if one.alternative else ")")
            for one, likelihood in zip(self.sections, self.likelihoods, strict=True)
        )
        return f"{self.file}: {self.shows}, taken for {taken_for or NOTHING}"


def cross_validate(table: MovementTable, clips: Path, cache: Path) -> list[Crossed]:
    """Return what is recognised in each real clip by a classifier that has not seen its person."""
    of_source = {str(source): fold.classifier for fold in folds(table) for source in fold.held_out}
    found = []
    for entry in manifest_rows(clips):
        # A source without any movement was in no fold: any classifier is new to it.
        classifier = of_source.get(entry["source"]) or next(iter(of_source.values()))
        recognised = _recognised(recording_of(clips / entry["file"], cache), classifier)
        found.append(Crossed(entry["file"], entry["source"], entry["exercise"], *recognised))
    return found


def _recognised(poses: Path, classifier: MovementClassifier) -> tuple[Sequence[Section], Sequence[float]]:
    """Return the sections of a recording and their likelihoods."""
    with Recording(poses) as recording:
        recogniser = Recogniser(recording.info, classifier=classifier)
        for pose in poses_with_load(recording, find_load(recording)):
            recogniser.push(pose)
        sections = recogniser.finish()
        return sections, recogniser.likelihoods
