"""Panels of the live screen around the sets: camera check, countdown, rest, summaries, keys and marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hipform.feedback.camera_check import CheckReport, ItemState
from hipform.feedback.trainer import DoneSet
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.theme import Rgb, Sizes
from hipform.types import Image

_MARKS = {
    ItemState.OK: canvas.check_badge,
    ItemState.WRONG: canvas.cross_badge,
    ItemState.UNKNOWN: canvas.question_badge,
}
_SETS_LISTED = 5
"""Number of sets in the final summary; it shows the last ones."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a panel."""

    text: str
    cap_px: int
    color: Rgb = theme.TEXT
    weight: int = theme.MEDIUM


@lru_cache(maxsize=64)
def wrapped(text: str, cap_px: int, width_px: int, weight: int = theme.MEDIUM) -> tuple[str, ...]:
    """Return *text* wrapped to *width_px*; a single long word may be wider."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and canvas.text_width(longer, cap_px, weight) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def draw_lines(image: Image, sizes: Sizes, box: Box, lines: list[Line]) -> None:
    """Write lines on a panel over *box*, from the top; shrink a line that is too wide."""
    canvas.shade(image, box, sizes.pad)
    base = box.top + sizes.pad
    for line in lines:
        base += line.cap_px
        cap_px = canvas.fitting_cap(line.text, line.cap_px, box.width - 3 * sizes.pad, line.weight)
        canvas.put_text(image, line.text, (box.left + round(1.5 * sizes.pad), base), cap_px, line.color, line.weight)
        base += round(0.75 * line.cap_px)


def lines_height(sizes: Sizes, lines: list[Line]) -> int:
    """Return the height of a panel with these lines in pixels."""
    return 2 * sizes.pad + sum(round(1.75 * line.cap_px) for line in lines)


class CheckPanel:
    """The camera check as a list in the upper left corner, with a mark and a name for each item.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    """

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._step = round(2.1 * sizes.small_cap)

    def draw(self, image: Image, title: str, report: CheckReport) -> Box:
        """Draw in place and return the panel's box; *title* names the next set."""
        s = self._sizes
        height = 2 * s.pad + round(2.4 * s.small_cap) + self._step * len(report.items)
        box = Box(s.margin, s.margin, s.margin + s.part(0.45), s.margin + height)
        canvas.shade(image, box, s.pad)
        base = box.top + s.pad + s.small_cap
        cap_px = canvas.fitting_cap(title, s.small_cap, box.width - 2 * s.pad)
        canvas.put_text(image, title, (box.left + s.pad, base), cap_px, theme.MUTED)
        radius = round(0.75 * s.small_cap)
        for number, item in enumerate(report.items, 1):
            base = box.top + s.pad + round(1.2 * s.small_cap) + number * self._step
            _MARKS[item.state](image, (box.left + s.pad + radius, base - s.small_cap // 2), radius)
            color = theme.MUTED if item.state is ItemState.UNKNOWN else theme.TEXT
            weight = theme.BOLD if item.state is ItemState.WRONG else theme.MEDIUM
            at = (box.left + 2 * s.pad + 2 * radius, base)
            canvas.put_text(image, item.name, at, s.small_cap, color, weight)
        return box


def draw_number(image: Image, sizes: Sizes, number: str, word: str, place: Box) -> None:
    """Draw a number as large as fits, with a word above it, on a panel in the middle of *place*."""
    room_px = place.width - 6 * sizes.pad
    cap_px = canvas.fitting_cap(number, min(sizes.part(0.26), place.height // 2), room_px, theme.BOLD)
    word_cap = canvas.fitting_cap(word, sizes.phase_cap, room_px)
    width = max(canvas.text_width(number, cap_px, theme.BOLD), canvas.text_width(word, word_cap))
    height = cap_px + word_cap + 5 * sizes.pad
    x, y = (place.left + place.right) // 2, (place.top + place.bottom) // 2
    half_px, top = width // 2 + 3 * sizes.pad, y - height // 2
    canvas.shade(image, Box(x - half_px, top, x + half_px, top + height), 2 * sizes.pad)
    base = top + 2 * sizes.pad + word_cap
    for text, size, weight in ((word, word_cap, theme.MEDIUM), (number, cap_px, theme.BOLD)):
        left = x - canvas.text_width(text, size, weight) // 2
        canvas.put_text(image, text, (left, base), size, theme.TEXT, weight)
        base += cap_px + sizes.pad


def draw_done_set(image: Image, sizes: Sizes, box: Box, done: DoneSet, title: str) -> None:
    """Draw the summary of a set at the top of *box*: repetitions, lockouts, the one thing to change."""
    summary, width = done.summary, box.width - 3 * sizes.pad
    reps = f"{summary.reps} {'rep' if summary.reps == 1 else 'reps'}"
    lines = [Line(title, sizes.small_cap, theme.MUTED), Line(reps, sizes.part(0.085), weight=theme.BOLD)]
    lines += [Line(text, sizes.phase_cap) for text in wrapped(_lockouts(done), sizes.phase_cap, width)]
    if summary.partial_reps:
        lines.append(Line(f"+{summary.partial_reps} partial", sizes.small_cap, theme.SHORT))
    if summary.one_thing_cue and summary.one_thing:
        lines.append(Line("Next time", sizes.small_cap, theme.MUTED))
        cue = wrapped(summary.one_thing_cue, sizes.phase_cap, width, theme.BOLD)
        lines += [Line(text, sizes.phase_cap, theme.YELLOW, theme.BOLD) for text in cue]
        what = wrapped(summary.one_thing.split(". ")[0], sizes.small_cap, width)
        lines += [Line(text, sizes.small_cap) for text in what]
    elif summary.reps:
        lines.append(Line("Nothing stands out to change", sizes.small_cap, theme.MUTED))
    draw_lines(image, sizes, _cut(box, lines_height(sizes, lines)), lines)


def draw_all_sets(image: Image, sizes: Sizes, box: Box, done: tuple[DoneSet, ...]) -> None:
    """Draw a line for each set at the top of *box*, and the latest thing to change."""
    lines = [Line("All sets done", sizes.part(0.07), weight=theme.BOLD)]
    width = box.width - 3 * sizes.pad
    for one in done[-_SETS_LISTED:]:
        lines.append(Line(f"{one.number}   {one.exercise.name}", sizes.small_cap, theme.MUTED))
        text = f"{one.summary.reps} {'rep' if one.summary.reps == 1 else 'reps'}, {_lockouts(one)}"
        lines += [Line(part, sizes.small_cap) for part in wrapped(text, sizes.small_cap, width)]
    cues = [one.summary.one_thing_cue for one in done if one.summary.one_thing_cue]
    if cues:
        lines.append(Line("Next time", sizes.small_cap, theme.MUTED))
        cue = wrapped(cues[-1], sizes.phase_cap, width, theme.BOLD)
        lines += [Line(part, sizes.phase_cap, theme.YELLOW, theme.BOLD) for part in cue]
    lines.append(Line("Raise an arm, or press o: open the report", sizes.small_cap, theme.MUTED))
    draw_lines(image, sizes, _cut(box, lines_height(sizes, lines)), lines)


def _lockouts(done: DoneSet) -> str:
    summary = done.summary
    judged = summary.reps - summary.lockout_unknown
    if not judged:
        return "lockout not judged" if summary.reps else "no rep counted"
    unknown = f", {summary.lockout_unknown} not judged" if summary.lockout_unknown else ""
    return f"{summary.locked_out} of {judged} locked out{unknown}"


def _cut(box: Box, height: int) -> Box:
    return Box(box.left, box.top, box.right, box.top + height)


class SmallPrint:
    """The keys at the bottom, and marks for recording, sound and notices.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    keys
        Pairs of a key and its function.
    """

    def __init__(self, sizes: Sizes, keys: tuple[tuple[str, str], ...]) -> None:
        self._sizes = sizes
        self._cap = round(0.8 * sizes.small_cap)
        self._keys = [f"{key} {what}" for key, what in keys]

    def draw_keys(self, image: Image, place: Box) -> None:
        """Write the legend at the bottom of *place*, in as many lines as needed."""
        s, step = self._sizes, round(1.8 * self._cap)
        lines = _filled(tuple(self._keys), self._cap, place.width - 2 * s.pad)
        if not lines:
            return
        width = max(canvas.text_width(line, self._cap) for line in lines) + 2 * s.pad
        top = place.bottom - s.pad - step * len(lines)
        canvas.shade(image, Box(place.left, top, place.left + width, place.bottom), s.pad)
        for number, line in enumerate(lines, 1):
            at = (place.left + s.pad, top + number * step - self._cap // 4)
            canvas.put_text(image, line, at, self._cap, theme.TEXT)

    def draw_marks(self, image: Image, place: Box, marks: list[str], *, recording: bool, to_left: bool) -> None:
        """Write marks in a column from the top of *place*, starting with the recording mark: a dot and a word."""
        s, top = self._sizes, place.top
        for number, text in enumerate(["recording"] * recording + marks):
            dot_px = 2 * self._cap if recording and number == 0 else 0
            cap_px = canvas.fitting_cap(text, self._cap, place.width - 2 * s.pad - dot_px)
            width = 2 * s.pad + dot_px + canvas.text_width(text, cap_px)
            left, bottom = place.left if to_left else place.right - width, top + round(2.2 * self._cap)
            canvas.shade(image, Box(left, top, left + width, bottom), s.pad)
            if dot_px:
                canvas.dot(image, (left + s.pad + self._cap // 2, (top + bottom) // 2), self._cap // 2, theme.SHORT, 1)
            at = (left + s.pad + dot_px, bottom - round(0.6 * self._cap))
            canvas.put_text(image, text, at, cap_px, theme.TEXT)
            top = bottom + s.margin // 2


@lru_cache(maxsize=8)
def _filled(parts: tuple[str, ...], cap_px: int, width_px: int) -> tuple[str, ...]:
    """Return the parts in lines no wider than *width_px*, without breaking a part."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}    {part}" if lines else part
        if lines and canvas.text_width(longer, cap_px) <= width_px:
            lines[-1] = longer
        else:
            lines.append(part)
    return tuple(lines)
