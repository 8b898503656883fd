"""Which exercise it is, from the movements alone; the recordings of real clips are in `tests.test_goldens`."""

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase as HypothesisPhase
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform import exercises
from hipform.analysis import Recogniser
from hipform.analysis.movement_classifier import Plate
from hipform.analysis.recognition import CARRIED_S, LEAST_RANGE_DEG, Guess, _cheapest_path, _without_parts, movements_of
from hipform.exercises import EXERCISES
from hipform.kinematics.posture import POSTURE
from hipform.pose.recording import Recording
from hipform.types import Side
from tests.analysis.standing import film_hinges, hinge, hinges, kneeling
from tests.exercises.samples import clip_of, good_rep, sample
from tests.samples import ROOT
from tests.synthetic import (
    Posture,
    RepPlan,
    RepSet,
    SyntheticCamera,
    bridge,
    cut_at,
    dropped,
    film,
    film_set,
    frame_times,
    posture_of,
    result_of,
    retimed,
    set_of,
    single_leg,
    sit_up,
    squat,
    then,
    thrust,
    to_and_fro,
    walk,
    with_plate,
)

FEW = settings(max_examples=4, phases=(HypothesisPhase.explicit, HypothesisPhase.reuse, HypothesisPhase.generate))
FPS = 15
facings = pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
BRIDGES = RepSet.of(3, bottom_deg=45)
THRUSTS = RepSet.of(3, bottom_deg=70)
BIRD_DOGS = RepSet.of(3, hold_s=1.0, rest_s=1.0, bottom_deg=90, lockout_deg=4)


def recognised(clip):
    """Return the exercises of a clip with the times they begin at."""
    recogniser = Recogniser(clip.info)
    for pose in clip.poses:
        recogniser.push(pose)
    return [(section.exercise.slug, section.start_s) for section in recogniser.finish()]


def slugs(clip):
    return [slug for slug, _ in recognised(clip)]


PLAIN_THRUSTS = film_set(THRUSTS, thrust, fps=FPS)


# -------------------------------------------------------------------------------------------------------- one exercise


@facings
@pytest.mark.parametrize("azimuth", [-25, 0, 25])
def test_bridges_on_the_floor(facing, azimuth):
    camera = SyntheticCamera(facing=facing, azimuth_deg=azimuth)
    assert recognised(film_set(BRIDGES, bridge, camera, fps=FPS, noise_px=0.5)) == [("glute-bridge", -math.inf)]


@facings
@pytest.mark.parametrize("planted", list(Side))
def test_bridges_on_one_leg_near_or_far(facing, planted):
    clip = film_set(BRIDGES, single_leg(planted), SyntheticCamera(facing=facing), fps=FPS, noise_px=0.5)
    assert slugs(clip) == ["single-leg-glute-bridge"]


def test_thrusts_are_distinguished_by_the_plate():
    assert slugs(PLAIN_THRUSTS) == ["hip-thrust"]
    assert slugs(with_plate(PLAIN_THRUSTS)) == ["barbell-hip-thrust"]


@facings
def test_hinges_with_hanging_arms(facing):
    assert slugs(film_hinges(hinges(), SyntheticCamera(facing=facing), fps=FPS)) == ["romanian-deadlift"]


@facings
@pytest.mark.parametrize("leg", list(Side))
def test_bird_dogs_with_either_leg(facing, leg):
    assert slugs(film_set(BIRD_DOGS, kneeling(leg), SyntheticCamera(facing=facing), fps=FPS)) == ["bird-dog"]


NONE_OF_THEM = {
    "squat": to_and_fro(lambda depth: squat(1.2 * depth), 0, 1, 2.5),
    "squat with the arms in front": to_and_fro(lambda depth: replace(squat(depth), arm_deg=85), 0, 1, 2.5),
    "sit-up": to_and_fro(sit_up, 0, 60, 2.5),
    "walk": walk,
    "stand": lambda _: squat(0),
    "hips that hardly rise": RepSet.of(5, bottom_deg=10).motion(bridge),
}


