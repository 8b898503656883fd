"""What is drawn where, and that nothing is claimed which is not known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis.frame_measures import FrameMeasures
from hipform.analysis.judged_reps import SetResult
from hipform.config import Settings
from hipform.exercises.findings import Finding, Status
from hipform.feedback.cues import Cue
from hipform.feedback.drawn_state import LiveStates, ResultStates
from hipform.pose.poses import Landmark, Pose
from hipform.render import BodyArea, Needs, Overlay, canvas, find_layout, theme
from hipform.render.canvas import Box
from hipform.render.gauge import Gauge, Reading
from hipform.render.panels import RepPanel
from hipform.render.skeleton import HipAngle, HipFan, Skeleton, near_points
from hipform.render.theme import Sizes
from hipform.segmentation.phases import Phase
from hipform.types import Side

GAUGE = np.s_[:, 1280 - 170 :]


def count(image, color):
    return int((image == np.array(color, np.uint8)).all(axis=2).sum())


def layout_of(size):
    return find_layout(Sizes(*size), BodyArea(*size), Needs())


def overlay_of(info):
    return Overlay(info, Settings(), layout_of((info.width_px, info.height_px)))


def grey(width=1280, height=720, level=120):
    return np.full((height, width, 3), level, np.uint8)


@pytest.fixture
def draw(make):
    def draw(observation, pose=None, cue=None, last_rep=None, size=(1280, 720), **state):
        image = grey(*size)
        overlay = overlay_of(make.info(*size))
        overlay.draw(image, pose or make.pose(*size), make.state(observation, cue, last_rep, **state))
        return image

    return draw


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(16, 2000), st.integers(16, 2000)),
    flexion_deg=st.sampled_from([math.nan, -40.0, 0.0, 95.0, 400.0]),
    tracked=st.booleans(),
    assessable=st.booleans(),
    side=st.sampled_from(Side),
    hidden=st.sets(st.sampled_from(Landmark)),
)
def test_any_size_and_any_observation(make, size, flexion_deg, tracked, assessable, side, hidden):
    width, height = size
    pose = make.pose(width, height, side)
    pose.image_px[sorted(hidden)] = np.nan
    observation = make.observation(
        flexion_deg, tracked=tracked, assessable=assessable, side=side, rep_count=888, partial_count=888
    )
    layout = layout_of(size)
    image = grey(layout.width_px, layout.height_px)
    overlay = overlay_of(make.info(width, height))
    overlay.draw(image, pose, make.state(observation, Cue(rule="r", text="Squeeze and drive hips up high"), make.rep()))
    assert (image != 120).any()


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.floats(width=32) | st.just(math.nan), min_size=66, max_size=66))
def test_any_landmarks(make, points):
    pose = replace(make.pose(), image_px=np.array(points, float).reshape(33, 2))
    overlay_of(make.info()).draw(grey(640, 360), pose, make.state())


def test_images_of_another_size_are_rejected(make):
    overlay = overlay_of(make.info(640, 360))
    with pytest.raises(ValueError, match="640 x 360"):
        overlay.draw(grey(360, 640), make.pose(), make.state())


def test_drawing_again_gives_the_same_image(draw, make):
    first, second = (draw(make.observation(), cue=make.cue, last_rep=make.rep()) for _ in range(2))
    assert np.array_equal(first, second)


def test_the_pose_is_not_changed(draw, make):
    pose = make.pose(1280, 720)
    before = pose.image_px.copy()
    draw(make.observation(), pose)
    assert np.array_equal(pose.image_px, before)


def test_the_middle_of_the_frame_stays_clear(draw, make):
    image = draw(make.observation(), Pose.unseen(0.0))
    assert (image[250:600, 400:1000] == 120).all()


@pytest.mark.parametrize("side", Side)
def test_only_the_near_side_is_drawn(make, side):
    pose = make.pose(1280, 720, side)
    image = grey()
    Skeleton(Sizes(1280, 720)).draw(image, pose, side)
    for x, y in near_points(pose, side).round().astype(int):
        assert tuple(image[y, x]) == theme.WHITE
    far = grey()
    Skeleton(Sizes(1280, 720)).draw(far, replace(pose, image_px=np.where(near_mask(side), np.nan, pose.image_px)), side)
    assert (far == 120).all()


def near_mask(side):
    mask = np.zeros((33, 1), bool)
    mask[[int(part) for part in Landmark if part.name.startswith(side.name)]] = True
    return mask


def test_an_unseen_knee_removes_its_two_segments_and_the_angle(draw, make):
    pose = make.pose(1280, 720)
    with_knee = draw(make.observation(math.nan), pose)
    pose.image_px[Landmark.RIGHT_KNEE] = np.nan
    without = draw(make.observation(math.nan), pose)
    assert count(without, theme.SKELETON) < count(with_knee, theme.SKELETON)
    knee = make.pose(1280, 720).image_px[Landmark.RIGHT_KNEE].astype(int)
    assert (without[knee[1] - 5 : knee[1] + 5, knee[0] - 5 : knee[0] + 5] == 120).all()


def test_bones_with_low_visibility_are_dashed(make):
    pose = make.pose(1280, 720)
    solid, dashed = grey(), grey()
    Skeleton(Sizes(1280, 720)).draw(solid, pose, Side.RIGHT)
    Skeleton(Sizes(1280, 720)).draw(dashed, replace(pose, visibility=np.full(33, 0.3)), Side.RIGHT)
    assert 0 < count(dashed, theme.SKELETON) < 0.6 * count(solid, theme.SKELETON)


def test_nobody_in_view_draws_a_note_instead_of_a_body(draw, make):
    nobody = draw(make.observation(math.nan, tracked=False), Pose.unseen(0.0))
    lost = draw(make.observation(math.nan, tracked=False))
    assert count(nobody[:, :1000], theme.SKELETON) == count(lost[:, :1000], theme.SKELETON) == 0
    line = make.layout().line
    note = np.s_[line.top :, line.left : line.right]
    assert count(nobody[note], theme.TEXT) > 0
    assert not np.array_equal(nobody[note], lost[note])


@pytest.mark.parametrize(
    ("side", "knee", "sweep_deg"),
    [
        (Side.RIGHT, (100, 200), 180),
        (Side.LEFT, (100, 200), -180),
        (Side.RIGHT, (200, 100), 90),
        (Side.LEFT, (0, 100), -90),
        (Side.RIGHT, (90, 200), 185.7),
        (Side.LEFT, (110, 200), -185.7),
    ],
)
def test_the_arc_lies_in_front_of_the_body(make, side, knee, sweep_deg):
    # Someone upright whose right side is seen faces the right edge of the picture.
    pose = make.pose(side=side)
    for part, point in ((11, (100, 0)), (23, (100, 100)), (25, knee)):
        pose.image_px[part + (side is Side.RIGHT)] = point
    fan = HipFan.of(pose, side)
    assert fan.start_deg == pytest.approx(-90)
    assert fan.sweep_deg == pytest.approx(sweep_deg, abs=0.1)


def test_swapped_sides_use_the_smaller_angle(make):
    pose = make.pose(side=Side.RIGHT)
    for part, point in ((12, (100, 0)), (24, (100, 100)), (26, (0, 90))):
        pose.image_px[part] = point
    assert abs(HipFan.of(pose, Side.RIGHT).sweep_deg) < 90


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("knee", "angle_deg"), [((150, 187), 150), ((50, 187), 210), ((200, 100), 90)])
def test_the_arc_measures_what_the_number_says_on_the_far_side_too(make, side, knee, angle_deg):
    pose = make.pose(side=side)
    for part, point in ((11, (100, 0)), (23, (100, 100)), (25, knee)):
        pose.image_px[part + (side is Side.RIGHT)] = point
    assert HipFan.of(pose, side, angle_deg).sweep_deg == pytest.approx(angle_deg, abs=0.2)


def test_the_arc_does_not_jump_to_the_back_near_a_straight_line(make):
    pose = make.pose(side=Side.LEFT)
    for part, point in ((11, (100, 0)), (23, (100, 100)), (25, (102, 200))):
        pose.image_px[part] = point
    bent = HipFan((100, 100), (100, 0), (200, 100), -90.0, 90.0)
    assert HipFan.of(pose, Side.LEFT, 181.0, bent).sweep_deg > 0
    assert HipFan.of(pose, Side.LEFT, 181.0).sweep_deg < 0


def test_gauge_fill_grows_with_extension_and_changes_shape_in_the_zone(draw, make):
    short, nearly, full = (draw(make.observation(flexion))[GAUGE] for flexion in (60.0, 11.0, 9.0))
    assert 0 < count(short, theme.SKELETON) < count(nearly, theme.SKELETON)
    assert count(nearly, theme.REACHED) == 0
    assert count(full, theme.REACHED) > 0
    badge = np.s_[20:90, :]
    assert count(full[badge], theme.WHITE) > 0
    assert count(nearly[badge], theme.WHITE) == 0


@pytest.mark.parametrize("changes", [{"assessable": False}, {"flexion_deg": math.nan}, {"tracked": False}])
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)])
def test_an_unknown_angle_is_not_filled(draw, make, changes, size):
    observation = make.observation(**{"flexion_deg": 0.0, **changes})
    image = draw(observation, Pose.unseen(0.0), size=size)
    assert count(image, theme.REACHED) == count(image, theme.SKELETON) == 0
    assert count(image, theme.MUTED) > 500


def test_turn_the_camera_is_shown_only_once_the_view_is_known(draw, make):
    off = draw(make.observation(assessable=False, view_off_deg=35.0), Pose.unseen(0.0))[GAUGE]
    unknown = draw(make.observation(assessable=False, view_off_deg=math.nan), Pose.unseen(0.0))[GAUGE]
    fine = draw(make.observation(), Pose.unseen(0.0))[GAUGE]
    assert not np.array_equal(off, unknown)
    assert not np.array_equal(fine, off)


def test_a_wider_uncertainty_covers_more_of_the_bar(make):
    def changed(u95_deg):
        gauge = Gauge(Sizes(1280, 720), 170.0, make.layout().lockout)
        with_band, without = grey(), grey()
        gauge.draw(with_band, Reading(140.0, u95_deg, math.nan, is_full=False, is_short=False))
        gauge.draw(without, Reading(140.0, math.nan, math.nan, is_full=False, is_short=False))
        return (with_band != without).any(axis=2).sum()

    assert 0 < changed(3.0) < changed(12.0)


def test_an_angle_that_no_hip_can_have_is_neither_drawn_nor_judged(make):
    """Behind a plate the pose model may place the knee at the chest, which reads as 332 degrees."""
    state = make.state(make.observation(-152.0))
    assert math.isnan(state.angle_deg)
    assert not state.is_judged
    assert state.why_not == ("hip", "not in view")
    size = (1280, 720)
    impossible, unseen = grey(*size), grey(*size)
    for image, flexion_deg in ((impossible, -152.0), (unseen, math.nan)):
        overlay_of(make.info(*size)).draw(image, make.pose(*size), make.state(make.observation(flexion_deg)))
    assert (impossible == unseen).all()


@pytest.mark.parametrize(("exercise", "is_full"), [("hip-kickback", False), ("glute-bridge", True)])
def test_a_leg_that_is_too_high_is_not_praised(make, exercise, is_full):
    """The limit of a kickback is 12 degrees past the line of the trunk."""
    beyond, within = (
        make.state(make.observation(-past_deg, phase=Phase.TOP, exercise=exercise)) for past_deg in (26.0, 5.0)
    )
    assert (beyond.is_full, within.is_full) == (is_full, True)


def test_the_range_marked_as_full_ends_where_a_leg_is_too_high(make, draw):
    whole, shorter = (
        draw(make.observation(40.0), full_to_deg=deg)[GAUGE] == np.array(theme.WHITE) for deg in (math.inf, 186.0)
    )
    assert not np.array_equal(whole, shorter)
    assert np.array_equal(whole, draw(make.observation(40.0), full_to_deg=230.0)[GAUGE] == np.array(theme.WHITE))


@pytest.mark.parametrize(("status", "is_full"), [(Status.OK, True), (Status.FAULT, False)])
def test_a_finished_rep_at_fault_for_its_height_is_not_praised(make, status, is_full):
    height = Finding(rule="leg-too-high", status=status, text="")
    rep = make.rep()
    rep = replace(rep, findings=(*rep.findings, height))
    found = SetResult(
        number=1, exercise="hip-kickback", start_s=0.0, end_s=9.0, side=rep.side, view_off_deg=5.0, reps=(rep,)
    )
    seen = make.observation(-26.0, t_s=2.0)
    measures = {name: getattr(seen, name) for name in FrameMeasures.__annotations__}
    assert ResultStates([found], (), Settings()).at(measures).is_full is is_full


def test_while_a_movement_does_not_count_nobody_is_ready(draw, make):
    """Its reason stands elsewhere in the picture."""
    idle = make.observation(phase=Phase.IDLE)
    plain, rejected = draw(idle), draw(idle, rejection="Not counted: the foot moved")
    box = make.layout().phase
    word = np.s_[box.top : box.top + 60, box.left : box.right]
    assert not np.array_equal(plain[word], rejected[word])
    lifting = make.observation(phase=Phase.LIFT)
    assert np.array_equal(draw(lifting)[word], draw(lifting, rejection="Not counted: the foot moved")[word])


def test_the_straightest_angle_stays_until_the_next_lift(make):
    overlay, states = overlay_of(make.info(1280, 720)), LiveStates(Settings())

    def short_pointer(phase, flexion_deg, shot=0, set_number=1):
        image = grey()
        pose = Pose.unseen(0.0, shot)
        seen = make.observation(flexion_deg, phase=phase, partial_count=0, set_number=set_number)
        overlay.draw(image, pose, states.at(seen, None, None, shot))
        return count(image, theme.SHORT)

    assert short_pointer(Phase.BOTTOM, 70.0) == 0
    assert short_pointer(Phase.LIFT, 40.0) == 0
    assert short_pointer(Phase.TOP, 20.0) == 0
    assert short_pointer(Phase.LOWER, 60.0) > 0
    assert short_pointer(Phase.LOWER, math.nan) == 0
    assert short_pointer(Phase.BOTTOM, 70.0) > 0
    assert short_pointer(Phase.LIFT, 5.0) == 0
    assert short_pointer(Phase.LOWER, 60.0) == 0
    assert short_pointer(Phase.LIFT, 30.0) == 0
    assert short_pointer(Phase.LOWER, 60.0, shot=1) == 0
    assert short_pointer(Phase.LIFT, 30.0, shot=1) == 0
    assert short_pointer(Phase.LOWER, 60.0, shot=1) > 0
    assert short_pointer(Phase.BOTTOM, 70.0, shot=1, set_number=2) == 0


def test_partial_repetitions_are_marked_differently(draw, make):
    corner = np.s_[:200, :400]
    assert count(draw(make.observation(partial_count=0))[corner], theme.SHORT) == 0
    assert count(draw(make.observation(partial_count=2))[corner], theme.SHORT) > 0


def test_the_title_follows_the_exercise_and_the_set_from_the_second_on(draw, make):
    first, second, other = (
        draw(make.observation(**what))
        for what in ({}, {"set_number": 2}, {"set_number": 2, "exercise": "glute-bridge"})
    )
    corner = make.layout().reps
    title, counter = np.s_[: corner.top + 50], np.s_[corner.top + 50 : corner.bottom]
    assert np.array_equal(first[title], second[title])
    assert not np.array_equal(first[counter], second[counter])
    assert not np.array_equal(second[title], other[title])
    assert np.array_equal(second[counter], other[counter])


def test_a_long_title_and_large_numbers_stay_in_their_panel(make):
    sizes = Sizes(640, 360)
    panel = RepPanel(sizes, make.layout(sizes.width_px, sizes.height_px).reps)
    image = grey(640, 360)
    numbers = make.observation(rep_count=888, partial_count=888, set_number=88)
    panel.draw(image, "Single-leg glute bridge with feet elevated and a band", numbers)
    outside = image.copy()
    outside[panel.box.top : panel.box.bottom, panel.box.left : panel.box.right] = 120
    assert (outside == 120).all()


def test_cue_and_praise_differ_in_colour_and_sign(draw, make):
    cue, praise = (draw(make.observation(), cue=which) for which in (make.cue, make.praise))
    assert count(cue, theme.YELLOW) > 5000
    assert count(praise, theme.YELLOW) == 0
    assert count(praise[:, :1000], theme.BLUISH_GREEN) > 5000


def test_the_banner_has_one_place_wherever_the_lifter_is(make):
    overlay = overlay_of(make.info(1280, 720))
    pose = make.pose(1280, 720)
    places = []
    for move in (-200, 150):
        image = grey()
        overlay.draw(image, replace(pose, image_px=pose.image_px + np.array((0, move))), make.state(cue=make.cue))
        places.append((image == theme.YELLOW).all(axis=2))
    assert places[0].sum() > 5000
    assert np.array_equal(*places)


@pytest.mark.parametrize("offset", [(-30, 40), (600, 340), (100, -25), (2000, 2000)])
def test_drawing_over_the_edge_clips(offset):
    image = grey(640, 360)
    box = Box(*offset, offset[0] + 120, offset[1] + 50)
    canvas.shade(image, box, 8)
    canvas.tint_box(image, box, theme.SHORT, 0.4)
    corners = np.array([(box.left, box.top), (box.right - 2, box.top), (box.right - 2, box.bottom - 2)], float)
    canvas.tint_polygon(image, corners, theme.SHORT, 0.4)
    canvas.put_text(image, "174°", (box.left, box.bottom - 2), 30, theme.TEXT)
    outside = image.copy()
    outside[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)] = 120
    assert (outside == 120).all()


def test_the_drawn_verdict_comes_from_the_result_not_from_the_angle(make):
    """A repetition whose lockout was not judged shows nothing green, however straight the hip is."""
    size = (1280, 720)
    overlay = overlay_of(make.info(*size))
    for status, green in ((Status.OK, True), (Status.FAULT, False), (Status.NOT_ASSESSED, False)):
        image = grey(*size)
        state = make.state(make.observation(0.0), last_rep=make.rep(status=status), is_full=status is Status.OK)
        overlay.draw(image, make.pose(*size), state)
        assert (count(image, theme.REACHED) > 0) is green


def test_a_rejection_reason_is_written_in_place_of_a_cue(make):
    size = (1280, 720)
    images = []
    for changes in ({}, {"rejection": "Not counted: the foot moved"}, {"cue": make.cue, "rejection": "Not counted: x"}):
        images.append(grey(*size))
        overlay_of(make.info(*size)).draw(images[-1], make.pose(*size), make.state(**changes))
    plain, rejected, with_cue = images
    line = make.layout().line
    changed = np.argwhere((plain != rejected).any(axis=2))
    assert len(changed)
    assert changed.min(axis=0).tolist() >= [line.top, line.left]
    assert count(with_cue, theme.YELLOW) > 5000


@pytest.mark.parametrize("bend_deg", [5, 60, 90, 130, 175, 185])
@pytest.mark.parametrize("turn_deg", range(0, 360, 40))
def test_the_angle_label_avoids_trunk_and_thigh(bend_deg, turn_deg):
    hip = np.array([640.0, 360.0])
    ends = [
        hip + 150 * np.array([math.cos(math.radians(at)), math.sin(math.radians(at))])
        for at in (turn_deg, turn_deg + bend_deg)
    ]
    points = [tuple(int(value) for value in end) for end in ends]
    fan = HipFan((640, 360), points[0], points[1], turn_deg, bend_deg)
    label = HipAngle(Sizes(1280, 720))
    box = label._box(fan, (150, 72), 60, (None, ()))
    for end in ends:
        for share in np.linspace(0, 1, 40):
            x, y = hip + share * (end - hip)
            assert not (box.left < x < box.right and box.top < y < box.bottom)
