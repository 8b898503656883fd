import contextlib
import errno
import gc
import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from hipform.errors import InputError, NotAVideoError
from hipform.video import video_file as video_module
from hipform.video.video_file import VideoFile
from tests.video.clips import BLUE, GREEN, RED, WHITE, corners, forget_codec, quadrants

UPRIGHT = np.array([RED, GREEN, BLUE, WHITE])
TOLERANCE = 8  # 8-bit rounding through YUV and the codec.


@pytest.fixture(autouse=True)
def silent(capfd):
    """Whatever happens, nothing is printed."""
    yield
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def read(path):
    with VideoFile(path) as video:
        frames = list(video)
        return video.info, frames


def test_plain_clip(make_clip):
    info, frames = read(make_clip(audio=True))
    assert (info.name, info.width_px, info.height_px, info.fps) == ("clip.mp4", 96, 64, 30)
    assert info.duration_s == pytest.approx(1 / 3, abs=1e-3)
    assert info.has_audio
    assert info.notes == ()
    assert [frame.t_s for frame in frames] == pytest.approx([i / 30 for i in range(10)])
    for frame in frames:
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        assert frame.image.flags.writeable
        assert frame.shot == 0
        np.testing.assert_allclose(corners(frame.image), UPRIGHT, atol=TOLERANCE)


def test_times_are_those_of_the_container(make_clip):
    path = make_clip("clip.mkv", pts=[0, 17, 90, 91, 250], time_base=Fraction(1, 1000), images=[quadrants()] * 5)
    info, frames = read(path)
    assert [float(Fraction(round(frame.t_s / info.time_base)) * info.time_base) for frame in frames] == [
        frame.t_s for frame in frames
    ]
    assert [frame.t_s for frame in frames] == pytest.approx([0, 0.017, 0.090, 0.091, 0.250])
    assert info.notes == ()


def test_240_fps(make_clip):
    info, frames = read(make_clip(fps=240, images=[quadrants()] * 48))
    assert info.fps == 240
    np.testing.assert_allclose(np.diff([frame.t_s for frame in frames]), 1 / 240, atol=1e-6)


def test_each_iteration_starts_at_the_beginning(make_clip):
    with VideoFile(make_clip()) as video:
        half = iter(video)
        next(half)
        first = [frame.t_s for frame in video]
        assert first == [frame.t_s for frame in video]
        assert list(half) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_leaving_the_block_closes_the_file(make_clip):
    path = make_clip()
    with VideoFile(path) as video:
        frames = iter(video)
        next(frames)
        assert str(path) in _open_files()
    assert str(path) not in _open_files()


def _open_files():
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(str(link.readlink()))
    return links


def test_frames_are_freed_without_the_garbage_collector(make_clip):
    """Side data ties a frame into a reference cycle: at Full HD that was 800 MB until the collector ran."""
    path = make_clip(turn={"degrees": 90}, images=[quadrants()] * 40)
    gc.collect()
    gc.disable()
    try:
        with VideoFile(path) as video:
            before = _living_frames()
            seen = [frame.t_s for frame in video]
            assert _living_frames() - before < 10
        assert len(seen) == 40
    finally:
        gc.enable()


def _living_frames():
    return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())


@pytest.mark.parametrize(
    ("turn", "seen", "size"),
    [
        ({"degrees": 90}, [GREEN, WHITE, RED, BLUE], (64, 96)),
        ({"degrees": -90}, [BLUE, RED, WHITE, GREEN], (64, 96)),
        ({"degrees": 180}, [WHITE, BLUE, GREEN, RED], (96, 64)),
        ({"degrees": 0, "hflip": True}, [GREEN, RED, WHITE, BLUE], (96, 64)),
        ({"degrees": 0, "vflip": True}, [BLUE, WHITE, RED, GREEN], (96, 64)),
        ({"degrees": 90, "hflip": True}, None, (64, 96)),
    ],
)
def test_phone_rotation(make_clip, turn, seen, size):
    info, frames = read(make_clip(turn=turn))
    assert (info.width_px, info.height_px) == size
    assert frames[-1].image.shape == (size[1], size[0], 3)
    found = corners(frames[-1].image)
    if seen is None:
        # A mirrored quarter turn: which of the two it is depends on the order, but it has to be a transposition.
        assert np.allclose(found, [RED, BLUE, GREEN, WHITE], atol=TOLERANCE) or np.allclose(
            found, [WHITE, GREEN, BLUE, RED], atol=TOLERANCE
        )
    else:
        np.testing.assert_allclose(found, seen, atol=TOLERANCE)