def superman(arch_deg):
    """Return a lifter face down on the floor who arches by *arch_deg*: trunk and legs rise."""
    return Posture(hip_m=(0.9, 0.1), trunk_deg=180 + arch_deg, hip_deg=-2 * arch_deg, knee_deg=5, arm_deg=170)


def snatch(hip_deg):
    """Return a hinge from which one hand goes overhead."""
    return replace(hinge(hip_deg), arm_deg=175 * max(1 - hip_deg / 60, 0.0), other_arm_deg=(5.0, 10.0))


LOOK_ALIKE = {
    "donkey kick": BIRD_DOGS.motion(kneeling(Side.RIGHT, arm=False)),
    "superman": to_and_fro(superman, -5, 20, 3),
    "snatch": to_and_fro(snatch, 80, 0, 2),
}


def test_what_looks_like_an_exercise_but_is_none():
    assert recognised(film(LOOK_ALIKE["superman"], frame_times(8, FPS))) == []


@facings
@pytest.mark.parametrize("leg", list(Side))
def test_donkey_kicks_with_either_leg(facing, leg):
    clip = film_set(BIRD_DOGS, kneeling(leg, arm=False), SyntheticCamera(facing=facing), fps=FPS)
    assert slugs(clip) == ["hip-kickback"]


@facings
@pytest.mark.parametrize("legs_deg", [0, 30, 52])
def test_back_extensions_on_level_and_steep_benches(facing, legs_deg):
    posture = posture_of("back-extension", legs_deg=legs_deg)
    assert slugs(film_set(set_of("back-extension", 3), posture, SyntheticCamera(facing=facing), fps=FPS)) == [
        "back-extension"
    ]


@pytest.mark.parametrize(("what", "name"), [("donkey kick", "bird-dog"), ("snatch", "kettlebell-swing")])
def test_what_looks_like_an_exercise_counts_as_none_when_it_is_named(what, name):
    result = result_of(film(LOOK_ALIKE[what], frame_times(8, FPS)), name)
    assert (result.reps, result.partial_reps) == ((), ())
    assert {movement.reason for movement in result.rejected} & {
        "both hands stayed on the floor, as in a donkey kick",
        "a hand went overhead, as in a snatch or a press",
    }


def test_landmarks_without_depth_are_recognised_by_the_traits_alone():
    clip = film_set(BRIDGES, bridge, fps=FPS)
    flat = clip.but(replace(pose, world_m=np.full_like(pose.world_m, np.nan)) for pose in clip.poses)
    assert slugs(flat) == ["glute-bridge"]


@facings
@pytest.mark.parametrize("what", NONE_OF_THEM)
def test_other_movements_are_none(facing, what):
    assert recognised(film(NONE_OF_THEM[what], frame_times(10, FPS), SyntheticCamera(facing=facing))) == []


def nearest_of(poses, info):
    recogniser = Recogniser(info)
    for pose in poses:
        recogniser.push(pose)
    assert recogniser.finish() == ()
    return recogniser.nearest()


def test_what_a_clip_of_none_resembles_is_said_of_its_large_movements():
    """Many small nods before one sit-up are setting up."""
    clip = film(then((10, to_and_fro(sit_up, 0, 15, 1)), (2.5, to_and_fro(sit_up, 0, 60, 2.5))), frame_times(12.5, FPS))
    alone = film(to_and_fro(sit_up, 0, 60, 2.5), frame_times(2.5, FPS))
    assert nearest_of(clip.poses, clip.info) == nearest_of(alone.poses, alone.info)


def test_a_clip_whose_movements_are_all_cut_is_refused_for_its_cuts():
    clip = film(to_and_fro(sit_up, 0, 60, 2.5), frame_times(10, FPS))
    assert "sit-up" in nearest_of(clip.poses, clip.info).mismatch
    cut = [replace(pose, shot=int((pose.t_s + 0.4) / 1.25)) for pose in clip.poses]
    assert nearest_of(cut, clip.info).mismatch.startswith("cuts, people who come and go, or jumps")


