"""Which exercise it is, and that none counts what is plainly another."""

from functools import cache

import pytest

from hipform.analysis import Recogniser, Session
from hipform.exercises import EXERCISES
from tests.exercises.samples import FPS, STANDING, clip_of, sample
from tests.synthetic import (
    SyntheticCamera,
    between_times,
    dropped,
    film,
    frame_times,
    performance_of,
    plank,
    posture_of,
    result_of,
    set_of,
    sit_up,
    squat,
    then,
    to_and_fro,
    walk,
    with_plate,
)

MAX_PENALTY = {
    "squat": to_and_fro(squat, 0, 1.2, 2.5),
    "sit-up": to_and_fro(sit_up, 0, 70, 2.5),
    "plank": to_and_fro(plank, 0, 40, 2.5),
    "walk": walk,
}
every_slug = pytest.mark.parametrize("slug", EXERCISES)
every_foreign = pytest.mark.parametrize("movement", MAX_PENALTY)


@cache
def foreign_clip(movement):
    return film(MAX_PENALTY[movement], frame_times(8, FPS))


@cache
def good_clip(slug):
    """Return the shortest good clip of *slug*: where one stands, a second repetition tells it apart."""
    return clip_of(slug, sample(reps=[{}] * (2 if slug in STANDING else 1)))


@cache
def taken_for(slug, name):
    """Return the result of a good clip of *slug*, judged as the exercise *name*."""
    return result_of(good_clip(slug), name)


def shown(slug, what):
    """Return the clip of a sample in an exercise, with what it is recognised by."""
    clip = clip_of(slug, what)
    return with_plate(clip) if performance_of(slug).has_plate else clip


def recognised(clip):
    """Return the sections of a clip."""
    recogniser = Recogniser(clip.info)
    for pose in clip.poses:
        recogniser.push(pose)
    return recogniser.finish()


def counted(result):
    """Return how many repetitions a result holds, partial ones included."""
    return len(result.reps) + len(result.partial_reps)


# ----------------------------------------------------------------------------------------------------------- counted as


OVERHEAD = "a hand went overhead, as in a snatch or a press"
"""Why a swing is ruled out that no lifter here gives cause for: all hands stay below the head."""


def kin(slug):
    """Return the exercises that count the repetitions of *slug* when the user names them: they rule out the same."""
    ruled_out = {
        name: {trait.rejection_reason for trait in exercise.traits} - {"", OVERHEAD}
        for name, exercise in EXERCISES.items()
    }
    return {name for name in EXERCISES if ruled_out[name] == ruled_out[slug]}


ONE_OF_EACH_KIN = {min(kin(slug)) for slug in EXERCISES}


@every_slug
def test_an_exercise_is_counted_by_its_kin_only(slug):
    tried = kin(slug) | ONE_OF_EACH_KIN
    assert {name for name in tried if counted(taken_for(slug, name))} == kin(slug)
    assert taken_for(slug, slug).reps


@every_slug
def test_what_is_not_counted_has_a_reason(slug):
    reasons = [movement.reason for name in ONE_OF_EACH_KIN - kin(slug) for movement in taken_for(slug, name).rejected]
    assert reasons
    assert all(reasons)


@every_foreign
@pytest.mark.parametrize("slug", sorted(ONE_OF_EACH_KIN))
def test_no_exercise_counts_what_is_none(slug, movement):
    """Tried on one of each kin."""
    assert counted(result_of(foreign_clip(movement), slug)) == 0


# -------------------------------------------------------------------------------------------------------- recognised as


VIEWS = {"right": SyntheticCamera(), "left": SyntheticCamera(facing=-1), "off": SyntheticCamera(azimuth_deg=20)}


@pytest.mark.parametrize(
    ("slug", "view"),
    [(slug, view) for at, slug in enumerate(EXERCISES) for view in ("right", ("left", "off")[at % 2])],
)
def test_every_exercise_is_recognised(slug, view):
    (section,) = recognised(shown(slug, sample(camera=VIEWS[view])))
    assert section.exercise is EXERCISES[slug]
    assert section.confidence > 0.5


@every_foreign
def test_what_is_no_exercise_is_recognised_as_none(movement):
    assert recognised(foreign_clip(movement)) == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("glute-bridge", "single-leg-glute-bridge"),
        ("hip-thrust", "glute-bridge"),
        ("bird-dog", "reverse-hyperextension"),
        ("romanian-deadlift", "deadlift"),
        ("good-morning", "kettlebell-swing"),
        ("pull-through", "bird-dog"),
    ],
)
def test_two_exercises_in_one_clip_are_two_sections(first, second):
    """The lifter leaves the picture for 1.5 s in between."""
    sets = {slug: set_of(slug, 3) for slug in (first, second)}
    one, other = (reps.motion(posture_of(slug)) for slug, reps in sets.items())
    change_s, back_s = sets[first].duration_s, sets[first].duration_s + 1.5
    times = frame_times(back_s + sets[second].duration_s, FPS)
    clip = film(then((back_s, one), (sets[second].duration_s, other)), times)
    clip = clip.but(dropped(clip.poses, between_times(change_s, back_s)))
    sections = recognised(clip)
    assert [section.exercise.slug for section in sections] == [first, second]
    assert sections[1].start_s == pytest.approx((change_s + back_s) / 2, abs=1.5)
    session = Session(sections, clip.info)
    for pose in clip.poses:
        session.push(pose)
    assert [(found.exercise, len(found.reps)) for found in session.finish()] == [(first, 3), (second, 3)]


@every_slug
def test_a_guess_settles_on_the_exercise_after_a_few_repetitions(slug):
    clip = shown(slug, sample(reps=[{}] * 3))
    recogniser = Recogniser(clip.info)
    assert recogniser.guess() is None
    for pose in clip.poses:
        recogniser.push(pose)
    guess = recogniser.guess()
    assert guess.slug == slug
    assert guess.settled
