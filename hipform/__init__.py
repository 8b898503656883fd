"""hipform: check the form of hip-extension training from video, on the user's own machine.

>>> import hipform
>>> result = hipform.analyze("set.mp4", exercise="hip-thrust")
>>> result.summaries[0].headline
'3 reps counted, 3 of 3 locked out.'
"""

from __future__ import annotations

# Nothing is imported here: until `hipform.__main__` handles Ctrl-C, Python would answer it with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hipform.app import analyze, calibrate
    from hipform.report.result import AnalysisResult

__version__ = "0.1.0"
__all__ = ["AnalysisResult", "__version__", "analyze", "calibrate"]


def __getattr__(name: str) -> object:
    """Import the heavy parts on first use, so that ``import hipform`` and ``--help`` stay fast."""
    if name in ("analyze", "calibrate"):
        from hipform import app  # noqa: PLC0415

        return getattr(app, name)
    if name == "AnalysisResult":
        from hipform.report.result import AnalysisResult  # noqa: PLC0415

        return AnalysisResult
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
