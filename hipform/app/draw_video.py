"""The third stage of an analysis: read the clip once more and draw the result on it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from hipform.analysis.judged_reps import SetResult
from hipform.app.frame_states import FrameStates
from hipform.app.task_progress import Progress
from hipform.feedback.drawn_state import DrawnState
from hipform.pose.poses import Pose
from hipform.render import BodyArea, KeyframeSink, Needs, Overlay, VideoSink, find_layout, plan_keyframes
from hipform.render.theme import STRIP, Sizes
from hipform.report.result import FILES
from hipform.stages import Background, prefetch
from hipform.texts import Texts
from hipform.types import Image
from hipform.video.frames import ClipInfo, Frame
from hipform.video.video_file import VideoFile, changed_file

_SAME_TIME_S = 0.0005
"""Times of landmarks and their frame may differ by this much, because a live recording rounds them."""


class Survey:
    """Facts about all frames that must be known before the first is drawn.

    Parameters
    ----------
    info
        The clip.

    Attributes
    ----------
    body
        The region of the body over the whole clip.
    times_s
        Times of the frames that have landmarks.
    """

    def __init__(self, info: ClipInfo) -> None:
        self.body = BodyArea(info.width_px, info.height_px)
        self.times_s = array("d")
        self._lockout = self._low_back = self._line = False

    @property
    def needs(self) -> Needs:
        """The panels that have something to show."""
        return Needs(lockout=self._lockout, low_back=self._low_back, line=self._line)

    def add(self, pose: Pose, state: DrawnState) -> None:
        """Add the next frame."""
        self.body.add(pose)
        self.times_s.append(pose.t_s)
        self._lockout = self._lockout or state.is_judged
        self._low_back = self._low_back or state.seen.lumbar_extension_deg is not None
        self._line = self._line or state.cue is not None or bool(state.rejection) or not state.seen.tracked


def draw_clip(
    clip: Path,
    states: FrameStates,
    survey: Survey,
    folder: Path,
    progress: Progress,
    texts: Texts,
    *,
    with_video: bool,
) -> tuple[str, ...]:
    """Write a key frame image of every top and bottom, and the annotated video, to *folder*.

    Parameters
    ----------
    clip
        The clip.
    states
        The state to draw on each frame.
    survey
        Facts about all frames.
    folder
        Destination folder.
    progress
        Called after every frame that is drawn.
    texts
        The texts in the language of the drawing.
    with_video
        Whether to write a video as well as the images.

    Returns
    -------
    tuple of str
        Notes about sound of the clip that the video lacks, or has in another form.

    Raises
    ------
    InputError
        If the clip cannot be read or has changed.
    OutputError
        If something cannot be written.
    """
    judged = states.judged
    plan = plan_keyframes(judged.sets, survey.times_s)
    with ExitStack() as stack:
        video = stack.enter_context(VideoFile(clip))
        if judged.info.sha256 not in (None, video.info.sha256):
            raise changed_file(clip)
        keyframes = stack.enter_context(KeyframeSink(folder / FILES["keyframes"], plan, texts))
        drawing = _Drawing(stack, clip, states, survey, folder / FILES["video"], texts) if with_video else None
        frames = stack.enter_context(closing(prefetch(judged.info.correction.frames(video))))
        for frame, pose, state in _paired(states, frames):
            keyframes.push(frame.image, pose)
            if drawing:
                drawing.push(frame, pose, state)
            progress(frame.t_s, judged.info.duration_s)
    return drawing.notes if drawing else ()


class _Drawing:
    """The annotated video: frames are drawn in this thread and encoded in another."""

    def __init__(
        self, stack: ExitStack, clip: Path, states: FrameStates, survey: Survey, path: Path, texts: Texts
    ) -> None:
        info = states.judged.info
        layout = find_layout(Sizes(info.width_px, info.height_px), survey.body, survey.needs)
        self._height_px = layout.height_px
        self._overlay = Overlay(info, states.settings, layout, texts)
        cover_s = _cover_s(states.judged.sets, survey.times_s)
        sound = clip if info.correction.speed == 1 else None
        self._sink = sink = stack.enter_context(
            VideoSink(path, replace(info, height_px=layout.height_px), sound, cover_s)
        )
        self._encoding = stack.enter_context(Background[tuple[Image, float]](lambda drawn: sink.write(*drawn)))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about the sound; complete once the video is finished."""
        return self._sink.notes

    def push(self, frame: Frame, pose: Pose, state: DrawnState) -> None:
        image = _with_strip(frame.image, self._height_px)
        self._overlay.draw(image, pose, state)
        self._encoding.put((image, frame.t_s))


def _cover_s(sets: Iterable[SetResult], times_s: Iterable[float]) -> float | None:
    """Return the time of the frame at the first counted top; ``None`` if there is none."""
    top_s = next((rep.timing.top_s for found in sets for rep in found.reps), None)
    return None if top_s is None else min(times_s, key=lambda t_s: abs(t_s - top_s))


def _with_strip(picture: Image, height_px: int) -> Image:
    """Return the image, extended by a dark strip at the bottom if it is lower than *height_px*."""
    strip_px = height_px - picture.shape[0]
    if not strip_px:
        return picture
    strip = np.full((strip_px, *picture.shape[1:]), STRIP, np.uint8)
    return np.concatenate([picture, strip])


def _paired(
    states: Iterable[tuple[Pose, DrawnState]], frames: Iterable[Frame]
) -> Iterator[tuple[Frame, Pose, DrawnState]]:
    """Yield each frame that has landmarks, with its landmarks, matched by time."""
    remaining = iter(frames)
    frame = next(remaining, None)
    for pose, state in states:
        while frame is not None and frame.t_s < pose.t_s - _SAME_TIME_S:
            frame = next(remaining, None)
        if frame is not None and frame.t_s <= pose.t_s + _SAME_TIME_S:
            yield frame, pose, state
