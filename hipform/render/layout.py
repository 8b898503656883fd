"""Panel layout: at the edges of the frame where the body never is, else on a strip below the frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hipform.render.body_area import BodyArea
from hipform.render.canvas import Box, Point
from hipform.render.theme import Sizes

_GAUGE_HEIGHTS = (1.0, 0.8, 0.6)
"""Heights to try for a vertical gauge, as shares of the frame height."""
_LINE_WIDTHS = (0.9, 0.62)
"""Widths to try for the cue line, as shares of the shorter side; cues fit into two lines of the narrower one."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Which panels a clip needs.

    Attributes
    ----------
    lockout, low_back
        The two gauges.
    line
        The line for cues and notes.
    """

    lockout: bool = True
    low_back: bool = True
    line: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of all panels, in pixels.

    Attributes
    ----------
    width_px, height_px
        Size of the drawn image: that of the clip's frame, or more with panels below or beside it.
    reps, phase, lockout, low_back
        Panels; ``None`` for a gauge that is not shown.
    line
        Box for the cue line; that of the counter if there is no line.
    cue_cap
        Height of the capitals of a cue.
    """

    width_px: int
    height_px: int
    reps: Box
    phase: Box
    lockout: Box | None
    low_back: Box | None
    line: Box
    cue_cap: int


def reps_size(sizes: Sizes) -> tuple[int, int]:
    """Return width and height of the repetition counter."""
    return sizes.part(0.45), 4 * sizes.pad + sizes.small_cap + sizes.count_cap


def phase_size(sizes: Sizes) -> tuple[int, int]:
    """Return width and height of the panel with phase, tempo and verdict."""
    return sizes.part(0.46), 2 * sizes.pad + sizes.phase_cap + round(6.9 * sizes.small_cap)


def _upright_size(sizes: Sizes, share: float = 1.0) -> tuple[int, int]:
    return sizes.part(0.21), round(share * (sizes.height_px - 2 * sizes.margin))


def _lying_height(sizes: Sizes) -> int:
    return sizes.part(0.17)


def _low_back_size(sizes: Sizes) -> tuple[int, int]:
    return sizes.part(0.66), 3 * sizes.pad + sizes.small_cap + sizes.part(0.05)


def _line_height(sizes: Sizes, width_px: int, cue_cap: int) -> int:
    """Return the height of the cue line: one line of text if it is wide enough, else two."""
    lines = 1 if width_px >= sizes.part(1.1) else 2
    return 2 * sizes.pad + round(cue_cap * (1.7 * lines - 0.3)) + 1


def find_layout(sizes: Sizes, body: BodyArea, needs: Needs) -> Layout:
    """Return a layout in which no panel ever covers the body.

    Parameters
    ----------
    sizes
        Sizes of the clip's frames.
    body
        Area of the body over the whole clip.
    needs
        Panels to place.
    """
    for lockout in _lockout_boxes(sizes, body) if needs.lockout else [None]:
        for line_width in _LINE_WIDTHS:
            found = _beside_the_body(sizes, body, needs, lockout, sizes.part(line_width))
            if found is not None:
                return found
    return _strip_below(sizes, needs)


def _lockout_boxes(sizes: Sizes, body: BodyArea) -> Iterator[Box]:
    """Yield possible boxes of the lockout gauge, best first: vertical right or left, or horizontal below or above."""
    s = sizes
    uprights = [_upright_size(s, share) for share in _GAUGE_HEIGHTS]
    lying = (s.width_px - 2 * s.margin, _lying_height(s))
    for size in [lying, *uprights] if s.portrait else [*uprights, lying]:
        box = _free_box(s, body, size, (s.width_px, s.height_px), [])
        if box is not None:
            yield box


