import math

import numpy as np
import pytest

from hipform.pose.poses import Disc
from hipform.segmentation.rep_signal import DEG_PER_RADIUS, RepSignal


def disc(y_px):
    return Disc(np.array([100.0, y_px]), np.array([40.0, 40.0]), 0.9)


def signal(*frames):
    """Return the signal of frames of (time, angle, height of the load in pixels below the upper edge, or None)."""
    joined = RepSignal()
    return [joined.push(t_s, angle, None if y is None else disc(y)) for t_s, angle, y in frames]


def test_without_a_load_it_is_the_angle():
    assert signal((0.0, 70.3, None), (0.1, 12.7, None), (5.0, 33.1, None)) == [70.3, 12.7, 33.1]


def test_where_the_angle_is_known_the_load_changes_nothing():
    assert signal((0.0, 70.0, 300), (0.1, 50.0, 310)) == [70.0, 50.0]


def test_the_load_carries_it_where_the_angle_is_lost():
    found = signal((0.0, 70.0, 300), (0.1, math.nan, 260), (0.2, math.nan, 300))
    assert found == pytest.approx([70.0, 70.0 - DEG_PER_RADIUS, 70.0])


def test_it_has_no_step_where_the_angle_comes_back():
    found = signal((0.0, 70.0, 300), (0.1, math.nan, 260), (0.2, 90.0, 260), (0.3, 85.0, 260))
    assert found[2] == found[1]
    assert found[3] == pytest.approx(found[2] - 5.0)


def test_it_is_not_known_where_neither_is():
    assert math.isnan(signal((0.0, math.nan, None))[0])


def test_after_a_long_gap_it_starts_again():
    found = signal((0.0, 70.0, 300), (0.1, math.nan, 260), (2.0, 15.0, 260))
    assert found[2] == 15.0
