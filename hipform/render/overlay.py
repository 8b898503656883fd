"""The picture a lifter or coach sees: skeleton, live angle, gauge, counter, phase and the cue of the moment."""

from __future__ import annotations

import math

from hipform.exercises import find_exercise
from hipform.render import theme
from hipform.render.canvas import Box, Point
from hipform.render.gauge import Gauge, Reading
from hipform.render.low_back_gauge import LowBackGauge
from hipform.render.panels import Banner, PhasePanel, RepPanel, draw_note
from hipform.render.skeleton import HipAngle, HipFan, Skeleton, body_box
from hipform.render.theme import Sizes
from hipform.types import ClipInfo, Cue, Image, Observation, Phase, Pose, Rep

_HIP = "hip_flexion_deg"
_Stretch = tuple[int, str, int]
"""Shot, exercise and set: what was reached in one of them is nothing in the next."""


class Overlay:
    """Draws what the analyzer knows onto the frames of one clip, in place.

    It remembers the straightest hip of this repetition and where the banner stands: feed it every frame in order.

    Parameters
    ----------
    info
        The clip; its width and height are those of every picture drawn on.
    lockout_limit_deg
        Largest trunk-thigh angle that still counts as full extension, degrees short of straight.
    arch_limit_deg
        Lumbar extension past the own neutral from which the low back counts as arched.
    """

    def __init__(self, info: ClipInfo, lockout_limit_deg: float, arch_limit_deg: float) -> None:
        self._sizes = sizes = Sizes(info.width_px, info.height_px)
        self._skeleton = Skeleton(sizes)
        self._hip_angle = HipAngle(sizes)
        self._gauge = Gauge(sizes, 180.0 - lockout_limit_deg)
        self._low_back = LowBackGauge(sizes, arch_limit_deg, self._gauge.box)
        right = sizes.width_px - sizes.margin if sizes.portrait else self._gauge.box.left - sizes.margin
        self._reps = RepPanel(sizes)
        self._phase = PhasePanel(sizes, right)
        self._place = self._lower_place()
        self._banner = Banner(sizes, self._upper_place(right), self._place)
        self._best = _BestSoFar()

    @property
    def legend_place(self) -> Box:
        """Room for small print at its bottom, beside or above the gauges; the banner takes it too."""
        return self._place

    @property
    def below_counter(self) -> Point:
        """Where there is room for marks, below the counter of repetitions; the banner may cover it."""
        return self._reps.box.left, self._reps.box.bottom + self._sizes.margin

    def draw(self, image: Image, pose: Pose, observation: Observation, cue: Cue | None, last_rep: Rep | None) -> None:
        """Draw one frame in place.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3), as `ClipInfo` says.
        pose
            The landmarks of this frame; NaN points are not drawn.
        observation
            What the analyzer says of this frame. A NaN angle, or an angle that is not assessable, greys the gauge.
        cue
            Text of the banner, or None.
        last_rep
            The last finished repetition of the set, for its tempo, or None.

        Raises
        ------
        ValueError
            The picture does not have the clip's size.
        """
        sizes = self._sizes
        if image.shape != (sizes.height_px, sizes.width_px, 3):
            raise ValueError(f"picture has shape {image.shape}, clip is {sizes.width_px} x {sizes.height_px}")
        angle_deg = 180.0 - observation.values.get(_HIP, math.nan) if observation.tracked else math.nan
        banner = self._banner.place(cue, body_box(pose, observation.side))
        if observation.tracked:
            taken = (self._reps.box, self._phase.box, *([banner] if banner else []))
            self._draw_body(image, pose, observation, angle_deg, taken)
        self._draw_gauge(image, observation, angle_deg, (pose.shot, observation.exercise, observation.set_number))
        exercise = find_exercise(observation.exercise)
        if exercise.low_back is not None:
            self._low_back.draw(image, observation.lumbar_extension_deg)
        self._reps.draw(image, exercise.name, observation)
        self._phase.draw(image, observation, last_rep)
        if not observation.tracked and cue is None:
            draw_note(image, sizes, self._place, ("Tracking lost" if pose.found else "No one in view",))
        self._banner.draw(image)

    def _draw_body(
        self, image: Image, pose: Pose, observation: Observation, angle_deg: float, taken: tuple[Box, ...]
    ) -> None:
        self._skeleton.draw(image, pose, observation.side)
        fan = HipFan.of(pose, observation.side)
        if fan is None or not math.isfinite(angle_deg):
            return
        if observation.assessable:
            self._hip_angle.draw(image, fan, f"{angle_deg:.0f}°", avoid=taken)
        else:
            self._hip_angle.draw(image, fan, f"~{angle_deg:.0f}°", theme.MUTED, taken)

    def _draw_gauge(self, image: Image, observation: Observation, angle_deg: float, stretch: _Stretch) -> None:
        judged_deg = angle_deg if observation.assessable else math.nan
        best_deg = self._best.update(judged_deg, observation.phase, stretch)
        settled = observation.phase not in (Phase.LIFT, Phase.TOP)
        self._gauge.draw(image, Reading(judged_deg, observation.u95.get(_HIP, math.nan), best_deg, settled))
        reason = _why_unknown(observation, angle_deg)
        if reason and self._sizes.portrait:
            draw_note(image, self._sizes, self._note_place(), (" ".join(reason),))
        elif reason:
            draw_note(image, self._sizes, self._note_place(), reason)

    def _note_place(self) -> Box:
        """Return the room beside an upright gauge, or within a lying one."""
        s, box = self._sizes, self._gauge.box
        if s.portrait:
            return Box(box.left, box.top, box.right - s.part(0.14), box.bottom)
        right = box.left - s.margin
        return Box(right - s.part(0.34), box.top, right, box.bottom)

    def _upper_place(self, right_px: int) -> Box:
        s = self._sizes
        top = max(self._reps.box.bottom, self._phase.box.bottom) + s.margin
        return Box(s.margin, top, right_px, top + s.part(0.12))

    def _lower_place(self) -> Box:
        """Return the room above the gauges, or beside them."""
        s, gauge = self._sizes, self._low_back.box
        bottom = (gauge.top if s.portrait else s.height_px) - s.margin
        right_px = s.width_px - s.margin if s.portrait else gauge.left - s.margin
        return Box(s.margin, bottom - s.part(0.12), right_px, bottom)


def _why_unknown(observation: Observation, angle_deg: float) -> tuple[str, ...]:
    if not observation.tracked:
        return ()
    if not observation.assessable:
        # Before the view is known there is nothing to correct yet.
        return ("turn camera", "side-on") if math.isfinite(observation.view_off_deg) else ("finding", "the view")
    return () if math.isfinite(angle_deg) else ("hip", "not in view")


class _BestSoFar:
    """The straightest angle since the present lift began."""

    def __init__(self) -> None:
        self._deg = math.nan
        self._phase = Phase.IDLE
        self._stretch: _Stretch | None = None

    def update(self, angle_deg: float, phase: Phase, stretch: _Stretch) -> float:
        """Return the straightest angle so far, NaN before the first lift of a shot or set."""
        began = phase is Phase.LIFT and self._phase not in (Phase.LIFT, Phase.TOP)
        if began or stretch != self._stretch:
            self._deg = math.nan
        if began or math.isfinite(self._deg) or phase in (Phase.LIFT, Phase.TOP):
            self._deg = max(self._deg, angle_deg) if math.isfinite(self._deg) else angle_deg
        self._phase, self._stretch = phase, stretch
        return self._deg
