"""What is kept from one analysis to the next: the history of sets, in one file on this computer."""

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
