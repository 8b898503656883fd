"""The third stage of an analysis: the clip is read once more, and what the result says is drawn on it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hipform.app.frame_states import FrameStates
from hipform.app.progress import Progress
from hipform.errors import InputError
from hipform.feedback.drawn_state import DrawnState
from hipform.render import BodyArea, KeyframeSink, Needs, Overlay, VideoSink, find_layout, plan_keyframes
from hipform.render.theme import Sizes
from hipform.report.result import FILES
from hipform.stages import Background, prefetch
from hipform.types import Frame, Image, Pose
from hipform.video import VideoFile

_SAME_TIME_S = 0.0005
"""Times of a landmark and its frame may differ by this much: a recording of live training rounds them."""


def draw_clip(clip: Path, states: FrameStates, folder: Path, progress: Progress) -> None:
    """Write the annotated video and a picture of every top and bottom into *folder*.

    Raises
    ------
    InputError
        If the clip cannot be read, or is another one by now.
    OutputError
        If something cannot be written.
    """
    survey = _survey(states)
    with VideoFile(clip) as video:
        if states.judged.info.sha256 not in (None, video.info.sha256):
            raise _changed(clip)
        info = states.judged.info
        layout = find_layout(Sizes(info.width_px, info.height_px), survey.body, survey.needs)
        overlay = Overlay(info, states.settings, layout)
        plan = plan_keyframes(states.judged.sets, survey.times_s)
        with (
            KeyframeSink(folder / FILES["keyframes"], plan) as keyframes,
            VideoSink(folder / FILES["video"], replace(info, height_px=layout.height_px), clip) as sink,
            Background[tuple[Image, float]](lambda drawn: sink.write(*drawn)) as encoding,
            closing(prefetch(video)) as frames,
        ):
            for frame, pose, state in _paired(states, frames):
                keyframes.push(frame.image, pose)
                image = _with_strip(frame.image, layout.height_px)
                overlay.draw(image, pose, state)
                encoding.put((image, frame.t_s))
                progress(frame.t_s, info.duration_s)


@dataclass(frozen=True, slots=True, eq=False)
class _Survey:
    """What must be known of all frames before the first is drawn."""

    body: BodyArea
    needs: Needs
    times_s: array[float]


def _survey(states: FrameStates) -> _Survey:
    info = states.judged.info
    body, times_s = BodyArea(info.width_px, info.height_px), array("d")
    lockout = low_back = line = False
    for pose, state in states:
        body.add(pose)
        times_s.append(pose.t_s)
        lockout = lockout or state.is_judged
        low_back = low_back or state.seen.lumbar_extension_deg is not None
        line = line or state.cue is not None or bool(state.rejection) or not state.seen.tracked
    return _Survey(body, Needs(lockout=lockout, low_back=low_back, line=line), times_s)


def _with_strip(picture: Image, height_px: int) -> Image:
    """Return the picture with a dark strip below it, if it is less high than *height_px*."""
    strip_px = height_px - picture.shape[0]
    if not strip_px:
        return picture
    return np.pad(picture, ((0, strip_px), (0, 0), (0, 0)))


def _paired(
    states: Iterable[tuple[Pose, DrawnState]], frames: Iterable[Frame]
) -> Iterator[tuple[Frame, Pose, DrawnState]]:
    """Yield each frame that there are landmarks of, with them, by their times."""
    remaining = iter(frames)
    frame = next(remaining, None)
    for pose, state in states:
        while frame is not None and frame.t_s < pose.t_s - _SAME_TIME_S:
            frame = next(remaining, None)
        if frame is not None and frame.t_s <= pose.t_s + _SAME_TIME_S:
            yield frame, pose, state


def _changed(path: Path) -> InputError:
    return InputError(f"{path} changed while it was read.", "Analyse it again when nothing writes to it any more.")
