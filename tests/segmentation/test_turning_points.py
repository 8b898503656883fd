import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.segmentation.phases import Phase
from hipform.segmentation.turning_points import DONE_RATIO, SETTLED_S, STUCK_S, StartsAt, TurningPointFinder
from tests.segmentation.signals import SMALLEST_DEG, TURN_RATIO, find, finder_for, from_top, travel_deg
from tests.synthetic import RepPlan, RepSet, frame_times


def movements_of(reps, start_s=0.0, end_s=math.inf, fps=30, jitter=0.0, change=lambda t_s, angle_deg: angle_deg):
    times = [t for t in frame_times(reps.duration_s, fps, jitter, seed=3) if start_s <= t <= end_s]
    return find(times, [change(t, reps.angle_deg(t)) for t in times])


plans = st.builds(
    RepPlan,
    lift_s=st.floats(0.3, 2),
    hold_s=st.floats(0, 2),
    lower_s=st.floats(0.3, 2),
    rest_s=st.floats(0, 1.5),
    lockout_deg=st.floats(-15, 12),
    # Every range is more than the turn of any other: 35 % of 95 degrees.
    bottom_deg=st.floats(50, 80),
)
sets = st.builds(
    RepSet, st.lists(plans, min_size=1, max_size=4).map(tuple), lead_s=st.floats(0.2, 1.5), is_eased=st.booleans()
)


def jittered(fps):
    return pytest.param(fps, 0.6, id=f"{fps} fps variable")


frame_rates = pytest.mark.parametrize(
    ("fps", "jitter"), [(15, 0), (24, 0), (30, 0), (60, 0), jittered(20), jittered(30)]
)

# ------------------------------------------------------------------------------------------------------------- counting


@given(sets, st.sampled_from([24, 30, 60]), st.sampled_from([0.0, 0.5]))
@settings(max_examples=60)
def test_every_repetition_is_found_where_it_is(reps, fps, jitter):
    found = movements_of(reps, fps=fps, jitter=jitter)
    assert len(found) == len(reps.plans)
    for number, (plan, movement) in enumerate(zip(reps.plans, found, strict=True), 1):
        lift_s, top_s, leave_s, low_s = reps.rep_times(number)
        assert movement.start_t_s <= lift_s + 2 / fps
        assert top_s - 0.2 * plan.lift_s - 2 / fps <= movement.turn_t_s <= leave_s + 2 / fps
        # A top without a hold can fall between two frames.
        frame_deg = (plan.bottom_deg - plan.lockout_deg) / min(plan.lift_s, plan.lower_s) * (1 + jitter) / fps
        assert movement.turn_deg == pytest.approx(plan.lockout_deg, abs=frame_deg)
        assert movement.end_t_s is None or movement.end_t_s >= low_s - plan.lower_s


@given(sets, st.floats(0, 1), st.integers(0, 100))
@settings(max_examples=60)
def test_movements_are_ordered_and_never_overlap(reps, share, seed):
    rng = np.random.default_rng(seed)
    found = movements_of(reps, start_s=share * 2, change=lambda _, angle: angle + rng.normal(0, 4))
    for movement in found:
        assert movement.start_t_s < movement.turn_t_s
        assert movement.end_t_s is None or movement.turn_t_s <= movement.end_t_s
        assert travel_deg(movement) >= SMALLEST_DEG
    for before, after in itertools.pairwise(found):
        assert before.end_t_s is not None
        assert before.end_t_s <= after.start_t_s
    assert all(movement.end_t_s is not None for movement in found[:-1])


@frame_rates
def test_count_does_not_depend_on_the_frame_rate(fps, jitter):
    assert len(movements_of(RepSet.of(5), fps=fps, jitter=jitter)) == 5


@pytest.mark.parametrize("value", [0.0, 45.0])
def test_a_constant_signal_has_no_movement(value):
    times = frame_times(30)
    assert find(times, np.full(len(times), value)) == []


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_noise_alone_has_no_movement(seed):
    times = frame_times(20)
    noise = np.clip(np.random.default_rng(seed).normal(45, 2, len(times)), 45 - SMALLEST_DEG / 2, 45 + SMALLEST_DEG / 2)
    assert find(times, noise) == []


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_noise_adds_and_hides_no_repetition(seed):
    rng = np.random.default_rng(seed)
    assert len(movements_of(RepSet.of(4), change=lambda _, angle: angle + rng.normal(0, 1.5))) == 4


