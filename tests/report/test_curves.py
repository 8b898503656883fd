"""Curves out of frames.csv: exact where there is room, thinned where not, and no file can make them misbehave."""

import math

import numpy as np
import pytest

from hipform.errors import InputError
from hipform.report.curves import HIP, KNEE, LOW_BACK, PHASES, Phases, follow_phases, read_curves, typical
from tests.report.made import rep

HEADER = "time_s,trunk_thigh_flexion_deg,trunk_thigh_flexion_u95_deg,knee_flexion_deg,knee_flexion_u95_deg"


def table(path, rows, header=HEADER):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def wave(seconds, fps=10):
    """Return rows of a hip that goes from 90 to 0 and back every ten seconds."""
    times = np.arange(0, seconds, 1 / fps)
    return [f"{t_s:.6f},{45 + 45 * math.cos(t_s * 2 * math.pi / 10):.3f},5,80,7" for t_s in times]


def test_a_short_clip_is_drawn_frame_by_frame(tmp_path):
    read = read_curves(table(tmp_path / "frames.csv", wave(20)), 0, 20, [])
    assert len(read.tracks[HIP]) == 200
    assert read.tracks[HIP][0] == (0.0, 90.0, 5.0)
    assert not read.thinned


def test_the_path_of_the_bar_is_that_of_the_lift(tmp_path):
    rows = [f"{row},300,{400 - i},45,0.9" for i, row in enumerate(wave(20))]
    header = f"{HEADER},load_x_px,load_y_px,load_radius_px,load_confidence"
    (path,) = read_curves(table(tmp_path / "frames.csv", rows, header), 0, 20, [rep(1, start_s=2.0)]).bar_paths
    assert path == [(300.0, 400.0 - i) for i in range(20, 36)]
    assert read_curves(table(tmp_path / "frames.csv", wave(20)), 0, 20, [rep(1)]).bar_paths == [[]]


def test_a_long_clip_keeps_its_highest_and_lowest_values_in_few_points(tmp_path):
    rows = wave(3600)
    rows[20_001] = f"{2000.1},-30,5,80,7"
    read = read_curves(table(tmp_path / "frames.csv", rows), 0, 3600, [])
    values = [value for _, value, _ in read.tracks[HIP]]
    assert read.thinned
    assert 1000 < len(values) <= 3001
    assert min(values) == -30
    assert max(values) == 90
    times = [t_s for t_s, _, _ in read.tracks[HIP]]
    assert times == sorted(times)


def test_what_was_not_seen_leaves_a_gap(tmp_path):
    rows = ["0,10,5,80,7", "1,,,80,7", "2,30,5,80,7"]
    read = read_curves(table(tmp_path / "frames.csv", rows), 0, 2, [])
    assert [value for _, value, _ in read.tracks[HIP]] == pytest.approx([10, math.nan, 30], nan_ok=True)


def test_measures_that_a_version_did_not_have_are_left_out(tmp_path):
    read = read_curves(table(tmp_path / "frames.csv", wave(2)), 0, 2, [])
    assert set(read.tracks) == {HIP, KNEE}
    header = HEADER + ",lumbar_extension_deg,lumbar_extension_u95_deg"
    read = read_curves(table(tmp_path / "frames.csv", [f"{row},3,6" for row in wave(2)], header), 0, 2, [])
    assert read.tracks[LOW_BACK][0] == (0.0, 3.0, 6.0)
    read = read_curves(table(tmp_path / "frames.csv", [f"{row},," for row in wave(2)], header), 0, 2, [])
    assert LOW_BACK not in read.tracks


def test_a_repetition_is_laid_out_over_its_own_time(tmp_path):
    rows = [f"{t_s / 10},{t_s},5,80,7" for t_s in range(100)]
    reps = [rep(1, start_s=2.05, end_s=4.05), rep(2, start_s=4.05, end_s=8.05), rep(3, start_s=None)]
    first, second, third = read_curves(table(tmp_path / "frames.csv", rows), 0, 10, reps).phases
    assert first == pytest.approx(np.linspace(20.5, 40.5, PHASES))
    assert second == pytest.approx(np.linspace(40.5, 80.5, PHASES))
    assert third is None


def test_phases_leave_out_what_was_not_seen():
    taken = Phases(0, 10)
    frames = [(t_s / 10, np.array([math.nan if 40 < t_s < 60 else t_s])) for t_s in range(101)]
    assert len(list(follow_phases([taken], frames))) == 101
    values = taken.values[:, 0]
    assert values[:41] == pytest.approx(np.arange(41))
    assert np.isnan(values[41:60]).all()
    assert values[60:] == pytest.approx(np.arange(60, 101))


def test_a_repetition_of_no_length_stays_empty():
    taken = Phases(1.0, 1.0 + 1e-15)
    list(follow_phases([taken], [(0.9, np.zeros(1)), (1.1, np.ones(1))]))
    assert np.isnan(taken.values).all()


def test_frames_far_apart_are_not_joined():
    taken = Phases(0, 10)
    list(follow_phases([taken], [(0.0, np.zeros(1)), (10.0, np.ones(1))]))
    assert np.isnan(taken.values).all()


def test_the_typical_curve_is_the_one_in_the_middle():
    assert typical([np.full(PHASES, level) for level in (10.0, 90.0, 50.0, 55.0, 45.0)]) == 2
    assert typical([None, np.full(PHASES, np.nan)]) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no column time_s"),
        ("a,b\n1,2\n", "no column time_s"),
        (f"{HEADER}\n0,1,2\n", "line 2 has 3 columns instead of 5"),
        (f"{HEADER}\n1,1,1,1,1\n1,1,1,1,1\n", "line 3: times must increase"),
        (f"{HEADER}\nnan,1,1,1,1\n", "times must increase"),
        (f"{HEADER}\n1e308,1,1,1,1\n", "times must increase"),
        (f"{HEADER}\nsoon,1,1,1,1\n", "could not convert"),
        (f"{HEADER}\n0,{'1' * 30_000},1,1,1\n", "a line is too long"),
        (b"\xff\xfe\x00", "can't decode"),
    ],
)
def test_another_file_under_that_name_is_one_clear_line(tmp_path, content, reason):
    path = tmp_path / "frames.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=reason) as caught:
        read_curves(path, 0, 1, [])
    assert "frames.csv" in str(caught.value)


def test_numbers_that_no_body_can_have_count_as_unseen(tmp_path):
    read = read_curves(table(tmp_path / "frames.csv", ["0,1e300,5,80,7", "1,inf,5,80,7", "2,10,5,80,7"]), 0, 2, [])
    assert [value for _, value, _ in read.tracks[HIP]] == pytest.approx([math.nan, math.nan, 10], nan_ok=True)


def test_a_clip_of_no_length_is_no_error(tmp_path):
    read = read_curves(table(tmp_path / "frames.csv", ["5,10,5,80,7"]), 5, 5, [])
    assert read.tracks[HIP] == [(5.0, 10.0, 5.0)]
