"""The live screen: every stage of a training, readable from three metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hipform.analysis.judged_reps import Step
from hipform.config import Settings
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.arm_signal import HELD_S
from hipform.feedback.cues import Cue
from hipform.feedback.drawn_state import LiveStates
from hipform.feedback.trainer import LiveStage, LiveState
from hipform.kinematics.orientation import Vote, compute_near_side, side_of
from hipform.kinematics.tracking import MIRROR_ORDER
from hipform.pose.poses import Pose
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.layout import layout_beside
from hipform.render.live_panels import (
    CheckPanel,
    Line,
    SmallPrint,
    draw_all_sets,
    draw_done_set,
    draw_lines,
    draw_number,
)
from hipform.render.overlay import Overlay
from hipform.render.panels import Banner
from hipform.render.skeleton import Skeleton
from hipform.render.theme import Rgb, Sizes
from hipform.texts import ENGLISH, Texts, english
from hipform.types import Image
from hipform.video.frames import ClipInfo

FLASH_S = 0.5
"""How long the border flashes when a repetition counts."""
_READY = english("Take your position")
_ARM_NOTICED_S = 0.5
"""An arm that is up for this long is reported on the screen, so that the lifter knows that holding it helps."""
_RESTING = (LiveStage.REST, LiveStage.SUMMARY)
"""Stages that show text in place of the lifter."""
_ARM_WORDS = {
    LiveStage.CHECK: english("Arm up: start"),
    LiveStage.SET: english("Arm up: set ends"),
    LiveStage.REST: english("Arm up: next set"),
    LiveStage.SUMMARY: english("Arm up: report"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """State of the window and the machine, which the trainer does not know.

    Attributes
    ----------
    mirrored
        Whether the screen is mirrored.
    muted
        Whether the voice is off.
    recording
        Whether the video is being recorded.
    notice
        A line about the machine, such as a change to a lighter pose model; empty for none.
    """

    mirrored: bool = False
    muted: bool = False
    recording: bool = False
    notice: str = ""

    @property
    def marks(self) -> list[str]:
        """Marks to show besides the recording mark."""
        return ([english("sound off")] if self.muted else []) + ([self.notice] if self.notice else [])


class LiveScreen:
    """Draws the state of a training: the camera's frame, never covered, with the panels below or beside it.

    During a rest and after the last set the frame is small, and what to read is large.

    Call `draw` for every shown frame, in order: the flash is remembered.

    Parameters
    ----------
    info
        Size of the camera's frames, which every frame drawn must have.
    settings
        Values in force.
    keys
        Legend: pairs of a key and its function, such as ``("space", "pause")``; empty for none.
    texts
        The texts in the language of the screen.
    """

    def __init__(
        self, info: ClipInfo, settings: Settings, keys: tuple[tuple[str, str], ...] = (), texts: Texts = ENGLISH
    ) -> None:
        self._texts = texts
        self._sizes = s = Sizes(info.width_px, info.height_px)
        self._layout = layout = layout_beside(s)
        self._overlay = Overlay(info, settings, layout, texts)
        self._states = LiveStates(settings)
        self._skeleton = Skeleton(s)
        self._near = Vote()
        self._small_print = SmallPrint(s, keys, texts)
        whole = Box(s.margin, s.margin, layout.width_px - s.margin, layout.height_px - s.margin)
        footer_px = self._small_print.height_px(whole.width)
        self._footer = Box(whole.left, layout.height_px, whole.right, layout.height_px + footer_px)
        self._panels = replace(whole, left=s.width_px + s.margin)
        check = replace(self._panels, bottom=self._panels.top + s.part(0.5))
        self._check = CheckPanel(s, check, texts)
        self._advice = Banner(s, replace(self._panels, top=check.bottom + s.margin), layout.cue_cap, texts)
        self._text = replace(whole, right=whole.left + round(0.62 * whole.width))
        self._side = replace(whole, left=self._text.right + s.margin)
        self._rep_count, self._flash_until_s = 0, -math.inf

    def draw(self, frame: Image, pose: Pose, state: LiveState, situation: Situation) -> Image:
        """Return the screen with one frame.

        Parameters
        ----------
        frame
            RGB image from the camera, shape (height, width, 3), which stays as it is; the screen mirrors it if
            *situation* says so.
        pose
            Landmarks of the frame, not mirrored.
        state
            State of the training at this frame.
        situation
            State of the window and the machine.

        Returns
        -------
        ndarray
            RGB image, larger than the frame and of the same size in every stage.

        Raises
        ------
        ValueError
            If the frame does not have the size of the camera's frames.
        """
        sizes = self._sizes
        if frame.shape != (sizes.height_px, sizes.width_px, 3):
            raise ValueError(f"the image has shape {frame.shape}, expected {sizes.width_px} x {sizes.height_px}")
        image = np.full((self._footer.bottom, self._layout.width_px, 3), theme.STRIP, np.uint8)
        view = image[: sizes.height_px, : sizes.width_px]
        if situation.mirrored:
            cv2.flip(frame, 1, dst=view)
            pose, state = _mirrored(pose, sizes.width_px), replace(state, step=_of_other_side(state.step))
        else:
            view[:] = frame
        if state.paused:
            self._draw_paused(view)
        elif state.stage is LiveStage.SET and state.step:
            self._draw_set(image, pose, state, state.step)
        else:
            self._draw_between(image, pose, state)
        if state.arm_held_s >= _ARM_NOTICED_S and state.stage is not LiveStage.COUNTDOWN:
            left_s = math.ceil(HELD_S - state.arm_held_s)
            self._draw_number(image, state.stage, f"{max(left_s, 1)}", _ARM_WORDS[state.stage])
        self._small_print.draw(image, self._footer, situation.marks, recording=situation.recording)
        return image

    def _draw_number(self, image: Image, stage: LiveStage, number: str, word: str) -> None:
        """Draw a large number with a word, in the place of the stage's panels."""
        place = self._panels
        if stage in _RESTING:
            place = Box(self._side.left, self._side.top, self._side.right, self._thumb.top - self._sizes.margin)
        canvas.fill_box(image, place, theme.STRIP)
        draw_number(image, self._sizes, number, self._texts(word), place)

    # --------------------------------------------------------------------------------------------------- in the set

    def _draw_set(self, image: Image, pose: Pose, state: LiveState, step: Step) -> None:
        seen = replace(step.observation, rep_count=state.rep_count, set_number=state.set_number)
        drawn = self._states.at(seen, state.cue, state.last_rep, pose.shot)
        self._overlay.draw(image[: self._layout.height_px], pose, drawn, state.target_reps)
        if state.rep_count > self._rep_count:
            self._flash_until_s = state.t_s + FLASH_S
        self._rep_count = state.rep_count
        if state.t_s < self._flash_until_s:
            self._draw_flash(image, _flash_color(state))

    def _draw_flash(self, image: Image, color: Rgb) -> None:
        edge, (height, width) = self._sizes.part(0.02), image.shape[:2]
        for box in (
            Box(0, 0, width, edge),
            Box(0, height - edge, width, height),
            Box(0, 0, edge, height),
            Box(width - edge, 0, width, height),
        ):
            canvas.fill_box(image, box, color)

    # ------------------------------------------------------------------------------------------- between the sets

    def _draw_between(self, image: Image, pose: Pose, state: LiveState) -> None:
        self._rep_count = 0
        if pose.found:
            side = side_of(self._near.push(pose.t_s, compute_near_side(pose)))
            view = image[: self._sizes.height_px, : self._sizes.width_px]
            self._skeleton.draw(view, pose, state.step.observation.side if state.step else side)
        match state.stage:
            case LiveStage.CHECK:
                self._draw_check(image, state)
            case LiveStage.COUNTDOWN:
                self._draw_number(image, state.stage, f"{math.ceil(state.countdown_s or 0.0)}", english("Get ready"))
            case LiveStage.SET:
                self._draw_recognising(image)
            case LiveStage.REST:
                self._draw_rest(image, state)
            case LiveStage.SUMMARY:
                self._shrink_frame(image)
                draw_all_sets(image, self._sizes, self._text, state.done, self._texts)

    def _draw_check(self, image: Image, state: LiveState) -> None:
        if state.check is None:
            return
        name = state.exercise.name if state.exercise else english("Any exercise")
        title = english("{exercise}, {number}", exercise=name, number=_set_words(state.set_number, state.n_sets))
        self._check.draw(image, self._texts(title), state.check)
        text = state.check.advice or (_READY if state.check.ready else "")
        cue = Cue(rule="camera", text=text, is_praise=state.check.ready and text == _READY) if text else None
        self._advice.take(cue)
        self._advice.draw(image)

    def _draw_recognising(self, image: Image) -> None:
        s = self._sizes
        lines = [
            Line(self._texts("Which exercise is it?"), s.part(0.08), weight=theme.BOLD),
            Line(self._texts("Keep going: your reps will count"), s.phase_cap),
        ]
        draw_lines(image, s, self._panels, lines)

    @property
    def _thumb(self) -> Box:
        """Box of the small frame: at the bottom right."""
        s, side = self._sizes, self._side
        scale = min(side.width / s.width_px, 0.5 * side.height / s.height_px)
        width, height = round(scale * s.width_px), round(scale * s.height_px)
        return Box(side.right - width, side.bottom - height, side.right, side.bottom)

    def _shrink_frame(self, image: Image) -> None:
        """Move the frame into its small box and clear the rest."""
        thumb = self._thumb
        view = image[: self._sizes.height_px, : self._sizes.width_px]
        small = cv2.resize(view, (thumb.width, thumb.height), interpolation=cv2.INTER_AREA)
        image[:] = theme.STRIP
        image[thumb.top : thumb.bottom, thumb.left : thumb.right] = small

    def _draw_rest(self, image: Image, state: LiveState) -> None:
        self._shrink_frame(image)
        done = state.done[-1]
        number = _set_words(state.set_number - 1, state.n_sets)
        title = english("{exercise}, {number} done", exercise=done.exercise.name, number=number)
        draw_done_set(image, self._sizes, self._text, done, self._texts(title), self._texts)
        if state.rest_left_s is None:
            self._draw_number(image, state.stage, self._texts("Rest"), english("as long as you need"))
            return
        seconds = math.ceil(max(state.rest_left_s, 0.0))
        self._draw_number(image, state.stage, f"{seconds // 60}:{seconds % 60:02d}", english("Rest"))

    # ------------------------------------------------------------------------------------------------ in any stage

    def _draw_paused(self, image: Image) -> None:
        s = self._sizes
        canvas.shade(image, Box(0, 0, s.width_px, s.height_px), 0)
        text, cap_px = self._texts("Paused"), s.part(0.12)
        x = (s.width_px - canvas.text_width(text, cap_px, theme.BOLD)) // 2
        canvas.put_text(image, text, (x, (s.height_px + cap_px) // 2), cap_px, theme.TEXT, theme.BOLD)


def _set_words(number: int, n_sets: int | None) -> str:
    return english("set {n} of {of}", n=number, of=n_sets) if n_sets else english("set {n}", n=number)


def _flash_color(state: LiveState) -> Rgb:
    """Return the colour of the flash: green only for a repetition without a fault whose lockout was judged full.

    A repetition is announced before it is judged: until then the last one judged is the one before.
    """
    rep = state.last_rep
    if rep is None or rep.number < state.rep_count:
        return theme.MUTED
    if any(one.status is Status.FAULT for one in rep.findings):
        return theme.SHORT
    return theme.REACHED if rep.finding(LOCKOUT_RULE).status is Status.OK else theme.MUTED


def _mirrored(pose: Pose, width_px: int) -> Pose:
    """Return *pose* in the mirrored image, with left and right exchanged."""
    image_px = pose.image_px.copy()
    image_px[:, 0] = width_px - 1 - image_px[:, 0]
    world_m = pose.world_m * (-1.0, 1.0, 1.0)
    return replace(
        pose,
        image_px=image_px[MIRROR_ORDER],
        world_m=world_m[MIRROR_ORDER],
        visibility=pose.visibility[MIRROR_ORDER],
        contour=None,
    )


def _of_other_side(step: Step | None) -> Step | None:
    """Return *step* with the sides exchanged, to match a mirrored pose."""
    return step and replace(step, observation=replace(step.observation, side=step.observation.side.other))
