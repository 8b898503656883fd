"""Record the landmarks of the sample videos, for tests that need all of them without running a pose model.

.. code-block:: text

    python -m scripts.record_samples                 all of them
    python -m scripts.record_samples hip-kickback    those whose names begin like this

Every second frame, with the lite model: enough for judging, and half the size.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from hipform.app.landmarks import record_landmarks
from hipform.app.task_progress import no_progress
from hipform.pose.recording import Recording, RecordingWriter
from scripts.paths import ROOT, SAMPLES

RECORDINGS = ROOT / "tests" / "sample_recordings"


def exercise_of(sample: Path) -> str:
    """Return the exercise that a sample or its recording shows."""
    return "hip-thrust" if sample.stem.startswith("hip_thrust") else sample.stem.split("_")[0]


def thin_out(recording: Path, out: Path) -> None:
    """Write every second frame of a recording."""
    with Recording(recording) as full:
        info = replace(full.info, fps=full.info.fps / 2, recorded_at=None, recorded_from=None)
        with RecordingWriter(out, info, full.model) as writer:
            for number, pose in enumerate(full):
                if number % 2 == 0:
                    writer.write(pose)


def main() -> None:
    """Parse the command line and write the recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("begins", nargs="?", default="", help="beginning of the names; all if not given")
    options = parser.parse_args()
    RECORDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "poses.npz"
        for clip in sorted(SAMPLES.glob(f"{options.begins}*.mp4")):
            record_landmarks(clip, full, model="lite", fast=False, jobs=None, progress=no_progress)
            thin_out(full, RECORDINGS / f"{clip.stem}.npz")


if __name__ == "__main__":
    main()
