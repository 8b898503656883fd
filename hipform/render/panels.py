"""Text panels: repetitions, phase with tempo, cue banner and notes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hipform.analysis.judged_reps import Observation, Rep
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.cues import Cue
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.theme import BannerStyle, Sizes
from hipform.segmentation.phases import Phase
from hipform.texts import ENGLISH, Texts, english
from hipform.types import Image

PHASE_WORDS = {
    Phase.IDLE: english("READY"),
    Phase.BOTTOM: english("BOTTOM"),
    Phase.LIFT: english("LIFT"),
    Phase.TOP: english("TOP"),
    Phase.LOWER: english("LOWER"),
}

NO_REP = english("NO REP")


class RepPanel:
    """Exercise, counts of full and partial repetitions, and set number from the second set on.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    box
        Panel, of size `layout.reps_size`.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, sizes: Sizes, box: Box, texts: Texts = ENGLISH) -> None:
        self._sizes = sizes
        self._texts = texts
        self.box = box

    def draw(self, image: Image, title: str, observation: Observation, target_reps: int | None = None) -> None:
        """Draw in place, with the planned number of repetitions if there is one; shrink a long *title*, or cut it."""
        s, pad, box = self._sizes, self._sizes.pad, self.box
        canvas.shade(image, box, pad)
        title, title_cap = _fit_title(self._texts(title), s, box.width - 2 * pad)
        canvas.put_text(image, title, (box.left + pad, box.top + pad + s.small_cap), title_cap, theme.MUTED)
        left_px, base = self._draw_count(image, observation.rep_count, observation.partial_count, target_reps)
        if observation.set_number > 1:
            text = self._texts("set {n}", n=observation.set_number)
            cap_px = canvas.fitting_cap(text, s.small_cap, box.right - pad - left_px)
            x = box.right - pad - canvas.text_width(text, cap_px)
            canvas.put_text(image, text, (x, base), cap_px, theme.MUTED)

    def _draw_count(self, image: Image, rep_count: int, partial_count: int, target_reps: int | None) -> tuple[int, int]:
        """Draw the counts; return their right edge and their baseline."""
        s, pad, box = self._sizes, self._sizes.pad, self.box
        number, base = str(rep_count), box.bottom - round(1.3 * pad)
        cap_px = canvas.fitting_cap(number, s.count_cap, s.part(0.18), theme.BOLD)
        is_reached = target_reps is not None and rep_count >= target_reps
        color = theme.REACHED if is_reached else theme.TEXT
        canvas.put_text(image, number, (box.left + pad, base), cap_px, color, theme.BOLD)
        x = box.left + 2 * pad + canvas.text_width(number, cap_px, theme.BOLD)
        word = self._texts("rep") if rep_count == 1 else self._texts("reps")
        if target_reps:
            word = self._texts("of {n}", n=target_reps)
        canvas.put_text(image, word, (x, base), s.small_cap, theme.TEXT)
        if partial_count:
            text = self._texts("+{n} partial", n=partial_count)
            cap_px = canvas.fitting_cap(text, s.small_cap, box.right - pad - x)
            canvas.put_text(image, text, (x, base - round(1.9 * s.small_cap)), cap_px, theme.SHORT)
        return x + canvas.text_width(word, s.small_cap) + pad, base


@lru_cache(maxsize=16)
def _fit_title(title: str, sizes: Sizes, width_px: int) -> tuple[str, int]:
    smallest = max(1, round(0.7 * sizes.small_cap))
    cap_px = max(smallest, canvas.fitting_cap(title, sizes.small_cap, width_px))
    if canvas.text_width(title, cap_px) <= width_px:
        return title, cap_px
    while title and canvas.text_width(title + "…", cap_px) > width_px:
        title = title[:-1]
    return title + "…", cap_px


_MARKS = {
    Status.OK: (canvas.check_badge, english("full extension")),
    Status.FAULT: (canvas.cross_badge, english("short of full")),
    Status.NOT_ASSESSED: (canvas.question_badge, english("lockout not judged")),
}


