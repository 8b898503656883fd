"""The tasks that hipform performs for its user; the command line and the Python API call these."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "Session": "hipform.app.stream",
    "analyze": "hipform.app.analyze_clip",
    "calibrate": "hipform.app.calibrate_clip",
    "show_people": "hipform.app.contact_picture",
    **dict.fromkeys(("EXPORTS", "compare", "export", "keep", "load_result", "report"), "hipform.app.results"),
}
"""The module of each name, imported on first use: an analysis begins before what writes its report is imported."""


def __getattr__(name: str) -> object:
    """Import a name of the package on its first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
