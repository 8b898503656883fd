"""The gauge of the low back: what is shown, and that nothing is shown which is not known."""

from dataclasses import replace

import numpy as np
import pytest

from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.render import BodyArea, Needs, Overlay, find_layout, theme
from hipform.render.low_back_gauge import BackEnd, LowBackGauge
from hipform.render.theme import Sizes
from hipform.types import Estimate

SIZES = [(1280, 720), (720, 1280), (640, 640)]


ARCHED, ROUNDED = BackEnd("arched", 1, 10.0, is_at_fault=True), BackEnd("rounded", -1, 10.0, is_at_fault=True)


def gauge_of(size):
    sizes = Sizes(*size)
    layout = find_layout(sizes, BodyArea(*size), Needs())
    return LowBackGauge(sizes, layout.low_back), layout.lockout


def drawn(size, extension, *ends):
    gauge, _ = gauge_of(size)
    image = np.full((size[1], size[0], 3), 120, np.uint8)
    gauge.draw(image, extension, ends or (ARCHED,))
    return image


def count(image, color):
    return int((image == np.array(color, np.uint8)).all(axis=2).sum())


def arch(value, u95=0.5):
    return Estimate(value, u95, "deg")


@pytest.mark.parametrize("size", SIZES)
def test_it_is_clear_of_the_lockout_gauge_and_inside_the_frame(size):
    gauge, lockout = gauge_of(size)
    box, other = gauge.box, lockout
    assert box.left >= 0
    assert box.top >= 0
    assert box.right <= size[0]
    assert box.bottom <= size[1]
    assert box.right < other.left or box.bottom < other.top


@pytest.mark.parametrize("size", SIZES)
def test_the_fill_grows_with_the_arch_and_changes_past_the_limit(size):
    small, large = (count(drawn(size, arch(value)), theme.SKELETON) for value in (3.0, 9.0))
    assert 0 < small < large
    assert count(drawn(size, arch(9.0)), theme.SHORT) == 0
    past = drawn(size, arch(20.0))
    assert count(past, theme.SHORT) > 0
    assert count(past, theme.SKELETON) == 0


def test_a_rounded_back_fills_the_other_half():
    halves = []
    for value in (-9.0, 9.0):
        filled = (drawn((1280, 720), arch(value)) == np.array(theme.SKELETON, np.uint8)).all(axis=2)
        halves.append(float(np.nonzero(filled)[1].mean()))
    assert halves[0] < halves[1]


def test_where_rounding_is_the_fault_the_other_end_is_marked_and_changes_past_the_limit():
    assert count(drawn((1280, 720), arch(-20.0), ARCHED), theme.SHORT) == 0
    assert count(drawn((1280, 720), arch(-20.0), ARCHED, ROUNDED), theme.SHORT) > 0
    plain, marked = drawn((1280, 720), None, ARCHED), drawn((1280, 720), None, ARCHED, ROUNDED)
    assert np.nonzero((plain != marked).any(axis=(0, 2)))[0].mean() < gauge_of((1280, 720))[0].box.left + 240


def test_a_value_past_the_limit_of_a_repetition_that_is_not_at_fault_is_no_fault():
    calm = replace(ARCHED, is_at_fault=False)
    assert count(drawn((1280, 720), arch(20.0), calm), theme.SHORT) == 0


@pytest.mark.parametrize("size", SIZES)
def test_an_unknown_value_is_not_filled(size):
    image = drawn(size, None)
    assert count(image, theme.SKELETON) == count(image, theme.SHORT) == 0
    assert count(image, theme.TRACK) > 0


def test_a_wide_interval_is_drawn_wide():
    narrow, wide = (drawn((1280, 720), arch(0.0, u95)) for u95 in (2.0, 15.0))
    assert count(wide, theme.TRACK) < count(narrow, theme.TRACK)


def test_values_beyond_the_bar_stay_in_it():
    gauge, _ = gauge_of((1280, 720))
    image = drawn((1280, 720), arch(400.0, 300.0))
    outside = image.copy()
    outside[gauge.box.top : gauge.box.bottom, gauge.box.left : gauge.box.right] = 120
    assert (outside == 120).all()


@pytest.mark.parametrize("slug", EXERCISES)
def test_exercises_without_low_back_measurement_have_no_gauge(make, slug):
    image = np.full((720, 1280, 3), 120, np.uint8)
    overlay = Overlay(make.info(1280, 720), Settings(), make.layout())
    observation = replace(make.observation(tracked=False), exercise=slug)
    overlay.draw(image, make.pose(1280, 720), make.state(observation, make.cue))
    box = gauge_of((1280, 720))[0].box
    panel = image[box.top + 2 : box.bottom - 2, box.left + 12 : box.right - 12]
    assert bool((panel == 120).all()) is (EXERCISES[slug].low_back is None)
