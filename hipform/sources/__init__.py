"""Where poses come from: video files through a pose model, or saved landmark recordings."""

from hipform.sources.cuts import CutDetector
from hipform.sources.mediapipe_pose import Landmarker
from hipform.sources.models import MODEL_NAMES, ModelName, model_path
from hipform.sources.recording import Recording, RecordingWriter, is_recording
from hipform.sources.sampler import FrameSampler
from hipform.sources.video import VideoFile

__all__ = [
    "MODEL_NAMES",
    "CutDetector",
    "FrameSampler",
    "Landmarker",
    "ModelName",
    "Recording",
    "RecordingWriter",
    "VideoFile",
    "is_recording",
    "model_path",
]
