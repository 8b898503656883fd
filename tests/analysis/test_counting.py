"""What is counted, whoever lifts and however the camera stands, and what is not."""

import math
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hipform.app import analyze
from hipform.types import Side
from hipform.video.frames import ClipInfo
from scripts.paths import ROOT
from tests.bridges import BRIDGES, every_bridge
from tests.synthetic import (
    Body,
    Posture,
    RepPlan,
    RepSet,
    SyntheticCamera,
    SyntheticClip,
    blend,
    bottom_deg_of,
    differences,
    figures,
    film,
    film_exercise,
    film_set,
    frame_times,
    lying,
    mirrored,
    moved,
    plank,
    posture_of,
    result_of,
    retimed,
    scaled,
    sit_up,
    squat,
    then,
    to_and_fro,
    walk,
)

FEW = settings(max_examples=4, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Whole clips are too slow to look for the smallest example that fails."""
FPS = 15
"""Frames a second, where a test is not about them."""
facings = pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])


def counts(result):
    return len(result.reps), len(result.partial_reps)


# ------------------------------------------------------------------------------------------------------------ every set


@every_bridge
@facings
@pytest.mark.parametrize("azimuth", [-30, 0, 30, 60])
def test_a_set_counts_from_every_side(slug, facing, azimuth):
    camera = SyntheticCamera(facing=facing, azimuth_deg=azimuth)
    result = result_of(film_exercise(slug, 3, camera, fps=FPS, noise_px=0.7), slug)
    assert counts(result) == (3, 0)
    assert result.rejected == result.gaps == ()
    assert result.side is camera.near
    assert {rep.side for rep in result.reps} == {camera.near}
    assert result.view_off_deg == pytest.approx(abs(azimuth), abs=2)
    assert [rep.number for rep in result.reps] == [1, 2, 3]


@every_bridge
def test_from_the_front_the_models_depth_gives_the_angles(slug):
    """The picture itself shows hardly any flexion there."""
    low = bottom_deg_of(slug)
    clip = film_exercise(slug, RepSet.of(2, bottom_deg=low, lockout_deg=6), SyntheticCamera(azimuth_deg=84), fps=FPS)
    result = result_of(clip, slug)
    assert counts(result) == (2, 0)
    for rep in result.reps:
        assert rep.lockout_trunk_thigh_flexion_deg.value == pytest.approx(6, abs=1)
        assert rep.bottom_trunk_thigh_flexion_deg.value == pytest.approx(low, abs=1)


@pytest.mark.parametrize(
    ("slug", "fps", "jitter"),
    [("glute-bridge", 60, 0), *((slug, *rate) for slug in BRIDGES for rate in ((12, 0), (24, 0), (30, 0.7)))],
)
def test_a_set_counts_at_every_frame_rate(slug, fps, jitter):
    assert counts(result_of(film_exercise(slug, 3, fps=fps, jitter=jitter), slug)) == (3, 0)


@every_bridge
@pytest.mark.parametrize("tilt", [10, 25])
def test_a_set_counts_from_above(slug, tilt):
    assert counts(result_of(film_exercise(slug, 3, SyntheticCamera(tilt_deg=tilt), fps=FPS), slug)) == (3, 0)


POSTURES = {
    "feet far": {"shin_lean_deg": -18},
    "feet close": {"shin_lean_deg": 18},
    "head up": {"neck_deg": -35},
    "long legs": {"body": Body(trunk_m=0.45, thigh_m=0.48, shank_m=0.46)},
    "long trunk": {"body": Body(trunk_m=0.58, thigh_m=0.38, shank_m=0.38)},
}


@every_bridge
@pytest.mark.parametrize("how", POSTURES)
def test_a_set_counts_however_one_lies_and_is_built(slug, how):
    camera, body = SyntheticCamera(facing=-1), POSTURES[how].get("body", Body())
    reps = RepSet.of(3, bottom_deg=40, lockout_deg=3)
    motion = reps.motion(posture_of(slug, camera.near, **POSTURES[how]))
    clip = film(motion, frame_times(reps.duration_s, FPS), camera, body=body)
    assert counts(result_of(clip, slug)) == (3, 0)


@pytest.mark.parametrize("planted", list(Side))
@facings
def test_a_single_leg_set_is_measured_on_the_planted_leg_near_or_far(planted, facing):
    clip = film_set(
        RepSet.of(3, bottom_deg=45), posture_of("single-leg-glute-bridge", planted), SyntheticCamera(facing=facing)
    )
    result = result_of(clip, "single-leg-glute-bridge")
    assert counts(result) == (3, 0)
    assert {rep.side for rep in result.reps} == {planted}


tempos = st.builds(
    RepPlan,
    lift_s=st.floats(0.5, 1.6),
    hold_s=st.floats(0.1, 1.2),
    lower_s=st.floats(0.5, 1.6),
    rest_s=st.floats(0, 1),
    lockout_deg=st.floats(-8, 9),
    bottom_deg=st.floats(48, 68),
)


@given(st.lists(tempos, min_size=1, max_size=4), st.sampled_from(["glute-bridge", "hip-thrust"]), st.integers(0, 99))
@settings(FEW, max_examples=8)
def test_any_honest_set_counts_and_locks_out_as_it_was_lifted(plans, slug, seed):
    clip = film_exercise(slug, RepSet(tuple(plans)), fps=24, jitter=0.3, seed=seed)
    result = result_of(clip, slug)
    assert counts(result) == (len(plans), 0)
    for plan, rep in zip(plans, result.reps, strict=True):
        assert rep.lockout_trunk_thigh_flexion_deg.value == pytest.approx(plan.lockout_deg, abs=1.5)
        assert rep.bottom_trunk_thigh_flexion_deg.value == pytest.approx(plan.bottom_deg, abs=2)


def test_a_dip_at_the_top_is_no_repetition_once_the_range_is_known():
    """18 of 70 degrees: more than the least repetition of a thrust, and less than a turn of this set."""
    full, dip = RepPlan(bottom_deg=70), RepPlan(bottom_deg=70, lower_s=0.5, rest_s=0.1)
    back = RepPlan(bottom_deg=18, lift_s=0.5)
    result = result_of(film_exercise("hip-thrust", RepSet((full, full, dip, back)), fps=FPS), "hip-thrust")
    assert counts(result) == (3, 0)
    assert result.rejected == ()


@every_bridge
@pytest.mark.parametrize("pause_s", [0.5, 1.5, 3])
def test_a_lift_with_a_pause_half_way_is_one_repetition(slug, pause_s):
    low = bottom_deg_of(slug)
    full, half = RepPlan(bottom_deg=low), RepPlan(bottom_deg=low, lockout_deg=low / 2, hold_s=pause_s, lower_s=0.1)
    rest_of_it = RepPlan(bottom_deg=low / 2, rest_s=0.1)
    # The half is not lowered again: the next plan begins where it ends.
    plans = (full, full, replace(half, rest_s=0.1), rest_of_it, full)
    result = result_of(film_exercise(slug, RepSet(plans), fps=FPS), slug)
    assert counts(result) == (4, 0)


# ------------------------------------------------------------------------------------------------------------- partials


def set_of(slug, *shares):
    """Return the clip of a set whose repetitions reach these shares of the full range, from the bottom up."""
    bottom_deg = bottom_deg_of(slug)
    plans = tuple(RepPlan(bottom_deg=bottom_deg, lockout_deg=bottom_deg * (1 - share)) for share in shares)
    return film_exercise(slug, RepSet(plans), fps=FPS)


@every_bridge
@pytest.mark.parametrize(
    ("shares", "full"),
    [
        ((1, 1, 0.5, 1), [0, 1, 3]),
        ((0.5, 1, 1, 1), [1, 2, 3]),
        ((1, 1, 1, 0.45), [0, 1, 2]),
        ((1, 0.5, 1, 0.5, 1), [0, 2, 4]),
        ((1, 0.8, 1, 0.9), [0, 1, 2, 3]),
    ],
)
def test_partial_repetitions_are_listed_and_not_counted(slug, shares, full):
    result = result_of(set_of(slug, *shares), slug)
    assert counts(result) == (len(full), len(shares) - len(full))
    in_order = sorted((*result.reps, *result.partial_reps), key=lambda rep: rep.timing.top_s)
    assert [not rep.partial for rep in in_order] == [number in full for number in range(len(shares))]
    assert [rep.number for rep in result.partial_reps] == list(range(1, len(shares) - len(full) + 1))


def test_a_lifter_whose_range_is_always_small_is_measured_against_it():
    result = result_of(set_of("hip-thrust", 0.5, 0.5, 0.5), "hip-thrust")
    assert counts(result) == (3, 0)


def test_a_repetition_that_does_not_come_down_is_shallow_and_not_partial():
    plans = [RepPlan(bottom_deg=60)] * 3 + [RepPlan(bottom_deg=28)] + [RepPlan(bottom_deg=60)]
    assert counts(result_of(film_exercise("hip-thrust", RepSet(tuple(plans)), fps=FPS), "hip-thrust")) == (5, 0)


# ------------------------------------------------------------------------------------------------------- no repetitions

NO_REPS = {
    "squat": (to_and_fro(squat, 0, 1, 2.5), "trunk upright"),
    "sit-up": (to_and_fro(sit_up, 0, 60, 2.5), "only the trunk moved"),
    "plank": (to_and_fro(plank, 0, 35, 2.5), "knee straight"),
    "walk": (walk, ""),
}


@every_bridge
@facings
@pytest.mark.parametrize("what", NO_REPS)
def test_setting_up_counts_nothing_and_says_why(slug, facing, what):
    motion, reason = NO_REPS[what]
    # Steps are quicker than repetitions.
    times_s = frame_times(2.4, 20) if what == "walk" else frame_times(9, FPS)
    result = result_of(film(motion, times_s, SyntheticCamera(facing=facing)), slug)
    assert counts(result) == (0, 0)
    assert result.rejected
    assert all(reason in movement.reason != "" for movement in result.rejected[:-1])


@every_bridge
def test_lying_still_counts_nothing(slug):
    still = RepSet.of(1, lockout_deg=40, bottom_deg=40)
    assert counts(result_of(film_exercise(slug, still, fps=FPS, noise_px=1), slug)) == (0, 0)


def sitting_down(bottom: Posture) -> list:
    """Return a walk up, a seat taken and the lifter lying back, as parts of a motion that ends in *bottom*."""
    stand = replace(squat(0), hip_m=(0.5, 0.9))
    seat = Posture(hip_m=bottom.hip_m, trunk_deg=-80, hip_deg=115, knee_deg=110)
    return [
        (1.0, lambda _: stand),
        (1.5, lambda t_s: blend(stand, seat, t_s / 1.5)),
        (0.6, lambda _: seat),
        (1.5, lambda t_s: blend(seat, bottom, t_s / 1.5)),
    ]


@every_bridge
@facings
def test_a_set_after_setting_up_counts_its_own_repetitions_only(slug, facing):
    camera = SyntheticCamera(facing=facing)
    reps, posture = RepSet.of(3, lead_s=1.5, bottom_deg=bottom_deg_of(slug)), posture_of(slug, camera.near)
    motion = then(*sitting_down(replace(posture(reps.angle_deg(0)), working=Side.RIGHT)), (99, reps.motion(posture)))
    clip = film(motion, frame_times(4.6 + reps.duration_s, FPS), camera)
    result = result_of(clip, slug)
    assert counts(result) == (3, 0)
    assert all(rep.timing.top_s > 4.6 for rep in result.reps)


# ------------------------------------------------------------------------------------------------------ what clips omit


@every_bridge
def test_a_clip_that_begins_in_mid_lift(slug):
    reps = RepSet.of(3, lift_s=1.4, bottom_deg=bottom_deg_of(slug))
    lift_s, top_s, *_ = reps.rep_times(1)
    clip = film_exercise(slug, reps, fps=FPS)

    def begun(share):
        begin_s = lift_s + share * (top_s - lift_s)
        return result_of(clip.but(pose for pose in clip.poses if pose.t_s >= begin_s), slug)

    early, late = begun(0.25), begun(0.75)
    assert counts(early) == (3, 0)
    assert early.reps[0].timing.start_s is early.reps[0].timing.lift_s is None
    assert counts(late) == (2, 0)


@every_bridge
def test_a_clip_that_ends_in_mid_lift(slug):
    reps = RepSet.of(2, lift_s=1.4, bottom_deg=bottom_deg_of(slug))
    lift_s, top_s, *_ = reps.rep_times(2)
    clip = film_exercise(slug, reps, fps=FPS)
    result = result_of(clip.but(pose for pose in clip.poses if pose.t_s < (lift_s + top_s) / 2), slug)
    assert counts(result) == (1, 0)
    assert [movement.reason for movement in result.rejected] == ["the clip ends mid-lift"]


@every_bridge
def test_a_clip_that_ends_at_the_top_or_in_mid_lowering_counts_the_repetition(slug):
    reps = RepSet.of(2, lower_s=1.4, bottom_deg=bottom_deg_of(slug))
    _, _, leave_s, low_s = reps.rep_times(2)
    clip = film_exercise(slug, reps, fps=FPS)
    for end_s in (leave_s, (leave_s + low_s) / 2):
        result = result_of(clip.but(pose for pose in clip.poses if pose.t_s < end_s), slug)
        assert counts(result) == (2, 0)
        assert result.reps[1].timing.end_s is result.reps[1].timing.lower_s is None


@pytest.mark.parametrize(("slug", "count"), [("bird-dog", 2), ("hip-kickback", 0)])
def test_a_far_arm_that_the_model_loses_at_the_top_was_held_out(slug, count):
    """In the first repetition of the rendered sample, the model sees the far hand on the floor while it is held out."""
    result = analyze(ROOT / "tests" / "sample_recordings" / "bird-dog_good.npz", exercise=slug)
    assert sum(len(one.reps) for one in result.sets) == count


def test_feet_out_of_the_picture_leave_the_count_alone():
    for facing in (1, -1):
        whole = film_exercise("glute-bridge", 3, SyntheticCamera(facing=facing), fps=FPS)
        clip = whole.but(replace(pose, image_px=pose.image_px * 1.0) for pose in whole.poses)
        for pose in clip.poses:
            pose.image_px[27:33] = math.nan
        assert counts(result_of(clip)) == (3, 0)


# ---------------------------------------------------------------------------------------------------------- invariances

REPS = RepSet((RepPlan(lockout_deg=4), RepPlan(hold_s=0.1, bottom_deg=40), RepPlan(lockout_deg=24)))
REFERENCE = film_set(REPS, lying, SyntheticCamera(azimuth_deg=12), fps=16, noise_px=0.5)
"""At 16 frames a second every time is a binary fraction, so that whole seconds can be added without rounding."""


@pytest.fixture(scope="module")
def reference():
    return result_of(REFERENCE)


def same(result, expected):
    assert differences(figures(result), figures(expected)) == {}


@given(st.floats(-100, 250), st.floats(-150, 60))
@FEW
def test_place_in_the_picture_changes_nothing(reference, x, y):
    same(result_of(REFERENCE.but(moved(REFERENCE.poses, (x, y)))), reference)


@given(st.floats(0.2, 5))
@FEW
def test_resolution_changes_nothing(reference, factor):
    info = ClipInfo(name="scaled", width_px=round(960 * factor), height_px=round(720 * factor), fps=30)
    same(result_of(SyntheticClip(tuple(scaled(REFERENCE.poses, factor)), info)), reference)


@given(st.integers(960, 4000), st.integers(720, 3000))
@FEW
def test_size_and_shape_of_the_picture_change_nothing(reference, width, height):
    info = ClipInfo(name="wider", width_px=width, height_px=height, fps=30)
    assert result_of(SyntheticClip(REFERENCE.poses, info)) == reference


def test_mirroring_changes_the_side_and_nothing_else(reference):
    mirror = result_of(REFERENCE.but(mirrored(REFERENCE.poses, 960)))
    assert (mirror.side, reference.side) == (Side.LEFT, Side.RIGHT)
    sides = {path: Side.LEFT for path in figures(reference) if path.endswith(".side")}
    assert differences(figures(mirror), figures(reference) | sides) == {}


@given(st.integers(-50, 5000))
@FEW
def test_a_later_clock_moves_the_times_and_nothing_else(reference, by_s):
    later = figures(result_of(REFERENCE.but(retimed(REFERENCE.poses, by_s))))
    moments = ("start_s", "lift_start_s", "top_start_s", "top_s", "top_end_s", "end_s")
    expected = {
        path: value + by_s if path.rsplit(".", 1)[1] in moments and value is not None else value
        for path, value in figures(reference).items()
    }
    assert differences(later, expected) == {}


@cache
def mixed_set(slug, fps, jitter):
    """Return the result of a good repetition, a short one and one that is lowered fast."""
    reps = RepSet((RepPlan(bottom_deg=60), RepPlan(bottom_deg=60, lockout_deg=15), RepPlan(bottom_deg=60, lower_s=0.4)))
    return result_of(film_exercise(slug, reps, fps=fps, jitter=jitter), slug)


@pytest.mark.parametrize(
    ("slug", "fps", "jitter"),
    [("glute-bridge", 60, 0.0), *((slug, *rate) for slug in BRIDGES for rate in ((24, 0.0), (30, 0.6)))],
)
def test_the_frame_rate_changes_no_verdict_and_hardly_a_figure(slug, fps, jitter):
    usual, other = mixed_set(slug, 30, 0.0), mixed_set(slug, fps, jitter)
    for before, after in zip(usual.reps, other.reps, strict=True):
        assert after.lockout_trunk_thigh_flexion_deg.value == pytest.approx(
            before.lockout_trunk_thigh_flexion_deg.value, abs=0.5
        )
        assert after.range_deg.value == pytest.approx(before.range_deg.value, abs=1)
        for name in ("start_s", "lift_start_s", "top_start_s", "top_end_s", "end_s"):
            assert getattr(after.timing, name) == pytest.approx(getattr(before.timing, name), abs=0.1)
        assert [finding.status for finding in after.findings] == [finding.status for finding in before.findings]
