"""Settings that every test shares."""

import os
import signal

import pytest
from hypothesis import settings

from tests.samples import SAMPLES

# In CI the same examples every time: a red run must come from the change, not from luck. At the desk new examples are
# tried on each run. No deadline in either: on a busy machine it would fail tests that are right.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


SLOWEST = (
    "test_rules.py",
    "test_one_story.py",
    "test_cli.py",
    "test_landmarks.py",
    "test_privacy.py",
    "test_app.py",
    "test_cluster.py",
    "test_reliability.py",
    "test_telling_apart.py",
    "test_executor.py",
    "test_workers.py",
    "test_output.py",
    "test_in_browser.py",
    "test_log.py",
)
"""Files that take longest, in the order in which they begin: a slow one that began last would keep one core waiting."""


def pytest_collection_modifyitems(items):
    """Begin with the slowest files; the order within each stays."""
    ranks = {name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


@pytest.fixture(autouse=True, scope="session")
def own_history(tmp_path_factory):
    """Keep every test, and every program it starts, away from the history of whoever runs the tests."""
    os.environ["HIPFORM_HISTORY"] = str(tmp_path_factory.mktemp("history") / "history.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def heard_signals():
    """Let the programs that tests start hear Ctrl-C, also where the tests run in the background of a shell."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if name == "SIGHUP" else signal.default_int_handler)


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
