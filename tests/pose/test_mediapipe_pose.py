"""The landmarker on the rendered sample, whose joints are known, and its manners as a part of somebody's machine."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np
import pytest

from hipform.errors import ModelError
from hipform.pose import mediapipe_pose
from hipform.pose import model_files as models
from hipform.pose.mediapipe_pose import Landmarker, PeopleFinder
from hipform.pose.poses import Landmark
from hipform.pose.recording import Recording, RecordingWriter
from hipform.video.frames import Frame
from hipform.video.video_file import VideoFile
from scripts.app_process import LIMIT_S
from tests.recorder import HOSTILE

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_videos" / "hip_thrust_demo.mp4"
# Rendered truth of the near side, pixels: frame -> hip, knee.
TRUTH_PX = {
    0: ((465.0, 358.5), (542.0, 284.0)),
    40: ((476.1, 286.7), (585.6, 277.6)),
    60: ((473.8, 276.6), (583.9, 277.5)),
    90: ((475.7, 328.4), (571.5, 277.9)),
}


@pytest.fixture(scope="module")
def frames():
    """The first 100 frames of the sample, 960 x 540."""
    with VideoFile(SAMPLE) as video:
        return [frame for frame, _ in zip(video, range(100), strict=False)]


@pytest.fixture(scope="module")
def tracked(frames):
    """What lite finds in them."""
    with Landmarker("lite") as landmarker:
        return [landmarker.detect(frame) for frame in frames]


def detect(images, times=None, shots=None, model="lite"):
    times = times or [i / 30 for i in range(len(images))]
    shots = shots or [0] * len(images)
    with Landmarker(model) as landmarker:
        return [landmarker.detect(Frame(*item)) for item in zip(times, images, shots, strict=True)]


@pytest.fixture(autouse=True)
def silent(capfd):
    """The libraries' greetings do not reach the terminal, neither at the first load nor at later ones."""
    yield
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_near_hip_and_knee_are_found(tracked):
    assert all(pose.found for pose in tracked)
    for i, (hip, knee) in TRUTH_PX.items():
        assert np.hypot(*(tracked[i].image_px[Landmark.RIGHT_HIP] - hip)) < 22
        assert np.hypot(*(tracked[i].image_px[Landmark.RIGHT_KNEE] - knee)) < 22
        assert tracked[i].visibility[Landmark.RIGHT_HIP] > 0.9


def test_shapes_and_units(tracked):
    pose = tracked[0]
    assert (pose.image_px.shape, pose.world_m.shape, pose.visibility.shape) == ((33, 2), (33, 3), (33,))
    # Metres around the middle of the hips: a grown body, and both hips beside the origin.
    assert 0.8 < np.linalg.norm(pose.world_m[Landmark.NOSE] - pose.world_m[Landmark.LEFT_ANKLE]) < 2.2
    np.testing.assert_allclose(pose.world_m[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0), 0, atol=0.05)


def test_time_and_shot_are_those_of_the_frame(frames):
    (pose,) = detect([frames[0].image], times=[1234.5678], shots=[7])
    assert (pose.t_s, pose.shot) == (1234.5678, 7)


def test_numbers_are_exact_in_float32_so_that_a_recording_is_judged_alike(tracked, tmp_path):
    path = tmp_path / "poses.npz"
    with RecordingWriter(path, VideoFile(SAMPLE).info, "lite") as writer:
        for pose in tracked:
            writer.write(pose)
    with Recording(path) as back:
        for saved, live in zip(back, tracked, strict=True):
            assert (saved.t_s, saved.shot) == (live.t_s, live.shot)
            for name in ("image_px", "world_m", "visibility"):
                np.testing.assert_array_equal(getattr(saved, name), getattr(live, name))


def test_nobody(frames):
    empty = np.full((120, 160, 3), 127, np.uint8)
    poses = detect([empty] * 3)
    assert not any(pose.found for pose in poses)
    assert np.isnan(poses[0].image_px).all()
    assert np.isnan(poses[0].world_m).all()
    assert not poses[0].visibility.any()


def test_rows_with_gaps_give_what_whole_rows_give(frames):
    """MediaPipe reads the bare pointer: a view with gaps in its rows would be nonsense to it."""
    whole = np.ascontiguousarray(frames[0].image[:, :951])
    gappy = np.empty((540, 960, 3), np.uint8)[:, :951]
    gappy[:] = whole
    assert not gappy.flags.c_contiguous
    (one,), (other,) = detect([whole]), detect([gappy])
    assert one.found
    np.testing.assert_array_equal(one.image_px, other.image_px)


