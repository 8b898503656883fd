"""Run the product over clips, keeping the landmarks so that a second run takes seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hipform.app import FILES, analyze
from hipform.errors import HipformError
from hipform.report.result import AnalysisResult
from hipform.sources import ModelName
from hipform.sources.models import model_path
from scripts.evaluate.clips import Entry


@dataclass(frozen=True, slots=True)
class Run:
    """What hipform made of one clip as one exercise.

    Attributes
    ----------
    entry
        The clip.
    exercise, model
        What it was analysed as, and with.
    sha256
        Digest of the video.
    result, frames_csv
        What was found, and the table of frames; ``None`` when the analysis failed.
    error
        Why it failed, else empty.
    """

    entry: Entry
    exercise: str
    model: ModelName
    sha256: str
    result: AnalysisResult | None
    frames_csv: Path | None
    error: str = ""


def sha256_of(path: Path) -> str:
    """Return the hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _model_key(model: ModelName) -> str:
    return f"{model}-{sha256_of(model_path(model))[:8]}"


def cache_folder(sha256: str, model: ModelName, cache_root: Path) -> Path:
    """Return where a clip's landmarks are kept: another clip or another model means another folder."""
    return cache_root / f"{sha256[:16]}-{_model_key(model)}"


def run_clip(entry: Entry, model: ModelName, cache_root: Path) -> Iterator[Run]:
    """Analyse a clip as each of its exercises.

    Verdicts always come from the recorded landmarks, so that the first run and later ones give the same figures.
    """
    digest = sha256_of(entry.path)
    folder = cache_folder(digest, model, cache_root)
    poses = folder / FILES["poses"]
    for slug in entry.analysed_as:
        out = folder / slug
        try:
            if not poses.exists():
                analyze(entry.path, exercise=slug, model=model, out=folder)
            result = analyze(poses, exercise=slug, out=out)
        except HipformError as error:
            # By name only: the page must not tell where somebody keeps the clips.
            reason = str(error).replace(str(entry.path), entry.path.name).replace(str(poses), poses.name)
            yield Run(entry, slug, model, digest, None, None, reason)
        else:
            yield Run(entry, slug, model, digest, result, out / FILES["frames"])
