"""Names of a clip's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ClipFiles:
    """Paths of a finished clip."""

    video: Path
    data: Path
    angles: Path

    @classmethod
    def of(cls, stem: Path) -> ClipFiles:
        """Return the paths that belong to a stem."""
        return cls(stem.with_suffix(".mp4"), stem.with_suffix(".json"), stem.with_suffix(".csv"))

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """The video comes last: where it exists, the clip is complete."""
        return self.data, self.angles, self.video
