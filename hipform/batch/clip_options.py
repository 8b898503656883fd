"""What is asked of a clip of a batch: the options of `hipform.app.analyze`, in the one place that passes them on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import hipform
from hipform.analysis.judged_reps import Calibration
from hipform.app import analyze
from hipform.app.task_progress import Progress
from hipform.config import Settings
from hipform.exercises import AUTO
from hipform.pose.model_files import ModelName
from hipform.report.result import AnalysisResult
from hipform.training import Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """How a clip is to be analysed; every field is the option of `hipform.app.analyze` of that name."""

    exercise: str = AUTO
    model: ModelName = "heavy"
    settings: Settings = field(default_factory=Settings)
    calibrations: tuple[Calibration, ...] = ()
    embed: bool = False
    fast: bool = False
    training: Training = field(default_factory=Training)

    def run(self, path: Path, out: Path, progress: Progress, *, jobs: int) -> AnalysisResult:
        """Analyse *path* into the folder *out*, with so many processes for the landmarks."""
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
        )

    @property
    def fingerprint(self) -> str:
        """Digest of all that steers the result beside the clip, the program's version included."""
        fields = {**asdict(self), "settings": self.settings.overrides, "version": hipform.__version__}
        return digest_of(json.dumps(fields, sort_keys=True, default=str))


def digest_of(text: str) -> str:
    """Return the sha256 of *text*, whatever characters a file name has brought into it."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
