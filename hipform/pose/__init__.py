"""Where poses come from: a pose model that looks at frames, or a saved landmark recording."""

from hipform.pose.mediapipe_pose import CrowdFinder, Landmarker
from hipform.pose.model_files import MODEL_NAMES, ModelName, model_path
from hipform.pose.recording import Recording, RecordingWriter, is_recording

__all__ = [
    "MODEL_NAMES",
    "CrowdFinder",
    "Landmarker",
    "ModelName",
    "Recording",
    "RecordingWriter",
    "is_recording",
    "model_path",
]
