"""Everything hipform draws and every picture or video it writes; pictures are RGB, drawn on in place."""

# Before PyAV, as in hipform.video.
import cv2  # noqa: F401

from hipform.render.keyframe_sink import KeyframeSink
from hipform.render.keyframes import KeyframeKeeper, Moment, RepPictures, draw_keyframe, shrunk, write_keyframes
from hipform.render.live_screen import LiveScreen, Situation
from hipform.render.overlay import Overlay
from hipform.render.raw_sink import RawSink
from hipform.render.video_sink import VideoSink
from hipform.render.window import LEGEND, Command, Display, Window, require_display

__all__ = [
    "LEGEND",
    "Command",
    "Display",
    "KeyframeKeeper",
    "KeyframeSink",
    "LiveScreen",
    "Moment",
    "Overlay",
    "RawSink",
    "RepPictures",
    "Situation",
    "VideoSink",
    "Window",
    "draw_keyframe",
    "require_display",
    "shrunk",
    "write_keyframes",
]
