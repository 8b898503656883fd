"""Where poses come from: a pose model that looks at frames, or a saved landmark recording."""

from hipform.pose.mediapipe_pose import CrowdFinder, Landmarker
from hipform.pose.model_files import MODEL_NAMES, ModelName, model_path
from hipform.pose.recording import Recording, RecordingWriter, is_recording
from hipform.pose.schema import LandmarkSchema, LandmarkSource, NoiseModel, PoseEstimator, PoseModel
from hipform.pose.sources import POSE_MODELS, SOURCES, find_source, open_estimator

__all__ = [
    "MODEL_NAMES",
    "POSE_MODELS",
    "SOURCES",
    "CrowdFinder",
    "LandmarkSchema",
    "LandmarkSource",
    "Landmarker",
    "ModelName",
    "NoiseModel",
    "PoseEstimator",
    "PoseModel",
    "Recording",
    "RecordingWriter",
    "find_source",
    "is_recording",
    "model_path",
    "open_estimator",
]
