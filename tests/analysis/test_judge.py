"""What a movement is, in numbers: repetition, partial, or not counted and why."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hipform.analysis.judge import Judge
from hipform.analysis.judged_reps import Calibration, RejectedMovement, Rep
from hipform.config import Settings
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.findings import Status
from hipform.kinematics.lumbar_extension import N_DEPTHS
from hipform.kinematics.measures import MEASURES
from hipform.types import Estimate, Side
from tests.exercises.samples import rep_summary

BRIDGE = EXERCISES["glute-bridge"]
LEAVING = "the feet moved and the knees did not stay bent as in the set: taking or leaving the position"


def deg(value):
    return Estimate(value, 5.0, "deg")


def full(number=0, range_deg=50.0, lockout_deg=0.0, **changes):
    """Return the *number*-th movement of a set, ten seconds each."""
    times = {name: 10.0 * number + at for name, at in (("start_s", 1), ("top_start_s", 2), ("top_s", 2.2))}
    times |= {name: 10.0 * number + at for name, at in (("top_end_s", 3), ("end_s", 4))}
    angles = {"range": deg(range_deg), "lockout": deg(lockout_deg), "bottom": deg(range_deg + lockout_deg)}
    return rep_summary(**(times | angles | changes))


def partial(number=0, **changes):
    return full(number, range_deg=25.0, lockout_deg=25.0, **changes)


def judge(*summaries, **settings):
    judged = Judge(BRIDGE, Settings(settings))
    for summary in summaries:
        judged.movement(summary)
    return judged.whole_set()


def reason_of(summary, broken_by=None):
    verdict = Judge(BRIDGE, Settings()).movement(summary, broken_by)
    return verdict.reason if isinstance(verdict, RejectedMovement) else None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lift_s": 0.19}, "up in 0.19 s: a jump of the tracking, not a lift"),
        ({"lift_s": 0.21}, None),
        ({"lift_s": None}, None),
        ({"range_deg": 11.9}, "the hip moved by 12 degrees only"),
        ({"feet_move_trunks": 0.41}, "the foot moved: stepping or setting up"),
        ({"feet_move_trunks": 0.39}, None),
        ({"feet_move_trunks": math.nan}, None),
        ({"start_s": None, "lift_s": None, "range_deg": 0.59 * 45}, "the clip starts mid-lift"),
        ({"start_s": None, "lift_s": None, "range_deg": 0.61 * 45}, None),
        ({"top": {"knee_flexion_deg": 10.0}}, None),
        ({"top": {"knee_flexion_deg": 2.0}}, "knee straight at the top: no foot planted"),
    ],
)
def test_why_a_movement_is_not_counted(changes, reason):
    assert reason_of(full(**changes)) == reason


def test_behind_a_plate_ranges_are_compared_by_the_rise_of_the_bar():
    reps = judge(*(full(n, load_rise_radii=rise, hidden_ratio=1.0) for n, rise in enumerate((3.0, 1.2, math.nan))))[
        "reps"
    ]
    assert [one.finding("shallow-range").status for one in reps] == [Status.OK, Status.FAULT, Status.NOT_ASSESSED]
    (alone,) = judge(full(load_rise_radii=3.0, hidden_ratio=1.0))["reps"]
    assert alone.finding("shallow-range").status is Status.NOT_ASSESSED


def test_feet_may_move_where_the_exercise_lets_them():
    moved = {
        "feet_move_trunks": 1.0,
        "top": {"hip_height_ratio": 1.7, "knee_flexion_deg": 0.0, "thigh_incline_deg": -90.0},
    }
    hinge = {"low": {"trunk_lean_deg": 70.0, "thigh_incline_deg": -70.0}}
    assert isinstance(Judge(EXERCISES["good-morning"], Settings()).movement(full(**moved, **hinge)), Rep)


HINGE = {
    "top": {"hip_height_ratio": 1.7, "thigh_incline_deg": -90.0},
    "low": {"trunk_lean_deg": 70.0, "thigh_incline_deg": -70.0},
}


@pytest.mark.parametrize(
    ("slug", "sides", "settled"),
    [
        ("romanian-deadlift:b-stance", "LLRLL", "LLLLL"),
        ("romanian-deadlift:b-stance", "LLRR", "LLRR"),
        ("single-leg-glute-bridge", "LRLR", "LRLR"),
    ],
)
def test_a_stance_does_not_change_for_one_repetition(slug, sides, settled):
    names = {"L": Side.LEFT, "R": Side.RIGHT}
    judged = Judge(find_exercise(slug), Settings())
    for number, side in enumerate(sides):
        stands = HINGE if "deadlift" in slug else {"top": {"other_knee_flexion_deg": 0.0}}
        judged.movement(full(number, range_deg=80.0, side=names[side], **stands))
    assert [rep.side for rep in judged.whole_set()["reps"]] == [names[side] for side in settled]


def rounded(number, by_deg):
    levels_deg = np.where(np.arange(N_DEPTHS) >= 8, -by_deg, 0.0)
    return full(number, range_deg=80.0, low_back_levels_deg=levels_deg, **HINGE)


def test_backs_are_held_against_the_first_repetitions():
    judged = Judge(EXERCISES["good-morning"], Settings())
    live = [judged.movement(rounded(number, by_deg)) for number, by_deg in enumerate((0, 1, -1, 0, 30))]
    assert [rep.finding("lumbar-rounding").status for rep in live[-2:]] == ["ok", "fault"]
    backs = [rep.finding("lumbar-rounding").status for rep in judged.whole_set()["reps"]]
    assert backs == ["not_assessed", "not_assessed", "not_assessed", "ok", "fault"]


def test_a_calibration_finds_a_back_that_rounds_in_every_repetition():
    levels_deg = (0.0,) * N_DEPTHS
    own = Calibration(
        exercise="good-morning",
        model="heavy",
        reps=5,
        view_off_deg=5.0,
        lockout_trunk_thigh_flexion_deg=-4.0,
        low_back_top_deg=0.0,
        low_back_levels_deg=levels_deg,
    )
    for calibration, status in (
        (None, "not_assessed"),
        (own, "fault"),
        (replace(own, view_off_deg=25.0), "not_assessed"),
    ):
        judged = Judge(EXERCISES["good-morning"], Settings(), calibration)
        for number in range(3):
            judged.movement(rounded(number, 30))
        found = judged.whole_set()
        assert {rep.finding("lumbar-rounding").status for rep in found["reps"]} == {status}
        assert ("calibration" in found["refined"]) is (calibration is not None)


def test_what_the_low_back_gave_goes_with_the_repetition():
    judged = Judge(BRIDGE, Settings())
    for number, arch_deg in enumerate((0.0, 0.0, 0.0, 30.0, math.nan)):
        judged.movement(full(number, low_back_top_deg=arch_deg))
    *_, third, fourth, fifth = judged.whole_set()["reps"]
    assert third.attribution == "full; one of the reference repetitions for the low back of the others"
    assert "first repetitions" not in third.finding("lumbar-overextension").text
    assert fourth.lumbar_extension_deg.value == 30.0
    assert fourth.low_back_share_ratio.value == pytest.approx(0.8)
    assert fourth.attribution == "looks full, but at least 20 degrees come from the low back"
    assert fourth.finding("lumbar-overextension").status == "fault"
    assert fifth.lumbar_extension_deg is None
    assert fifth.attribution == "full; this angle cannot separate hip from low back"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lockout_deg": 20.0}, "short by 20 ± 5 degrees at the hip"),
        ({"lockout_deg": 20.0, "low_back_top_deg": math.nan}, "short by 20 ± 5 degrees, hip and low back together"),
        ({"lockout_deg": 10.0}, "too close to call"),
        (
            {"lockout_deg": 14.0, "low_back_top_deg": 30.0},
            "looks short, and at least 19 degrees come from the low back",
        ),
        ({"view_off_deg": 57.0}, "cannot tell: camera about 57 degrees off the side view; the limit is 55"),
        ({}, "full; low back no more arched than in your first repetitions"),
    ],
)
def test_a_lockout_in_one_line(changes, says):
    judged = Judge(BRIDGE, Settings())
    for number in range(3):
        judged.movement(full(number))
    assert judged.movement(full(3, **changes)).attribution == says


def now(judged, flexion_deg, hollow_ratio, view_off_deg=5.0):
    values = dict.fromkeys(MEASURES, 0.0) | {"trunk_thigh_flexion_deg": flexion_deg, "back_hollow_ratio": hollow_ratio}
    return judged.low_back_now(values, view_off_deg)


def test_the_low_back_is_reported_live_at_the_top_and_deep_in_a_hinge():
    judged = Judge(EXERCISES["deadlift"], Settings())
    assert now(judged, 0.0, 0.0) is None
    for number in range(3):
        judged.movement(rounded(number, 0.0))
    top, deep = now(judged, 2.0, 40 / 610), now(judged, 70.0, -10 / 610)
    assert (top.value, deep.value) == (pytest.approx(40), pytest.approx(-10))
    assert top.u95 > deep.u95
    # As close to the neutral as loose clothes put it by themselves.
    assert now(judged, 2.0, 10 / 610) is None
    assert now(judged, 25.0, 40 / 610) is None
    assert now(judged, 2.0, math.nan) is None
    assert now(judged, 2.0, 40 / 610, view_off_deg=25.0) is None
    assert Judge(EXERCISES["bird-dog"], Settings()).low_back_now(dict.fromkeys(MEASURES, 0.0), 5.0) is None


def test_what_broke_a_movement_comes_before_all_else():
    assert reason_of(full(lift_s=0.1), broken_by="cut to another shot") == "cut to another shot"


def test_an_uncounted_movement_lasts_as_long_as_was_seen():
    judged = Judge(BRIDGE, Settings())
    whole = judged.movement(full(), "broken")
    open_ended = judged.movement(full(start_s=None, end_s=None), "broken")
    assert (whole.start_s, whole.end_s) == (1.0, 4.0)
    assert (open_ended.start_s, open_ended.end_s) == (2.0, 3.0)


def test_live_counts_and_numbers():
    judged = Judge(BRIDGE, Settings())
    verdicts = [judged.movement(summary) for summary in (full(0), partial(1), full(2), partial(3))]
    assert [(rep.number, rep.partial) for rep in verdicts] == [(1, False), (1, True), (2, False), (2, True)]
    assert (judged.rep_count, judged.partial_count) == (2, 2)


def test_a_single_early_partial_waits_before_it_shows():
    """Sitting down looks like one; from two on the lifter really stops short."""
    hardly = {"range_deg": 14.0, "lockout_deg": 36.0}

    def shown(*summaries):
        judged = Judge(BRIDGE, Settings())
        return [(judged.movement(summary), judged.partial_count)[1] for summary in summaries]

    assert shown(partial(0), full(1), full(2), partial(3)) == [0, 0, 0, 1]
    assert shown(partial(0), full(1, **hardly), full(2), full(3, **hardly)) == [0, 2, 2, 3]


@pytest.mark.parametrize(("range_deg", "is_partial"), [(0.59 * 45, True), (0.61 * 45, False)])
def test_a_first_movement_is_held_against_the_usual_range(range_deg, is_partial):
    assert Judge(BRIDGE, Settings()).movement(full(range_deg=range_deg)).partial == is_partial


@pytest.mark.parametrize(
    ("range_deg", "lockout_deg", "is_partial"),
    [
        (29.0, 21.0, True),
        (31.0, 19.0, False),
        # As little range, but up to the usual top: shallow at the bottom, and a repetition.
        (20.0, 0.0, False),
        (20.0, 12.0, False),
        (20.0, 13.0, True),
    ],
)
def test_partial_is_short_of_the_usual_range_and_of_the_usual_top(range_deg, lockout_deg, is_partial):
    set_ = judge(full(0), full(1), full(2), full(3, range_deg=range_deg, lockout_deg=lockout_deg))
    assert (len(set_["reps"]), len(set_["partial_reps"])) == ((3, 1) if is_partial else (4, 0))


@pytest.mark.parametrize(
    ("ranges_deg", "count"),
    [
        ([50, 50, *[22] * 16], 2),
        ([50, 48, 50, *[25] * 4, 49], 4),
        # Three in a row are shallow repetitions, and without full ones there is nothing to be small against.
        ([50, 48, 50, *[25] * 3, 49], 7),
        ([22] * 16, 16),
        ([90, *[22] * 16], 17),
    ],
)
def test_pulses_at_the_top_are_partial(ranges_deg, count):
    set_ = judge(*(full(number, range_deg=range_deg) for number, range_deg in enumerate(ranges_deg)))
    assert (len(set_["reps"]), len(set_["partial_reps"])) == (count, len(ranges_deg) - count)


@pytest.mark.parametrize(("slug", "count"), [("bird-dog", 3), ("glute-bridge", 5)])
def test_a_leg_that_only_dips_is_still_held_out_but_a_bridge_may_be_shallow(slug, count):
    exercise = replace(BRIDGE, working_side=EXERCISES[slug].working_side)
    judged = Judge(exercise, Settings())
    for number, range_deg in enumerate([79, 39, 87, 30, 97]):
        judged.movement(full(number, range_deg=range_deg))
    assert judged.rep_count == count
    set_ = judged.whole_set()
    assert (len(set_["reps"]), len(set_["partial_reps"])) == (count, 5 - count)


STRETCHED = {"feet_move_trunks": 0.25, "top": {"knee_flexion_deg": 5.0}}


@pytest.mark.parametrize(
    ("place", "changes", "counts"),
    [
        (3, STRETCHED, False),
        (0, STRETCHED, False),
        (2, STRETCHED, True),
        (3, STRETCHED | {"feet_move_trunks": 0.1}, True),
        (3, STRETCHED | {"feet_move_trunks": math.nan}, True),
        (3, {"feet_move_trunks": 0.25}, True),
    ],
    ids=["last", "first", "in the middle", "feet stay", "feet unseen", "knees stay"],
)
def test_legs_stretched_out_after_or_before_the_set_are_no_repetition(place, changes, counts):
    bent = {"knee_flexion_deg": 30.0}
    movements = [full(number, top=bent) for number in range(4)]
    movements[place] = full(place, **({"top": bent} | changes))
    set_ = judge(*movements)
    assert len(set_["reps"]) == (4 if counts else 3)
    assert [movement.reason for movement in set_["rejected"]] == ([] if counts else [LEAVING])


def test_a_calibration_learns_from_no_movement_that_the_set_does_not_count():
    judged = Judge(BRIDGE, Settings())
    for movement in (*(full(number, top={"knee_flexion_deg": 90.0}) for number in range(3)), full(3, **STRETCHED)):
        judged.movement(movement)
    assert len(judged.full_reps) == len(judged.whole_set()["reps"]) == 3


def test_two_repetitions_say_too_little_about_where_the_feet_stay():
    movements = [full(0, top={"knee_flexion_deg": 30.0}), full(1, **STRETCHED)]
    assert len(judge(*movements)["reps"]) == 2


def test_the_share_that_makes_a_partial_is_a_setting():
    movements = (full(0), full(1), full(2), full(3, range_deg=35.0, lockout_deg=15.0))
    assert len(judge(*movements)["reps"]) == 4
    assert len(judge(*movements, **{"reps.partial_ratio": 0.8})["reps"]) == 3


def test_the_whole_set_is_numbered_and_judged_anew():
    set_ = judge(full(0, range_deg=60), full(1, range_deg=30), *(full(number, range_deg=60) for number in range(2, 5)))
    assert [rep.number for rep in set_["reps"]] == [1, 2, 3, 4, 5]
    shallow = [next(f for f in rep.findings if f.rule == "shallow-range").status for rep in set_["reps"]]
    assert shallow == ["ok", "fault", "ok", "ok", "ok"]
    assert [finding.rule for finding in set_["findings"]] == ["overload"]


def test_live_the_first_range_has_nothing_to_be_held_against():
    judged = Judge(BRIDGE, Settings())
    statuses = []
    for number in range(3):
        rep = judged.movement(full(number))
        statuses.append(next(f for f in rep.findings if f.rule == "shallow-range").status)
    assert statuses == ["not_assessed", "ok", "ok"]


def test_an_own_top_takes_three_repetitions():
    def arch_after(count):
        judged = Judge(BRIDGE, Settings())
        for number in range(count):
            judged.movement(full(number, lockout_deg=-0.5))
        rep = judged.movement(full(count, held_deg=-15.0))
        return next(f for f in rep.findings if f.rule == "lumbar-overextension").status

    assert [arch_after(count) for count in (0, 2, 3)] == ["not_assessed", "not_assessed", "fault"]


LOW = {"hip_height_ratio": 0.4}
ELSEWHERE = {"hip_height_ratio": 0.7}


@pytest.mark.parametrize("place", [0, 4])
def test_a_partial_from_elsewhere_before_or_after_the_set_is_setting_up(place):
    movements = [full(number) for number in range(5)]
    movements[place] = partial(place, low=ELSEWHERE)
    set_ = judge(*movements)
    assert (len(set_["reps"]), len(set_["partial_reps"])) == (4, 0)
    assert [movement.reason for movement in set_["rejected"]] == [
        "started from a different position than the set's repetitions: setting up"
    ]


@pytest.mark.parametrize(("place", "low"), [(2, ELSEWHERE), (0, LOW), (4, LOW), (0, {"hip_height_ratio": 0.6})])
def test_a_partial_within_the_set_or_from_its_bottom_is_a_partial(place, low):
    movements = [full(number) for number in range(5)]
    movements[place] = partial(place, low=low)
    set_ = judge(*movements)
    assert (len(set_["reps"]), len(set_["partial_reps"])) == (4, 1)
    assert set_["rejected"] == ()


def test_partials_alone_are_nobodys_setting_up():
    set_ = judge(partial(0), partial(1, low=ELSEWHERE))
    assert len(set_["reps"]) + len(set_["partial_reps"]) == 2


def test_uncounted_movements_are_in_time_order():
    movements = [full(0, feet_move_trunks=1.0), *(full(n) for n in range(1, 5)), partial(5, low=ELSEWHERE)]
    set_ = judge(full(6, feet_move_trunks=1.0), *movements)
    starts = [movement.start_s for movement in set_["rejected"]]
    assert starts == sorted(starts)
    assert len(starts) == 3


def test_a_repetition_carries_what_was_measured():
    summary = full()
    rep = Judge(BRIDGE, Settings()).movement(summary)
    assert isinstance(rep, Rep)
    assert (rep.side, rep.timing) == (summary.side, summary.timing)
    assert rep.lockout_trunk_thigh_flexion_deg == summary.lockout
    assert rep.bottom_trunk_thigh_flexion_deg == summary.bottom
    assert rep.range_deg == summary.range
    assert [finding.rule for finding in rep.findings] == [rule.id for rule in BRIDGE.rules]
