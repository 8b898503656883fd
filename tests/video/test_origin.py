"""Which file a clip is and when it was recorded, from what cameras write and from what they get wrong."""

import hashlib
import os
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hipform.errors import InputError
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording, RecordingWriter
from hipform.training import DateSource
from hipform.video.origin import capture_fps, digest, recording_time
from hipform.video.video_file import VideoFile

FILE_TIME = datetime(2025, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"anything")
    os.utime(path, (FILE_TIME.timestamp(), FILE_TIME.timestamp()))
    return path


def test_a_camera_s_time_goes_before_the_file_s(clip):
    found = recording_time(clip, {"creation_time": "2024-05-01T10:00:00.000000Z"})
    assert found == (datetime(2024, 5, 1, 10, tzinfo=UTC), DateSource.CLIP)


def test_apple_s_time_keeps_the_zone_of_the_place(clip):
    tags = {"creation_time": "2024-05-01T10:00:00Z", "com.apple.quicktime.creationdate": "2024-05-01T22:30:00+1200"}
    found, source = recording_time(clip, tags)
    assert (found.isoformat(), source) == ("2024-05-01T22:30:00+12:00", DateSource.CLIP)


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "yesterday",
        "1904-01-01T00:00:00Z",
        "1970-01-01T00:00:00.000000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        pytest.param((datetime.now(UTC) + timedelta(days=30)).isoformat(), id="next month"),
    ],
)
def test_a_clock_that_was_never_set_is_not_believed(clip, stated):
    found = recording_time(clip, {"creation_time": stated, "com.apple.quicktime.creationdate": stated})
    assert found == (FILE_TIME, DateSource.FILE)


@pytest.mark.parametrize("file_time_s", [910670515199, 253402300800, -62135596801, -(2**62)])
def test_a_file_time_that_cannot_be_is_unknown(clip, file_time_s, monkeypatch):
    status = clip.stat()
    monkeypatch.setattr(type(clip), "stat", lambda *_, **__: os.stat_result((*status[:8], file_time_s, 0)))
    assert recording_time(clip, {}) == (None, None)


def test_a_video_and_its_recording_tell_the_same(make_clip, tmp_path):
    path = make_clip()
    os.utime(path, (FILE_TIME.timestamp(), FILE_TIME.timestamp()))
    with VideoFile(path) as video:
        info = video.info
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (info.recorded_at, info.recorded_from) == (FILE_TIME, DateSource.FILE)
    with RecordingWriter(tmp_path / "poses.npz", info, "lite") as writer:
        writer.write(Pose.unseen(0.0))
    with Recording(tmp_path / "poses.npz") as recording:
        # How sure the landmarks are is known from the model that found them.
        assert replace(recording.info, noise=info.noise) == info


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX systems")
def test_only_a_regular_file_has_a_digest(clip, tmp_path):
    assert digest(clip) == hashlib.sha256(b"anything").hexdigest()
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, words in (
        ("pipe.mp4", "is not a regular file"),
        ("none", "cannot be read"),
    ):
        with pytest.raises(InputError, match=words):
            digest(tmp_path / path)


def test_the_digest_of_a_folder_is_that_of_its_names_and_contents(tmp_path):
    (tmp_path / "a.json").write_bytes(b"{}")
    before = digest(tmp_path)
    (tmp_path / "a.json").rename(tmp_path / "b.json")
    renamed = digest(tmp_path)
    (tmp_path / "b.json").write_bytes(b"[]")
    assert len({before, renamed, digest(tmp_path)}) == 3


def test_the_rate_of_filming_comes_from_the_tag_of_android(make_clip):
    assert capture_fps({"com.android.capture.fps": "240.000000"}) == 240
    for text in ("", "fast", "0", "nan", "1e9"):
        assert capture_fps({"com.android.capture.fps": text}) is None
    path = make_clip(container_options={"movflags": "use_metadata_tags"}, metadata={"com.android.capture.fps": "0240"})
    with VideoFile(path) as video:
        assert video.info.capture_fps == 240
    # Phones store it as a number of 32 bits (type 23) where FFmpeg writes text (type 1).
    data = path.read_bytes()
    text = bytes([0, 0, 0, 1, 0, 0, 0, 0]) + b"0240"
    assert data.count(text) == 1
    path.write_bytes(data.replace(text, bytes([0, 0, 0, 23, 0, 0, 0, 0]) + struct.pack(">f", 120)))
    with VideoFile(path) as video:
        assert video.info.capture_fps == 120
