"""Everything that is written and drawn of one analysis says the same: on every golden and on every sample."""

import pytest

from hipform.analysis import Section
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.pose.recording import RecordingWriter
from scripts.record_samples import RECORDINGS, SAMPLES, exercise_of
from scripts.update_goldens import GOLDENS, exercises_of
from tests.contract_check import check_all, written_and_drawn
from tests.exercises.samples import clip_of, samples_of

GOLDEN_CASES = [(path, slug) for path in sorted(GOLDENS.glob("*.npz")) for slug in exercises_of(path)[:1]]
SAMPLE_CASES = sorted(RECORDINGS.glob("*.npz"))
# Whether a set is full is reported of every exercise; each other rule, of the first exercise that has it.
FIRST_WITH = {rule.id: slug for slug, exercise in reversed(EXERCISES.items()) for rule in exercise.rules}
FILMED_CASES = [
    pytest.param(slug, rule.id, status, id=f"{slug}-{rule.id}-{status.value}")
    for slug, exercise in EXERCISES.items()
    for rule in exercise.rules
    if rule.id == LOCKOUT_RULE or FIRST_WITH[rule.id] == slug
    # Of what is not judged, cameras that stand wrong: hidden joints are no landmarks that can be recorded.
    for status in ([Status.FAULT, Status.NOT_ASSESSED] if FIRST_WITH[LOCKOUT_RULE] == slug else [Status.FAULT])
    if status is Status.FAULT or rule.id == LOCKOUT_RULE
]


def section(slug):
    return (Section(exercise=find_exercise(slug)),)


@pytest.mark.parametrize(("path", "slug"), GOLDEN_CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_golden_tells_one_story(tmp_path, path, slug):
    check_all(*written_and_drawn(path, tmp_path, section(slug)))


def test_two_exercises_in_one_clip_tell_one_story(tmp_path):
    result, *others = written_and_drawn(GOLDENS / "glute_bridge_then_single_leg.npz", tmp_path)
    assert len(result["sets"]) == 2
    check_all(result, *others)


def test_every_sample_has_its_recording():
    assert {path.stem for path in SAMPLE_CASES} == {path.stem for path in SAMPLES.glob("*.mp4")}


# The faults of the others are those of the sets below.
@pytest.mark.parametrize("path", SAMPLE_CASES[::2], ids=lambda path: path.stem)
def test_a_sample_tells_one_story(tmp_path, path):
    check_all(*written_and_drawn(path, tmp_path, section(exercise_of(path))))


@pytest.mark.parametrize(("slug", "rule", "status"), FILMED_CASES)
def test_a_set_with_every_fault_tells_one_story(tmp_path, slug, rule, status):
    clip = clip_of(slug, samples_of(slug, rule)[status][0])
    with RecordingWriter(tmp_path / "poses.npz", clip.info, "heavy") as writer:
        for pose in clip.poses:
            writer.write(pose)
    check_all(*written_and_drawn(tmp_path / "poses.npz", tmp_path / "out", section(slug)))
