"""The live screen: every stage of a training, readable from three metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2

from hipform.analysis.judged_reps import Rep, Step
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
from hipform.render.layout import usual_layout
from hipform.render.live_panels import (
    CheckPanel,
    Line,
    SmallPrint,
    draw_all_sets,
    draw_done_set,
    draw_lines,
    draw_number,
    lines_height,
)
from hipform.render.overlay import Overlay
from hipform.render.panels import Banner
from hipform.render.skeleton import Skeleton, body_box
from hipform.render.theme import Rgb, Sizes
from hipform.types import Image
from hipform.video.frames import ClipInfo

FLASH_S = 0.5
"""How long the border flashes when a repetition counts."""
_READY = "Take your position"
_ARM_NOTICED_S = 0.5
"""An arm that is up for this long is reported on the screen, so that the lifter knows that holding it helps."""
_ARM_WORDS = {
    LiveStage.CHECK: "Arm up: start",
    LiveStage.SET: "Arm up: set ends",
    LiveStage.REST: "Arm up: next set",
    LiveStage.SUMMARY: "Arm up: report",
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
        return (["sound off"] if self.muted else []) + ([self.notice] if self.notice else [])


class LiveScreen:
    """Draws the state of a training on the camera's frames, in place.

    Call `draw` for every shown frame, in order: the flash and the position of the banner are remembered.

    Parameters
    ----------
    info
        Size of the camera's frames, which every image drawn on must have.
    settings
        Values in force.
    keys
        Legend: pairs of a key and its function, such as ``("space", "pause")``; empty for none.
    """

    def __init__(self, info: ClipInfo, settings: Settings, keys: tuple[tuple[str, str], ...] = ()) -> None:
        self._sizes = s = Sizes(info.width_px, info.height_px)
        self._overlay = Overlay(info, settings, usual_layout(s))
        self._states = LiveStates(settings)
        self._skeleton = Skeleton(s)
        self._near = Vote()
        self._check = CheckPanel(s)
        self._small_print = SmallPrint(s, keys)
        self._whole = Box(s.margin, s.margin, s.width_px - s.margin, s.height_px - s.margin)
        bottom = self._whole.bottom - s.part(0.13)
        lower = Box(s.margin, bottom - s.part(0.2), self._whole.right, bottom)
        self._advice = Banner(s, lower, lower)
        # Lower right: the raised arm and the summaries are elsewhere.
        self._arm_place = Box(self._whole.right - s.part(0.5), bottom - s.part(0.32), self._whole.right, bottom)
        self._rep_count, self._flash_until_s = 0, -math.inf

    def draw(self, image: Image, pose: Pose, state: LiveState, situation: Situation) -> None:
        """Draw one frame in place.

        Parameters
        ----------
        image
            RGB image from the camera, shape (height, width, 3); mirrored here if *situation* says so.
        pose
            Landmarks of the frame, not mirrored.
        state
            State of the training at this frame.
        situation
            State of the window and the machine.

        Raises
        ------
        ValueError
            If the image does not have the size of the camera's frames.
        """
        sizes = self._sizes
        if image.shape != (sizes.height_px, sizes.width_px, 3):
            raise ValueError(f"the image has shape {image.shape}, expected {sizes.width_px} x {sizes.height_px}")
        if situation.mirrored:
            cv2.flip(image, 1, dst=image)
            pose, state = _mirrored(pose, sizes.width_px), replace(state, step=_of_other_side(state.step))
        if state.paused:
            self._draw_paused(image)
        self._draw_small_print(image, state, situation)
        if state.stage is LiveStage.SET and state.step:
            self._draw_set(image, pose, state, state.step)
        elif not state.paused:
            self._draw_between(image, pose, state)
        if state.arm_held_s >= _ARM_NOTICED_S and state.stage is not LiveStage.COUNTDOWN:
            left_s = math.ceil(HELD_S - state.arm_held_s)
            draw_number(image, sizes, f"{max(left_s, 1)}", _ARM_WORDS[state.stage], self._arm_place)

    # --------------------------------------------------------------------------------------------------- in the set

    def _draw_set(self, image: Image, pose: Pose, state: LiveState, step: Step) -> None:
        seen = replace(step.observation, rep_count=state.rep_count, set_number=state.set_number)
        drawn = self._states.at(seen, state.cue, state.last_rep, pose.shot)
        self._overlay.draw(image, pose, drawn, state.target_reps)
        if state.rep_count > self._rep_count:
            self._flash_until_s = state.t_s + FLASH_S
        self._rep_count = state.rep_count
        if state.t_s < self._flash_until_s:
            self._draw_flash(image, _flash_color(state.last_rep))

    def _draw_flash(self, image: Image, color: Rgb) -> None:
        s, edge = self._sizes, self._sizes.part(0.02)
        for box in (
            Box(0, 0, s.width_px, edge),
            Box(0, s.height_px - edge, s.width_px, s.height_px),
            Box(0, 0, edge, s.height_px),
            Box(s.width_px - edge, 0, s.width_px, s.height_px),
        ):
            canvas.fill_box(image, box, color)

    # ------------------------------------------------------------------------------------------- between the sets

    def _draw_between(self, image: Image, pose: Pose, state: LiveState) -> None:
        self._rep_count = 0
        if pose.found:
            side = side_of(self._near.push(pose.t_s, compute_near_side(pose)))
            self._skeleton.draw(image, pose, state.step.observation.side if state.step else side)
        match state.stage:
            case LiveStage.CHECK:
                self._draw_check(image, pose, state)
            case LiveStage.COUNTDOWN:
                draw_number(image, self._sizes, f"{math.ceil(state.countdown_s or 0.0)}", "Get ready", self._whole)
            case LiveStage.SET:
                self._draw_recognising(image)
            case LiveStage.REST:
                self._draw_rest(image, state)
            case LiveStage.SUMMARY:
                draw_all_sets(image, self._sizes, self._summary_place, state.done)

    def _draw_check(self, image: Image, pose: Pose, state: LiveState) -> None:
        if state.check is None:
            return
        name = state.exercise.name if state.exercise else "Any exercise"
        total = f" of {state.n_sets}" if state.n_sets else ""
        self._check.draw(image, f"{name}, set {state.set_number}{total}", state.check)
        text = state.check.advice or (_READY if state.check.ready else "")
        cue = Cue(rule="camera", text=text, is_praise=state.check.ready and text == _READY) if text else None
        self._advice.place(cue, body_box(pose, side_of(self._near.sign)))
        self._advice.draw(image)

    def _draw_recognising(self, image: Image) -> None:
        s = self._sizes
        lines = [
            Line("Which exercise is it?", s.phase_cap, weight=theme.BOLD),
            Line("Keep going: your reps will count", s.small_cap),
        ]
        place = self._summary_place
        draw_lines(image, s, Box(place.left, place.top, place.right, place.top + lines_height(s, lines)), lines)

    @property
    def _summary_place(self) -> Box:
        """Return the box for summaries: at the left in landscape, below the marks in portrait."""
        s, whole = self._sizes, self._whole
        if s.portrait:
            return Box(whole.left, whole.top + s.part(0.13), whole.right, whole.bottom)
        return Box(whole.left, whole.top, whole.left + min(s.part(0.95), round(0.6 * whole.width)), whole.bottom)

    def _draw_rest(self, image: Image, state: LiveState) -> None:
        s, whole, place = self._sizes, self._whole, self._summary_place
        done = state.done[-1]
        total = f" of {state.n_sets}" if state.n_sets else ""
        draw_done_set(image, s, place, done, f"{done.exercise.name}, set {state.set_number - 1}{total} done")
        room = Box(place.right + s.margin, whole.top, whole.right, whole.bottom)
        if s.portrait:
            room = Box(whole.left, whole.bottom - s.part(0.6), whole.right, whole.bottom - s.part(0.1))
        if state.rest_left_s is None:
            draw_number(image, s, "Rest", "as long as you need", room)
            return
        seconds = math.ceil(max(state.rest_left_s, 0.0))
        draw_number(image, s, f"{seconds // 60}:{seconds % 60:02d}", "Rest", room)

    # ------------------------------------------------------------------------------------------------ in any stage

    def _draw_paused(self, image: Image) -> None:
        s = self._sizes
        canvas.shade(image, Box(0, 0, s.width_px, s.height_px), 0)
        text, cap_px = "Paused", s.part(0.12)
        x = (s.width_px - canvas.text_width(text, cap_px, theme.BOLD)) // 2
        canvas.put_text(image, text, (x, (s.height_px + cap_px) // 2), cap_px, theme.TEXT, theme.BOLD)

    def _draw_small_print(self, image: Image, state: LiveState, situation: Situation) -> None:
        s, in_set = self._sizes, state.stage is LiveStage.SET and state.step is not None
        if not (in_set and state.cue):
            self._small_print.draw_keys(image, self._overlay.legend_place if in_set else self._whole)
        place = self._whole
        if in_set:
            left, top = self._overlay.below_counter
            place = Box(left, top, left + s.part(0.45), s.height_px)
        self._small_print.draw_marks(image, place, situation.marks, recording=situation.recording, to_left=in_set)


def _flash_color(rep: Rep | None) -> Rgb:
    """Return the colour of the flash: green only for a repetition without a fault whose lockout was judged full."""
    if rep and any(one.status is Status.FAULT for one in rep.findings):
        return theme.SHORT
    return theme.REACHED if rep and rep.finding(LOCKOUT_RULE).status is Status.OK else theme.MUTED


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
