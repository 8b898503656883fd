"""The tasks that hipform performs for its user; the command line and the Python API call these."""

from hipform.app.analyze_clip import analyze
from hipform.app.calibrate_clip import calibrate
from hipform.app.results import EXPORTS, compare, export, keep, report
from hipform.app.show_people import show_people

__all__ = ["EXPORTS", "analyze", "calibrate", "compare", "export", "keep", "report", "show_people"]
