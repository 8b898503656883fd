"""Drawing of the path of the load over the last seconds."""

from __future__ import annotations

import itertools
from collections import deque

from hipform.analysis.judged_reps import Observation
from hipform.render import canvas, theme
from hipform.render.canvas import Point
from hipform.render.theme import Sizes
from hipform.types import Image

_PATH_S = 3.0
_LONGEST_GAP_S = 0.3
"""Over a longer gap the path is not known, and no line is drawn."""


class BarPath:
    """Draws where the centre of the load was, as a thin line; call `draw` for every frame, in order.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    """

    def __init__(self, sizes: Sizes) -> None:
        self._thickness = max(1, sizes.thin_bone // 2)
        self._points: deque[tuple[float, Point]] = deque()
        self._shape: tuple[str, int] | None = None

    def draw(self, image: Image, seen: Observation) -> None:
        """Draw in place the path up to this frame; nothing where no load was seen."""
        at = canvas.to_point(seen.load.center_px) if seen.load else None
        if at is not None:
            self._points.append((seen.t_s, at))
        while self._points and seen.t_s - self._points[0][0] > _PATH_S:
            self._points.popleft()
        points = list(self._points)
        for (before_s, start), (now_s, end) in itertools.pairwise(points):
            if now_s - before_s <= _LONGEST_GAP_S:
                canvas.stroke(image, [start, end], theme.REACHED, self._thickness)
