"""Panels of the live screen around the sets: camera check, countdown, rest, summaries, keys and marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from hipform.feedback.camera_check import CheckReport, ItemState
from hipform.feedback.set_summary import n_reps
from hipform.feedback.trainer import DoneSet
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.theme import Rgb, Sizes
from hipform.texts import ENGLISH, Texts, english
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
    """Write lines from the top of *box*; shrink them all if they are too high, and a line that is too wide."""
    scale = min(1.0, box.height / max(1.0, 1.75 * sum(line.cap_px for line in lines)))
    base = float(box.top)
    for line in lines:
        base += scale * line.cap_px
        cap_px = canvas.fitting_cap(line.text, round(scale * line.cap_px), box.width - sizes.pad, line.weight)
        canvas.put_text(image, line.text, (box.left + sizes.pad, round(base)), cap_px, line.color, line.weight)
        base += scale * 0.75 * line.cap_px


class CheckPanel:
    """The camera check as a list in two columns, with a mark and a name for each item.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    box
        Place of the list, which starts at its top.
    texts
        The texts in the language of the screen.
    """

    def __init__(self, sizes: Sizes, box: Box, texts: Texts = ENGLISH) -> None:
        self._sizes = sizes
        self._texts = texts
        self._box = box

    def draw(self, image: Image, title: str, report: CheckReport) -> None:
        """Draw in place; *title* names the next set."""
        s, box = self._sizes, self._box
        rows = math.ceil(len(report.items) / 2)
        step = min(round(2.2 * s.check_cap), (box.height - 2 * s.pad - s.check_cap) // max(rows, 1))
        cap_px = canvas.fitting_cap(title, s.check_cap, box.width - 2 * s.pad)
        canvas.put_text(image, title, (box.left + s.pad, box.top + s.pad + cap_px), cap_px, theme.MUTED)
        radius = round(0.75 * s.check_cap)
        for number, item in enumerate(report.items):
            column, row = divmod(number, rows)
            left, base = box.left + s.pad + column * box.width // 2, box.top + s.pad + s.check_cap + (row + 1) * step
            _MARKS[item.state](image, (left + radius, base - s.check_cap // 2), radius)
            color = theme.MUTED if item.state is ItemState.UNKNOWN else theme.TEXT
            weight = theme.BOLD if item.state is ItemState.WRONG else theme.MEDIUM
            left += s.pad + 2 * radius
            name = self._texts(item.name)
            cap_px = canvas.fitting_cap(name, s.check_cap, box.width // 2 - 3 * s.pad - 2 * radius, weight)
            canvas.put_text(image, name, (left, base), cap_px, color, weight)


def draw_number(image: Image, sizes: Sizes, number: str, word: str, place: Box) -> None:
    """Draw a number as large as fits, with a word above it, in the middle of *place*."""
    room_px = place.width - 2 * sizes.pad
    cap_px = canvas.fitting_cap(number, min(sizes.part(0.3), place.height // 2), room_px, theme.BOLD)
    word_cap = canvas.fitting_cap(word, sizes.part(0.06), room_px)
    x, height = (place.left + place.right) // 2, cap_px + word_cap + 2 * sizes.pad
    base = (place.top + place.bottom - height) // 2 + word_cap
    for text, size, weight in ((word, word_cap, theme.MEDIUM), (number, cap_px, theme.BOLD)):
        left = x - canvas.text_width(text, size, weight) // 2
        canvas.put_text(image, text, (left, base), size, theme.TEXT, weight)
        base += cap_px + 2 * sizes.pad


def draw_done_set(image: Image, sizes: Sizes, box: Box, done: DoneSet, title: str, texts: Texts = ENGLISH) -> None:
    """Draw the summary of a set from the top of *box*: repetitions, lockouts, the one thing to change."""
    summary, width = done.summary, box.width - sizes.pad
    small, large = sizes.part(0.042), sizes.part(0.062)
    reps = texts(n_reps(summary.reps))
    lines = [Line(title, small, theme.MUTED), Line(reps, sizes.part(0.12), weight=theme.BOLD)]
    lines += _wrapped_lines(texts(_lockouts(done)), large, width)
    if summary.partial_reps:
        lines.append(Line(texts("+{n} partial", n=summary.partial_reps), small, theme.SHORT))
    if summary.one_thing_cue and summary.one_thing:
        lines.append(Line(texts("Next time"), small, theme.MUTED))
        lines += _wrapped_lines(texts(summary.one_thing_cue), sizes.part(0.075), width, theme.YELLOW, theme.BOLD)
        lines += _wrapped_lines(texts(summary.one_thing.split(". ")[0]), small, width)
    elif summary.reps:
        lines.append(Line(texts("Nothing stands out to change"), small, theme.MUTED))
    draw_lines(image, sizes, box, lines)


def draw_all_sets(image: Image, sizes: Sizes, box: Box, done: tuple[DoneSet, ...], texts: Texts = ENGLISH) -> None:
    """Draw a line for each set from the top of *box*, and the latest thing to change."""
    small, large = sizes.part(0.042), sizes.part(0.05)
    lines = [Line(texts("All sets done"), sizes.part(0.085), weight=theme.BOLD)]
    width = box.width - sizes.pad
    for one in done[-_SETS_LISTED:]:
        lines.append(Line(f"{one.number}   {texts(one.exercise.name)}", small, theme.MUTED))
        text = english("{reps}, {lockouts}", reps=n_reps(one.summary.reps), lockouts=_lockouts(one))
        lines += _wrapped_lines(texts(text), large, width)
    cues = [one.summary.one_thing_cue for one in done if one.summary.one_thing_cue]
    if cues:
        lines.append(Line(texts("Next time"), small, theme.MUTED))
        lines += _wrapped_lines(texts(cues[-1]), sizes.part(0.075), width, theme.YELLOW, theme.BOLD)
    lines += _wrapped_lines(texts("Raise an arm, or press o: open the report"), small, width, theme.MUTED)
    draw_lines(image, sizes, box, lines)


def _wrapped_lines(
    text: str, cap_px: int, width_px: int, color: Rgb = theme.TEXT, weight: int = theme.MEDIUM
) -> list[Line]:
    return [Line(part, cap_px, color, weight) for part in wrapped(text, cap_px, width_px, weight)]


def _lockouts(done: DoneSet) -> str:
    summary = done.summary
    judged = summary.reps - summary.lockout_unknown
    if not judged:
        return english("lockout not judged") if summary.reps else english("no rep counted")
    if summary.lockout_unknown:
        return english(
            "{n} of {of} locked out, {unknown} not judged",
            n=summary.locked_out,
            of=judged,
            unknown=summary.lockout_unknown,
        )
    return english("{n} of {of} locked out", n=summary.locked_out, of=judged)


class SmallPrint:
    """A line of marks for recording, sound and notices, and the keys below it.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    keys
        Pairs of a key and its function.
    texts
        The texts in the language of the screen.
    """

    def __init__(self, sizes: Sizes, keys: tuple[tuple[str, str], ...], texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._pad = sizes.pad
        self._cap = round(0.8 * sizes.small_cap)
        self._step = round(1.8 * self._cap)
        self._keys = tuple(f"{texts(key)} {texts(what)}" for key, what in keys)

    def height_px(self, width_px: int) -> int:
        """Return the height that a place of this width needs."""
        return 3 * self._pad + self._step * (1 + len(_filled(self._keys, self._cap, width_px - 2 * self._pad)))

    def draw(self, image: Image, place: Box, marks: list[str], *, recording: bool) -> None:
        """Draw in *place*, starting with the recording mark: a dot and a word."""
        cap_px, left, base = self._cap, place.left + self._pad, place.top + self._pad + self._cap
        x = left
        if recording:
            canvas.dot(image, (x + cap_px // 2, base - cap_px // 2), cap_px // 2, theme.SHORT, 1)
            marks, x = [english("recording"), *marks], x + 2 * cap_px
        text = "    ".join(map(self._texts, marks))
        canvas.put_text(image, text, (x, base), canvas.fitting_cap(text, cap_px, place.right - x), theme.TEXT)
        for line in _filled(self._keys, cap_px, place.width - 2 * self._pad):
            base += self._step
            canvas.put_text(image, line, (left, base), cap_px, theme.MUTED)


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
