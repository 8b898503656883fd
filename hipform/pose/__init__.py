"""Where poses come from: a pose model that looks at frames, or a saved landmark recording."""

from hipform.pose.landmark_schema import LandmarkSchema, LandmarkSource, NoiseModel, PoseEstimator, PoseModel
from hipform.pose.mediapipe_pose import CrowdFinder, Landmarker
from hipform.pose.model_files import MODEL_NAMES, ModelName, model_path
from hipform.pose.readers.formats import POSE_FORMATS, find_format
from hipform.pose.readers.pose_file import PoseFile, PoseFileFacts
from hipform.pose.recording import Recording, RecordingWriter, is_recording
from hipform.pose.sources import POSE_MODELS, SOURCES, find_source, open_estimator

__all__ = [
    "MODEL_NAMES",
    "POSE_FORMATS",
    "POSE_MODELS",
    "SOURCES",
    "CrowdFinder",
    "LandmarkSchema",
    "LandmarkSource",
    "Landmarker",
    "ModelName",
    "NoiseModel",
    "PoseEstimator",
    "PoseFile",
    "PoseFileFacts",
    "PoseModel",
    "Recording",
    "RecordingWriter",
    "find_format",
    "find_source",
    "is_recording",
    "model_path",
    "open_estimator",
]
