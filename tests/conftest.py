"""Settings that every test shares."""

import os

import pytest
from hypothesis import settings

# In CI the same examples every time: a red run must come from the change, not from luck. At the desk new examples are
# tried on each run. No deadline in either: on a busy machine it would fail tests that are right.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(autouse=True, scope="session")
def own_history(tmp_path_factory):
    """Keep every test, and every program it starts, away from the history of whoever runs the tests."""
    os.environ["HIPFORM_HISTORY"] = str(tmp_path_factory.mktemp("history") / "history.sqlite3")