def test_very_large_frames_answer_in_their_own_pixels(frames):
    large = cv2.resize(frames[0].image, (3840, 2160), interpolation=cv2.INTER_LINEAR)
    (pose,) = detect([large])
    hip, knee = TRUTH_PX[0]
    assert np.hypot(*(pose.image_px[Landmark.RIGHT_HIP] / 4 - hip)) < 22
    assert np.hypot(*(pose.image_px[Landmark.RIGHT_KNEE] / 4 - knee)) < 30


def test_points_outside_the_picture_are_kept_and_doubted(frames):
    hip_x = int(TRUTH_PX[0][0][0])
    cropped = np.ascontiguousarray(frames[0].image[:, : hip_x + 40])
    pose = detect([cropped] * 3)[-1]
    assert pose.found
    outside = pose.image_px[:, 0] > cropped.shape[1]
    assert outside.any()
    assert pose.visibility[outside].mean() < pose.visibility[~outside].mean()


@pytest.mark.parametrize(
    "times",
    [
        [i / 240 for i in range(12)],
        [i / 5000 for i in range(12)],
        [0.0] * 12,
        [1.0 - i / 30 for i in range(12)],
        [*(50 + i / 30 for i in range(6)), *(i / 30 for i in range(6))],
        [-5.0 + i / 30 for i in range(12)],
    ],
    ids=["240 fps", "5000 fps", "standing still", "backwards", "beginning anew", "negative"],
)
def test_any_times_are_accepted(frames, times):
    poses = detect([frames[0].image] * 12, times=times)
    assert [pose.t_s for pose in poses] == times
    assert all(pose.found for pose in poses)


def test_model_is_given_milliseconds_that_keep_the_pace():
    landmarker = Landmarker("lite")
    stamps = [landmarker._timestamp_ms(t_s) for t_s in (0.1, 0.2, 0.2, 0.15, 0.25, 0.35)]
    assert stamps == [100, 200, 201, 202, 302, 402]


def test_new_shot_is_seen_with_fresh_eyes(frames):
    """After a cut the result is, bit for bit, that of a landmarker that never saw the shot before."""
    first = [frame.image for frame in frames[:8]]
    second = [np.ascontiguousarray(frame.image[:, ::-1]) for frame in frames[60:64]]
    times = [i / 25 for i in range(12)]  # Whole milliseconds: both runs see the same intervals.
    joined = detect(first + second, times, shots=[0] * 8 + [1] * 4)
    alone = detect(second, times[:4])
    for one, other in zip(joined[8:], alone, strict=True):
        np.testing.assert_array_equal(one.image_px, other.image_px)
        np.testing.assert_array_equal(one.visibility, other.visibility)
    # Without the change of shot they do differ: the model smooths over time.
    assert not np.array_equal(detect(first + second, times)[8].visibility, alone[0].visibility)


