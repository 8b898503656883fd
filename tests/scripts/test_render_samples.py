"""The rendered lifters' motion and truth, tested without graphics."""

import csv
import json
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.render_samples import __main__ as command
from scripts.render_samples.bodies import BODY_FOLDER, body_names, load_body
from scripts.render_samples.camera import CameraRig, mirrored_matrix, project
from scripts.render_samples.clip_files import ClipFiles
from scripts.render_samples.clip_sets import SAMPLES, evaluation_jobs, sample_clip
from scripts.render_samples.contacts import check_contacts
from scripts.render_samples.exercises import EXERCISES, Equipment
from scripts.render_samples.faults import FAULTS, FaultRequest, Reading
from scripts.render_samples.geometry import bend_deg, vec
from scripts.render_samples.jobs import render_job
from scripts.render_samples.lifting_set import plan_set
from scripts.render_samples.motion.base import trunk_thigh_flexion_deg
from scripts.render_samples.plan import Targets, blend, eased
from scripts.render_samples.rep_measures import measure_rep
from scripts.render_samples.skeleton import SIDES, Posture
from scripts.render_samples.spec import CameraSpec, ClipSpec, SceneSpec, from_dict, sample_spec, to_dict
from scripts.render_samples.truth import body_angles, frame_truth
from scripts.render_samples.truth_files import write_csv, write_json

# Each fault in every third exercise that can show it, beginning in turn with the first, the second and the third:
# neighbours share their way to move.
SHOWN_IN = {fault: [slug for slug, exercise in EXERCISES.items() if fault in exercise.faults] for fault in FAULTS}
EXERCISE_FAULTS = [
    (slug, fault)
    for number, (fault, slugs) in enumerate(SHOWN_IN.items())
    for slug in slugs[number % min(3, len(slugs)) :: 3]
]
SMALLEST, LARGEST = "female_slim", "male_tall"
BUILDS = (SMALLEST, "male_heavy", LARGEST)
"""Two of them do each exercise."""

DRIFT_LIMIT_M = 0.001
PENETRATION_LIMIT_M = 0.010
REACH_LIMIT_M = 0.001
# From the middle of the palm to the bar's centre, a fist around it.
GRIP_LIMIT_M = 0.055


def clip(slug, *, body="male_average", reps=1, faults=(), seed=0, variation_deg=0.0):
    scene = SceneSpec(plates=EXERCISES[slug].plates[-1])
    return ClipSpec(slug, body, seed, reps, variation_deg=variation_deg, faults=tuple(faults), scene=scene)


@cache
def good_set(slug, reps=1):
    return plan_set(clip(slug, reps=reps))


@cache
def good_measures(slug, reps=1):
    planned = good_set(slug, reps)
    return tuple(measure_rep(planned, times) for times in planned.timeline.reps)


# -- the body ------------------------------------------------------------------------------------------------------


def test_bodies_are_many_small_and_free():
    assert len(body_names()) >= 6
    assert all(path.stat().st_size < 6e6 for path in BODY_FOLDER.iterdir())
    assert "CC0" in (BODY_FOLDER / "NOTICE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", body_names())