def test_nobody_and_nothing_are_none():
    clip = film_set(BRIDGES, fps=FPS)
    nobody = clip.but(dropped(clip.poses, lambda _: True))
    assert recognised(nobody) == recognised(clip.but([])) == []
    assert list(guesses(nobody)) == [None] * len(clip.poses)


# --------------------------------------------------------------------------------------------------------- one movement


@pytest.fixture
def registry():
    """Return the known exercises, to be changed; afterwards they are the same in the same order."""
    kept = dict(exercises._REGISTRY)
    yield exercises._REGISTRY
    exercises._REGISTRY.clear()
    exercises._REGISTRY.update(kept)


def test_an_exercise_that_was_added_while_the_program_runs_is_recognised(registry):
    registry["frog-pump"] = replace(registry.pop("glute-bridge"), slug="frog-pump")
    with Recording(ROOT / "tests" / "goldens" / "glute_bridge_studio.npz") as recording:
        recogniser = Recogniser(recording.info)
        for pose in recording:
            recogniser.push(pose)
    assert [section.exercise.slug for section in recogniser.finish()] == ["frog-pump"]


def test_an_exercise_that_the_classifier_does_not_know_makes_no_other_less_likely(registry):
    clip = clip_of("romanian-deadlift", sample(camera=SyntheticCamera(azimuth_deg=20)))

    def confidence():
        recogniser = Recogniser(clip.info)
        for pose in clip.poses:
            recogniser.push(pose)
        return recogniser.finish()[0].confidence

    alone = confidence()
    registry["frog-pump"] = replace(EXERCISES["back-extension"], slug="frog-pump")
    assert confidence() == pytest.approx(alone, abs=1e-3)


def test_a_single_repetition_is_enough():
    assert slugs(film_set(RepSet.of(1, bottom_deg=45), fps=FPS)) == ["glute-bridge"]


def test_a_single_repetition_beside_larger_movements_of_another_kind_is_not():
    sit_ups = (9, to_and_fro(sit_up, 0, 60, 2.5))
    once = RepSet.of(1, lead_s=1.5, rest_s=1.5, bottom_deg=45)
    clip = film(then(sit_ups, (once.duration_s, once.motion(bridge))), frame_times(9 + once.duration_s, FPS))
    assert recognised(clip.but(cut_at(clip.poses, 9))) == []


@pytest.mark.parametrize(
    ("other", "rep", "expected"),
    [
        ("", "deadlift", ["", "", "deadlift"]),
        ("romanian-deadlift", "deadlift", ["romanian-deadlift"] * 3),
    ],
)
def test_a_set_may_begin_with_one_movement_but_not_another_exercise(other, rep, expected):
    """A lift that is likelier than what came before by a factor of five is one after setting up."""

    def movement(best, second):
        return SimpleNamespace(cost=lambda state: {best: 0.5, second: 2.1}.get(state, 4.0))

    assert _cheapest_path([movement(other, rep), movement(other, rep), movement(rep, other)]) == expected


@pytest.mark.parametrize(("risen_deg", "expected"), [(38, ["hip-thrust"]), (24, [])])
def test_a_lift_that_the_clip_cuts_off_tells_once_it_went_far(risen_deg, expected):
    clip = PLAIN_THRUSTS
    lift_s, top_s, *_ = THRUSTS.rep_times(1)
    end_s = next(t for t in np.linspace(lift_s, top_s, 99) if THRUSTS.angle_deg(t) <= 70 - risen_deg)
    cut = clip.but(pose for pose in clip.poses if pose.t_s <= end_s)
    found = slugs(cut)
    assert [slug.removeprefix("barbell-") for slug in found] == expected


# ------------------------------------------------------------------------------------------------------------ in turns


def in_turn(*parts):
    """Return one clip of several, each in a shot of its own, and the time at which each begins."""
    poses, begins_s = [], [0.0]
    for number, clip in enumerate(parts):
        poses += [replace(pose, shot=number) for pose in retimed(clip.poses, begins_s[-1])]
        begins_s.append(poses[-1].t_s + 1 / FPS)
    return parts[0].but(poses), begins_s[:-1]