@pytest.mark.parametrize("seed", range(4))
def test_strong_noise_neither_adds_nor_hides_a_repetition(seed):
    """Landmarks of a small subject jump by more than the smallest turn from frame to frame."""
    rng = np.random.default_rng(seed)
    reps = RepSet.of(4, rest_s=1.0)
    assert len(movements_of(reps, change=lambda _, angle: angle + rng.normal(0, 0.4 * SMALLEST_DEG))) == 4
    times = frame_times(10)
    assert find(times, rng.normal(45, 0.4 * SMALLEST_DEG, len(times))) == []


@pytest.mark.parametrize(("range_deg", "count"), [(11, 0), (14, 2)])
def test_only_a_movement_past_the_smallest_turn_counts(range_deg, count):
    assert len(movements_of(RepSet.of(2, bottom_deg=range_deg))) == count


# ------------------------------------------------------------------------------------------------ wobble, dips, bounces


def bump(at_s, size_deg, width_s=0.3):
    """Return a change that raises the angle by *size_deg* for a moment."""

    def change(t_s, angle_deg):
        inside = abs(t_s - at_s) < width_s / 2
        return angle_deg + size_deg * inside * math.cos(math.pi * (t_s - at_s) / width_s)

    return change


LONG_TOP = RepSet.of(3, hold_s=2, bottom_deg=60)


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("size_deg", [5, 10, 16])
def test_a_wobble_at_the_top_splits_nothing(number, size_deg):
    top_s = LONG_TOP.rep_times(number)[1] + 1
    assert len(movements_of(LONG_TOP, change=bump(top_s, size_deg))) == 3


def test_a_double_dip_counts_as_two_once_it_goes_down_by_the_turn():
    top_s = LONG_TOP.rep_times(2)[1] + 1
    assert len(movements_of(LONG_TOP, change=bump(top_s, 0.45 * 60, width_s=1))) == 4


@pytest.mark.parametrize("size_deg", [-8, -15])
def test_a_wobble_at_the_bottom_starts_nothing_once_the_range_is_known(size_deg):
    reps = RepSet.of(3, rest_s=2, bottom_deg=60)
    low_s = reps.rep_times(2)[3] + 1
    assert len(movements_of(reps, change=bump(low_s, size_deg))) == 3


def test_a_bounce_at_the_bottom_is_two_repetitions():
    reps = RepSet.of(3, rest_s=0, lower_s=0.4, lift_s=0.4, hold_s=0)
    found = movements_of(reps)
    assert len(found) == 3
    assert found[1].start_t_s == found[0].end_t_s


def test_a_rest_before_the_bottom_is_reached_does_not_end_a_repetition():
    half_way = [(0, 60), (1, 60), (2, 0), (3, 0), (3.5, 30), (5, 30), (5.5, 60), (6.5, 60)]
    times = frame_times(6.5)
    (movement,) = find(times, np.interp(times, *zip(*half_way, strict=True)))
    assert movement.end_t_s == pytest.approx(5.5, abs=0.05)


def test_the_turn_follows_the_sets_own_range():
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG)
    assert finder.turn_deg == SMALLEST_DEG
    finder.accept(60)
    assert finder.turn_deg == pytest.approx(TURN_RATIO * 60)
    for _ in range(9):
        finder.accept(80)
    assert finder.turn_deg == pytest.approx(TURN_RATIO * 80)
    finder.reset()
    assert finder.turn_deg == pytest.approx(TURN_RATIO * 80)


def test_the_turn_never_gets_smaller_than_the_smallest():
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG)
    finder.accept(15)
    assert finder.turn_deg == SMALLEST_DEG


# ----------------------------------------------------------------------------------------------- a clip begins and ends


def test_a_clip_that_begins_in_mid_lift_says_so():
    reps = RepSet.of(2, lift_s=1.5)
    lift_s, top_s, *_ = reps.rep_times(1)
    first, second = movements_of(reps, start_s=(lift_s + top_s) / 2)
    assert not first.start_seen
    assert second.start_seen


def test_a_clip_that_begins_at_the_bottom_has_seen_the_start():
    assert all(movement.start_seen for movement in movements_of(RepSet.of(2, lead_s=0.3)))


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_clip_that_begins_in_mid_lowering_counts_from_the_next_lift(share):
    reps = RepSet.of(3, lower_s=2)
    _, _, leave_s, low_s = reps.rep_times(1)
    assert len(movements_of(reps, start_s=leave_s + share * (low_s - leave_s))) == 2