def test_wide_pixels_are_made_square(make_clip):
    info, frames = read(make_clip(aspect=Fraction(3, 2)))
    assert (info.width_px, info.height_px) == (144, 64)
    assert frames[0].image.shape == (64, 144, 3)
    assert "not square" in info.notes[0]


def test_tall_pixels_in_a_rotated_clip(make_clip):
    info, _ = read(make_clip(aspect=Fraction(1, 2), turn={"degrees": 90}))
    assert (info.width_px, info.height_px) == (128, 96)


@pytest.mark.parametrize("size", [(97, 65), (321, 241), (1, 1), (1030, 40)])
def test_odd_sizes_are_contiguous_and_right(make_clip, size):
    """PyAV hands out rows with gaps for widths that do not fit its alignment."""
    width, height = size
    path = make_clip("clip.mkv", [quadrants(width, height)] * 2, codec="ffv1", pix_fmt="yuv444p")
    info, frames = read(path)
    assert (info.width_px, info.height_px) == size
    assert frames[0].image.flags.c_contiguous
    if width > 1:
        np.testing.assert_allclose(corners(frames[0].image), UPRIGHT, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("size", "colorspace", "tags", "color_range"),
    [
        ((96, 64), Colorspace.SMPTE170M, {}, ColorRange.MPEG),
        ((1280, 720), Colorspace.ITU709, {}, ColorRange.MPEG),
        ((720, 1280), Colorspace.ITU709, {}, ColorRange.MPEG),
        ((96, 64), Colorspace.ITU709, {"colorspace": 1}, ColorRange.MPEG),
        ((96, 64), Colorspace.ITU709, {"colorspace": 1, "color_range": 2}, ColorRange.JPEG),
        ((96, 64), Colorspace.BT2020, {"colorspace": 9, "color_primaries": 9}, ColorRange.MPEG),
    ],
)
def test_matrix_and_range(make_clip, size, colorspace, tags, color_range):
    path = make_clip(images=[quadrants(*size)] * 2, colorspace=colorspace, tags=tags, color_range=color_range)
    _, frames = read(path)
    np.testing.assert_allclose(corners(frames[0].image), UPRIGHT, atol=TOLERANCE)


def test_full_range_jpeg_frames(make_clip):
    path = make_clip("clip.mkv", codec="mjpeg", pix_fmt="yuvj420p", color_range=ColorRange.JPEG)
    _, frames = read(path)
    np.testing.assert_allclose(corners(frames[0].image), UPRIGHT, atol=TOLERANCE)


def test_10_bit(make_clip):
    _, frames = read(make_clip(pix_fmt="yuv420p10le"))
    np.testing.assert_allclose(corners(frames[0].image), UPRIGHT, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("trc", "name", "white"), [(ColorTrc.SMPTE2084, "PQ", 148), (ColorTrc.ARIB_STD_B67, "HLG", 191)]
)
def test_hdr_is_not_washed_out(make_clip, trc, name, white):
    """Reference white (203 cd/m2: 58 % of the PQ, 75 % of the HLG signal) has to come out bright, black black."""
    image = np.zeros((64, 96, 3), np.uint8)
    image[:32, :48] = white
    image[:32, 48:] = 255
    tags = {"color_trc": int(trc), "color_primaries": int(ColorPrimaries.BT2020), "colorspace": 9, "color_range": 1}
    path = make_clip(images=[image] * 2, pix_fmt="yuv420p10le", colorspace=Colorspace.BT2020, tags=tags)
    info, frames = read(path)
    shown = corners(frames[0].image)
    assert 195 <= shown[0].min() <= shown[0].max() <= 220
    assert shown[1].min() > 245
    assert shown[2].max() < 5
    assert info.notes == (f"HDR ({name}) was converted to standard dynamic range.",)


def test_large_pictures_are_scaled(make_clip):
    path = make_clip(images=[quadrants(2560, 1440)] * 2, options={"preset": "ultrafast"}, colorspace=Colorspace.ITU709)
    info, frames = read(path)
    assert (info.width_px, info.height_px) == (1920, 1080)
    np.testing.assert_allclose(corners(frames[0].image), UPRIGHT, atol=TOLERANCE)
    assert "scaled to 1920" in info.notes[0]


@pytest.mark.parametrize("size", [(8200, 16), (16, 8200), (7000, 6000)])
def test_oversized_pictures_are_refused(make_clip, size):
    path = make_clip("clip.mov", [np.zeros((size[1], size[0], 3), np.uint8)], codec="png", pix_fmt="rgb24")
    with pytest.raises(InputError, match="larger than hipform accepts") as caught:
        VideoFile(path)
    assert "megapixels" in caught.value.hint


