import math

import numpy as np
import pytest

from hipform.config import Settings
from tests.segmentation.signals import samples_of, summarise_all

T_S = np.arange(0, 4, 1 / 30)
UP = np.interp(T_S, [0.5, 1.5, 2.0, 3.0], [0.0, 1.0, 1.0, 0.0])
HIP_DEG = 70 - 70 * UP
FLOOR_PX = 430.0


def rep(rise_m=0.5, radius_px=45.0, radius_m=0.225, settings=None, hidden=()):
    """Return the summary of a lift in which the bar rises by *rise_m* in a second."""
    y_px = 400 - UP * rise_m / 0.225 * radius_px
    x_px, radii_px, radii_m = (np.full_like(y_px, value) for value in (300, radius_px, radius_m))
    load = np.column_stack([x_px, y_px, radii_px, radii_m, FLOOR_PX - y_px])
    load[list(hidden)] = np.nan
    return summarise_all(samples_of(T_S, HIP_DEG, load=load), settings)[0]


def test_the_mean_speed_is_the_way_over_the_time():
    assert rep().features["bar_mean_m_per_s"] == pytest.approx(0.5, rel=0.05)


def test_the_interval_of_the_speed_is_narrower_where_the_diameter_is_stated():
    assumed, stated = (rep(settings=Settings({"bar.plate_diameter_m": diameter})) for diameter in (0, 0.45))
    assert 0.1 <= assumed.features["bar_speed_u95_ratio"] < 0.15
    assert 0.05 <= stated.features["bar_speed_u95_ratio"] < assumed.features["bar_speed_u95_ratio"]
    assert math.isnan(rep(hidden=range(20, 35)).features["bar_speed_u95_ratio"])


def test_the_peak_is_no_slower_than_the_mean():
    features = rep().features
    assert features["bar_mean_m_per_s"] <= features["bar_peak_m_per_s"] < 1.1 * features["bar_mean_m_per_s"]


def test_the_stated_diameter_decides():
    small = rep(settings=Settings({"bar.plate_diameter_m": 0.225}))
    assert small.features["bar_mean_m_per_s"] == pytest.approx(0.25, rel=0.05)


def test_a_plate_that_is_no_full_size_one_gives_no_speed_unless_its_size_is_stated():
    assert math.isnan(rep(radius_m=0.1).features["bar_mean_m_per_s"])
    assert rep(radius_m=0.1, settings=Settings({"bar.plate_diameter_m": 0.2})).features["bar_mean_m_per_s"] > 0


def test_a_bar_that_was_hidden_on_its_way_has_no_speed():
    assert math.isnan(rep(hidden=range(20, 35)).features["bar_mean_m_per_s"])


def test_a_bar_that_stays_where_it_was_has_no_speed():
    features = rep(rise_m=0.02).features
    assert math.isnan(features["bar_mean_m_per_s"])
    assert math.isnan(features["bar_peak_m_per_s"])


def test_the_rise_of_the_load_is_in_its_radii():
    assert rep().features["load_rise_radii"] == pytest.approx(0.5 / 0.225, rel=0.2)
    assert math.isnan(rep(hidden=range(20, 40)).features["load_rise_radii"])


def test_how_much_of_the_lift_shows_the_load():
    assert rep().features["load_seen_ratio"] == 1.0
    assert rep(hidden=range(len(T_S))).features["load_seen_ratio"] == 0.0


def test_how_low_the_load_comes_is_in_its_radii():
    features = rep(radius_px=40).features
    assert features["load_low_radii"] == pytest.approx((FLOOR_PX - 400) / 40, abs=0.3)
    assert math.isnan(rep(hidden=range(len(T_S))).features["load_low_radii"])


def test_the_size_of_the_load_is_in_metres():
    assert rep(radius_m=0.15).features["load_radius_m"] == pytest.approx(0.15)
    assert math.isnan(rep(hidden=range(len(T_S))).features["load_radius_m"])
