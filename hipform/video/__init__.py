"""Where frames come from: video files and cameras."""

# Before PyAV: both bring parts of libxcb under the same names, and Qt hangs in the window when it gets PyAV's.
import cv2  # noqa: F401

from hipform.video.camera import (
    Camera,
    CameraMode,
    FoundCamera,
    is_device,
    is_stream,
    light_of,
    list_cameras,
    open_camera,
)
from hipform.video.cuts import CutDetector
from hipform.video.segments import FrameIndex, Segment, cut_into_segments
from hipform.video.video_file import UntrustedIndexError, VideoFile, read_segment

__all__ = [
    "Camera",
    "CameraMode",
    "CutDetector",
    "FoundCamera",
    "FrameIndex",
    "Segment",
    "UntrustedIndexError",
    "VideoFile",
    "cut_into_segments",
    "is_device",
    "is_stream",
    "light_of",
    "list_cameras",
    "open_camera",
    "read_segment",
]
