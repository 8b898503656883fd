"""What a batch shows, where a person looks and where not."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from hipform.batch import Analysis, BatchPlan, Ended, Outcomes
from hipform.batch.clip_job import Task
from hipform.batch.inputs import ClipInput
from hipform.batch.local_store import LocalStore
from hipform.batch.run_records import Failure
from hipform.cli import batch_display
from hipform.cli.batch_display import BatchDisplay, plan_in_words, row_in_words, show_outcomes
from hipform.exercises.findings import Status
from hipform.report.index_page import IndexRow

NASTY = "[bold]a\x1b[31m.mp4"
GOOD = IndexRow(clip="good.mp4", exercises=("hip-thrust",), sets=1, reps=8, locked_out=7, lockout_judged=8)
BAD = IndexRow(clip="bad.mp4", failure="bad.mp4 is no video.")
FAILED = Ended(name="bad", row=BAD, failure=Failure(reason="bad.mp4 is no video.", exit_code=4))


def task(label, size=100):
    clip = ClipInput(source=f"/clips/{label}", label=label, size=size, stamp="1", analysis=Analysis())
    return Task(name=label, clip=clip, store=LocalStore("/out"))


@pytest.fixture
def screen(monkeypatch):
    """Return a function that gives every console of the display the same paper, a terminal or a file."""
    paper = io.StringIO()

    def use(*, terminal):
        monkeypatch.setattr(
            batch_display,
            "terminal",
            lambda to_stderr: Console(file=paper, force_terminal=terminal, width=100, color_system=None),
        )
        return paper

    return use


def shown(paper, *, terminal, **options):
    tasks = [task("good.mp4"), task(NASTY, 300), task("bad.mp4")]
    with BatchDisplay(**options) as display:
        display.on_plan(BatchPlan(tasks, done=1, failed=1, notes=("Ignored: [bold].",)))
        display.on_progress(tasks[1], None)
        display.on_progress(tasks[1], 0.5)
        if terminal:
            (total, clip) = display._bars.tasks
            assert total.description == "0 of 3 clips"
            assert (total.completed, total.total) == (150, 500)
            assert (clip.completed, clip.total) == (0.5, 1.0)
        display.on_finished(tasks[1], Ended(name="x", row=replace(GOOD, clip=NASTY), notes=("Kept.",)))
        display.on_finished(tasks[2], FAILED)
        if terminal:
            (total,) = display._bars.tasks
            assert (total.description, total.completed) == ("2 of 3 clips", 400)
        display.on_idle()
        assert display._bars.tasks == []
    return paper.getvalue()


def test_without_a_terminal_every_clip_is_a_line(screen):
    text = shown(screen(terminal=False), terminal=False)
    assert text.splitlines() == [
        "5 clips: 1 done before, 1 failed before (use --retry-failed to retry), 3 to do.",
        "Ignored: [bold].",
        "[1/3] [bold]a?[31m.mp4: Hip thrust, 8 reps, 7 of 8 locked out",
        "[bold]a?[31m.mp4: Kept.",
        "[2/3] bad.mp4: failed: bad.mp4 is no video.",
        "Waiting for clips; press Ctrl-C to stop.",
    ]


def test_in_a_terminal_bars_show_it_and_only_failures_are_lines(screen):
    text = shown(screen(terminal=True), terminal=True)
    assert "[2/3] bad.mp4: failed: bad.mp4 is no video." in text
    assert "8 reps" not in text
    assert "\x1b[31m.mp4" not in text


def test_where_no_table_follows_every_clip_is_a_line(screen):
    assert "8 reps" in shown(screen(terminal=True), terminal=True, every_clip=True)


def test_words():
    assert plan_in_words(BatchPlan([task("a.mp4")])) == "1 clip: 1 to do."
    assert row_in_words(replace(GOOD, reps=1, lockout_judged=0)) == "Hip thrust, 1 rep"
    assert row_in_words(replace(GOOD, partial_reps=2)) == "Hip thrust, 8 + 2 partial, 7 of 8 locked out"


def table(outcomes, width=140):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show_outcomes(console, outcomes)
    return console.file.getvalue()


def test_the_table_at_the_end():
    arched = replace(GOOD, clip=NASTY, low_back=Status.FAULT, low_back_faults=2, worst_fault="Arching (2 of 8 reps)")
    text = table(Outcomes([Ended(name="g", row=GOOD), FAILED, Ended(name="n", row=arched)], 4, 1, ("A note.",)))
    assert "[bold]a?[31m.mp4" in text
    assert "bad.mp4 is no video." in text
    assert "7 of 8" in text
    assert "2 clips analysed, 4 done before, 2 failed." in text
    assert text.splitlines()[-1] == "A note."
    assert "Low back" in text
    narrow = table(Outcomes([FAILED, Ended(name="n", row=arched)]), width=80)
    assert "Low back" not in narrow
    assert "bad.mp4: failed: bad.mp4 is no video." in narrow.splitlines()
    assert max(map(len, narrow.splitlines())) <= 80


def test_a_long_name_leaves_room_for_the_verdict():
    long = replace(GOOD, clip="a folder/" * 9 + "good.mp4")
    text = table(Outcomes([Ended(name="g", row=long)]), width=80)
    assert "7 of 8" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_long_table_is_left_to_the_index():
    text = table(Outcomes([*(Ended(name=str(at), row=GOOD) for at in range(100)), FAILED]))
    assert "good.mp4" not in text
    assert "bad.mp4" in text
    assert "100 clips analysed, 1 failed." in text
