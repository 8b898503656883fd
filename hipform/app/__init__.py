"""The tasks that hipform performs for its user; the command line and the Python API call these."""

from hipform.app.analyze_clip import analyze
from hipform.app.calibrate_clip import calibrate
from hipform.app.contact_picture import show_people
from hipform.app.results import EXPORTS, compare, export, keep, load_result, report
from hipform.app.stream import Session

__all__ = [
    "EXPORTS",
    "Session",
    "analyze",
    "calibrate",
    "compare",
    "export",
    "keep",
    "load_result",
    "report",
    "show_people",
]
