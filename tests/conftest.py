"""Settings that every test shares."""

import os

import pytest
from hypothesis import settings

from tests.samples import SAMPLES

# In CI the same examples every time: a red run must come from the change, not from luck. At the desk new examples are
# tried on each run. No deadline in either: on a busy machine it would fail tests that are right.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(autouse=True, scope="session")
def own_history(tmp_path_factory):
    """Keep every test, and every program it starts, away from the history of whoever runs the tests."""
    os.environ["HIPFORM_HISTORY"] = str(tmp_path_factory.mktemp("history") / "history.sqlite3")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Return the folder of the analysed demo, not to be changed, its result, and the progress that was told."""
    from hipform.app import analyze

    folder = tmp_path_factory.mktemp("demo")
    times = []
    result = analyze(
        SAMPLES / "hip_thrust_demo.mp4",
        exercise="hip-thrust",
        model="full",
        out=folder,
        progress=lambda t_s, total_s: times.append((t_s, total_s)),
    )
    return folder, result, times
