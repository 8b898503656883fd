"""Where poses come from: video files and cameras through a pose model, or saved landmark recordings."""

# Before PyAV: both bring parts of libxcb under the same names, and Qt hangs in the window when it gets PyAV's.
import cv2  # noqa: F401

from hipform.sources.camera import (
    Camera,
    CameraMode,
    FoundCamera,
    is_device,
    is_stream,
    light_of,
    list_cameras,
    open_camera,
)
from hipform.sources.cuts import CutDetector
from hipform.sources.mediapipe_pose import CrowdFinder, Landmarker
from hipform.sources.models import MODEL_NAMES, ModelName, model_path
from hipform.sources.recording import Recording, RecordingWriter, is_recording
from hipform.sources.sampler import FrameSampler
from hipform.sources.video import VideoFile

__all__ = [
    "MODEL_NAMES",
    "Camera",
    "CameraMode",
    "CrowdFinder",
    "CutDetector",
    "FoundCamera",
    "FrameSampler",
    "Landmarker",
    "ModelName",
    "Recording",
    "RecordingWriter",
    "VideoFile",
    "is_device",
    "is_recording",
    "is_stream",
    "light_of",
    "list_cameras",
    "model_path",
    "open_camera",
]