def test_body_stands_on_the_floor_facing_forward(name):
    body = load_body(name)
    assert body.vertices[body.skin_indices, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert 1.5 < body.height_m < 2.0
    assert body.head("foot.L")[1] > 0.0 > body.head("foot.R")[1]
    assert body.head("toe2-1.L")[0] > body.head("foot.L")[0]


# -- signs ---------------------------------------------------------------------------------------------------------


def test_signs_of_the_bends():
    shoulder, hip = vec(0.0, 0.0, 1.4), vec(0.0, 0.0, 0.9)
    assert bend_deg(shoulder, hip, vec(0.0, 0.0, 0.4)) == pytest.approx(0.0)
    assert bend_deg(shoulder, hip, vec(0.5, 0.0, 0.9)) == pytest.approx(90.0)
    assert bend_deg(shoulder, hip, vec(-0.1, 0.0, 0.4)) < 0.0


@pytest.mark.parametrize(
    ("region", "angle"),
    [
        ("lumbar_deg", "lumbar_extension_deg"),
        ("thoracic_deg", "thoracic_extension_deg"),
        ("neck_deg", "neck_extension_deg"),
    ],
)
@pytest.mark.parametrize("amount_deg", [-20.0, 15.0])
def test_spine_regions_are_posed_and_measured_apart(region, angle, amount_deg):
    posture = Posture(load_body("male_average"))
    posture.set_spine(30.0, **{region: amount_deg})
    angles = body_angles(posture, 0.0)
    assert angles[angle] == pytest.approx(amount_deg, abs=1e-6)
    others = {"lumbar_extension_deg", "thoracic_extension_deg", "neck_extension_deg"} - {angle}
    assert all(angles[other] == pytest.approx(0.0, abs=1e-6) for other in others)


def test_extension_moves_the_shoulders_back():
    posture = Posture(load_body("male_average"))
    upright_m = posture.middle("upperarm01")[0]
    posture.set_spine(0.0, lumbar_deg=20.0)
    assert posture.middle("upperarm01")[0] < upright_m


# -- timing --------------------------------------------------------------------------------------------------------


@given(start=st.floats(0.0, 1.8), end=st.floats(0.0, 1.8))
def test_easing_joins_its_ends(start, end):
    assert eased(0.0, start, end) == pytest.approx(0.0)
    assert eased(1.0, start, end) == pytest.approx(1.0)


@given(share=st.floats(0.0, 1.0))
def test_blend_stays_between_its_ends(share):
    bottom, top = Targets(hip_deg=90.0, knee_deg=30.0), Targets(hip_deg=0.0, lumbar_deg=20.0)
    between = blend(bottom, top, share)
    assert 0.0 <= between.hip_deg <= 90.0
    assert 0.0 <= between.knee_deg <= 30.0
    assert 0.0 <= between.lumbar_deg <= 20.0


@pytest.mark.parametrize("slug", EXERCISES)
def test_timeline_is_continuous_and_ordered(slug):
    timeline = good_set(slug, 2).timeline
    times_s = np.arange(0.0, timeline.duration_s, 0.002)
    hip_deg = [timeline.at(float(t)).targets.hip_deg for t in times_s]
    assert np.abs(np.diff(hip_deg)).max() < 2.0
    first, second = timeline.reps
    assert first.start_s <= first.ascent_s < first.top_s <= first.end_s <= second.start_s
    assert second.end_s <= timeline.duration_s


# -- angles and contacts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", EXERCISES)
def test_target_angle_is_reached(slug):
    planned = good_set(slug)
    for time_s in np.linspace(0.0, planned.timeline.duration_s, 9):
        moment, posed = planned.at(float(time_s))
        assert trunk_thigh_flexion_deg(posed.posture, moment.side) == pytest.approx(moment.targets.hip_deg, abs=0.05)


@pytest.mark.parametrize(
    ("slug", "body"),
    [(slug, BUILDS[(number + other) % 3]) for number, slug in enumerate(EXERCISES) for other in (0, 1)],
)
def test_contacts_hold(slug, body):
    contacts = check_contacts(plan_set(clip(slug, body=body)), samples_per_s=2.5)
    assert contacts.planted_drift_m < DRIFT_LIMIT_M
    assert contacts.floor_penetration_m < PENETRATION_LIMIT_M
    assert contacts.bench_penetration_m < PENETRATION_LIMIT_M
    assert contacts.reach_miss_m < REACH_LIMIT_M


@pytest.mark.parametrize("slug", [s for s, e in EXERCISES.items() if e.equipment is Equipment.BARBELL])
def test_hands_hold_the_bar(slug):
    planned = good_set(slug)
    for time_s in np.linspace(0.0, planned.timeline.duration_s, 5):
        _, posed = planned.at(float(time_s))
        for side in SIDES:
            wrist, knuckle = (posed.posture.joint(f"{bone}.{side}") for bone in ("wrist", "finger3-1"))
            to_bar = (0.5 * (wrist + knuckle) - posed.load) * vec(1.0, 0.0, 1.0)
            assert np.linalg.norm(to_bar) < GRIP_LIMIT_M


def test_deadlift_plates_start_on_the_floor():
    planned = good_set("deadlift")
    _, posed = planned.at(0.0)
    assert posed.load[2] == pytest.approx(0.225, abs=0.002)


# -- faults --------------------------------------------------------------------------------------------------------


def stated(reading, good, faulty):
    return {
        Reading.ADDED: faulty - good,
        Reading.REMOVED: good - faulty,
        Reading.ABSOLUTE: faulty,
        Reading.PERCENT_LOST: 100.0 * (1.0 - faulty / good) if good else 0.0,
        Reading.PER_REP: faulty - good,
    }[reading]


@pytest.mark.parametrize(("slug", "name"), EXERCISE_FAULTS)
def test_fault_shows_by_the_stated_amount(slug, name):
    fault = FAULTS[name]
    amount = fault.amounts[1]
    # The second rep carries what grows over a set, and the second side.
    reps = 2 if fault.reading is Reading.PER_REP or name == "asymmetry" else 1
    planned = plan_set(clip(slug, reps=reps, faults=[FaultRequest(name, amount)]))
    faulty = measure_rep(planned, planned.timeline.reps[-1])
    good = good_measures(slug, reps)[-1]
    shown = stated(fault.reading, getattr(good, fault.measure), getattr(faulty, fault.measure))
    assert shown == pytest.approx(amount, rel=0.05)


@pytest.mark.parametrize("slug", [s for s, e in EXERCISES.items() if "lumbar-compensation" in e.faults])
def test_compensation_hides_a_short_hip_behind_the_low_back(slug):
    planned = plan_set(clip(slug, faults=[FaultRequest("lumbar-compensation", 15.0)]))
    faulty, good = measure_rep(planned, planned.timeline.reps[0]), good_measures(slug)[0]
    assert faulty.hip_top_deg == pytest.approx(good.hip_top_deg, abs=0.1)
    assert faulty.hip_joint_top_deg - good.hip_joint_top_deg == pytest.approx(15.0, abs=0.2)
    assert faulty.lumbar_top_deg - good.lumbar_top_deg > 15.0


def test_overextension_keeps_the_hip_joint_and_goes_past_straight():
    planned = plan_set(clip("hip-thrust", faults=[FaultRequest("lumbar-overextension", 20.0)]))
    faulty, good = measure_rep(planned, planned.timeline.reps[0]), good_measures("hip-thrust")[0]
    assert faulty.hip_joint_top_deg == pytest.approx(good.hip_joint_top_deg, abs=0.2)
    assert faulty.hip_top_deg < -10.0


def test_fault_concerns_only_its_reps():
    planned = plan_set(clip("hip-thrust", reps=3, faults=[FaultRequest("incomplete-lockout", 20.0, (2,))]))
    tops = [measure_rep(planned, times).hip_top_deg for times in planned.timeline.reps]
    assert tops == pytest.approx([0.0, 20.0, 0.0], abs=0.1)


@pytest.mark.parametrize(("slug", "name"), [("bird-dog", "pelvis-drop"), ("bird-dog", "incomplete-lockout")])
def test_contacts_hold_in_faulty_reps(slug, name):
    planned = plan_set(clip(slug, reps=2, faults=[FaultRequest(name, FAULTS[name].amounts[1])]))
    contacts = check_contacts(planned)
    assert contacts.planted_drift_m < DRIFT_LIMIT_M
    assert contacts.floor_penetration_m < PENETRATION_LIMIT_M


def test_a_fault_the_exercise_cannot_show_is_refused():
    with pytest.raises(ValueError, match="cannot show"):
        clip("glute-bridge", faults=[FaultRequest("arm-lift", 20.0)])


# -- specification and seed ----------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_seed_determines_the_specification(seed):
    spec = sample_spec(seed)
    assert spec == sample_spec(seed)
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec
    assert abs(spec.camera.azimuth_deg) <= 60.0
    assert spec.camera.width_px % 2 == spec.camera.height_px % 2 == 0


def test_seeds_vary_everything():
    specs = [sample_spec(seed) for seed in range(150)]
    assert {spec.exercise for spec in specs} == set(EXERCISES)
    assert {spec.body for spec in specs} == set(body_names())
    assert {spec.camera.fps for spec in specs} == {24.0, 30.0, 60.0}
    assert any(spec.camera.width_px < spec.camera.height_px for spec in specs)
    for condition in ("mirrored", "sway_m"):
        assert {bool(getattr(spec.camera, condition)) for spec in specs} == {True, False}
    assert {spec.scene.bystander is None for spec in specs} == {True, False}
    assert {bool(spec.faults) for spec in specs} == {True, False}


def test_seed_determines_the_motion():
    spec = clip("romanian-deadlift", seed=5, reps=2, variation_deg=1.0)
    first, again, other = (plan_set(s) for s in (spec, spec, replace(spec, seed=6)))
    assert first.plans == again.plans
    assert first.plans != other.plans
    joints = [planned.at(1.3)[1].posture.joint("head") for planned in (first, again)]
    np.testing.assert_array_equal(*joints)


# -- camera and files ----------------------------------------------------------------------------------------------


def test_camera_sees_the_right_side_with_the_head_up():
    framing = EXERCISES["deadlift"].framing
    camera = CameraRig(CameraSpec(), framing, 1.0, seed=0).at(0.0)
    toward_right, upward = project(camera.matrix, np.array([[0.5, 0.0, 1.0], [0.0, 0.0, 1.5]]))
    centre = project(camera.matrix, vec(0.0, 0.0, 1.0))
    assert toward_right[0] > centre[0]
    assert upward[1] < centre[1]


def test_mirrored_matrix_flips_the_picture():
    framing = EXERCISES["deadlift"].framing
    camera = CameraRig(CameraSpec(azimuth_deg=25.0, roll_deg=3.0), framing, 1.0, seed=0).at(0.0)
    points = np.random.default_rng(0).normal(0.0, 0.5, (20, 3))
    pixels = project(camera.matrix, points)
    flipped = project(mirrored_matrix(camera.matrix, camera.width_px), points * vec(1.0, -1.0, 1.0))
    np.testing.assert_allclose(flipped[:, 0], camera.width_px - pixels[:, 0])
    np.testing.assert_allclose(flipped[:, 1], pixels[:, 1])


def test_clip_matrix_agrees_with_the_pixel_matrix():
    camera = CameraRig(CameraSpec(azimuth_deg=-30.0), EXERCISES["hip-thrust"].framing, 1.0, seed=0).at(0.0)
    point = vec(0.3, 0.2, 0.7)
    clip_point = camera.clip_matrix() @ np.append(point, 1.0)
    ndc = clip_point[:2] / clip_point[3]
    pixels = [0.5 * (ndc[0] + 1.0) * camera.width_px, 0.5 * (1.0 - ndc[1]) * camera.height_px]
    np.testing.assert_allclose(project(camera.matrix, point), pixels)


def truths_of(spec, fps=4.0):
    planned = plan_set(spec)
    rig = CameraRig(spec.camera, planned.exercise.framing, planned.body.scale, spec.seed)
    frames = []
    for index, time_s in enumerate(planned.frame_times_s(fps)):
        moment, posed = planned.at(time_s)
        view, mirrored = rig.at(time_s), spec.camera.mirrored
        frames.append(frame_truth(planned, index, moment, posed.posture, view, mirrored=mirrored))
    return planned, frames


@pytest.fixture(scope="module", params=[False, True], ids=["right", "mirrored"])
def written(request, tmp_path_factory):
    camera = CameraSpec(azimuth_deg=20.0, mirrored=request.param, sway_m=0.01)
    spec = replace(clip("bird-dog", reps=2, faults=[FaultRequest("asymmetry", 20.0)]), camera=camera)
    planned, frames = truths_of(spec)
    files = ClipFiles.of(tmp_path_factory.mktemp("truth") / "clip")
    write_csv(files.angles, frames)
    write_json(files.data, spec, planned, frames, check_contacts(planned, 1.0))
    return spec, frames, files


def test_files_hold_every_frame(written):
    spec, frames, files = written
    with files.angles.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    data = json.loads(files.data.read_text(encoding="utf-8"))
    assert len(rows) == len(frames) == len(data["frames"]["time_s"])
    assert {"left_trunk_thigh_flexion_deg", "right_trunk_thigh_flexion_image_deg", "lumbar_extension_deg"} <= set(
        rows[0]
    )
    assert from_dict(data["spec"]) == spec
    assert len(data["reps"]) == spec.reps
    assert data["near_side"] == ("left" if spec.camera.mirrored else "right")
    assert data["reps"][0]["faults"][0]["fault"] == "asymmetry"


def test_written_matrix_projects_written_joints(written):
    _, _, files = written
    data = json.loads(files.data.read_text(encoding="utf-8"))
    for matrix, points, pixels in zip(
        data["camera"]["matrices"],
        data["frames"]["landmarks_m"],
        data["frames"]["landmarks_px"],
        strict=True,
    ):
        projected = project(np.array(matrix).reshape(3, 4), np.array(points))
        np.testing.assert_allclose(projected, pixels, atol=0.2)


def test_mirroring_changes_names_but_no_angle():
    spec = clip("single-leg-glute-bridge")
    mirrored = replace(spec, camera=replace(spec.camera, mirrored=True))
    (_, plain), (_, flipped) = truths_of(spec, 2.0), truths_of(mirrored, 2.0)
    for frame, twin in zip(plain, flipped, strict=True):
        for angle in ("trunk_thigh_flexion_deg", "trunk_thigh_flexion_image_deg", "knee_flexion_deg"):
            assert frame.angles[f"right_{angle}"] == pytest.approx(twin.angles[f"left_{angle}"])
        assert {frame.side, twin.side} == {"left", "right"}


def test_side_view_shows_nearly_the_true_angle():
    _, frames = truths_of(clip("hip-thrust"), 3.0)
    for frame in frames:
        seen, true = (frame.angles[f"right_trunk_thigh_flexion{kind}_deg"] for kind in ("_image", ""))
        assert seen == pytest.approx(true, abs=5.0)


# -- sets and command line -----------------------------------------------------------------------------------------


def test_sample_set_covers_every_exercise_good_and_faulty():
    specs = [sample_clip(i) for i in range(len(SAMPLES))]
    for slug in EXERCISES:
        faulty = [bool(spec.faults) for spec in specs if spec.exercise == slug]
        assert {True, False} <= set(faulty)
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


def test_evaluation_set_is_balanced_and_unique(tmp_path):
    jobs = evaluation_jobs(tmp_path, 2 * len(EXERCISES), 100, None)
    assert len({stem for _, stem in jobs}) == 2 * len(EXERCISES)
    assert all(sum(spec.exercise == slug for spec, _ in jobs) == 2 for slug in EXERCISES)


def test_finished_clips_are_skipped(tmp_path):
    stem = tmp_path / "clip"
    for path in ClipFiles.of(stem).all:
        path.touch()
    assert render_job((clip("hip-thrust"), stem)) == "clip: already there"


def test_fault_option_is_parsed():
    assert command.parse_fault("incomplete-lockout=15@2,3") == FaultRequest("incomplete-lockout", 15.0, (2, 3))
    with pytest.raises(command.argparse.ArgumentTypeError, match="unknown fault"):
        command.parse_fault("no-such-fault=1")


def test_help_says_how_long_it_takes(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    assert "CPU-seconds a frame" in " ".join(capsys.readouterr().out.split())


def test_measures_are_plain_numbers():
    assert all(isinstance(value, float) for value in asdict(good_measures("deadlift")[0]).values())
