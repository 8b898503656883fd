"""The outline of the trunk, read from drawn masks."""

import cv2
import numpy as np
import pytest

from hipform.kinematics.back_outline import back_hollow_ratio
from hipform.pose.body_outline import trunk_contour
from hipform.pose.poses import CONTOUR_STATIONS, TrunkContour

HEIGHT_PX, WIDTH_PX = 300, 400
SHOULDER_PX = np.array([200.0, 80.0])
HIP_PX = np.array([200.0, 180.0])


def to_the_right(by_px):
    aside_px = np.array([by_px, 0])
    return SHOULDER_PX + aside_px, HIP_PX + aside_px


def blank():
    return np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)


def standing(right_px=30, left_px=20):
    """Return a mask of an upright trunk that reaches so far to the right and to the left of the trunk line."""
    mask = blank()
    mask[40:260, 200 - left_px : 200 + right_px] = 1
    return mask


def turned(mask, points_px, angle_deg):
    """Return mask and points turned about the middle of the trunk."""
    matrix = cv2.getRotationMatrix2D((200, 130), angle_deg, 1)
    size = (WIDTH_PX, HEIGHT_PX)
    return cv2.warpAffine(mask, matrix, size), [matrix[:, :2] @ point + matrix[:, 2] for point in points_px]


def test_each_side_is_measured_to_a_fraction_of_a_pixel():
    contour = trunk_contour(standing(), SHOULDER_PX, HIP_PX)
    # Pixel 229 is the last one of the person: the edge lies half a pixel past its middle.
    assert contour.counter_clockwise_ratio == pytest.approx(np.full(len(CONTOUR_STATIONS), 0.295), abs=1e-4)
    assert contour.clockwise_ratio == pytest.approx(np.full(len(CONTOUR_STATIONS), 0.205), abs=1e-4)


def test_a_lifter_who_looks_right_has_the_belly_on_the_right():
    contour = trunk_contour(standing(), SHOULDER_PX, HIP_PX)
    assert contour.ventral_ratio(1)[5] > contour.dorsal_ratio(1)[5]
    assert contour.ventral_ratio(-1)[5] < contour.dorsal_ratio(-1)[5]


@pytest.mark.parametrize("angle_deg", [-90, -40, 25, 90, 180])
def test_lying_down_changes_nothing(angle_deg):
    mask, (shoulder_px, hip_px) = turned(standing(), (SHOULDER_PX, HIP_PX), angle_deg)
    contour = trunk_contour(mask, shoulder_px, hip_px)
    assert contour.ventral_ratio(1) == pytest.approx(np.full(len(CONTOUR_STATIONS), 0.295), abs=0.012)
    assert contour.dorsal_ratio(1) == pytest.approx(np.full(len(CONTOUR_STATIONS), 0.205), abs=0.012)


def test_a_hollow_drawn_into_the_back_is_found():
    mask = standing()
    cv2.ellipse(mask, (180, 140), (8, 30), 0, 0, 360, 0, -1)
    plain = back_hollow_ratio(trunk_contour(standing(), SHOULDER_PX, HIP_PX), 1)
    hollow = back_hollow_ratio(trunk_contour(mask, SHOULDER_PX, HIP_PX), 1)
    assert plain == pytest.approx(0, abs=1e-6)
    assert 0.04 < hollow < 0.09


def test_an_arm_behind_the_back_is_no_hollow():
    mask = standing()
    mask[120:150, 120:200] = 1
    assert np.isnan(back_hollow_ratio(trunk_contour(mask, SHOULDER_PX, HIP_PX), 1))


def test_the_edge_of_the_picture_is_not_the_edge_of_the_person():
    mask = standing(right_px=200)
    contour = trunk_contour(mask, *to_the_right(170))
    assert np.isnan(contour.counter_clockwise_ratio).all()


def test_what_reaches_too_far_is_not_the_trunk():
    contour = trunk_contour(standing(right_px=150), SHOULDER_PX, HIP_PX)
    assert np.isnan(contour.counter_clockwise_ratio).all()
    assert np.isfinite(contour.clockwise_ratio).all()


@pytest.mark.parametrize(
    ("shoulder_px", "hip_px"),
    [
        (SHOULDER_PX, SHOULDER_PX),
        (SHOULDER_PX * np.nan, HIP_PX),
        to_the_right(120),
        to_the_right(900),
    ],
    ids=["no length", "unseen", "beside the person", "outside the picture"],
)
def test_without_a_trunk_nothing_is_seen(shoulder_px, hip_px):
    contour = trunk_contour(standing(), shoulder_px, hip_px)
    for ratio in (contour.clockwise_ratio, contour.counter_clockwise_ratio):
        assert np.isnan(ratio).all()
    assert len(TrunkContour.unseen().clockwise_ratio) == len(CONTOUR_STATIONS)
