from fractions import Fraction

import av
import numpy as np
import pytest

from hipform.video.cuts import DISSOLVE_SPANS
from hipform.video.segments import SEGMENT_S, WARM_UP_S, FrameIndex, cut_into_segments
from hipform.video.video_file import UntrustedIndexError, VideoFile, read_segment
from tests.video.clips import quadrants


def moving(count, width=96, height=64):
    """Frames of which no two are alike."""
    image = quadrants(width, height)
    for number in range(count):
        frame = image.copy()
        frame[:, number % width] = 255
        frame[number % height] = 0
        yield frame


def index_of(times_s, keyframes_s=(0.0,)):
    tick_of = [round(1000 * t_s) for t_s in times_s], [round(1000 * t_s) for t_s in keyframes_s]
    return FrameIndex(np.array(tick_of[0], np.int64), np.array(tick_of[1], np.int64), Fraction(1, 1000), ())


def own_ticks(segment):
    return segment.ticks[segment.begin :]


@pytest.mark.parametrize("length_s", [0.1, 7.9, 8.1, 11.1, 16.5, 30, 61, 600])
def test_every_frame_belongs_to_one_segment_of_at_most_eight_seconds(length_s):
    index = index_of(np.arange(0, length_s, 1 / 30), np.arange(0, length_s, 2))
    segments = cut_into_segments(index)
    assert [tick for segment in segments for tick in own_ticks(segment)] == index.ticks.tolist()
    lengths_s = [(own_ticks(segment)[-1] - own_ticks(segment)[0]) / 1000 for segment in segments]
    assert max(lengths_s) <= SEGMENT_S + 0.1
    assert min(lengths_s) >= min(length_s, SEGMENT_S / 2) - 0.1
    assert len(segments) == 1 or len(segments) % 2 == 0


def test_each_later_segment_warms_up_and_sees_enough_to_know_a_cut():
    segments = cut_into_segments(index_of(np.arange(0, 40, 1 / 30), np.arange(0, 40, 2)))
    assert segments[0].warm_up == segments[0].begin == 0
    for segment in segments[1:]:
        warm_up_s = (segment.ticks[segment.begin] - segment.ticks[segment.warm_up]) / 1000
        assert warm_up_s == pytest.approx(WARM_UP_S, abs=0.04)
        assert segment.begin >= 2 * max(DISSOLVE_SPANS)
        assert segment.keyframe_tick is not None
        assert 0 <= segment.ticks[0] - segment.keyframe_tick < 2000


def test_without_keyframes_little_is_decoded_twice():
    index = index_of(np.arange(0, 600, 1 / 30))
    segments = cut_into_segments(index)
    assert len(segments) > 4
    decoded = sum(np.searchsorted(index.ticks, segment.ticks[-1]) for segment in segments)
    assert decoded < 4 * len(index.ticks)


def test_a_pause_in_the_times_makes_no_segments_of_its_own():
    times_s = np.concatenate([np.arange(0, 6, 1 / 30), np.arange(1000, 1006, 1 / 30)])
    segments = cut_into_segments(index_of(times_s, [0, 1000]))
    assert [segment.n_frames for segment in segments] == [180, 180]
    # What lies before a long pause is no warm-up.
    assert segments[1].warm_up == segments[1].begin


@pytest.mark.parametrize(
    ("name", "options", "pts"),
    [
        ("clip.mp4", {"g": "25", "bf": "3"}, None),
        ("clip.mp4", {"g": "1000"}, None),
        ("clip.mkv", {"g": "30", "bf": "2"}, None),
        ("clip.ts", {"g": "20"}, None),
        ("clip.mkv", {"g": "40"}, [i * 100 + (i % 3) * 30 for i in range(200)]),
    ],
)
def test_segments_hold_the_frames_that_the_whole_clip_has(make_clip, name, options, pts):
    time_base = Fraction(1, 1000) if pts else None
    path = make_clip(name, moving(200), fps=10, options=options, pts=pts, time_base=time_base)
    with VideoFile(path) as video:
        index = video.read_index()
        whole = list(video)
        assert index.notes == video.info.notes == ()
    segments = cut_into_segments(index)
    assert len(segments) > 1
    frames = [frame for segment in segments for frame in list(read_segment(path, segment))[segment.begin :]]
    assert [frame.t_s for frame in frames] == [frame.t_s for frame in whole]
    for frame, same in zip(frames, whole, strict=True):
        np.testing.assert_array_equal(frame.image, same.image)


def test_turned_frames_are_upright_in_every_segment(make_clip):
    path = make_clip("clip.mp4", moving(120), fps=10, options={"g": "10"}, turn={"degrees": 90})
    with VideoFile(path) as video:
        last = list(video)[-1]
        segment = cut_into_segments(video.read_index())[-1]
    assert segment.keyframe_tick
    np.testing.assert_array_equal(list(read_segment(path, segment))[-1].image, last.image)


def test_a_clip_without_times_has_no_index(make_clip):
    with VideoFile(make_clip("clip.h264", moving(40))) as video:
        assert video.read_index() is None


def test_a_clip_whose_times_have_to_be_repaired_has_no_index(make_clip):
    pts = [0, 45, *range(3000, 90_000, 3000)]
    path = make_clip("clip.mp4", moving(len(pts)), pts=pts, time_base=Fraction(1, 90_000))
    with VideoFile(path) as video:
        assert video.read_index() is None


def test_the_index_tells_what_is_missing(make_clip):
    pts = [*range(0, 3000, 100), *range(9000, 12000, 100)]
    path = make_clip("clip.mkv", moving(60), pts=pts, time_base=Fraction(1, 1000))
    with VideoFile(path) as video:
        notes = video.read_index().notes
        list(video)
        assert notes == video.info.notes
    assert "no frames between 2.9 s and 9.0 s" in notes[0]


def test_damage_is_found_by_the_segment_it_lies_in(make_clip):
    path = make_clip("clip.mp4", moving(200), fps=10, options={"g": "25"})
    with VideoFile(path) as video:
        segments = cut_into_segments(video.read_index())
    with av.open(str(path)) as container:
        places = [
            (packet.pts, packet.pos, packet.size) for packet in container.demux(video=0) if packet.pts is not None
        ]
    data = bytearray(path.read_bytes())
    damaged = own_ticks(segments[-1])[30]
    at, size = next((pos, size) for pts, pos, size in places if pts == damaged)
    data[at : at + size] = bytes(size)
    path.write_bytes(data)
    assert len(list(read_segment(path, segments[0]))) == segments[0].n_frames
    with pytest.raises(UntrustedIndexError):
        list(read_segment(path, segments[-1]))


def test_a_clip_that_ends_early_is_found_out(make_clip):
    path = make_clip("clip.mkv", moving(200), fps=10, options={"g": "25"})
    with VideoFile(path) as video:
        segments = cut_into_segments(video.read_index())
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with pytest.raises(UntrustedIndexError):
        list(read_segment(path, segments[-1]))
