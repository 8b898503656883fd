"""Text drawings of the camera position, from above and from the side as the camera sees it."""

from __future__ import annotations

import math

from hipform.exercises.declaration import CameraAdvice, Figure, Posture

_ABOVE_COLUMNS = 30
_SIGHT = 12
"""Column of the line from the lens to the hips, seen from above."""
_ROWS_PER_METRE = 2
_GUTTER_COLUMNS = 6
_GROUND_COLUMNS = 40
_ASCII = str.maketrans("●○◉■│┃╲┊─━▁┄├┬╭╮╰╯▸", "Oo@#||\\:-=_.++++++>")
"""ASCII replacements for the characters of the drawing, for terminals without Unicode."""


def camera_drawing(posture: Posture, camera: CameraAdvice, *, ascii_only: bool = False) -> list[str]:
    """Return the lines of the drawing, with the view from above on the left and the side view on the right.

    Parameters
    ----------
    posture
        Position of the lifter.
    camera
        Position of the camera.
    ascii_only
        Whether to draw with plain ASCII characters.
    """
    figure = posture.figure
    above, side = _from_above(figure, camera.distance_m), _from_the_side(figure, camera.height_m)
    lacking = len(above) - len(side)
    above, side = [""] * -lacking + above, [""] * lacking + side
    titled = zip(["from above", "", *above], ["from the side, as the camera sees it", "", *side], strict=True)
    lines = [f"{left:<{_ABOVE_COLUMNS}}{right}".rstrip() for left, right in titled]
    return [line.translate(_ASCII) for line in lines] if ascii_only else lines


def _from_above(figure: Figure, distance_m: float) -> list[str]:
    """Draw the lifter, the line of sight and the camera."""
    sight = [" " * _SIGHT + "┊" for _ in range(round(distance_m * _ROWS_PER_METRE))]
    sight[len(sight) // 2] += f" {distance_m:.1f} m"
    lying, standing = [f"{'head ●────':>{_SIGHT}}○───── feet"], ["┃", "●▸ faces this way", "┃"]
    lifter = lying if figure.is_level else [" " * _SIGHT + row for row in standing]
    return [*lifter, *sight, f"{'camera ◉':>{_SIGHT + 1}}"]


def _from_the_side(figure: Figure, height_m: float) -> list[str]:
    """Draw the lifter on the ground, with the height of the lens next to it."""
    # A height on the border of two lines belongs to the lower one; rounding prevents 0.3 / 0.1 from exceeding 3.
    lens = math.ceil(round(height_m / figure.row_m, 6)) - 1
    width = max(map(len, figure.rows))
    drawn = []
    for row in range(max(lens + 1, len(figure.rows))):
        body = figure.rows[-1 - row] if row < len(figure.rows) else ""
        body = f"{body:<{width}}".center(_GROUND_COLUMNS - 1)
        label = "lens" if row == lens else f"{height_m:.1f} m" if row == lens // 2 else ""
        mark = "◉" if row == lens else "│" if row < lens else " "
        drawn.append(f"{label:>{_GUTTER_COLUMNS - 1}} {mark}{body.replace(' ', '┄') if row == lens else body}")
    return [*reversed(drawn), " " * _GUTTER_COLUMNS + "━" * _GROUND_COLUMNS]
