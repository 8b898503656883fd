"""How an athlete gets on: only what was judged counts, and only changes larger than their uncertainty are reported."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hipform.exercises.findings import Status
from hipform.feedback.advice import advice, changes_in_words, exercise_name, mentions_pain, rule_title
from hipform.feedback.progress import progress, total
from hipform.training import Load, LoadUnit
from hipform.types import Estimate
from tests.histories import START, kept_rep, kept_set

FIRST = START.date()


def on(day):
    return FIRST + timedelta(days=day)


def athlete(sets, today=None):
    """Return the progress of the only athlete in *sets*, as of *today* or of the last set's day."""
    (one,) = progress(sets, today or max(one.recorded_at.date() for one in sets))
    return one


def exercise(sets):
    (one,) = athlete(sets).exercises
    return one


def lockouts(*angles_deg, **changes):
    """Return a set a week with these lockout angles (180 straight)."""
    return [
        kept_set(7 * week, reps=[kept_rep(number, lockout_deg=180 - deg, **changes) for number in range(1, 6)])
        for week, deg in enumerate(angles_deg)
    ]


# --------------------------------------------------------------------------------------------------------------- totals


def test_a_total_counts_what_was_judged():
    reps = [
        kept_rep(1, lockout_deg=2),
        kept_rep(2, lockout_deg=4),
        kept_rep(3, lockout_deg=15, status=Status.FAULT),
        kept_rep(4, status=None),
        kept_rep(1, lockout_deg=60, partial=True),
    ]
    sums = total([kept_set(reps=reps, note="good", load_kg=60), kept_set(number=2, reps=[], note="good", load_kg=80)])
    assert (sums.sets, sums.reps, sums.partial_reps) == (2, 4, 1)
    assert (sums.locked_out, sums.judged) == (2, 3)
    assert sums.lockout == Estimate(4, 5, "deg")
    assert sums.notes == ("good",)
    assert sums.heaviest == Load(kg=80)


def test_more_reps_do_not_reduce_the_uncertainty_of_a_day():
    assert total([kept_set(reps=[kept_rep(n) for n in range(1, 101)])]).lockout.u95 == 5


def test_without_judged_reps_there_is_no_angle_and_no_rate():
    one = exercise([kept_set(reps=[kept_rep(1, status=None)])])
    assert (one.days[0].lockout, one.days[0].range, one.days[0].judged) == (None, None, 0)
    assert one.bests == ()
    assert changes_in_words(one) == ()


# -------------------------------------------------------------------------------------------------------------- changes


def test_a_change_within_the_measurement_error_is_not_real():
    (rate, angle, range_) = changes_in_words(exercise(lockouts(170, 176)))
    assert angle == "Lockout angle: no change beyond the measurement error (170° ± 5 then, 176° ± 5 now)."
    assert "no change" in rate
    assert "no change" in range_


@pytest.mark.parametrize(("angles_deg", "way"), [((165, 175), "up by 10°"), ((175, 165), "down by 10°")])
def test_a_change_beyond_it_is_reported_with_its_direction(angles_deg, way):
    assert any(
        line.startswith(f"Lockout angle: {way}, more than")
        for line in changes_in_words(exercise(lockouts(*angles_deg)))
    )


def test_wider_intervals_need_a_larger_change():
    assert not exercise(lockouts(165, 175, u95=9)).lockout.is_real


def test_one_odd_session_is_no_trend():
    assert not exercise(lockouts(170, 171, 170, 171, 170, 184)).lockout.is_real


def test_the_first_three_sessions_are_compared_with_the_last_three():
    change = exercise(lockouts(160, 162, 161, 170, 175, 177, 176)).lockout
    assert (change.then.value, change.now.value) == (19, 4)
    assert (change.then_days, change.now_days) == (3, 3)


def test_angles_of_different_models_are_not_compared():
    first, last = lockouts(160, 176)
    one = exercise([replace(first, model="lite"), last])
    assert one.lockout is None
    assert one.range is None
    assert any("analysed with different models" in line for line in changes_in_words(one))


def test_the_low_back_is_compared_where_it_was_measured():
    sets = [kept_set(7 * week, reps=[kept_rep(1, lumbar_deg=deg)]) for week, deg in enumerate((25, 5))]
    assert any(line.startswith("Extension of the low back: down by 20°") for line in changes_in_words(exercise(sets)))
    assert exercise(lockouts(170, 176)).lumbar is None


def rated(*rates):
    """Return a set a week in which so many of ten judged reps locked out."""
    return [
        kept_set(7 * week, reps=[kept_rep(n, status=Status.OK if n <= full else Status.FAULT) for n in range(1, 11)])
        for week, full in enumerate(rates)
    ]


@pytest.mark.parametrize(
    ("rates", "words"),
    [((1, 9), "up (1 of 10"), ((9, 1), "down (9 of 10"), ((5, 7), "no change beyond chance (5 of 10")],
)
def test_a_lockout_rate_changes_when_chance_alone_does_not_explain_it(rates, words):
    assert f"Lockout rate: {words}" in changes_in_words(exercise(rated(*rates)))[0]


def test_one_session_shows_no_change():
    assert changes_in_words(exercise(lockouts(170))) == ()


# ---------------------------------------------------------------------------------------------------------------- bests


def test_only_full_reps_make_a_best():
    failed = kept_set(14, load_kg=120, reps=[kept_rep(n, status=Status.FAULT, range_deg=99) for n in range(1, 13)])
    unseen = kept_set(15, load_kg=130, reps=[kept_rep(1, status=None)])
    partial = kept_set(16, load_kg=140, reps=[kept_rep(1, partial=True, range_deg=99)])
    bests = {
        best.of: best
        for best in exercise([kept_set(0, load_kg=80), kept_set(7, load_kg=80), failed, unseen, partial]).bests
    }
    assert bests["Heaviest load with full reps"].value == "80 kg for 8 full reps"
    assert bests["Heaviest load with full reps"].day == FIRST
    assert bests["Most full reps in a set"].value == "8 full reps with 80 kg"
    assert bests["Largest range of a full rep"].value == "70° ± 10"


