"""The overlay on a video: skeleton, angle, gauges, counter, phase with tempo and verdict, and the cue."""

from __future__ import annotations

import math
from functools import cache

from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.feedback.drawn_state import ARCHING_RULE, ROUNDING_RULE, DrawnState
from hipform.pose.poses import Pose
from hipform.render import theme
from hipform.render.bar_path import BarPath
from hipform.render.canvas import Box
from hipform.render.gauge import Gauge, Reading
from hipform.render.layout import Layout
from hipform.render.low_back_gauge import BackEnd, LowBackGauge
from hipform.render.panels import Banner, PhasePanel, RepPanel, draw_note
from hipform.render.skeleton import HipAngle, HipFan, Skeleton, limb_lines
from hipform.render.theme import Sizes
from hipform.texts import ENGLISH, Texts, english
from hipform.types import Image
from hipform.video.frames import ClipInfo

_HIP = "trunk_thigh_flexion_deg"
_BACK_ENDS = (
    (ARCHING_RULE, english("arched"), 1, "low_back_deg"),
    (ROUNDING_RULE, english("rounded"), -1, "change_deg"),
)


class Overlay:
    """Draws the analysis on the frames of one clip, in place.

    Call `draw` for every frame, in order: the positions of arc, label and banner are remembered.

    Parameters
    ----------
    info
        The clip, for its frame size.
    settings
        Values in force.
    layout
        Boxes of the panels. The image drawn on has the size of the layout; the clip's frame is its upper left part.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, info: ClipInfo, settings: Settings, layout: Layout, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._sizes = sizes = Sizes(info.width_px, info.height_px)
        self._settings = settings
        self._layout = layout
        self._skeleton = Skeleton(sizes)
        self._bar_path = BarPath(sizes)
        self._hip_angle = HipAngle(sizes)
        self._fan: HipFan | None = None
        full_from_deg = 180.0 - settings["incomplete-lockout.short_deg"]
        self._gauge = Gauge(sizes, full_from_deg, layout.lockout, texts) if layout.lockout else None
        self._low_back = LowBackGauge(sizes, layout.low_back, texts) if layout.low_back else None
        self._reps = RepPanel(sizes, layout.reps, texts)
        self._phase = PhasePanel(sizes, layout.phase, texts)
        self._banner = Banner(sizes, layout.line, layout.cue_cap, texts)

    def draw(self, image: Image, pose: Pose, state: DrawnState, target_reps: int | None = None) -> None:
        """Draw one frame in place.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3) of the layout.
        pose
            Landmarks of this frame; NaN points are not drawn.
        state
            What is drawn on this frame. An unknown or unjudged angle greys the gauge.
        target_reps
            Planned number of repetitions of the set; ``None`` if not given.

        Raises
        ------
        ValueError
            If the image has a different size.
        """
        width_px, height_px = self._layout.width_px, self._layout.height_px
        if image.shape != (height_px, width_px, 3):
            raise ValueError(f"the image has shape {image.shape}, expected {width_px} x {height_px}")
        seen = state.seen
        banner = self._banner.take(state.cue)
        frame = image[: self._sizes.height_px, : self._sizes.width_px]
        self._bar_path.draw(frame, seen)
        if seen.tracked:
            self._draw_body(frame, pose, state, banner)
        self._draw_gauge(image, state)
        exercise = find_exercise(seen.exercise)
        if self._low_back and exercise.low_back is not None:
            self._low_back.draw(image, seen.lumbar_extension_deg, self._back_ends(exercise, state))
        self._reps.draw(image, exercise.name, seen, target_reps)
        self._phase.draw(image, seen, state.last_rep, is_rejected=bool(state.rejection))
        if state.cue is None:
            self._draw_remark(image, pose, state)
        self._banner.draw(image)

    def _draw_body(self, frame: Image, pose: Pose, state: DrawnState, banner: Box | None) -> None:
        side = state.seen.side
        self._skeleton.draw(frame, pose, side)
        self._fan = fan = HipFan.of(pose, side, state.angle_deg, self._fan)
        if fan is None or not math.isfinite(state.angle_deg):
            return
        panels = (self._layout.lockout, self._layout.low_back, self._reps.box, self._phase.box, banner)
        avoid = tuple(box for box in panels if box)
        text, color = f"{state.angle_deg:.0f}°", theme.TEXT
        if not state.is_judged:
            text, color = f"~{text}", theme.MUTED
        self._hip_angle.draw(frame, fan, text, color, limbs=limb_lines(pose, side), avoid=avoid)

    def _draw_gauge(self, image: Image, state: DrawnState) -> None:
        if self._gauge is None:
            return
        now_deg = state.angle_deg if state.is_judged else math.nan
        u95_deg = state.seen.u95.get(_HIP, math.nan)
        reading = Reading(now_deg, u95_deg, state.reached_deg, state.is_full, state.is_short, state.full_to_deg)
        self._gauge.draw(image, reading)
        if state.why_not:
            lines = tuple(map(self._texts, state.why_not))
            lines = (" ".join(lines),) if self._gauge.box.width > self._gauge.box.height else lines
            draw_note(image, self._sizes, self._gauge.box, lines)

    def _back_ends(self, exercise: Exercise, state: DrawnState) -> tuple[BackEnd, ...]:
        rules = _rules_of(exercise.slug)
        return tuple(
            BackEnd(word, sign, self._settings[f"{rule}.{key}"], rule in state.back_faults)
            for rule, word, sign, key in _BACK_ENDS
            if rule in rules
        )

    def _draw_remark(self, image: Image, pose: Pose, state: DrawnState) -> None:
        """Write why nobody is tracked, or why a movement does not count."""
        text = state.rejection
        if not state.seen.tracked:
            text = english("Tracking lost") if pose.found else english("No one in view")
        if text:
            draw_note(image, self._sizes, self._layout.line, (self._texts(text),))


@cache
def _rules_of(slug: str) -> frozenset[str]:
    return frozenset(rule.id for rule in find_exercise(slug).all_rules)
