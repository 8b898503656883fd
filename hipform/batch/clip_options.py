"""The analysis options of a clip in a batch, and the only call that passes them to `hipform.app.analyze`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import hipform
from hipform.analysis.judged_reps import Calibration
from hipform.app import analyze
from hipform.app.pose_files import check_pose_format
from hipform.app.task_progress import Progress
from hipform.config import Settings
from hipform.exercises import AUTO
from hipform.pose.readers.pose_file import PoseFileFacts
from hipform.pose.sources import find_pose_model
from hipform.report.result import AnalysisResult
from hipform.training import Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Options for the analysis of a clip; each field is the option of `hipform.app.analyze` of the same name."""

    exercise: str = AUTO
    model: str = "heavy"
    settings: Settings = field(default_factory=Settings)
    calibrations: tuple[Calibration, ...] = ()
    embed: bool = False
    fast: bool = False
    training: Training = field(default_factory=Training)
    pose_format: str | None = None
    fps: float | None = None
    size_px: tuple[int, int] | None = None
    view_deg: float | None = None
    language: str = "en"

    def check(self) -> None:
        """Check what can be checked without a clip.

        Raises
        ------
        ConfigError, InputError
            See `hipform.app.pose_files.check_pose_format`.
        ModelError
            If there is no such pose model.
        """
        find_pose_model(self.model)
        check_pose_format(
            self.pose_format, PoseFileFacts(fps=self.fps, size_px=self.size_px, view_off_deg=self.view_deg)
        )

    def run(self, path: Path, out: Path, progress: Progress, *, jobs: int) -> AnalysisResult:
        """Analyse *path* into the folder *out*, with *jobs* landmark processes."""
        return analyze(
            path,
            exercise=self.exercise,
            model=self.model,
            out=out,
            settings=self.settings,
            calibrations=self.calibrations,
            embed=self.embed,
            fast=self.fast,
            progress=progress,
            training=self.training,
            jobs=jobs,
            pose_format=self.pose_format,
            fps=self.fps,
            size_px=self.size_px,
            view_deg=self.view_deg,
            language=self.language,
        )

    @property
    def fingerprint(self) -> str:
        """Digest of everything except the clip that affects the result, including the program's version."""
        fields = {**asdict(self), "settings": self.settings.overrides, "version": hipform.__version__}
        return digest_of(json.dumps(fields, sort_keys=True, default=str))


def digest_of(text: str) -> str:
    """Return the sha256 of *text*, which may contain any characters of a file name."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
