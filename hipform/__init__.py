"""hipform: check the form of hip-extension training from video, on the user's own machine.

Analyse a clip:

>>> import hipform
>>> result = hipform.analyze("set.mp4", exercise="hip-thrust")  # doctest: +SKIP
>>> result.summaries[0].headline  # doctest: +SKIP
'3 reps counted, 3 of 3 locked out.'

What there is:

- `analyze`: a clip, or a landmark recording, to an `AnalysisResult`
- `calibrate`: a lifter's lockout and neutral low back, for ``analyze(..., calibrations=[...])``
- `Session`: a stream of your own frames or landmarks to events and an `AnalysisResult`
- `load_result`: the `AnalysisResult` of an earlier analysis, from its folder
- `compare`, `export`: pages and files of an earlier analysis
- `Settings`: every limit, with overrides
- `Training`, `Load`: athlete, load, note and date
- `errors`: every way to fail; all are a `HipformError`
"""

from __future__ import annotations

# Nothing is imported here: until `hipform.__main__` handles Ctrl-C, Python would answer it with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hipform import errors
    from hipform.app import Session, analyze, calibrate, compare, export, load_result
    from hipform.errors import HipformError
    from hipform.exercises import Settings
    from hipform.report.result import AnalysisResult
    from hipform.training import Load, Training

__version__ = "0.1.0"
__all__ = [
    "AnalysisResult",
    "HipformError",
    "Load",
    "Session",
    "Settings",
    "Training",
    "__version__",
    "analyze",
    "calibrate",
    "compare",
    "errors",
    "export",
    "load_result",
]

_HOMES = {
    **dict.fromkeys(("Session", "analyze", "calibrate", "compare", "export", "load_result"), "hipform.app"),
    "AnalysisResult": "hipform.report.result",
    "HipformError": "hipform.errors",
    "Load": "hipform.training",
    "Settings": "hipform.exercises",
    "Training": "hipform.training",
}
"""The module of each name that is imported on first use, so that ``import hipform`` and ``--help`` stay fast."""


def __getattr__(name: str) -> object:
    """Import a name of the package on its first use."""
    import importlib  # noqa: PLC0415 - see above

    if name == "errors":
        return importlib.import_module("hipform.errors")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
