"""Write the results of the landmark recordings in tests/goldens, with which the tests compare.

.. code-block:: text

    python -m scripts.update_goldens

The recordings are landmarks of real clips, numbers only, made with the heavy model. Run this when a change is meant to
alter results, read the difference of ``expected.json`` line by line, and commit it with the change.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hipform.analysis.judged_reps import SetResult
from hipform.app import analyze
from hipform.exercises import EXERCISES
from hipform.feedback.set_summary import Summary
from hipform.report.result import AnalysisResult
from scripts.paths import ROOT

GOLDENS = ROOT / "tests" / "goldens"
EXPECTED = GOLDENS / "expected.json"


def exercises_of(recording: Path) -> list[str]:
    """Return the exercises a recording is judged as: its own, or all of them for a clip of something else."""
    own = {
        "hip_thrust_plates_oblique": "barbell-hip-thrust",
        "single_leg_bridge_title": "single-leg-glute-bridge",
        "deadlift_kettlebell_correct": "deadlift",
        "deadlift_kettlebell_rounded": "deadlift",
    }
    if recording.stem.startswith("other_"):
        return list(EXERCISES)
    return [own.get(recording.stem, "hip-thrust" if recording.stem.startswith("hip_thrust") else "glute-bridge")]


def digest(result: AnalysisResult) -> dict[str, Any]:
    """Return what a golden holds: counts, times and angles as coarse as a person would notice, every verdict."""
    return {"sets": [_set_digest(*pair) for pair in zip(result.sets, result.summaries, strict=True)]}


def _set_digest(found: SetResult, summary: Summary) -> dict[str, Any]:
    return {
        "headline": summary.headline,
        "one_thing": summary.one_thing_rule,
        "side": found.side.value,
        "view_off_deg": found.view_off_deg,
        "reps": [
            {
                "top_s": round(rep.timing.top_start_s, 1),
                "lockout_deg": round(rep.lockout_trunk_thigh_flexion_deg.value),
                "u95_deg": round(rep.lockout_trunk_thigh_flexion_deg.u95),
                "hold_s": round(rep.timing.hold_s, 1),
                "attribution": rep.attribution,
                "verdicts": {finding.rule: finding.status.value for finding in rep.findings},
            }
            for rep in found.reps
        ],
        "partial_reps": len(found.partial_reps),
        "rejected": [movement.reason for movement in found.rejected],
        "gaps": [gap.reason for gap in found.gaps],
    }


def current() -> dict[str, dict[str, Any]]:
    """Return the digest of every recording, as every exercise it is judged as."""
    return {
        f"{recording.stem} as {slug}": digest(analyze(recording, exercise=slug))
        for recording in sorted(GOLDENS.glob("*.npz"))
        for slug in exercises_of(recording)
    }


def main() -> None:
    """Write the file."""
    EXPECTED.write_text(json.dumps(current(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