@pytest.mark.parametrize("where", ["mid-lift", "top", "mid-lowering"])
def test_a_clip_that_ends_early_leaves_the_end_open(where):
    reps = RepSet.of(2, lift_s=1.5, lower_s=1.5)
    lift_s, top_s, leave_s, low_s = reps.rep_times(2)
    end_s = {"mid-lift": (lift_s + top_s) / 2, "top": leave_s, "mid-lowering": (leave_s + low_s) / 2}[where]
    first, second = movements_of(reps, end_s=end_s)
    assert (first.top_seen, second.top_seen) == (True, where != "mid-lift")
    assert first.end_t_s is not None
    assert second.end_t_s is None
    assert math.isnan(second.end_deg)


def test_finish_ends_what_is_under_way_once():
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG)
    for t_s, angle in [(0.0, 50.0), (0.2, 50.0), (0.4, 30.0), (0.6, 10.0)]:
        assert finder.push(t_s, angle) is None
    assert finder.under_way
    assert finder.finish().turn_deg == 10.0
    assert not finder.under_way
    assert finder.finish() is None


def test_reset_forgets_the_movement_under_way():
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG)
    for t_s, angle in [(0.0, 50.0), (0.2, 50.0), (0.4, 10.0)]:
        finder.push(t_s, angle)
    finder.reset()
    assert (finder.phase, finder.under_way) == (Phase.IDLE, False)
    assert math.isnan(finder.start_t_s)
    # What came before the reset must not be the bottom of what comes after.
    assert find([1.0, 1.2, 1.4], [10.0, 5.0, 8.0], finder) == []


def test_nothing_pushed_nothing_found():
    assert find([], []) == []


# --------------------------------------------------------------------------------------------------------------- phases


def test_phases_follow_one_another():
    reps = RepSet.of(2, hold_s=1, rest_s=1)
    finder, seen = TurningPointFinder(TURN_RATIO, SMALLEST_DEG), []
    for t_s in frame_times(reps.duration_s):
        finder.push(t_s, reps.angle_deg(t_s))
        seen.append(finder.phase)
    one = [Phase.LIFT, Phase.TOP, Phase.LOWER, Phase.BOTTOM]
    assert [phase for phase, _ in itertools.groupby(seen)] == [Phase.IDLE, *one, *one]


@given(sets)
@settings(max_examples=30)
def test_a_movement_is_certain_only_after_its_top(reps):
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG)
    for t_s in frame_times(reps.duration_s):
        movement = finder.push(t_s, reps.angle_deg(t_s))
        if movement:
            assert movement.start_t_s < movement.turn_t_s < movement.end_t_s <= t_s


# ------------------------------------------------------------------------------------------------ starting at the top

from_tops = st.builds(
    from_top,
    st.integers(1, 4),
    lower_s=st.floats(0.4, 2),
    low_s=st.floats(0, 2),
    lift_s=st.floats(0.4, 2),
    rest_s=st.floats(0.5, 1.5),
    top_deg=st.floats(-10, 15),
    bottom_deg=st.floats(60, 110),
    lead_s=st.floats(0.2, 1.5),
    is_eased=st.booleans(),
)


def from_top_movements(times, angles):
    return find(times, angles, finder_for(StartsAt.TOP))


def filmed(reps, start_s=0.0, end_s=math.inf, fps=30, jitter=0.0):
    """Return times and angles of a set between two times."""
    times = [t for t in frame_times(reps.duration_s, fps, jitter, seed=3) if start_s <= t <= end_s]
    return times, [reps.angle_deg(t) for t in times]


def course(*knots, fps=30):
    """Return times and angles of a signal that goes straight from knot to knot, each (time, angle)."""
    times = frame_times(knots[-1][0], fps)
    return times, np.interp(times, *zip(*knots, strict=True))


@given(from_tops, st.sampled_from([24, 30, 60]), st.sampled_from([0.0, 0.5]))
@settings(max_examples=60)
def test_every_repetition_from_the_top_is_found_where_it_is(reps, fps, jitter):
    found = from_top_movements(*filmed(reps, fps=fps, jitter=jitter))
    assert len(found) == len(reps.plans)
    for number, (plan, movement) in enumerate(zip(reps.plans, found, strict=True), 1):
        leave_s, low_s, lift_s, top_s = reps.rep_times(number)
        assert movement.starts_at is StartsAt.TOP
        assert movement.start_t_s <= leave_s + 2 / fps
        assert low_s - 0.2 * plan.lift_s - 2 / fps <= movement.turn_t_s <= lift_s + 2 / fps
        assert lift_s <= movement.end_t_s <= top_s + plan.rest_s + 1 / fps
        frame_deg = (plan.lockout_deg - plan.bottom_deg) / min(plan.lift_s, plan.lower_s) * (1 + jitter) / fps
        assert movement.start_deg == pytest.approx(plan.bottom_deg, abs=frame_deg)
        assert movement.turn_deg == pytest.approx(plan.lockout_deg, abs=frame_deg)
        assert movement.end_deg == pytest.approx(plan.bottom_deg, abs=2 + frame_deg)
        assert movement.start_seen
        assert movement.top_seen
    for before, after in itertools.pairwise(found):
        assert before.end_t_s <= after.start_t_s


