import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hipform.kinematics.angles import between, incline_deg, length, turn_deg, wrap_deg

RIGHT, LEFT, UP, DOWN = (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0)
NAN = (math.nan, 1.0)

angles = st.floats(-179, 179)
lengths = st.floats(0.01, 1e5)


def arrow(angle_deg, size=1.0):
    """Return an image vector, its angle clockwise on the screen from the right."""
    return size * math.cos(math.radians(angle_deg)), size * math.sin(math.radians(angle_deg))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (RIGHT, DOWN, 90),
        (RIGHT, UP, -90),
        (DOWN, RIGHT, -90),
        (UP, RIGHT, 90),
        (RIGHT, RIGHT, 0),
        (RIGHT, LEFT, 180),
        ((1.0, 1.0), DOWN, 45),
    ],
)
def test_turn_is_clockwise_on_the_screen(first, second, expected):
    assert turn_deg(first, second) == pytest.approx(expected)


@given(angles, angles, lengths, lengths)
def test_turn_is_the_difference_of_directions_whatever_the_lengths(start, end, size, other_size):
    assume(abs(abs(start - end) - 180) > 0.01)
    assume(abs(end - start) < 180)
    assert turn_deg(arrow(start, size), arrow(end, other_size)) == pytest.approx(end - start, abs=1e-6)


@given(angles, angles)
def test_turn_is_antisymmetric(start, end):
    assume(abs(math.remainder(start - end, 360)) < 179.99)
    assert turn_deg(arrow(start), arrow(end)) == pytest.approx(-turn_deg(arrow(end), arrow(start)), abs=1e-9)


@pytest.mark.parametrize("small_deg", [-0.01, 0.01])
def test_turn_keeps_sign_and_resolution_around_a_straight_line(small_deg):
    assert turn_deg(RIGHT, arrow(small_deg)) == pytest.approx(small_deg, rel=1e-6)


@pytest.mark.parametrize("odd", [(0.0, 0.0), NAN, (math.nan, math.nan)])
def test_turn_of_nothing_is_nan(odd):
    assert math.isnan(turn_deg(odd, RIGHT))
    assert math.isnan(turn_deg(RIGHT, odd))


@pytest.mark.parametrize(
    ("vector", "expected"),
    [(RIGHT, 0), (LEFT, 0), (UP, 90), (DOWN, -90), ((1.0, -1.0), 45), ((-1.0, -1.0), 45), ((-1.0, 1.0), -45)],
)
def test_incline_points_up_on_the_screen_either_way(vector, expected):
    assert incline_deg(vector) == pytest.approx(expected)


@pytest.mark.parametrize("odd", [(0.0, 0.0), NAN])
def test_incline_of_nothing_is_nan(odd):
    assert math.isnan(incline_deg(odd))


@given(st.floats(-179.9, 180), st.integers(-5, 5))
def test_wrap_undoes_whole_turns(angle_deg, turns):
    assert wrap_deg(angle_deg + 360 * turns) == pytest.approx(angle_deg, abs=1e-9)


@pytest.mark.parametrize(("angle_deg", "expected"), [(180, 180), (-180, 180), (181, -179), (-181, 179), (540, 180)])
def test_wrap_at_the_seam(angle_deg, expected):
    assert wrap_deg(angle_deg) == pytest.approx(expected)


def test_wrap_of_nan_is_nan():
    assert math.isnan(wrap_deg(math.nan))


def test_vectors_run_from_start_to_end():
    assert between((1.0, 2.0), (4.0, 6.0)) == (3.0, 4.0)
    assert length((3.0, 4.0)) == 5.0
