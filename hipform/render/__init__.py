"""Everything hipform draws, and every image or video it writes; images are RGB and drawn on in place."""

# Imported before PyAV, as in hipform.video.
import cv2  # noqa: F401

from hipform.render.body_area import BodyArea
from hipform.render.keyframe_sink import KeyframeSink
from hipform.render.keyframes import Keyframe, draw_keyframe, encode_jpeg, plan_keyframes, shrunk, write_keyframe
from hipform.render.layout import Needs, find_layout
from hipform.render.live_screen import LiveScreen, Situation
from hipform.render.overlay import Overlay
from hipform.render.people_picture import draw_people, stacked
from hipform.render.raw_sink import RawSink
from hipform.render.video_sink import VideoSink
from hipform.render.window import LEGEND, Command, Display, Window, require_display

__all__ = [
    "LEGEND",
    "BodyArea",
    "Command",
    "Display",
    "Keyframe",
    "KeyframeSink",
    "LiveScreen",
    "Needs",
    "Overlay",
    "RawSink",
    "Situation",
    "VideoSink",
    "Window",
    "draw_keyframe",
    "draw_people",
    "encode_jpeg",
    "find_layout",
    "plan_keyframes",
    "require_display",
    "shrunk",
    "stacked",
    "write_keyframe",
]