CHANGING, (_, CHANGES_S, BACK_S) = in_turn(
    film_set(BRIDGES, bridge, fps=FPS),
    film_set(BRIDGES, single_leg(Side.RIGHT), fps=FPS),
    film_set(BRIDGES, bridge, fps=FPS),
)


def test_another_exercise_is_another_section():
    (first, _), (second, second_s), (third, third_s) = recognised(CHANGING)
    assert [first, second, third] == ["glute-bridge", "single-leg-glute-bridge", "glute-bridge"]
    # Half-way between the last repetition of one and the first of the next.
    assert second_s == pytest.approx(CHANGES_S, abs=0.5)
    assert third_s == pytest.approx(BACK_S, abs=0.5)


def test_a_single_odd_movement_splits_nothing():
    odd = film_set(RepSet.of(1, bottom_deg=45), single_leg(Side.RIGHT), fps=FPS)
    bridges = film_set(BRIDGES, bridge, fps=FPS)
    assert recognised(in_turn(bridges, odd, bridges)[0]) == [("glute-bridge", -math.inf)]
    assert recognised(in_turn(bridges, odd)[0]) == [("glute-bridge", -math.inf)]


def test_movements_of_no_exercise_between_two_sets_of_one_split_nothing():
    sit_ups = film(to_and_fro(sit_up, 0, 60, 2.5), frame_times(9, FPS))
    bridges = film_set(BRIDGES, bridge, fps=FPS)
    assert recognised(in_turn(bridges, sit_ups, bridges)[0]) == [("glute-bridge", -math.inf)]


def test_sections_are_in_order_and_their_confidence_is_a_share():
    recogniser = Recogniser(CHANGING.info)
    for pose in CHANGING.poses:
        recogniser.push(pose)
    sections = recogniser.finish()
    assert [section.start_s for section in sections] == sorted(section.start_s for section in sections)
    assert sections[0].start_s == -math.inf
    assert all(0.9 < section.confidence <= 1 for section in sections)


def test_what_looks_like_two_exercises_is_less_sure():
    """A bar may be there although no plate is seen."""
    plain = Recogniser(PLAIN_THRUSTS.info)
    for pose in PLAIN_THRUSTS.poses:
        plain.push(pose)
    (section,) = plain.finish()
    assert section.confidence < 0.9
    assert section.alternative in {"glute-bridge", "hip-thrust", "barbell-hip-thrust"} - {section.exercise.slug}


# ---------------------------------------------------------------------------------------------------------------- live


def guesses(clip):
    """Yield the guess after every frame."""
    recogniser = Recogniser(clip.info)
    for pose in clip.poses:
        recogniser.push(pose)
        yield recogniser.guess()


@pytest.fixture(scope="module")
def whole():
    """Return the guesses of the whole clip, one a frame."""
    return list(guesses(CHANGING))


@given(st.integers(0, len(CHANGING.poses)))
@FEW
def test_a_guess_does_not_change_when_more_frames_come(whole, length):
    assert list(guesses(CHANGING.but(CHANGING.poses[:length]))) == whole[:length]


def test_asking_for_guesses_changes_nothing():
    asked = Recogniser(CHANGING.info)
    for pose in CHANGING.poses:
        asked.push(pose)
        asked.guess()
        asked.early_guess()
    silent = Recogniser(CHANGING.info)
    for pose in CHANGING.poses:
        silent.push(pose)
    assert asked.finish() == silent.finish()


def test_a_guess_is_of_what_is_done_now(whole):
    seen = [(guess.slug, guess.movements) for guess, _ in itertools.groupby(whole) if guess and guess.settled]
    names = [slug for slug, _ in itertools.groupby(slug for slug, _ in seen)]
    assert names == ["glute-bridge", "single-leg-glute-bridge", "glute-bridge"]


