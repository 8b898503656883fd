"""Everything hipform draws and every picture or video it writes; pictures are RGB, drawn on in place."""

from hipform.render.keyframe_sink import KeyframeSink
from hipform.render.keyframes import KeyframeKeeper, Moment, RepPictures, draw_keyframe, shrunk, write_keyframes
from hipform.render.live_screen import LiveScreen, Situation
from hipform.render.overlay import Overlay
from hipform.render.video_sink import VideoSink

__all__ = [
    "KeyframeKeeper",
    "KeyframeSink",
    "LiveScreen",
    "Moment",
    "Overlay",
    "RepPictures",
    "Situation",
    "VideoSink",
    "draw_keyframe",
    "shrunk",
    "write_keyframes",
]