class PhasePanel:
    """Phase with its elapsed seconds, and tempo and lockout verdict of the last repetition.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    box
        Panel, of size `layout.phase_size`.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, sizes: Sizes, box: Box, texts: Texts = ENGLISH) -> None:
        self._sizes = sizes
        self._texts = texts
        self.box = box

    def draw(self, image: Image, observation: Observation, last_rep: Rep | None, *, is_rejected: bool = False) -> None:
        """Draw in place; without a last repetition the panel is only as high as its first line.

        While nothing is counted because the movement in progress *is_rejected*, nobody is ready.
        """
        s, pad, box = self._sizes, self._sizes.pad, self.box
        first_line = 2 * pad + s.phase_cap
        canvas.shade(image, box if last_rep else Box(box.left, box.top, box.right, box.top + first_line), pad)
        base = box.top + pad + s.phase_cap
        is_no_rep = is_rejected and observation.phase is Phase.IDLE
        word = self._texts(NO_REP if is_no_rep else PHASE_WORDS[observation.phase])
        seconds = self._texts(_seconds(observation.phase_s))
        canvas.put_text(image, word, (box.left + pad, base), s.phase_cap, theme.TEXT, theme.BOLD)
        room = box.width - 3 * pad - canvas.text_width(word, s.phase_cap, theme.BOLD)
        cap_px = canvas.fitting_cap(seconds, s.small_cap, room)
        x = box.right - pad - canvas.text_width(seconds, cap_px)
        canvas.put_text(image, seconds, (x, base), cap_px, theme.TEXT)
        if last_rep is not None:
            self._draw_tempo(image, last_rep, base)
            self._draw_verdict(image, last_rep)

    def _draw_tempo(self, image: Image, rep: Rep, above: int) -> None:
        s, box = self._sizes, self.box
        cap_px, step = s.small_cap, (box.width - 2 * s.pad) // 3

        labels = [self._texts(part) for part in rep.timing.parts]
        label_cap = min(canvas.fitting_cap(label, cap_px, step - s.pad // 2) for label in labels)
        for index, (label, seconds) in enumerate(zip(labels, rep.timing.parts.values(), strict=True)):
            x = box.left + s.pad + index * step
            canvas.put_text(image, label, (x, above + round(2.0 * cap_px)), label_cap, theme.MUTED)
            canvas.put_text(image, self._texts(_seconds(seconds)), (x, above + round(3.7 * cap_px)), cap_px, theme.TEXT)

    def _draw_verdict(self, image: Image, rep: Rep) -> None:
        s, box = self._sizes, self.box
        draw_badge, words = _MARKS[rep.finding(LOCKOUT_RULE).status]
        radius, base = round(0.8 * s.small_cap), box.bottom - s.pad - round(0.2 * s.small_cap)
        draw_badge(image, (box.left + s.pad + radius, base - s.small_cap // 2), radius)
        words = self._texts(words)
        if rep.partial:
            words = self._texts("partial {n}: {verdict}", n=rep.number, verdict=words)
        else:
            words = self._texts("rep {n}: {verdict}", n=rep.number, verdict=words)
        left = box.left + 2 * s.pad + 2 * radius
        cap_px = canvas.fitting_cap(words, s.small_cap, box.right - s.pad - left)
        canvas.put_text(image, words, (left, base), cap_px, theme.TEXT)


def _seconds(value_s: float | None) -> str:
    return "-" if value_s is None else f"{value_s:.1f} s"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    width: int


class Banner:
    """The current cue on an opaque strip.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    place
        Box for the banner, which grows up from the bottom of it.
    cap_px
        Height of the capitals; a long text is smaller.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, sizes: Sizes, place: Box, cap_px: int, texts: Texts = ENGLISH) -> None:
        self._sizes = sizes
        self._texts = texts
        self._place = self._box = place
        self._usual_cap = self._cap = cap_px
        self._icon = round(1.5 * cap_px)
        self._cue: Cue | None = None
        self._lines: list[_Line] = []

    def take(self, cue: Cue | None) -> Box | None:
        """Take *cue* and return its box, or ``None`` without a cue."""
        if cue is not None and cue != self._cue:
            self._lines, self._cap, self._box = self._set(cue)
        self._cue = cue
        return None if cue is None else self._box

    def _set(self, cue: Cue) -> tuple[list[_Line], int, Box]:
        s, place = self._sizes, self._place
        beside = self._icon + 3 * s.pad
        lines, cap_px = _wrap(self._texts(cue.text), self._usual_cap, place.width - beside)
        width = min(place.width, beside + max(line.width for line in lines))
        height = 2 * s.pad + round(cap_px * (1.7 * len(lines) - 0.3))
        left = (place.left + place.right - width) // 2
        return lines, cap_px, Box(left, place.bottom - height, left + width, place.bottom)

    def draw(self, image: Image) -> None:
        """Draw the current cue in place."""
        if self._cue is None:
            return
        s, box, cap_px = self._sizes, self._box, self._cap
        style = theme.PRAISE_BANNER if self._cue.is_praise else theme.CUE_BANNER
        edge = s.outline
        inner = Box(box.left + edge, box.top + edge, box.right - edge, box.bottom - edge)
        canvas.fill_box(image, box, theme.OUTLINE, s.pad)
        canvas.fill_box(image, inner, style.fill, s.pad)
        self._draw_icon(image, box, style, praise=self._cue.is_praise)
        for index, line in enumerate(self._lines):
            base = box.top + s.pad + round(cap_px * (1.2 + 1.7 * index))
            at = (box.left + self._icon + round(1.5 * s.pad), base)
            canvas.put_text(image, line.text, at, cap_px, style.text, theme.BOLD)

    def _draw_icon(self, image: Image, box: Box, style: BannerStyle, *, praise: bool) -> None:
        """Draw a check mark for praise, an arrow head for an instruction."""
        size = self._usual_cap
        x, y = box.left + self._sizes.pad + size // 2, (box.top + box.bottom) // 2
        if praise:
            canvas.check_mark(image, (x, y), size, style.text)
        else:
            half = size // 2
            canvas.fill_polygon(image, [(x - half, y - half), (x + half, y), (x - half, y + half)], style.text)