def test_cuts_number_the_shots(make_clip):
    other = quadrants()[::-1, ::-1].copy()
    _, frames = read(make_clip(images=[quadrants()] * 6 + [other] * 6))
    assert [frame.shot for frame in frames] == [0] * 6 + [1] * 6


# --------------------------------------------------------------------------------------------------------- odd times


def _with_times(make_clip, monkeypatch, ticks):
    """Read a clip whose decoder hands out these times (1/1000 s)."""
    path = make_clip("clip.mkv", images=[quadrants()] * len(ticks))
    original = video_module._Decoder.frames

    def frames(self):
        for frame, tick in zip(original(self), ticks, strict=True):
            frame.pts = tick
            yield frame

    info = VideoFile(path).info
    assert info.time_base == Fraction(1, 1000)
    video = VideoFile(path)
    monkeypatch.setattr(video_module._Decoder, "frames", frames)
    return [frame.t_s for frame in video], video


def test_missing_time_continues_at_the_frame_rate(make_clip, monkeypatch):
    times, video = _with_times(make_clip, monkeypatch, [0, 33, None, 100])
    assert times == [0, 0.033, 0.066, 0.1]
    assert video.info.notes == ("Frame times missing or out of order: 1; they were repaired.",)


def test_repeated_and_slightly_backward_times_still_increase(make_clip, monkeypatch):
    times, _ = _with_times(make_clip, monkeypatch, [0, 33, 33, 20, 67])
    assert times == [0, 0.033, 0.034, 0.035, 0.067]


def test_clip_whose_times_begin_anew_is_continued(make_clip, monkeypatch):
    times, _ = _with_times(make_clip, monkeypatch, [5000, 5033, 0, 33, 67])
    assert times == [5, 5.033, 5.066, 5.099, 5.133]


def test_times_too_close_to_tell_apart_are_moved_on(make_clip, tmp_path):
    # As if the clip counted in billionths of a second: its pictures would follow each other faster than any camera's.
    data = make_clip(time_base=Fraction(1, 90_000), pts=[3000 * i for i in range(10)]).read_bytes()
    place = data.index(b"mdhd") + 16
    path = tmp_path / "fine.mp4"
    path.write_bytes(data[:place] + (2_000_000_000).to_bytes(4, "big") + data[place + 4 :])
    info, frames = read(path)
    assert [frame.t_s for frame in frames] == pytest.approx([i / 1000 for i in range(10)], abs=1e-6)
    assert "were repaired" in info.notes[0]


def test_a_leap_of_a_year_is_left_out(make_clip, monkeypatch):
    year = 365 * 24 * 3600 * 1000
    times, video = _with_times(make_clip, monkeypatch, [0, 33, year, year + 33, 1_800_066])
    assert times == [0, 0.033, 0.066, 0.099, 0.132]
    assert video.info.notes == (
        "Frame times missing or out of order: 1; they were repaired.",
        "Jumps of more than 30 minutes in the clip's times: 1; removed.",
    )


@pytest.mark.parametrize("start", [10**11, -(10**11)])
def test_a_clip_that_begins_years_from_zero_begins_at_zero(make_clip, monkeypatch, start):
    times, video = _with_times(make_clip, monkeypatch, [start, start + 33, start + 67])
    assert times == [0, 0.033, 0.067]
    assert "removed" in video.info.notes[0]


# ------------------------------------------------------------------------------------------------------ damaged files


def _noisy(count, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in range(count)]


def _spoil_the_middle(path, count):
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + count] = np.random.default_rng(0).integers(0, 255, count, np.uint8).tobytes()
    path.write_bytes(data)


def test_damage_in_the_middle_loses_only_the_middle(make_clip):
    path = make_clip("clip.mp4", _noisy(60), options={"g": "10"})
    _spoil_the_middle(path, 20_000)
    info, frames = read(path)
    assert 30 <= len(frames) < 60
    assert frames[-1].t_s == pytest.approx(59 / 30, abs=1e-3)
    assert any("too damaged to decode" in note for note in info.notes)


