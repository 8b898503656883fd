"""Data that outlives an analysis: the history of sets and the calibrations, in files on this computer."""

from hipform.store.calibrations import (
    count_calibrations,
    forget_calibrations,
    keep_calibration,
    kept_calibrations,
    read_calibration,
    write_calibration,
)
from hipform.store.history import History, history_path
from hipform.store.kept_set import kept_set

__all__ = [
    "History",
    "count_calibrations",
    "forget_calibrations",
    "history_path",
    "keep_calibration",
    "kept_calibrations",
    "kept_set",
    "read_calibration",
    "write_calibration",
]