def _wrap(text: str, cap_px: int, width_px: int) -> tuple[list[_Line], int]:
    """Return one line, or two balanced lines, shrunk if these are too wide."""
    words = text.split()
    whole = canvas.text_width(text, cap_px, theme.BOLD)
    if whole <= width_px or len(words) < 2:
        cap_px = canvas.fitting_cap(text, cap_px, width_px, theme.BOLD)
        return [_Line(text, canvas.text_width(text, cap_px, theme.BOLD))], cap_px
    pairs = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    pair = min(pairs, key=lambda halves: max(canvas.text_width(half, cap_px, theme.BOLD) for half in halves))
    cap_px = min(canvas.fitting_cap(half, cap_px, width_px, theme.BOLD) for half in pair)
    return [_Line(half, canvas.text_width(half, cap_px, theme.BOLD)) for half in pair], cap_px


def draw_note(image: Image, sizes: Sizes, place: Box, lines: tuple[str, ...]) -> None:
    """Write plain lines on a translucent panel in the middle of *place*."""
    cap_px = min(canvas.fitting_cap(line, sizes.small_cap, place.width - 2 * sizes.pad) for line in lines)
    width = max(canvas.text_width(line, cap_px) for line in lines) + 2 * sizes.pad
    height = round(cap_px * (1.7 * len(lines) - 0.7)) + 2 * sizes.pad
    left, top = (place.left + place.right - width) // 2, (place.top + place.bottom - height) // 2
    canvas.shade(image, Box(left, top, left + width, top + height), sizes.pad)
    for index, line in enumerate(lines):
        base = top + sizes.pad + round(cap_px * (1 + 1.7 * index))
        x = (place.left + place.right - canvas.text_width(line, cap_px)) // 2
        canvas.put_text(image, line, (x, base), cap_px, theme.TEXT)
