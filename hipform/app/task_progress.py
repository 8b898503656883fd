"""Progress callbacks of long tasks."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, float | None], None]
"""Called after every frame with the clip's time and its stated length, seconds."""


def no_progress(_t_s: float, _duration_s: float | None) -> None:
    """Do nothing."""


def share_of(progress: Progress, begin: float, end: float) -> Progress:
    """Return a callback whose full range maps to the shares *begin* to *end* of *progress*."""

    def report(t_s: float, duration_s: float | None) -> None:
        progress(begin * (duration_s or 0.0) + (end - begin) * t_s, duration_s)

    return report
