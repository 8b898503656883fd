"""The tables of `--details`."""

import io

import pytest
from rich.console import Console

from hipform.exercises import EXERCISES
from hipform.report.terminal_text import rep_tables
from tests.report.made import rep, result


@pytest.mark.parametrize(
    ("slug", "named"), [("romanian-deadlift", True), ("single-leg-glute-bridge", True), ("hip-thrust", False)]
)
def test_the_measured_leg_is_named_where_one_may_work_alone(slug, named):
    (found,) = result([rep(1)]).sets
    (table,) = rep_tables(EXERCISES[slug], found, Console(file=io.StringIO(), width=200))
    assert ("Side" in [column.header for column in table.columns]) is named