def test_a_single_odd_movement_begins_nothing_anew():
    odd = film_set(RepSet.of(1, bottom_deg=45), single_leg(Side.RIGHT), fps=FPS)
    bridges = film_set(BRIDGES, bridge, fps=FPS)
    *_, last = guesses(in_turn(bridges, odd, bridges)[0])
    assert (last.slug, last.movements) == ("glute-bridge", 7)


@pytest.mark.parametrize(
    ("clip", "slug", "reps"),
    [
        (film_set(BRIDGES, bridge, fps=FPS), "glute-bridge", BRIDGES),
        (film_set(BRIDGES, single_leg(Side.LEFT), fps=FPS), "single-leg-glute-bridge", BRIDGES),
        (with_plate(PLAIN_THRUSTS), "barbell-hip-thrust", THRUSTS),
        (film_set(BIRD_DOGS, kneeling(Side.LEFT), fps=FPS), "bird-dog", BIRD_DOGS),
        (film_hinges(hinges(), fps=FPS), "romanian-deadlift", hinges()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_live_guess_settles_within_two_movements(clip, slug, reps):
    settled = [
        (pose.t_s, guess) for pose, guess in zip(clip.poses, guesses(clip), strict=True) if guess and guess.settled
    ]
    assert {guess.slug for _, guess in settled} == {slug}
    # A hinge is one movement when it is lowered again: the lift of the second one.
    assert settled[0][0] <= reps.rep_times(2)[3] + 0.5
    assert settled[0][1].movements <= 2


@pytest.mark.parametrize(
    ("slug", "movements", "likelihood", "settled"),
    [
        ("glute-bridge", 1, 0.95, True),
        ("glute-bridge", 1, 0.59, False),
        ("glute-bridge", 2, 0.8, True),
        ("glute-bridge", 2, 0.39, False),
        ("", 3, 1.0, False),
    ],
)
def test_a_guess_is_settled_when_it_is_clear_or_repeated(slug, movements, likelihood, settled):
    assert Guess(slug=slug, movements=movements, likelihood=likelihood, confidence=0.5).settled == settled


def test_a_movement_seen_on_both_legs_is_one():
    """Near, standing and moving leg each show it."""
    clip = film_set(RepSet((RepPlan(bottom_deg=45),) * 3), bridge, fps=FPS)
    assert [guess.movements for guess, _ in itertools.groupby(guesses(clip)) if guess] == [1, 2, 3]


def test_a_leg_that_shows_one_movement_joins_no_two_of_another_leg():
    """One leg loses the start and the end that another one shows as movements of their own."""
    recogniser = Recogniser(PLAIN_THRUSTS.info)
    for pose in PLAIN_THRUSTS.poses:
        recogniser.push(pose)
    near, other = recogniser.events[0].seen[:2]
    parts = [replace(near, start_s=start_s, end_s=end_s) for start_s, end_s in ((2.4, 3.1), (3.1, 4.0), (4.0, 4.3))]
    whole = replace(other, start_s=2.4, end_s=4.3)
    noted = Recogniser(PLAIN_THRUSTS.info)
    for seen in (*parts[:2], whole, parts[2]):
        noted._note(seen)
    assert [event.seen for event in noted.events] == [[parts[0]], [parts[1], whole], [parts[2]]]


@pytest.mark.parametrize(("until_s", "expected"), [(-0.1, None), (0.9, ("glute-bridge", 1, True))])
def test_a_movement_is_guessed_at_its_top(until_s, expected):
    """Bottom and top tell what it is; a clip of one repetition may end before the hips are down again."""
    once = RepSet.of(1, hold_s=1.0, bottom_deg=45)
    recogniser = Recogniser(film_set(once, bridge, fps=FPS).info)
    for pose in film_set(once, bridge, fps=FPS).poses:
        if pose.t_s < once.rep_times(1)[1] + until_s:
            recogniser.push(pose)
    guess = recogniser.early_guess()
    assert recogniser.guess() is None
    assert (guess and (guess.slug, guess.movements, guess.settled)) == expected


def test_a_movement_is_not_guessed_at_a_top_that_a_leg_has_not_reached():
    """An exercise on one leg shows on that leg only, so what the other one does has to be known."""
    once = RepSet.of(1, hold_s=1.0, bottom_deg=45)
    clip = film_set(once, bridge, fps=FPS)
    recogniser = Recogniser(clip.info)
    for pose in clip.poses:
        if pose.t_s < once.rep_times(1)[1] + 0.9:
            recogniser.push(pose)
    recogniser._followers[-1].at_top = lambda: None
    assert recogniser.early_guess() is None


def test_a_movement_that_is_over_is_not_counted_again_at_its_top():
    clip = film_set(BRIDGES, bridge, fps=FPS)
    recogniser = Recogniser(clip.info)
    numbers = []
    for pose in clip.poses:
        recogniser.push(pose)
        guess = recogniser.early_guess()
        numbers.append(guess.movements if guess else 0)
    assert numbers == sorted(numbers)
    assert set(numbers) == {0, 1, 2, 3}


def test_what_one_leg_shows_within_a_movement_of_others_is_a_part_of_it():
    """Else the exercise would be sought among those of that leg alone."""
    recogniser = Recogniser(PLAIN_THRUSTS.info)
    for pose in PLAIN_THRUSTS.poses:
        recogniser.push(pose)
    whole, *_ = recogniser.events
    assert len(whole.seen) > 1
    half_s = (whole.start_s + whole.end_s) / 2
    inside = replace(whole.seen[0], start_s=half_s, end_s=whole.end_s)
    beside = replace(inside, end_s=whole.end_s + 1.0)
    for seen, kept in ((inside, False), (beside, True)):
        noted = Recogniser(PLAIN_THRUSTS.info)
        for one in (*whole.seen, seen):
            noted._note(one)
        assert len(noted.events) == 2
        assert len(_without_parts(noted.events)) == 1 + kept


def test_a_plate_that_is_hidden_in_one_movement_is_that_of_its_neighbours():
    lift_s, *_, end_s = THRUSTS.rep_times(2)
    poses = [
        replace(pose, discs=()) if lift_s - 1 < pose.t_s < end_s + 1 else pose
        for pose in with_plate(PLAIN_THRUSTS).poses
    ]
    assert Plate.UNSEEN not in {plate for _, plate, _ in movements_of(PLAIN_THRUSTS.info, poses)}


def test_a_plate_is_not_carried_over_a_long_pause():
    with_it, without = with_plate(PLAIN_THRUSTS).poses, PLAIN_THRUSTS.poses
    later = retimed(without, with_it[-1].t_s + CARRIED_S + 1.0)
    plates = [plate for _, plate, _ in movements_of(PLAIN_THRUSTS.info, [*with_it, *later])]
    seen = [plate is not Plate.UNSEEN for plate in plates]
    assert seen == [True] * (len(plates) // 2) + [False] * (len(plates) // 2)


def test_a_movement_of_a_few_degrees_is_none():
    clip = film_set(RepSet.of(3, bottom_deg=LEAST_RANGE_DEG - 1), bridge, fps=FPS)
    recogniser = Recogniser(clip.info)
    for pose in clip.poses:
        recogniser.push(pose)
    recogniser.finish()
    assert recogniser.events == []
    assert recogniser.nearest() is None


@pytest.mark.parametrize("slug", ["deadlift", "romanian-deadlift", "good-morning", "pull-through"])
def test_a_hand_overhead_keeps_a_hinge_from_being_recognised_but_not_from_being_counted_when_named(slug):
    rep = good_rep(slug)
    postures = rep.postures.copy()
    postures[3, POSTURE.index("upper_wrist_above_shoulder")] = 1.0
    pressed = replace(rep, postures=postures)
    assert "overhead" in EXERCISES[slug].rejection(pressed)
    assert EXERCISES[slug].refusal(pressed) is None
    assert EXERCISES[slug].rejection(rep) is None
