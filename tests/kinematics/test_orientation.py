import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.kinematics.measures import measure_all
from hipform.kinematics.orientation import (
    Vote,
    across_m,
    compute_facing,
    compute_front_foot,
    compute_near_side,
    compute_stance_foot,
    midline,
    side_of,
    side_projection,
    view_angles,
)
from hipform.pose.poses import Landmark, Pose
from hipform.types import Side
from tests.synthetic import SyntheticCamera, lying, mirrored, shoot, squat, without

facings = pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
NOBODY = Pose.unseen(0.0)

# ------------------------------------------------------------------------------------------------------------- the view


@facings
@pytest.mark.parametrize("azimuth", [-90, -60, -30, 0, 20, 45, 60, 90])
@pytest.mark.parametrize("tilt", [0, 10, 30])
def test_view_angle_is_the_cameras(facing, azimuth, tilt):
    camera = SyntheticCamera(facing=facing, azimuth_deg=azimuth, tilt_deg=tilt)
    found = view_angles(across_m(shoot(lying(30), camera=camera)))
    assert found.off_deg == pytest.approx(abs(azimuth), abs=1e-6)
    if azimuth == 0:
        assert found.tilt_deg == pytest.approx(tilt)


def test_view_of_nobody_is_nan():
    assert math.isnan(view_angles(across_m(NOBODY)).off_deg)


@given(st.floats(-175, 175), st.sampled_from([1, -1]), st.floats(-20, 70), st.floats(-30, 30))
@settings(max_examples=60)
def test_side_projection_gives_back_the_angles_of_the_side_view(azimuth, facing, hip_deg, neck_deg):
    posture = lying(hip_deg, neck_deg=neck_deg, planted=Side.LEFT)
    turned = side_projection(shoot(posture, camera=SyntheticCamera(facing=facing, azimuth_deg=azimuth)))
    for side in Side:
        found, expected = measure_all(turned, side, 1), measure_all(shoot(posture), side, 1)
        # Side-on both hips lie behind each other, and no pelvis has a tilt; the outline is the camera's own.
        for name in ("pelvis_drop_deg", "back_hollow_ratio", "belly_bulge_ratio"):
            del found[name], expected[name]
        assert found == pytest.approx(expected, abs=1e-6)


def test_side_projection_is_in_millimetres_and_keeps_unseen_points_unseen():
    pose = shoot(lying(30), camera=SyntheticCamera(azimuth_deg=70))
    turned = side_projection(without(pose, "ankle"))
    plain = shoot(lying(30), camera=SyntheticCamera(px_per_m=1000))
    trunk = [Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP]
    assert np.ptp(turned.image_px[trunk], axis=0) == pytest.approx(np.ptp(plain.image_px[trunk], axis=0))
    assert np.isnan(turned.image_px[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]]).all()
    assert np.isfinite(turned.image_px[Landmark.RIGHT_KNEE]).all()


def test_side_projection_of_nobody_is_nobody():
    assert not side_projection(NOBODY).found


def test_midline_lies_between_the_sides():
    pose = shoot(lying(30, planted=Side.RIGHT), camera=SyntheticCamera(azimuth_deg=40))
    middle = midline(pose).image_px
    expected = (pose.image_px[Landmark.LEFT_KNEE] + pose.image_px[Landmark.RIGHT_KNEE]) / 2
    assert middle[Landmark.LEFT_KNEE] == pytest.approx(expected)
    assert middle[Landmark.RIGHT_KNEE] == pytest.approx(expected)
    assert middle[Landmark.NOSE] == pytest.approx(pose.image_px[Landmark.NOSE])


# ---------------------------------------------------------------------------------------------------- near side, facing


@facings
@pytest.mark.parametrize("azimuth", [-60, -30, 0, 30, 60])
def test_nearness_points_to_the_near_side(facing, azimuth):
    camera = SyntheticCamera(facing=facing, azimuth_deg=azimuth)
    evidence = compute_near_side(shoot(lying(30), camera=camera))
    assert side_of(int(math.copysign(1, evidence))) is camera.near
    assert 0.2 < abs(evidence) <= 1


def test_nearness_listens_to_depth_more_than_to_visibility():
    pose = shoot(lying(30))
    hidden = pose.visibility.copy()
    hidden[[Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]] = 0.0
    contrary = Pose(pose.t_s, pose.image_px, pose.world_m, hidden)
    assert 0 < compute_near_side(contrary) < compute_near_side(pose)


