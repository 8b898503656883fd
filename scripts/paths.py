"""Places in the repository that several scripts use."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_videos"
DEMO = SAMPLES / "hip_thrust_demo.mp4"
