"""The evaluation of counts under disturbances."""

from dataclasses import replace

import numpy as np
import pytest

from hipform.exercises import EXERCISES
from hipform.kinematics.orientation import compute_near_side
from scripts.evaluate.robustness import DISTURBANCES, Change, Filmed, counted_sets, figures, mirrored
from tests.synthetic import film_exercise

SLUG = "glute-bridge"
CLIP = film_exercise(SLUG, 2, fps=15)
FILMED = Filmed(CLIP.info, CLIP.poses)


def test_two_mirrors_give_the_clip_back_and_one_the_other_side():
    once = list(mirrored(FILMED, None))
    twice = list(mirrored(replace(FILMED, poses=once), None))
    for pose, other, back in zip(FILMED.poses, once, twice, strict=True):
        np.testing.assert_allclose(back.image_px, pose.image_px)
        np.testing.assert_allclose(back.world_m, pose.world_m)
        assert compute_near_side(other) == pytest.approx(-compute_near_side(pose))


@pytest.mark.parametrize("name", DISTURBANCES)
def test_every_disturbance_changes_the_landmarks_and_not_the_count_of_a_clear_set(name):
    filmed = replace(FILMED, sets=counted_sets(FILMED, EXERCISES[SLUG]))
    disturbed = list(DISTURBANCES[name](filmed, np.random.default_rng(1)))
    points = [
        np.concatenate([[*pose.image_px.flat, *pose.world_m.flat] for pose in poses])
        for poses in (filmed.poses, disturbed)
    ]
    assert not np.array_equal(*points, equal_nan=True)
    assert [pose.t_s for pose in disturbed] == sorted({pose.t_s for pose in disturbed})
    assert sum(len(one.reps) for one in counted_sets(replace(filmed, poses=disturbed), EXERCISES[SLUG])) == 2


def test_the_table_counts_changes_by_kind():
    changes = [Change("a.mp4", "mirrored", before, after) for before, after in ((3, 3), (3, 2), (3, 4), (1, 1))]
    row = "| 4 | 2 (50%) | 1 | 1 |"
    assert list(figures(changes))[2:] == [f"| mirrored {row}", f"| all {row}"]
