"""Everything that is written and drawn of one analysis says the same: on every golden and every kind of sample."""

import pytest

from hipform.analysis import Section
from hipform.exercises import EXERCISES, find_exercise
from hipform.pose import RecordingWriter
from scripts.update_goldens import GOLDENS, exercises_of
from tests.contract_check import check_all, written_and_drawn
from tests.exercises.samples import samples_of

GOLDEN_CASES = [(path, slug) for path in sorted(GOLDENS.glob("*.npz")) for slug in exercises_of(path)[:2]]


@pytest.mark.parametrize(("path", "slug"), GOLDEN_CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_golden_tells_one_story(tmp_path, path, slug):
    section = Section(exercise=find_exercise(slug))
    check_all(*written_and_drawn(path, tmp_path, (section,)))
