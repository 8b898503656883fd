"""From poses to repetitions and verdicts, one pose at a time; live, file and batch analysis share it."""

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.calibration import Calibrator
from hipform.analysis.recognition import Recogniser
from hipform.analysis.session import Section, Session

__all__ = ["Analyzer", "Calibrator", "Recogniser", "Section", "Session"]
