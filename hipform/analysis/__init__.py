"""From poses to repetitions and verdicts, one pose at a time: live, file and batch share it."""

from hipform.analysis.analyzer import Analyzer

__all__ = ["Analyzer"]
