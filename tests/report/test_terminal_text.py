"""The verdict in the terminal: five lines, each whole at 80 columns."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from hipform.exercises import EXERCISES
from hipform.report.terminal_text import rep_tables, show
from tests.report.made import rep, result

CLEAN = [rep(number, start_s=5.0 * number, end_s=5.0 * number + 4) for number in (1, 2, 3)]
FAULT = [rep(1, faults=["incomplete-lockout", "shin-angle"], lockout_deg=25.0), *CLEAN[1:]]
NOT_JUDGED = [rep(number, judged=False) for number in (1, 2, 3)]


def printed(*sets):
    console = Console(file=io.StringIO(), width=80)
    show(console, result(*sets), details=False)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("reps", [CLEAN, FAULT, NOT_JUDGED, []], ids=["clean", "fault", "not judged", "nothing"])
def test_the_verdict_of_a_set_takes_five_lines_and_no_line_is_broken(reps):
    lines = printed(reps)
    assert lines[-1] == "Feedback on movement, not medical advice. --details lists every rep."
    advice = next((at for at, line in enumerate(lines) if line.startswith("  Next time: ")), len(lines) - 1)
    assert advice <= 5
    assert all(len(line) <= 80 for line in lines)


def test_each_part_of_a_fault_is_one_line():
    lines = printed(FAULT)
    starts = ("✗ Hip thrust: ", "  Change one thing: ", "  Cue: ", "  Went well: ", "  Not judged: ", "Feedback")
    assert [line.startswith(start) for line, start in zip(lines, starts, strict=True)] == [True] * 6


def test_a_long_reason_is_left_to_the_details():
    reps = [
        replace(
            one, findings=tuple(replace(finding, text="a reason that is far too long " * 3) for finding in one.findings)
        )
        for one in NOT_JUDGED
    ]
    (line,) = (line for line in printed(reps) if line.startswith("  Not judged: "))
    assert line.endswith("--details says why")


def test_advice_on_the_camera_is_for_sets_without_a_judged_lockout():
    assert not any(line.startswith("  Next time: ") for line in printed([rep(1, faults=["incomplete-lockout"])]))


@pytest.mark.parametrize(
    ("slug", "named"), [("romanian-deadlift", True), ("single-leg-glute-bridge", True), ("hip-thrust", False)]
)
def test_the_measured_leg_is_named_where_one_may_work_alone(slug, named):
    (found,) = result([rep(1)]).sets
    (table,) = rep_tables(EXERCISES[slug], found, Console(file=io.StringIO(), width=200))
    assert ("Side" in [column.header for column in table.columns]) is named
