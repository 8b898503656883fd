"""Stand-ins for the pose models, in the test's own process: a child would load the real ones."""

from hipform.estimation.people import Sightings
from hipform.worker_pool import SameProcess


def use_estimator(patch, make):
    """Have clips looked at by the estimators that *make* returns, for the life of *patch*, a `pytest.MonkeyPatch`."""
    patch.setattr("hipform.estimation.segment_poses.open_estimator", lambda _model: make())
    patch.setattr("hipform.app.landmarks.WorkerPool", lambda *_: SameProcess())
    nobody = Sightings(seen=(), shots=((0.0, 1),), size_px=(1, 1))
    patch.setattr("hipform.app.landmarks.look_for_people", lambda _path, _jobs: nobody)
