"""Inject faults: kills, a lost camera, a full disk, little memory, an altered model, a locked or damaged history.

They must not destroy finished results, and the next run must work.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.reliability.kills import kill_analyses, kill_analyses_with_history, kill_batches, kill_live
from scripts.reliability.series import Series
from scripts.reliability.shortages import fill_disk, limit_files, limit_memory, lose_camera
from scripts.reliability.spoiled_files import spoil_history, spoil_models


def try_faults(runs: int) -> list[Series]:
    """Inject every fault, the random ones *runs* times each, and print a summary of each series."""
    found = []
    for try_series in (
        kill_analyses,
        kill_analyses_with_history,
        kill_batches,
        kill_live,
        lose_camera,
        fill_disk,
        limit_files,
        limit_memory,
        spoil_models,
        spoil_history,
    ):
        with tempfile.TemporaryDirectory() as scratch:
            series = try_series(Path(scratch), runs)
        series.print_summary()
        found.append(series)
    return found