STICKING = [(0, 0), (1, 0), (2, 80), (2.5, 80), (3, 16), (3.6, 16), (4, 0), (5.5, 0)]
"""A lift that halts for 0.6 s when four fifths of it are done."""


def test_a_sticking_point_does_not_end_a_lift_to_the_top():
    (movement,) = from_top_movements(*course(*STICKING))
    assert movement.end_deg == 0
    assert movement.end_t_s == pytest.approx(4, abs=0.04)


def test_the_same_halt_ends_a_lowering_to_the_bottom():
    times, angles = course(*STICKING)
    (movement,) = find(times, -angles)
    assert movement.end_deg == -16


def certain_s(finder, times, angles):
    """Return when each movement of a signal is certain, and the movements."""
    found = ((t, finder.push(t, angle)) for t, angle in zip(times, angles, strict=True))
    return [(t, movement) for t, movement in found if movement]


SHORT = [(0, 0), (1, 0), (2, 80), (2.5, 80), (3, 20), (5.5, 20), (6.5, 80), (7, 80), (8, 0), (9, 0)]
"""A lift that ends for good when three quarters of it are done, a rest there, and a full one."""


def test_a_short_lockout_ends_the_repetition_after_the_pause():
    (first_s, first), (_, second) = certain_s(finder_for(StartsAt.TOP), *course(*SHORT))
    assert first.end_deg == 20
    assert first_s == pytest.approx(3 + STUCK_S, abs=0.1)
    assert (second.start_deg, second.turn_deg, second.end_deg) == (20, 80, 0)


def test_a_full_lockout_ends_the_repetition_much_sooner():
    *_, (last_s, last) = certain_s(finder_for(StartsAt.TOP), *course(*SHORT))
    assert last.end_deg == 0
    assert last_s == pytest.approx(8 + SETTLED_S, abs=0.1)


def test_the_next_descent_ends_a_short_lockout_at_once():
    knots = [(0, 0), (1, 0), (2, 80), (2.5, 80), (3, 20), (3.3, 20), (4.3, 80), (4.8, 80), (5.8, 0), (7, 0)]
    (first_s, first), (_, second) = certain_s(finder_for(StartsAt.TOP), *course(*knots))
    assert (first.end_deg, second.start_deg) == (20, 20)
    assert 3.3 < first_s < 3.3 + STUCK_S


def test_a_rest_low_in_the_lift_does_not_end_it_however_long():
    half = 80 * (1 - DONE_RATIO) + 10
    (movement,) = from_top_movements(*course((0, 0), (1, 0), (2, 80), (3, half), (8, half), (9, 0), (10, 0)))
    assert movement.end_t_s == pytest.approx(9, abs=0.04)


def test_a_clip_that_begins_in_a_descent_says_so():
    reps = from_top(2, lower_s=1.5)
    leave_s, low_s, *_ = reps.rep_times(1)
    first, second = from_top_movements(*filmed(reps, start_s=(leave_s + low_s) / 2))
    assert (first.start_seen, second.start_seen) == (False, True)


@pytest.mark.parametrize(("share", "count"), [(0.0, 3), (0.25, 3), (0.75, 2)])
def test_a_clip_that_begins_in_a_lift_shows_it_without_a_lowering(share, count):
    reps = from_top(3, lift_s=2)
    *_, lift_s, top_s = reps.rep_times(1)
    found = from_top_movements(*filmed(reps, start_s=lift_s + share * (top_s - lift_s)))
    assert len(found) == count
    assert [movement.outward_seen for movement in found] == [count == 2, True, True][:count]
    assert (found[0].end_t_s <= reps.rep_times(2)[0]) == (count == 3)


def test_a_first_lift_to_the_top_is_found_after_a_rest_there_and_only_once():
    times, angles = course((0, 80), (1, 80), (2, 0), (6, 0), (7, 80), (7.5, 80), (8.5, 0), (9, 0))
    (first_s, first), (_, second) = certain_s(finder_for(StartsAt.TOP), times, angles)
    assert first_s == pytest.approx(2 + STUCK_S, abs=0.1)
    assert (first.start_deg, first.turn_deg, first.end_deg, first.start_seen) == (80, 80, 0, True)
    assert second.outward_seen