def test_proxy_settings_are_given_back(frames, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:8080")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    with Landmarker("lite") as landmarker:
        assert os.environ["no_proxy"] == "*"
        landmarker.detect(frames[0])
        with Landmarker("lite") as inner:
            inner.detect(frames[0])
        assert os.environ["https_proxy"] == os.environ["HTTPS_PROXY"] == "http://127.0.0.1:9"
        assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == ""
    assert os.environ["https_proxy"] == "http://proxy.invalid:8080"
    assert os.environ["no_proxy"] == "*"
    assert "HTTPS_PROXY" not in os.environ


def test_only_the_known_noise_is_swallowed():
    script = """
import os, sys
from hipform.pose.mediapipe_pose import _quiet_stderr
with _quiet_stderr():
    os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\nsomething real\\n")
    print("by hand", file=sys.stderr)
    os.write(2, b"W0000 00:00:1795358862.651395   17888 inference_feedback_manager.cc:121] Feedback\\n")
    os.write(2, b"E0000 00:00:1795358862.651395   17888 some.cc:1] a real error\\n")
    raise SystemExit("the end")
"""
    result = _run([sys.executable, "-c", script])
    assert result.returncode == 1
    assert [line.split("] ")[-1] for line in result.stderr.splitlines()] == [
        "something real",
        "by hand",
        "a real error",
        "the end",
    ]


def test_what_native_code_said_is_dropped_when_an_error_tells_it():
    code = """
import os
from hipform.pose.mediapipe_pose import _quiet_stderr
try:
    with _quiet_stderr():
        os.write(2, b"Stack trace: of a native library\\n")
        raise RuntimeError
except RuntimeError:
    pass
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stderr == ""


def test_no_noise_when_somebody_walks_in_late():
    """One of the libraries speaks up when the first person is seen, not when the model is loaded."""
    script = f"""
import numpy as np
from hipform.pose.mediapipe_pose import Landmarker
from hipform.video.video_file import VideoFile
from hipform.video.frames import Frame
with VideoFile({str(SAMPLE)!r}) as video, Landmarker("lite") as landmarker:
    for i in range(3):
        assert not landmarker.detect(Frame(i / 30 - 1, np.full((64, 64, 3), 127, np.uint8))).found
    assert landmarker.detect(next(iter(video))).found
"""
    result = _run([sys.executable, "-c", script])
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_process_without_standard_error(frames):
    result = _run([sys.executable, "-c", "import os\nos.close(2)\n" + DETECT])
    assert result.returncode == 0


def test_unloadable_model_is_one_clear_line(frames, monkeypatch, tmp_path):
    broken = tmp_path / "broken.task"
    broken.write_bytes(b"PK\x05\x06" + bytes(18))
    monkeypatch.setattr(mediapipe_pose, "model_path", lambda name: broken)
    before = dict(os.environ)
    with pytest.raises(ModelError, match=r"broken\.task cannot be loaded") as caught, Landmarker("lite") as landmarker:
        landmarker.detect(frames[0])
    assert "\n" not in str(caught.value)
    assert dict(os.environ) == before


def test_missing_model_is_reported_before_the_first_frame(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "_PLACES", (tmp_path,))
    with pytest.raises(ModelError):
        Landmarker("full")


def test_importing_sources_does_not_import_mediapipe():
    code = "import sys, hipform.pose, hipform.video; sys.exit('mediapipe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# ------------------------------------------------------------------------------------------------------------ privacy

DETECT = textwrap.dedent(
    """
    import numpy as np
    from hipform.pose.mediapipe_pose import Landmarker
    from hipform.video.frames import Frame

    with Landmarker("lite") as landmarker:
        for i in range(3):
            landmarker.detect(Frame(i / 30, np.full((64, 64, 3), 127, np.uint8)))
    """
)


def _run(command, **environment):
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


@pytest.mark.parametrize("is_loaded", [False, True])
def test_what_mediapipe_imports_for_plots_and_microphones_is_left_to_the_user(is_loaded):
    """Its import writes into the home folder and opens every sound device."""
    script = f"""
import importlib.metadata, sys, types

names = ("matplotlib", "matplotlib.pyplot", "sounddevice")
if {is_loaded}:
    sys.modules.update((name, types.ModuleType(name)) for name in names)
before = [sys.modules.get(name) for name in names]
{DETECT}
assert [sys.modules.get(name) for name in names] == before
import matplotlib

assert {is_loaded} or matplotlib.__version__ == importlib.metadata.version("matplotlib")
"""
    result = _run([sys.executable, "-c", script])
    assert result.returncode == 0, result.stderr


def test_the_sender_of_metrics_is_turned_to_the_dead_end(tmp_path):
    """Works without tracing: stand at the other end of the proxy and see who calls.

    The discard port cannot be listened on without privileges, so the same block is pointed at a free one.
    """
    script = f"""
import socket, threading
from hipform.pose import mediapipe_pose
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(200)
proxy = f"http://127.0.0.1:{{server.getsockname()[1]}}"
asked = []
def serve():
    connection, _ = server.accept()
    asked.append(connection.recv(4096).split(b"\\r\\n")[0].decode())
    connection.close()
thread = threading.Thread(target=serve, daemon=True)
thread.start()
for name, value in mediapipe_pose._NO_TELEMETRY.items():
    if value:
        assert value == "http://127.0.0.1:9"
        mediapipe_pose._NO_TELEMETRY[name] = proxy
{DETECT}
thread.join(200)
print(asked)
"""
    result = _run([sys.executable, "-c", script], **HOSTILE)
    assert result.returncode == 0, result.stderr
    # All that was sent went through the proxy named by the block, in spite of the user's own settings.
    assert result.stdout == "['CONNECT play.googleapis.com:443 HTTP/1.1']\n"


def test_clean_end_even_when_the_program_dies(tmp_path):
    """MediaPipe's own finaliser raises at exit if it was not closed; an error of ours has to show alone."""
    result = _run(
        [sys.executable, "-c", DETECT + "        raise SystemExit('the end')\n".replace("        ", "    ", 1)]
    )
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "the end\n")


def picture_of(name, number=60):
    with VideoFile(ROOT / "sample_videos" / f"{name}.mp4") as video:
        return next(frame.image for at, frame in enumerate(video) if at == number)


def test_a_second_person_is_reported_and_one_is_nothing_to_tell():
    two = np.concatenate(
        [picture_of(name)[:, 120:840] for name in ("romanian-deadlift_good", "glute-bridge_good")], axis=1
    )
    with PeopleFinder() as finder:
        assert finder.count_crowd(two) == 2
        assert finder.count_crowd(picture_of("glute-bridge_good")) is None
        assert finder.count_crowd(np.zeros((90, 160, 3), np.uint8)) is None