def _beside_the_body(sizes: Sizes, body: BodyArea, needs: Needs, lockout: Box | None, line_width: int) -> Layout | None:
    """Return the layout with all other panels at the edges of the frame, or ``None`` if one does not fit."""
    s = sizes
    wanted = {
        "reps": (reps_size(s), (0, 0)),
        "phase": (phase_size(s), (s.width_px, 0)),
        "low_back": (_low_back_size(s), (s.width_px, s.height_px)),
        "line": ((line_width, _line_height(s, line_width, s.phase_cap)), ((s.width_px - line_width) // 2, s.height_px)),
    }
    if not needs.line:
        del wanted["line"]
    if not needs.low_back:
        del wanted["low_back"]
    found: dict[str, Box] = {}
    for name, (size, near) in wanted.items():
        taken = [*found.values(), *([lockout] if lockout else [])]
        box = _free_box(s, body, size, near, taken)
        if box is None:
            return None
        found[name] = box
    if lockout:
        found["lockout"] = lockout
    return _layout_of(found, s.width_px, s.height_px, s.phase_cap)


def _free_box(sizes: Sizes, body: BodyArea, size: tuple[int, int], near: Point, taken: Sequence[Box]) -> Box | None:
    """Return the box at an edge of the frame, clear of body and panels, whose corner is nearest to *near*."""
    boxes = [box for box in _edge_boxes(sizes, size) if not any(box.overlap(_wider(other, sizes)) for other in taken)]
    boxes.sort(key=lambda box: abs(box.left - near[0]) + abs(box.top - near[1]))
    return next((box for box in boxes if not body.touches(box)), None)


def _wider(box: Box, sizes: Sizes) -> Box:
    margin = sizes.margin - 1
    return Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)


def _edge_boxes(sizes: Sizes, size: tuple[int, int]) -> list[Box]:
    """Return the boxes of *size* along the edges of the frame, one margin inside them."""
    s, step = sizes, sizes.part(0.03)
    last_left, last_top = s.width_px - s.margin - size[0], s.height_px - s.margin - size[1]
    if last_left < s.margin or last_top < s.margin:
        return []
    lefts, tops = [*range(s.margin, last_left, step), last_left], [*range(s.margin, last_top, step), last_top]
    corners = {(left, top) for left in lefts for top in (s.margin, last_top)}
    corners |= {(left, top) for left in (s.margin, last_left) for top in tops}
    return [_sized(left, top, size) for left, top in sorted(corners)]


def _sized(left: int, top: int, size: tuple[int, int]) -> Box:
    return Box(left, top, left + size[0], top + size[1])


# --------------------------------------------------------------------------------------------------- outside the frame


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    width: int
    height: int
    stretches: bool = False


def _strip_below(sizes: Sizes, needs: Needs) -> Layout:
    """Return the layout with all panels in rows below the frame."""
    s = sizes
    room = Box(s.margin, s.height_px + s.margin, s.width_px - s.margin, s.height_px)
    boxes, bottom = _boxes_in_rows(s, needs, room, s.phase_cap)
    return _layout_of(boxes, s.width_px, bottom + bottom % 2, s.phase_cap)


def layout_beside(sizes: Sizes) -> Layout:
    """Return the layout with all panels in a column right of the frame: it serves wherever the body will be.

    On the usual screens a column leaves the frame larger than a strip below it.
    """
    s, cue_cap = sizes, sizes.part(0.07)
    room = Box(s.width_px + s.margin, s.margin, s.width_px + s.part(1.0), s.height_px)
    boxes, bottom = _boxes_in_rows(s, Needs(), room, cue_cap)
    return _layout_of(boxes, room.right + s.margin, max(s.height_px, bottom), cue_cap)


def _layout_of(boxes: dict[str, Box], width_px: int, height_px: int, cue_cap: int) -> Layout:
    """Return the layout with these boxes."""
    return Layout(
        width_px,
        height_px,
        boxes["reps"],
        boxes["phase"],
        boxes.get("lockout"),
        boxes.get("low_back"),
        boxes.get("line", boxes["reps"]),
        cue_cap,
    )


def _boxes_in_rows(sizes: Sizes, needs: Needs, room: Box, cue_cap: int) -> tuple[dict[str, Box], int]:
    """Return the boxes of all panels in rows from the top of *room*, and their lower edge with its margin."""
    s, width = sizes, room.width
    items = [_Item("reps", *reps_size(s)), _Item("phase", *phase_size(s))]
    if needs.lockout:
        items.append(_Item("lockout", min(s.part(0.5), width), _lying_height(s), stretches=True))
    if needs.low_back:
        items.append(_Item("low_back", *_low_back_size(s), stretches=True))
    if needs.line:
        height = _line_height(s, width - s.part(0.55), cue_cap)
        items.append(_Item("line", min(s.part(0.9), width), height, stretches=True))
    boxes: dict[str, Box] = {}
    top = room.top
    for row in _rows(items, width, s.margin):
        boxes |= _row_boxes(row, room.left, room.right, top, s.margin)
        top += max(item.height for item in row) + s.margin
    return boxes, top


def _rows(items: Sequence[_Item], room: int, margin: int) -> list[list[_Item]]:
    rows: list[list[_Item]] = [[]]
    for item in items:
        used = sum(other.width + margin for other in rows[-1])
        if rows[-1] and used + item.width > room:
            rows.append([])
        rows[-1].append(item)
    return rows


def _row_boxes(row: Sequence[_Item], left: int, right: int, top: int, margin: int) -> dict[str, Box]:
    """Return the boxes of one row from the left; what can stretch shares the room that is left."""
    spare = right - left - sum(item.width for item in row) - margin * (len(row) - 1)
    flexible = sum(item.stretches for item in row)
    boxes: dict[str, Box] = {}
    for item in row:
        item = replace(item, width=item.width + spare // flexible) if item.stretches else item  # noqa: PLW2901
        boxes[item.name] = _sized(left, top, (item.width, item.height))
        left += item.width + margin
    return boxes
