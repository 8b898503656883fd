from collections import Counter

import numpy as np
import pytest

from hipform.pose.poses import Landmark
from scripts.evaluate.landmark_noise import fit_noise, noisy_poses
from scripts.evaluate.rules import chosen_sets, command, parse, section
from scripts.evaluate.simulated_sets import COMPARED, FRONTAL, planned_sets, simulate
from scripts.evaluate.verdicts import RuleAnswer
from scripts.paths import ROOT, SAMPLES
from scripts.render_samples.exercises import EXERCISES as RENDERED
from scripts.render_samples.faults import FAULTS


def test_sets_show_every_fault_in_both_parts_and_clean_ones_of_every_exercise():
    planned = list(planned_sets(a_fault=4, clean=2))
    parts = Counter((one.fault, one.number % 2) for one in planned)
    assert all(parts[fault, part] == 2 for fault in FAULTS for part in (0, 1))
    assert {one.spec.exercise for one in planned if not one.fault} == set(RENDERED)
    assert len({one.number for one in planned}) == len(planned)
    assert all(5 <= one.spec.reps <= 8 for one in planned)


def test_faults_that_need_a_comparison_leave_the_first_repetition_good_and_frontal_ones_are_filmed_from_there():
    for one in planned_sets(a_fault=6, clean=0):
        (request,) = one.spec.faults
        assert not (one.fault in COMPARED and request.concerns(1))
        assert (abs(one.spec.camera.azimuth_deg) >= 60) == (one.fault in FRONTAL)


def test_parts_rules_and_exercises_can_be_chosen():
    options = parse(["--part", "tune", "--rule", "momentum", "--exercise", "deadlift", "--sets", "40"])
    chosen = list(chosen_sets(options))
    assert all(one.number % 2 == 0 for one in chosen)
    assert {one.fault for one in chosen} == {"momentum", ""}
    assert {one.spec.exercise for one in chosen} == {"deadlift"}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    planned = next(one for one in planned_sets(a_fault=2, clean=0) if one.fault == "momentum")
    return planned, simulate(planned, tmp_path_factory.mktemp("simulated"))


def test_a_simulated_set_has_the_repetitions_and_the_fault_that_were_planned(simulated):
    planned, found = simulated
    assert len(found.reps) == planned.spec.reps
    (request,) = planned.spec.faults
    faulty = [number for number, rep in enumerate(found.reps, 1) if rep.faults]
    assert faulty == [number for number in range(1, planned.spec.reps + 1) if request.concerns(number)]
    dropped = [rep.moments["lower_s"] for rep in found.reps if rep.faults]
    assert max(dropped) < request.amount
    assert found.image_px.shape == (len(found.t_s), len(found.names), 2)


def test_noisy_landmarks_err_as_the_model_does_on_the_sample(simulated):
    planned, found = simulated
    name = f"{planned.spec.exercise}_good"
    noise = fit_noise(ROOT / "tests" / "sample_recordings" / f"{name}.npz", SAMPLES / f"{name}.json")
    poses = list(noisy_poses(found, noise, np.random.default_rng(0)))
    assert [pose.t_s for pose in poses] == pytest.approx(list(found.t_s))
    mark = Landmark[f"{found.near_side.upper()}_HIP"]
    true_px = found.image_px[:, found.names.index(f"{found.near_side}_hip")]
    error_px = np.array([pose.image_px[mark] for pose in poses]) - true_px
    shoulder_px = found.image_px[:, found.names.index(f"{found.near_side}_shoulder")]
    error_trunks = np.linalg.norm(error_px, axis=1) / np.linalg.norm(true_px - shoulder_px, axis=1)
    assert 0.005 < np.median(error_trunks) < 0.15
    # What the model does not have, a simulated pose does not have either.
    assert np.isnan(poses[0].image_px[Landmark.LEFT_PINKY]).all()


def answers(found, missed, wrong, right):
    fault = FAULTS["momentum"]
    counts = (("fault", True, found), ("ok", True, missed), ("fault", False, wrong), ("ok", False, right))
    return [
        RuleAnswer("7", "simulated", "momentum", (fault,) if is_there else (), answer)
        for answer, is_there, n in counts
        for _ in range(n)
    ]


def test_the_section_says_what_was_found_and_what_was_right():
    planned = [one for one in planned_sets(a_fault=2, clean=0) if one.fault == "momentum"]
    text = "\n".join(section("heavy", planned, answers(found=3, missed=1, wrong=1, right=5), []))
    assert "## Rules on simulated landmarks, heavy model" in text
    assert "2 sets of five to eight repetitions: `glute-bridge`." in text
    assert "| `momentum` | 1 (few) | 3 / 1 / 0 / 0 | 1 / 5 / 0 / 0 | 75% | 75% | 100% |" in text


def test_rules_without_a_fault_in_the_sets_are_not_in_the_table():
    assert "`momentum`" not in "\n".join(section("heavy", [], answers(found=0, missed=0, wrong=1, right=5), []))


def test_the_command_names_what_the_figures_depend_on():
    options = parse(["--model", "lite", "--rule", "momentum", "--exercise", "deadlift", "--sets", "3"])
    chosen = "--model lite --part report --rule momentum --exercise deadlift --sets 3"
    assert command(options) == f"python -m scripts.evaluate.rules {chosen}"
