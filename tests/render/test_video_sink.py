"""Written videos keep times, colours and sound of their source, and are whole or not there."""

import errno
import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.errors import OutputError
from hipform.render import VideoSink, video_sink
from tests.video.clips import forget_codec

RATE_HZ = 44_100
PATCHES = [
    (255, 255, 255),
    (0, 0, 0),
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (230, 159, 0),
    (86, 180, 233),
    (60, 60, 60),
]


def patches(width=128, height=64):
    image = np.zeros((height, width, 3), np.uint8)
    for i, color in enumerate(PATCHES):
        row, column = divmod(i, 4)
        image[row * height // 2 : (row + 1) * height // 2, column * width // 4 : (column + 1) * width // 4] = color
    return image


def write(path, info, times_s, audio_from=None):
    image = patches(info.width_px, info.height_px)
    with VideoSink(path, info, audio_from) as sink:
        for t_s in times_s:
            sink.write(image, t_s)
    return sink


def frame_times(path):
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def audio_packets(path):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.dts is not None]


def audio_samples(path):
    """Decoded mono sound and the time of its first sample."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray().reshape(-1, order="F") for frame in frames])
    channels = frames[0].layout.nb_channels
    return float(frames[0].pts * frames[0].time_base), samples[::channels].astype(float), frames[0].sample_rate


def make_sound(path, codec, container_format, seconds=2.0, click_s=1.0, start_s=0.0):
    """A quiet tone with a loud click."""
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = 0.05 * np.sin(2 * np.pi * 440 * t_s)
    tone[np.abs(t_s - click_s) < 0.002] = 0.9
    with av.open(str(path), "w", format=container_format) as container:
        rate = 48_000 if codec == "libopus" else RATE_HZ
        stream = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = "mono"
        frame = av.AudioFrame.from_ndarray((tone * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, round(start_s * RATE_HZ), Fraction(1, RATE_HZ)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def top_level_boxes(path):
    data, at, boxes = path.read_bytes(), 0, []
    while at < len(data):
        boxes.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return boxes


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "clip.mp4"


VARIABLE = [0, 512, 1024, 3000, 3001, 9000, 9512, 40_000, 40_512]


@pytest.mark.parametrize(
    ("time_base", "ticks"),
    [
        (Fraction(1, 15_360), [512 * i for i in range(40)]),
        (Fraction(1001, 30_000), list(range(30))),
        (Fraction(1, 15_360), VARIABLE),
        (Fraction(1, 90_000), [2970 + 3003 * i for i in range(20)]),
        (Fraction(1, 25), [100 + i for i in range(20)]),
        (Fraction(1, 1000), [33, 67, 100, 133, 167]),
        (Fraction(1, 600), [0]),
    ],
    ids=["30fps", "ntsc", "variable", "late-start", "coarse", "webm", "one-frame"],
)
def test_frame_times_are_kept_exactly(make, out, time_base, ticks):
    expected = [tick * time_base for tick in ticks]
    write(out, make.info(128, 64, time_base=time_base), [float(t) for t in expected])
    assert frame_times(out) == expected


@settings(max_examples=30, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 90_000), min_size=1, max_size=12),
    first=st.integers(0, 900_000),
    den=st.sampled_from([24, 600, 1000, 12_800, 90_000]),
)
def test_any_times_are_kept(make, tmp_path_factory, gaps, first, den):
    expected = [Fraction(first + int(tick), den) for tick in np.cumsum([0, *gaps])]
    path = tmp_path_factory.mktemp("times") / "clip.mp4"
    write(path, make.info(32, 32, time_base=Fraction(1, den)), [float(t) for t in expected])
    assert frame_times(path) == expected


def test_times_between_ticks_of_a_coarse_source_stay_distinct(make, out):
    write(out, make.info(32, 32, time_base=Fraction(1, 25)), [0.0, 0.011, 0.019])
    assert [float(t) for t in frame_times(out)] == pytest.approx([0.0, 0.011, 0.019], abs=1e-4)


def test_time_before_zero_starts_the_video_at_zero(make, out):
    write(out, make.info(32, 32), [-0.5, -0.25, 0.25])
    assert frame_times(out) == [0, Fraction(1, 4), Fraction(3, 4)]


def test_times_must_increase(make, out):
    with pytest.raises(ValueError, match="does not increase"):
        write(out, make.info(32, 32), [0.0, 0.1, 0.1])
    assert list(out.parent.iterdir()) == []


def test_frames_of_another_size_are_rejected(make, out):
    with pytest.raises(ValueError, match="128 x 64"), VideoSink(out, make.info(128, 64)) as sink:
        sink.write(np.zeros((64, 64, 3), np.uint8), 0.0)
    assert list(out.parent.iterdir()) == []


def test_colours_are_those_given_and_tagged(make, out):
    write(out, make.info(128, 64), [0.0, 0.1])
    with av.open(str(out)) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.profile, codec.pix_fmt) == ("h264", "High", "yuv420p")
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        frame = next(container.decode(video=0))
        decoded = frame.reformat(format="rgb24", src_colorspace="itu709", src_color_range="MPEG").to_ndarray()
    centers = np.s_[16::32, 16::32]
    assert np.abs(decoded[centers].astype(int) - patches()[centers]).max() <= 6


@pytest.mark.parametrize(("width", "height"), [(63, 64), (64, 63), (17, 31), (1, 1), (999, 16)])
def test_odd_sizes_repeat_the_last_row_or_column(make, out, width, height):
    write(out, make.info(width, height), [0.0])
    with av.open(str(out)) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (width + width % 2, height + height % 2)


def test_the_index_comes_before_the_frames(make, out):
    write(out, make.info(128, 64), [0.0, 0.1])
    boxes = top_level_boxes(out)
    assert boxes.index("moov") < boxes.index("mdat")


def test_a_key_frame_every_two_seconds(make, out):
    write(out, make.info(32, 32), [i / 30 for i in range(200)])
    with av.open(str(out)) as container:
        keys = [p.pts * p.time_base for p in container.demux(video=0) if p.is_keyframe and p.pts is not None]
    assert max(np.diff([float(key) for key in keys])) <= 2.01


def test_the_same_frames_give_the_same_file(make, out):
    again = out.with_name("again.mp4")
    write(out, make.info(128, 64), [0.0, 0.1])
    write(again, make.info(128, 64), [0.0, 0.1])
    assert out.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(("codec", "kind"), [("aac", "mp4"), ("aac", "mpegts"), ("libmp3lame", "mp3")])
def test_sound_that_browsers_play_is_copied_bit_by_bit(make, out, tmp_path, codec, kind):
    source = make_sound(tmp_path / "sound", codec, kind)
    sink = write(out, make.info(32, 32), [i / 30 for i in range(60)], source)
    before, after = audio_packets(source), audio_packets(out)
    # A transport stream wraps each AAC packet in a header that mp4 keeps once for all.
    header = 7 if kind == "mpegts" else 0
    assert [data[header:] for _, data in before] == [data for _, data in after]
    assert [float(t) for t, _ in after] == pytest.approx([float(t) for t, _ in before], abs=1e-3)
    assert sink.notes == ()


@pytest.mark.parametrize(
    ("codec", "kind", "named"),
    [("pcm_s16le", "wav", "pcm_s16le"), ("libopus", "webm", "opus"), ("flac", "matroska", "flac")],
)
def test_other_sound_is_converted_and_stays_in_time(make, out, tmp_path, codec, kind, named):
    source = make_sound(tmp_path / "sound", codec, kind)
    sink = write(out, make.info(32, 32), [i / 30 for i in range(60)], source)
    assert sink.notes == (f"The sound of the annotated video was converted from {named} to AAC.",)
    start_s, samples, rate_hz = audio_samples(out)
    click_s = start_s + np.abs(samples).argmax() / rate_hz
    assert click_s == pytest.approx(1.0, abs=0.006)


@pytest.mark.parametrize("name", ["http:clip.mp4", "concat:a|b.mp4", "tcp:127.0.0.1:9"])
@pytest.mark.skipif(sys.platform == "win32", reason="no colons in file names on Windows")
def test_a_clip_whose_name_looks_like_an_address_keeps_its_sound(make, out, tmp_path, monkeypatch, name):
    make_sound(tmp_path / "plain", "aac", "mp4").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    sink = write(out, make.info(32, 32), [0.0, 0.5, 1.0], Path(name))
    assert sink.notes == ()
    assert audio_packets(out)


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_sound_that_starts_late_stays_late(make, out, tmp_path, codec):
    source = make_sound(tmp_path / "sound.mov", codec, "mov", start_s=1.5)
    write(out, make.info(32, 32), [i / 30 for i in range(60)], source)
    start_s, samples, rate_hz = audio_samples(out)
    assert start_s + np.abs(samples).argmax() / rate_hz == pytest.approx(2.5, abs=0.03)


def test_a_gap_in_converted_sound_becomes_silence(make, out, tmp_path):
    source = tmp_path / "hole.mkv"
    with av.open(str(source), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ)
        stream.codec_context.layout = "mono"
        for start_s, level in ((0.0, 100), (1.0, 20_000)):
            samples = np.full((1, RATE_HZ // 2), level, np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, round(start_s * RATE_HZ), Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    write(out, make.info(32, 32), [0.0, 0.5, 1.0], source)
    start_s, samples, rate_hz = audio_samples(out)
    loud = np.flatnonzero(np.abs(samples) > 0.3)
    assert start_s + loud[0] / rate_hz == pytest.approx(1.0, abs=0.03)
    assert np.abs(samples[round(0.6 * rate_hz) : round(0.9 * rate_hz)]).max() < 0.01


def test_sound_is_delayed_with_frames_that_start_before_zero(make, out, tmp_path):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4")
    write(out, make.info(32, 32), [-0.5, 0.0, 0.5], source)
    start_s, samples, rate_hz = audio_samples(out)
    assert start_s + np.abs(samples).argmax() / rate_hz == pytest.approx(1.5, abs=0.03)


def test_sound_longer_than_the_video_is_kept_completely(make, out, tmp_path):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4", seconds=3.0)
    write(out, make.info(32, 32), [0.0, 0.1], source)
    assert len(audio_packets(out)) == len(audio_packets(source))


def test_sound_and_video_are_interleaved_in_the_file(make, out, tmp_path):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4", seconds=12.0)
    write(out, make.info(32, 32), [i / 10 for i in range(120)], source)
    with av.open(str(out)) as container:
        video = [p.pos for p in container.demux(video=0) if p.dts is not None]
        container.seek(0)
        audio = [p.pos for p in container.demux(audio=0) if p.dts is not None]
    assert min(audio) < video[len(video) // 2] < max(audio)
    assert min(video) < audio[len(audio) // 2] < max(video)


def test_a_clip_without_sound_stays_silent(make, out, tmp_path):
    silent = tmp_path / "silent.mp4"
    write(silent, make.info(32, 32), [0.0, 0.1])
    sink = write(out, make.info(32, 32), [0.0, 0.1], silent)
    assert sink.notes == ()
    with av.open(str(out)) as container:
        assert len(container.streams.audio) == 0


@pytest.mark.parametrize("content", [b"", b"not a video at all" * 100])
def test_unreadable_sound_is_noted_and_the_video_is_kept(make, out, tmp_path, content):
    source = tmp_path / "broken.mp4"
    source.write_bytes(content)
    sink = write(out, make.info(32, 32), [0.0, 0.1], source)
    assert len(sink.notes) == 1
    assert "no sound: it could not be copied" in sink.notes[0]
    assert len(frame_times(out)) == 2


def test_sound_with_an_unknown_codec_is_skipped(make, out, tmp_path):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4")
    forget_codec(source)
    # Reading the clip has noted it already.
    assert write(out, make.info(32, 32), [0.0, 0.5], source).notes == ()
    with av.open(str(out)) as container:
        assert not container.streams.audio


def test_known_sound_is_kept_beside_an_unknown_one(make, out, tmp_path):
    source = tmp_path / "two.mp4"
    with av.open(str(source), "w") as container:
        for stream in [container.add_stream("aac", rate=RATE_HZ, layout="mono") for _ in range(2)]:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE_HZ), np.float32), format="fltp", layout="mono")
            frame.sample_rate = RATE_HZ
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    # The first one is the default, and what FFmpeg would choose.
    forget_codec(source)
    assert write(out, make.info(32, 32), [0.0, 0.5, 1.0], source).notes == ()
    assert audio_packets(out)


@pytest.mark.parametrize("name", ["http:127.0.0.1:9", "file:a", "concat:a|b", "fd:", "Set 1: 50%d", "-y", "x" * 255])
@pytest.mark.skipif(sys.platform == "win32", reason="no colons in file names on Windows")
def test_a_folder_whose_name_looks_like_an_address_is_written_to(make, tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    write(Path(name, "annotated.mp4"), make.info(32, 32), [0.0, 0.5, 1.0])
    assert len(frame_times(f"file:{tmp_path / name / 'annotated.mp4'}")) == 3
    assert top_level_boxes(tmp_path / name / "annotated.mp4").index("moov") == 1


def test_a_missing_sound_file_is_noted(make, out, tmp_path):
    sink = write(out, make.info(32, 32), [0.0, 0.1], tmp_path / "gone.mp4")
    assert "no sound: it could not be copied" in sink.notes[0]
    assert len(frame_times(out)) == 2


@pytest.mark.parametrize(
    ("codec", "kind"), [("aac", "mp4"), ("aac", "mpegts"), ("flac", "matroska"), ("libopus", "webm")]
)
@pytest.mark.parametrize("seed", range(3))
def test_damaged_sound_never_stops_the_video(make, out, tmp_path, codec, kind, seed):
    source = make_sound(tmp_path / "sound", codec, kind)
    data = np.frombuffer(source.read_bytes(), np.uint8).copy()
    rng = np.random.default_rng(seed)
    middle = np.arange(len(data) // 4, len(data) * 3 // 4)
    data[rng.choice(middle, len(middle) // 10)] = 0xFF
    source.write_bytes(data[: len(data) * (4 - seed) // 4].tobytes())
    write(out, make.info(32, 32), [i / 30 for i in range(60)], source)
    assert len(frame_times(out)) == 60


def test_sound_that_mp4_does_not_support_is_skipped(make, out, tmp_path, monkeypatch):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4")
    real_open = av.open

    class Refusing:
        def __init__(self, container):
            self._container = container

        def __getattr__(self, name):
            return getattr(self._container, name)

        def start_encoding(self):
            if len(self._container.streams) > 1:
                raise av.error.InvalidDataError(1, "refused")
            self._container.start_encoding()

    def refusing_open(file, mode="r", **options):
        container = real_open(file, mode, **options)
        return Refusing(container) if mode == "w" else container

    monkeypatch.setattr(av, "open", refusing_open)
    sink = write(out, make.info(32, 32), [0.0, 0.1], source)
    monkeypatch.undo()
    assert sink.notes == ("The annotated video has no sound: mp4 does not support this one.",)
    assert len(frame_times(out)) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
@pytest.mark.parametrize("frames", [0, 1, 80])
def test_any_exception_leaves_nothing(make, out, tmp_path, error, frames):
    source = make_sound(tmp_path / "sound.mp4", "aac", "mp4")
    with pytest.raises(error), VideoSink(out, make.info(32, 32), source) as sink:  # noqa: PT012
        for i in range(frames):
            sink.write(patches(32, 32), i / 30)
        raise error
    assert list(out.parent.iterdir()) == []


def test_an_older_file_stays_until_the_new_one_is_complete(make, out):
    out.write_text("older")
    with pytest.raises(KeyboardInterrupt), VideoSink(out, make.info(32, 32)) as sink:  # noqa: PT012
        sink.write(patches(32, 32), 0.0)
        raise KeyboardInterrupt
    assert out.read_text() == "older"
    write(out, make.info(32, 32), [0.0])
    assert frame_times(out) == [0]
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_no_frames_at_all_are_an_error(make, out):
    with pytest.raises(OutputError, match="no frames"), VideoSink(out, make.info(32, 32)):
        pass
    assert list(out.parent.iterdir()) == []


def test_a_missing_folder_gives_a_clear_error(make, tmp_path):
    with pytest.raises(OutputError, match=r"Cannot write .*clip\.mp4: the folder does not exist\."):
        write(tmp_path / "gone" / "clip.mp4", make.info(32, 32), [0.0])


def test_a_folder_in_the_way(make, out):
    out.mkdir()
    with pytest.raises(OutputError, match="a folder already has that name"):
        write(out, make.info(32, 32), [0.0])
    assert list(out.parent.iterdir()) == [out]


def test_permission_denied(make, out, monkeypatch):
    # The rights of a folder do not stop the superuser, who may be running this test.
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(OutputError, match="permission denied"):
        write(out, make.info(32, 32), [0.0])


def test_a_missing_encoder_gives_a_clear_error(make, out, monkeypatch):
    monkeypatch.setattr(video_sink.av, "codecs_available", {"mpeg4"})
    with pytest.raises(OutputError, match=r"no H\.264 encoder"):
        write(out, make.info(32, 32), [0.0])
    assert list(out.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a thing of POSIX")
@pytest.mark.parametrize("limit_kb", [1, 40, 400])
def test_a_full_disk_gives_a_clear_error_and_leaves_nothing(out, limit_kb):
    # A file size limit fails the write inside the muxer, as a full disk does; 400 kB fails only while finishing.
    script = textwrap.dedent(
        f"""
        import resource, sys
        from pathlib import Path
        import numpy as np
        from hipform.errors import OutputError
        from hipform.render import VideoSink
        from hipform.video.frames import ClipInfo

        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_kb} * 1024, {limit_kb} * 1024))
        rng = np.random.default_rng(0)
        try:
            with VideoSink(Path(sys.argv[1]), ClipInfo(name="n", width_px=160, height_px=96, fps=30)) as sink:
                for i in range(60):
                    sink.write(rng.integers(0, 256, (96, 160, 3), np.uint8), i / 30)
        except OutputError as error:
            print(error)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(out)], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith(f"Cannot write {out}: ")
    assert len(done.stdout.splitlines()) == 1
    assert list(out.parent.iterdir()) == []


def test_the_video_has_a_cover_image(make, tmp_path):
    out = tmp_path / "out.mp4"
    with VideoSink(out, make.info(64, 48), cover_s=2 / 30) as sink:
        for number in range(5):
            sink.write(np.full((48, 64, 3), 40 * number, np.uint8), number / 30)
    with av.open(str(out)) as made:
        video, cover = made.streams.video
        assert cover.disposition & Disposition.attached_pic
        assert not video.disposition & Disposition.attached_pic
        (picture,) = made.decode(cover)
        assert picture.to_ndarray(format="gray").mean() == pytest.approx(80, abs=3)
    with av.open(str(out)) as made:
        assert sum(1 for _ in made.decode(video=0)) == 5


def test_a_missing_cover_frame_is_no_error(make, tmp_path):
    out = tmp_path / "out.mp4"
    with VideoSink(out, make.info(64, 48), cover_s=99.0) as sink:
        sink.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    with av.open(str(out)) as made:
        assert sum(1 for _ in made.decode(video=0)) == 1