def test_hole_in_the_middle_is_noted(make_clip):
    path = make_clip("clip.mkv", _noisy(150), options={"g": "10"})
    _spoil_the_middle(path, path.stat().st_size // 3)
    info, frames = read(path)
    assert frames[-1].t_s == pytest.approx(149 / 30, abs=1e-3)
    assert any(note.startswith("There are no frames between") for note in info.notes)


def test_cut_off_matroska_is_read_to_where_it_ends(make_clip):
    path = make_clip("clip.mkv", _noisy(90), options={"g": "10"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    info, frames = read(path)
    assert 30 <= len(frames) <= 60
    assert "its end is missing" in info.notes[-1]


def test_cut_off_streamable_mp4_is_read_to_where_it_ends(make_clip):
    path = make_clip("clip.mp4", _noisy(90), options={"g": "10"}, container_options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    info, frames = read(path)
    assert 30 <= len(frames) <= 60
    assert "The clip says it lasts 3.0 s but ends after" in info.notes[-1]


def test_recording_cut_off_before_its_index(make_clip):
    path = make_clip()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(NotAVideoError, match="its index is missing") as caught:
        VideoFile(path)
    assert "Copy it again" in caught.value.hint


def test_change_of_size_keeps_the_size_of_the_first(make_clip, tmp_path):
    first = make_clip("a.h264", [quadrants(96, 64)] * 5)
    second = make_clip("b.h264", [quadrants(64, 128)] * 5)
    path = tmp_path / "both.h264"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    info, frames = read(path)
    assert {frame.image.shape for frame in frames} == {(64, 96, 3)}
    assert len(frames) == 10
    fitted = frames[-1].image
    assert fitted[:, :30].max() < 10
    np.testing.assert_allclose(corners(fitted[:, 32:64]), UPRIGHT, atol=25)
    assert "5 frames had a different shape" in info.notes[0]


# --------------------------------------------------------------------------------------------- which stream, which file


def _add_cover(container):
    cover = container.add_stream("mjpeg", rate=1)
    cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
    cover.disposition = Disposition.attached_pic
    return cover, av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")


def test_attached_picture_is_not_the_video(tmp_path):
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as container:
        cover, picture = _add_cover(container)
        main = container.add_stream("libx264", rate=30)
        main.width, main.height, main.pix_fmt = 96, 64, "yuv420p"
        container.mux(cover.encode(picture))
        for _ in range(3):
            container.mux(main.encode(av.VideoFrame.from_ndarray(quadrants(), format="rgb24")))
        container.mux(main.encode())
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 2
    info, frames = read(path)
    assert (info.width_px, info.height_px) == (96, 64)
    assert len(frames) == 3


@pytest.mark.parametrize(
    ("lengths", "defaults"),
    [((12, 30), (0, 1)), ((30, 12), (0, 1)), ((1, 30), (0,)), ((30, 12), (0,)), ((12, 30), (1,)), ((30, 12), (1,))],
)
def test_of_several_streams_the_default_or_the_longest_counts(tmp_path, lengths, defaults):
    path = tmp_path / "two.mov"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=30) for _ in lengths]
        for number, stream in enumerate(streams):
            stream.width, stream.height, stream.pix_fmt = 96, 64 + 16 * number, "yuv420p"
            stream.disposition = Disposition.default if number in defaults else Disposition(0)
        for stream, length in zip(streams, lengths, strict=True):
            image = quadrants(96, stream.height)
            for _ in range(length):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
    expected = max(defaults, key=lengths.__getitem__) if lengths[0] > 1 else 1
    info, frames = read(path)
    assert (info.height_px, len(frames)) == (64 + 16 * expected, lengths[expected])


def test_a_still_beside_the_video_is_left_out_where_the_file_states_no_lengths(tmp_path):
    path = tmp_path / "live_photo.mov"
    with av.open(str(path), "w", container_options={"movflags": "frag_keyframe+empty_moov"}) as container:
        streams = [container.add_stream("libx264", rate=30) for _ in range(2)]
        for stream, (height, disposition) in zip(
            streams, ((64, Disposition.default), (80, Disposition(0))), strict=True
        ):
            stream.width, stream.height, stream.pix_fmt, stream.disposition = 96, height, "yuv420p", disposition
        for stream, length in zip(streams, (1, 12), strict=True):
            for _ in range(length):
                image = quadrants(96, stream.height)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
    info, frames = read(path)
    assert (info.height_px, len(frames)) == (80, 12)


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), [("a.gif", "gif", "rgb8"), ("a.mp4", "libx264", "yuv420p")])
def test_a_single_picture_is_no_video(make_clip, name, codec, pix_fmt):
    with pytest.raises(NotAVideoError, match="holds a single picture, not a video"):
        VideoFile(make_clip(name, [quadrants()], codec=codec, pix_fmt=pix_fmt))