def test_a_best_shows_the_unit_it_was_given_in():
    load = Load(kg=100 * LoadUnit.LB.kg, unit=LoadUnit.LB)
    assert exercise([kept_set(load=load, reps=[kept_rep(1)])]).bests[0].value == "100 lb for 1 full rep"


# --------------------------------------------------------------------------------------------------------------- faults


def with_fault(*tallies):
    return [kept_set(7 * week, findings={"no-squeeze": tally}) for week, tally in enumerate(tallies)]


@pytest.mark.parametrize(
    ("tallies", "persists"),
    [
        (((4, 4, 0), (0, 8, 0), (3, 5, 0)), True),
        (((4, 4, 0), (5, 3, 0), (3, 5, 0)), False),
        (((0, 8, 0), (0, 8, 0)), False),
        (((8, 0, 0), (4, 4, 0), (0, 8, 0), (3, 5, 0)), True),
        (((0, 8, 0), (0, 8, 0), (0, 8, 0), (8, 0, 0)), False),
        (((0, 8, 0), (0, 8, 0), (0, 0, 8), (1, 7, 0)), True),
        (((0, 0, 8), (0, 0, 8), (0, 0, 8)), False),
    ],
    ids=["in all three", "not in one", "two sessions", "lately", "no longer", "unjudged between", "never judged"],
)
def test_a_fault_persists_over_three_sessions_that_could_judge_it(tallies, persists):
    one = athlete(with_fault(*tallies))
    assert (one.exercises[0].persistent == ("no-squeeze",)) is persists
    assert any("physical therapist" in line for line in advice(one)) is persists


def test_sets_of_one_day_are_one_session():
    sets = [kept_set(0, name=f"{n}.mp4", findings={"no-squeeze": (0, 8, 0)}) for n in range(3)]
    assert exercise(sets).persistent == ()
    assert exercise(sets).days[0].sets == 3


# ------------------------------------------------------------------------------------------------------- notes, advice


@pytest.mark.parametrize(
    "note",
    [
        "left knee hurt",
        "Pain in the low back",
        "sharp twinge",
        "it aches",
        "numb toes",
        "not sure, some pain",
        "painful",
    ],
)
def test_a_note_that_mentions_pain(note):
    assert mentions_pain(note)
    lines = advice(athlete([kept_set(note=note)]))
    assert "may mention pain" in lines[0]
    assert f"\u201c{note}\u201d" in lines[0]
    assert "doctor or physical therapist" in lines[0]


@pytest.mark.parametrize(
    "note",
    ["no pain", "pain-free", "without any pain", "didn't hurt", "no longer painful", "sore glutes", "paint", "Spain"],
)
def test_a_note_that_does_not_mention_pain(note):
    assert not mentions_pain(note)
    assert not any("pain" in line for line in advice(athlete([kept_set(note=note)])))


def test_an_old_note_is_not_repeated():
    sets = [kept_set(0, note="it hurt"), kept_set(60)]
    assert not any("may mention pain" in line for line in advice(athlete(sets)))


def test_after_pain_no_progression_is_advised():
    more = "may go up a little"
    assert any(more in line for line in advice(athlete([kept_set()])))
    assert not any(more in line for line in advice(athlete([kept_set(note="it hurt")])))
    assert not any(more in line for line in advice(athlete([kept_set(reps=[kept_rep(1, status=None)] * 8)])))


@pytest.mark.parametrize(
    ("days", "today", "words"),
    [
        ([0], 5, "too short"),
        ([0, 7, 14, 21], 27, "1.0 analysed sessions a week over the last 28 days"),
        ([0, 7, 14, 21], 27, "not filmed are not counted"),
        ([0, 3, 7, 10, 14, 17, 21, 24], 27, "within the recommended 2 to 3"),
        ([0, 1, 2, 3, 7, 8, 9, 10], 13, "Leave time to recover"),
        ([0], 90, "0.0 analysed sessions"),
    ],
)
def test_sessions_per_week_are_compared_with_the_usual_advice(days, today, words):
    lines = advice(athlete([kept_set(day) for day in days], on(today)))
    assert any(words in line for line in lines if line.startswith("Sessions:"))


def test_sessions_of_all_exercises_count_and_two_on_a_day_are_one():
    sets = [kept_set(0), kept_set(0, exercise="deadlift", name="b.mp4"), kept_set(2, exercise="deadlift")]
    one = athlete(sets, on(15))
    assert one.weeks == ((FIRST, 2), (on(7), 0), (on(14), 0))
    assert [part.exercise for part in one.exercises] == ["deadlift", "hip-thrust"]


def test_a_clip_dated_ahead_by_a_clock_is_no_crash():
    assert athlete([kept_set(3)], on(0)).weeks == ((FIRST, 1),)


def test_athletes_are_kept_apart():
    found = progress([kept_set(0, athlete="Zoe"), kept_set(1, athlete="ben")], date(2026, 10, 1))
    assert [one.athlete for one in found] == ["ben", "Zoe"]


def test_an_empty_history_has_no_progress():
    assert progress([], date(2026, 10, 1)) == ()


def test_an_unknown_exercise_or_rule_is_named_by_its_id():
    assert exercise_name("moon-walk") == "moon-walk"
    assert rule_title("moon-walk", "no-moon") == "no-moon"
    assert rule_title("hip-thrust", "no-moon") == "no-moon"