@pytest.mark.parametrize(("end_s", "is_over"), [(1.9, False), (2.4, True)])
def test_a_first_lift_to_the_top_that_the_clip_cuts_off_is_over_once_it_halts(end_s, is_over):
    times, angles = course((0, 80), (1, 80), (2, 0), (end_s, 0)) if is_over else course((0, 80), (1, 80), (end_s, 8))
    (movement,) = from_top_movements(times, angles)
    assert movement.top_seen == is_over


@pytest.mark.parametrize(("up_deg", "is_up"), [(8, True), (20, False)])
def test_a_lift_that_comes_back_to_where_it_was_lowered_from_is_up(up_deg, is_up):
    """The clip ends in the motion, so that only the lowering says how far the lift should go."""
    (movement,) = find(*course((0, 0), (1, 0), (2, 80), (2.5, 80), (3.5, up_deg)))
    assert movement.top_seen == is_up


@pytest.mark.parametrize(
    ("back_share", "is_over"), [(0.0, False), (0.5, False), (0.8, False), (0.9, True), (1.0, True)]
)
def test_a_lift_that_the_clip_cuts_off_is_over_when_it_is_nearly_up(back_share, is_over):
    reps = from_top(1, lift_s=2, is_eased=False)
    _, _, lift_s, top_s = reps.rep_times(1)
    (movement,) = from_top_movements(*filmed(reps, end_s=lift_s + back_share * (top_s - lift_s)))
    assert movement.top_seen == is_over
    assert (movement.end_t_s is not None) == is_over
    assert movement.turn_deg == 80
    if is_over:
        assert movement.end_deg == pytest.approx(80 * (1 - back_share), abs=2)


def test_a_lift_that_went_as_far_as_those_before_had_come_to_its_top():
    finder = finder_for()
    finder.accept(50)
    knots = [(0, 50), (0.5, 50), (1.5, 2), (1.6, 1)]
    for t_s, angle in zip(*course(*knots), strict=True):
        finder.push(float(t_s), float(angle))
    assert finder.phase is Phase.LIFT
    assert finder.finish().top_seen


@pytest.mark.parametrize("starts_at", list(StartsAt))
@pytest.mark.parametrize(("end_deg", "is_up"), [(8, True), (14, False)])
def test_a_lift_that_makes_the_hip_straight_is_up_when_the_clip_ends_in_its_motion(starts_at, end_deg, is_up):
    finder = TurningPointFinder(TURN_RATIO, SMALLEST_DEG, starts_at, straight_deg=10)
    (movement,) = find(*course((0, 80), (1, 80), (2, end_deg)), finder)
    assert movement.top_seen == is_up


@pytest.mark.parametrize("starts_at", list(StartsAt))
def test_a_long_rest_on_the_way_there_is_where_the_movement_may_have_begun(starts_at):
    times, angles = course((0, 0), (1, 0), (2, -30), (4, -30), (5, -80), (6, -80), (7, 0), (8, 0))
    sign = starts_at.value
    (movement,) = find(times, sign * angles, finder_for(starts_at))
    at_s, at_deg = movement.pause
    assert at_s == pytest.approx(4.05, abs=0.1)
    assert at_deg == -30 * sign
    rest = movement.after_pause()
    assert (rest.start_t_s, rest.start_deg, rest.pause, rest.start_seen) == (at_s, at_deg, None, True)
    assert (rest.turn_deg, rest.end_deg) == (movement.turn_deg, movement.end_deg)


def test_phases_from_the_top_follow_one_another():
    finder, seen = finder_for(StartsAt.TOP), []
    for t_s, angle in zip(*filmed(from_top(2, low_s=1)), strict=True):
        finder.push(t_s, angle)
        seen.append(finder.phase)
    one = [Phase.LOWER, Phase.BOTTOM, Phase.LIFT, Phase.TOP]
    assert [phase for phase, _ in itertools.groupby(seen)] == [Phase.IDLE, *one, *one]


@given(from_tops, st.floats(0, 1))
@settings(max_examples=40)
def test_what_was_found_up_to_a_time_does_not_change_when_more_samples_come(reps, share):
    times, angles = filmed(reps)
    count = round(share * len(times))
    whole, part = (certain_s(finder_for(StartsAt.TOP), times[:end], angles[:end]) for end in (len(times), count))
    assert part == [(t, movement) for t, movement in whole if t in times[:count]]
    assert all(movement.start_t_s < movement.turn_t_s < movement.end_t_s <= t for t, movement in whole)