def test_an_animated_webp_is_refused_as_what_it_is(make_clip):
    with pytest.raises(NotAVideoError, match="is a WebP, which hipform cannot read"):
        VideoFile(make_clip("a.webp", [quadrants(), quadrants()[::-1].copy()], codec="libwebp_anim"))


def test_sound_of_an_unknown_codec_does_not_matter(make_clip):
    path = make_clip(audio=True)
    forget_codec(path)
    info, frames = read(path)
    note = "Sound tracks ignored because of an unknown codec: 1."
    assert (info.has_audio, info.notes, len(frames)) == (True, (note,), 10)


def test_sound_with_a_cover_picture(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        cover, picture = _add_cover(container)
        sound = container.add_stream("aac", rate=16_000)
        container.mux(cover.encode(picture))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 16_000
        container.mux(sound.encode(silence))
        container.mux(sound.encode())
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    with pytest.raises(NotAVideoError, match="holds sound but no video"):
        VideoFile(path)


def test_sound_only(make_sound):
    with pytest.raises(NotAVideoError, match="holds sound but no video"):
        VideoFile(make_sound())


@pytest.mark.parametrize(
    "content",
    [
        b"just some text\n" * 50,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nother.mp4\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        os.urandom(5000),
    ],
    ids=["text", "playlist with url", "playlist with file", "concat script", "session description", "picture", "noise"],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8", "clip.txt"])
def test_other_files_are_no_videos(tmp_path, make_clip, content, name):
    shutil.copy(make_clip("other.mp4"), tmp_path / "real.mp4")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotAVideoError, match="is not a video that hipform can read"):
        VideoFile(path)


def test_numbered_pictures_are_not_followed(tmp_path):
    for name in ("frame1.ppm", "frame%d.ppm"):
        (tmp_path / name).write_bytes(b"P6 2 2 255\n" + bytes(12))
    with pytest.raises(NotAVideoError):
        VideoFile(tmp_path / "frame%d.ppm")


@pytest.mark.parametrize("path", ["no such.mp4", "http://127.0.0.1:9/a.mp4", "concat:a|b", "pipe:0", "a\0b", "x" * 300])
def test_missing_files_and_urls(path):
    with pytest.raises(InputError) as caught:
        VideoFile(path)
    assert not isinstance(caught.value, NotAVideoError)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_url_is_reported_to_be_none():
    with pytest.raises(InputError, match="hipform reads local files only"):
        VideoFile("https://127.0.0.1:9/a.mp4")


@pytest.mark.parametrize("place", ["av.open", "hipform.video.video_file.FrameConverter.convert"])
def test_too_little_memory_is_not_taken_for_a_bad_clip(make_clip, monkeypatch, place):
    def fails(*_, **__):
        raise av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory")

    path = make_clip()
    monkeypatch.setattr(place, fails)
    with pytest.raises(MemoryError):
        VideoFile(path)


def test_empty_file(tmp_path):
    path = tmp_path / "clip.mp4"
    path.touch()
    with pytest.raises(InputError, match=r"clip\.mp4 is empty"):
        VideoFile(path)


def test_folder(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        VideoFile(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(InputError, match="is a pipe"):
        VideoFile(tmp_path / "pipe.mp4")


def test_device():
    with pytest.raises(InputError, match=r"is a device|does not exist"):
        VideoFile("/dev/null")


def test_file_that_may_not_be_read(make_clip, monkeypatch):
    """Raised by hand: the super-user, who runs tests in containers, may read everything."""
    path = make_clip()

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(InputError, match=r"no permission to read .*\. Check its permissions"):
        VideoFile(path)


@pytest.mark.parametrize(
    "name", ["with space.mp4", "hüftstoß 🏋.mp4", "-y.mp4", "new\nline.mp4", "concat:a|b.mp4", "50%.mp4"]
)
def test_awkward_names(make_clip, name, monkeypatch, tmp_path):
    make_clip(name)
    monkeypatch.chdir(tmp_path)
    info, frames = read(name)
    assert info.name == name
    assert len(frames) == 10


def test_name_that_is_no_unicode(make_clip, tmp_path):
    target = os.fsencode(tmp_path) + b"/\xff\xfe.mp4"
    try:
        shutil.copy(make_clip(), target)
    except OSError:
        pytest.skip("this file system wants Unicode names")
    info, frames = read(os.fsdecode(target))
    assert info.name == "\ufffd\ufffd.mp4"
    assert len(frames) == 10