@pytest.mark.parametrize("planted", list(Side))
@facings
@pytest.mark.parametrize("hip_deg", [0, 20, 45])
def test_grounded_points_to_the_planted_foot(planted, facing, hip_deg):
    evidence = compute_stance_foot(shoot(lying(hip_deg, planted=planted), camera=SyntheticCamera(facing=facing)))
    assert evidence == (1 if planted is Side.RIGHT else -1)


def test_grounded_has_no_opinion_while_both_feet_stand():
    assert compute_stance_foot(shoot(lying(20))) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("front", list(Side))
@facings
def test_foremost_points_to_the_foot_set_ahead(front, facing):
    pose = shoot(squat(0.3), camera=SyntheticCamera(facing=facing))
    image_px = pose.image_px.copy()
    image_px[Landmark[f"{front.name}_ANKLE"], 0] += facing * 60
    staggered = Pose(pose.t_s, image_px, pose.world_m, pose.visibility)
    assert (
        compute_front_foot(staggered, facing) > 0.5
        if front is Side.RIGHT
        else compute_front_foot(staggered, facing) < -0.5
    )
    assert compute_front_foot(pose, facing) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("posture", [lying(0), lying(45), squat(0.3), squat(1)], ids=["top", "bottom", "dip", "squat"])
def test_bend_points_where_the_lifter_faces(posture):
    right, left = (compute_facing(shoot(posture, camera=SyntheticCamera(facing=facing))) for facing in (1, -1))
    assert right > 0.2
    assert left == pytest.approx(-right)


def test_standing_straight_the_toes_tell_the_facing():
    right, left = (compute_facing(shoot(squat(0), camera=SyntheticCamera(facing=facing))) for facing in (1, -1))
    assert right > 0.5
    assert left == pytest.approx(-right)


def test_bend_abstains_on_straight_legs_without_toes():
    assert compute_facing(without(shoot(squat(0)), "foot_index")) == pytest.approx(0, abs=1e-9)


def test_mirroring_turns_all_evidence_round():
    pose = shoot(lying(40, planted=Side.RIGHT), camera=SyntheticCamera(azimuth_deg=25))
    (mirror,) = mirrored([pose], 960)
    for evidence in (compute_facing, compute_stance_foot, compute_near_side):
        assert evidence(mirror) == pytest.approx(-evidence(pose))
    assert view_angles(across_m(mirror)).off_deg == pytest.approx(view_angles(across_m(pose)).off_deg)


def test_nobody_is_no_evidence():
    assert all(
        math.isnan(evidence(NOBODY))
        for evidence in (
            compute_facing,
            compute_stance_foot,
            compute_near_side,
            lambda pose: compute_front_foot(pose, 1),
        )
    )


# ------------------------------------------------------------------------------------------------------------ the votes


def push_for(vote, start_s, duration_s, evidence, fps=30):
    """Push constant evidence and return when the sign first changed, if it did."""
    before, times = vote.sign, start_s + np.arange(1, round(duration_s * fps) + 1) / fps
    changes = [t_s for t_s in times if vote.push(t_s, evidence) != before]
    return changes[0] - start_s if changes else None


@pytest.mark.parametrize("sign", [1, -1])
def test_first_evidence_decides(sign):
    vote = Vote()
    assert vote.sign == 0
    assert vote.push(0.0, 0.1 * sign) == sign


@pytest.mark.parametrize("sign", [1, -1])
def test_weak_contrary_evidence_never_turns_a_vote(sign):
    vote = Vote()
    push_for(vote, 0, 4, 0.8 * sign)
    assert push_for(vote, 4, 60, -0.2 * sign) is None
    assert vote.sign == sign


@pytest.mark.parametrize("sign", [1, -1])
def test_strong_contrary_evidence_turns_it_after_a_while(sign):
    vote = Vote()
    push_for(vote, 0, 4, 0.8 * sign)
    turned_s = push_for(vote, 4, 10, -0.8 * sign)
    assert vote.sign == -sign
    assert 1.0 < turned_s < 3.0


def test_a_vote_is_driven_by_time_not_by_frames():
    times = []
    for fps in (10, 30, 60):
        vote = Vote()
        push_for(vote, 0, 4, 0.8, fps)
        times.append(push_for(vote, 4, 10, -0.8, fps))
    assert np.ptp(times) < 0.15


def test_nan_is_no_evidence_for_a_vote():
    vote = Vote()
    assert vote.push(0.0, math.nan) == 0
    vote.push(0.1, 0.5)
    assert push_for(vote, 0.1, 20, math.nan) is None
    assert vote.sign == 1


def test_undecided_means_right():
    assert [side_of(sign) for sign in (-1, 0, 1)] == [Side.LEFT, Side.RIGHT, Side.RIGHT]
