"""Stand-ins for the pose models, in the test's own process: a child would load the real ones."""

from hipform.pose import MODEL_NAMES, POSE_MODELS, PoseModel
from hipform.worker_pool import SameProcess


def use_estimator(patch, make):
    """Have clips looked at by the estimators that *make* returns, for the life of *patch*, a `pytest.MonkeyPatch`."""
    schema = POSE_MODELS["lite"].schema
    models = {name: PoseModel(name=name, schema=schema, make=make) for name in MODEL_NAMES}
    patch.setattr("hipform.estimation.segment_poses.POSE_MODELS", models)
    patch.setattr("hipform.app.landmarks.WorkerPool", lambda *_: SameProcess())
