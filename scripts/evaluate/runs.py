"""Run the product over clips, keeping the landmarks so that a second run takes seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path

from hipform.analysis import Recogniser
from hipform.analysis.judged_reps import Rep
from hipform.analysis.recognition import Guess
from hipform.app import analyze
from hipform.app.judge_recording import poses_with_load
from hipform.errors import HipformError
from hipform.exercises import EXERCISES
from hipform.kinematics.load import LoadFinder, find_load
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.model_files import ModelName, model_path
from hipform.pose.plate_detection import PlateTracker
from hipform.pose.recording import Recording, RecordingWriter
from hipform.report.result import FILES, AnalysisResult
from hipform.video.video_file import VideoFile
from scripts.evaluate.clips import Entry


@dataclass(frozen=True, slots=True)
class Run:
    """What hipform made of one clip as one exercise.

    Attributes
    ----------
    exercise
        What it was analysed as.
    result, frames_csv
        What was found, and the table of frames; ``None`` when the analysis failed.
    error
        Why it failed, else empty.
    """

    exercise: str
    result: AnalysisResult | None = None
    frames_csv: Path | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The exercises that hipform recognised in a clip.

    Attributes
    ----------
    exercises
        Those of the whole clip, in their order; empty for none.
    confidence
        Mean stated confidence in them; ``None`` for none.
    first_settled
        Exercise that the live guess first settled on; empty if it never did.
    settled_after
        Movements it took until the live guess settled on the right exercise; ``None`` if it never did.
    """

    exercises: tuple[str, ...]
    confidence: float | None
    first_settled: str
    settled_after: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that hipform made of one clip with one pose model.

    Attributes
    ----------
    entry, model
        The clip, and the pose model.
    sha256
        Digest of the video.
    runs
        One for each exercise that the clip is judged as.
    recognised
        What was recognised; ``None`` when there are no landmarks.
    crossed
        Repetitions counted by the analysers of all exercises; empty where that was not asked for.
    """

    entry: Entry
    model: ModelName
    sha256: str
    runs: tuple[Run, ...]
    recognised: Recognised | None = None
    crossed: Mapping[str, int] = field(default_factory=dict)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _model_key(model: ModelName) -> str:
    return f"{model}-{sha256_of(model_path(model))[:8]}"


def cache_folder(sha256: str, model: ModelName, cache_root: Path) -> Path:
    """Return the folder of a clip's landmarks: each clip and each model has its own."""
    return cache_root / f"{sha256[:16]}-{_model_key(model)}"


def run_clip(entry: Entry, model: ModelName, cache_root: Path, *, crossed: bool) -> Outcome:
    """Recognise a clip and analyse it as what it shows; if *crossed*, also as every other exercise.

    Everything comes from the recorded landmarks, so that the first run and later ones give the same figures.
    """
    digest = sha256_of(entry.path)
    folder = cache_folder(digest, model, cache_root)
    poses = folder / FILES["poses"]
    try:
        landmarks_of(entry.path, digest, model, cache_root)
        recognised = _recognise(poses, entry.exercise)
    except HipformError as error:
        # Only the name: the page must not show where the clips are stored.
        reason = str(error).replace(str(entry.path), entry.path.name).replace(str(poses), poses.name)
        return Outcome(entry, model, digest, tuple(Run(slug, error=reason) for slug in entry.analysed_as))
    runs = tuple(_run(poses, slug, folder / slug) for slug in entry.analysed_as)
    counted: dict[str, int] = {}
    if crossed:
        others = (_run(poses, slug) for slug in EXERCISES if slug not in entry.analysed_as)
        counted = {run.exercise: _counted(run) for run in (*runs, *others)}
    return Outcome(entry, model, digest, runs, recognised, counted)


def landmarks_of(clip: Path, sha256: str, model: ModelName, cache_root: Path) -> Path:
    """Return the recorded landmarks of every frame of a clip, from the cache, or found now."""
    poses = cache_folder(sha256, model, cache_root) / FILES["poses"]
    if not poses.exists():
        record_in_one_run(clip, model, poses)
    return poses


def record_in_one_run(clip: Path, model: ModelName, poses: Path, *, left_out: int = 0) -> None:
    """Record the landmarks of all frames of a clip but the first *left_out*, found by one pose model in their order."""
    with VideoFile(clip) as video, Landmarker(model) as landmarker:
        poses.parent.mkdir(parents=True, exist_ok=True)
        with RecordingWriter(poses, video.info, model) as writer:
            plates = PlateTracker()
            for frame in islice(video, left_out, None):
                pose = landmarker.detect(frame)
                writer.write(replace(pose, discs=plates.find(frame, pose)))
            # What was done to make the clip readable is known only now.
            writer.info = video.info


def _recognise(poses: Path, shows: str) -> Recognised:
    """Recognise a recording as a whole, and note when the live guess settled, and on what."""
    settled: list[Guess] = []
    with Recording(poses) as recording:
        live, load = Recogniser(recording.info), LoadFinder()
        for pose in recording:
            live.push(load.push(pose))
            guess = live.guess() if settled else live.early_guess()
            if guess and guess.slug and guess.settled:
                settled.append(guess)
        recogniser = Recogniser(recording.info)
        for pose in poses_with_load(recording, find_load(recording)):
            recogniser.push(pose)
        sections = recogniser.finish()
    confidences = [section.confidence for section in sections if section.confidence is not None]
    return Recognised(
        exercises=tuple(section.exercise.slug for section in sections),
        confidence=sum(confidences) / len(confidences) if confidences else None,
        first_settled=settled[0].slug if settled else "",
        settled_after=next((guess.movements for guess in settled if guess.slug == shows), None),
    )


def _run(poses: Path, slug: str, out: Path | None = None) -> Run:
    try:
        result = analyze(poses, exercise=slug, out=out)
    except HipformError as error:
        return Run(slug, error=str(error).replace(str(poses), poses.name))
    return Run(slug, result, out / FILES["frames"] if out else None)


def counted_reps(result: AnalysisResult) -> list[Rep]:
    """Return the counted repetitions of all sets; a clip with a long pause still has one true number."""
    return [rep for found in result.sets for rep in found.reps]


def _counted(run: Run) -> int:
    return len(counted_reps(run.result)) if run.result else 0
