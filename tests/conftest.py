"""Settings that every test shares."""

import contextlib
import os
import pickle
import signal
import sys

import pytest
from hypothesis import settings

from tests.samples import write_thin_clip

# In CI the same examples every time: a red run must come from the change, not from luck. At the desk new examples are
# tried on each run. No deadline in either: on a busy machine it would fail tests that are right.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True, max_examples=50)
settings.register_profile("desk", deadline=None, max_examples=50)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Several hundred programs are started; without compiled files each would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


SLOWEST = (
    "test_cli.py",
    "test_app.py",
    "test_reliability.py",
    "test_rules.py",
    "test_landmarks.py",
    "test_counting.py",
    "test_trainer.py",
    "test_browser.py",
    "test_goldens.py",
    "test_render_samples.py",
    "test_filming.py",
    "test_recognition.py",
    "test_output.py",
    "test_telling_apart.py",
    "test_in_browser.py",
    "test_one_story.py",
    "test_workers.py",
    "test_privacy.py",
    "test_session.py",
    "test_child_process.py",
    "test_interruptions.py",
    "test_batch_command.py",
    "test_cluster.py",
    "test_live.py",
    "test_live_command.py",
    "test_server.py",
    "test_streaming.py",
    "test_from_top.py",
    "test_mediapipe_pose.py",
    "test_judge_again.py",
    "test_evaluate_fast.py",
    "test_progress_page.py",
    "test_names.py",
    "test_corrections.py",
    "test_packaging.py",
    "test_body.py",
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


@pytest.fixture(autouse=True)
def heard_signals():
    """Let the programs that a test starts receive Ctrl-C and its like.

    A process hands signals that it ignores on to its children: a shell does so for what runs in its background, and so
    does a test before this one that ran a whole command in this process.
    """
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


@pytest.fixture(scope="session")
def thin_clip(tmp_path_factory):
    """Return a clip with one repetition in few frames, not to be changed."""
    return write_thin_clip(tmp_path_factory.mktemp("thin_clip") / "thin.mp4")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Return the folder of the analysed demo, not to be changed, its result, and the progress that was reported.

    Every second frame of the demo, as ``hip_thrust_demo.mp4`` beside the folder. The processes of one run share it:
    whoever asks later finds what another one has made.
    """
    from hipform.app import analyze

    has_others = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent / "demo"
    if has_others and shared.exists():
        return shared / "out", *pickle.loads((shared / "reported").read_bytes())  # noqa: S301 - our own
    made = tmp_path_factory.mktemp("demo")
    times = []
    result = analyze(
        write_thin_clip(made / "hip_thrust_demo.mp4", "hip_thrust_demo.mp4", every=2),
        exercise="hip-thrust",
        model="full",
        out=made / "out",
        progress=lambda t_s, total_s: times.append((t_s, total_s)),
    )
    (made / "reported").write_bytes(pickle.dumps((result, times)))
    if has_others:
        # Not where another one was quicker.
        with contextlib.suppress(OSError):
            made = made.rename(shared)
    return made / "out", result, times
