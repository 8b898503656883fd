"""The display of a batch: progress bars in a terminal, otherwise one line per clip; a table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from hipform.batch import BatchPlan, Ended, Outcomes
from hipform.batch.clip_job import Task
from hipform.cli.console import say, terminal
from hipform.errors import one_line
from hipform.exercises.findings import Status
from hipform.feedback.advice import exercise_name
from hipform.report.index_page import IndexRow, lockout_of, low_back_of, reps_of

_MOST_ROWS = 60
"""Longer tables are not printed, because the index has them; failures are always listed."""
_WIDE = 110
_NAME_WIDTH = 24
_SPEED_OVER_S = 300.0
_LONGEST_NAME = 40


class BatchDisplay:
    """Shows the progress of a batch on standard error; a context manager, so that no bar stays on the screen.

    Parameters
    ----------
    every_clip
        Whether each clip also gets a line when bars are shown, because no table follows.
    """

    def __init__(self, *, every_clip: bool = False) -> None:
        self._console = terminal(to_stderr=True)
        self._every_clip = every_clip or not self._console.is_terminal
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        self._bars = Progress(
            *columns,
            console=self._console,
            transient=True,
            refresh_per_second=5,
            speed_estimate_period=_SPEED_OVER_S,
            disable=not self._console.is_terminal,
        )
        self._total: TaskID | None = None
        self._running: dict[str, TaskID] = {}
        self._shares: dict[str, float] = {}
        self._bytes_done = 0
        self._clips = self._ended = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def on_plan(self, plan: BatchPlan) -> None:
        """Print the plan and start counting."""
        for line in (plan_in_words(plan), *plan.notes):
            say(self._console, line)
        self._clips, self._ended, self._bytes_done = len(plan.tasks), 0, 0
        self._shares.clear()
        self._end_total()
        if plan.tasks:
            self._total = self._bars.add_task("", total=sum(max(1, task.clip.size) for task in plan.tasks))
            self._count()

    def on_progress(self, task: Task, share: float | None) -> None:
        """Move the bar of a clip and the total bar."""
        if task.name not in self._running:
            self._running[task.name] = self._bars.add_task(_name_of(task.clip.label), total=None)
        if share is None:
            return
        self._shares[task.name] = share * max(1, task.clip.size)
        self._bars.update(self._running[task.name], completed=share, total=1.0)
        self._count()

    def on_finished(self, task: Task, ended: Ended) -> None:
        """Remove a clip's bar; report a failure at once, and every clip if there are no bars."""
        if bar := self._running.pop(task.name, None):
            self._bars.remove_task(bar)
        self._shares.pop(task.name, None)
        self._bytes_done += max(1, task.clip.size)
        self._ended += 1
        self._count()
        if ended.failure or self._every_clip:
            say(self._console, f"[{self._ended}/{self._clips}] {ended.row.clip}: {row_in_words(ended.row)}")
        for note in ended.notes:
            say(self._console, f"{ended.row.clip}: {note}")

    def on_idle(self) -> None:
        """Report that nothing is left to do."""
        self._end_total()
        say(self._console, "Waiting for clips; press Ctrl-C to stop.")

    def _end_total(self) -> None:
        if self._total is not None:
            self._bars.remove_task(self._total)
        self._total = None

    def _count(self) -> None:
        if self._total is not None:
            text = f"{self._ended} of {self._clips} clips"
            done = self._bytes_done + sum(self._shares.values())
            self._bars.update(self._total, description=text, completed=done)


def _name_of(label: str) -> str:
    """Return a clip's name, shortened to its end so that the bar has room."""
    name = one_line(label)
    return escape(name if len(name) <= _LONGEST_NAME else f"...{name[-_LONGEST_NAME + 3 :]}")


def plan_in_words(plan: BatchPlan) -> str:
    """Return the plan in one line: "31 clips: 12 done before, 19 to do."."""
    parts = [
        f"{plan.done} done before" if plan.done else "",
        f"{plan.failed} failed before (use --retry-failed to retry)" if plan.failed else "",
        f"{len(plan.tasks)} to do",
    ]
    return f"{counted(len(plan.tasks) + plan.done + plan.failed, 'clip')}: {', '.join(filter(None, parts))}."


def row_in_words(row: IndexRow) -> str:
    """Return a clip's row as one line."""
    if row.failure is not None:
        return f"failed: {row.failure}"
    exercises = ", ".join(map(exercise_name, row.exercises))
    reps = reps_of(row) if row.partial_reps else counted(row.reps, "rep")
    return f"{exercises}, {reps}, {lockout_of(row)} locked out" if row.lockout_judged else f"{exercises}, {reps}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def show_outcomes(console: Console, outcomes: Outcomes) -> None:
    """Print the outcome of this run's clips, and the counts from earlier runs."""
    shown = sorted(outcomes.ended, key=lambda one: one.row.clip)
    if len(shown) > _MOST_ROWS:
        shown = [one for one in shown if one.failure]
    if shown:
        console.print(_table(shown, console.width))
    for row in (one.row for one in shown):
        if row.failure is not None:
            # The hint was printed when the clip failed, and is in the index.
            say(console, f"{row.clip}: failed: {one_line(row.failure).partition('. ')[0].rstrip('.')}.")
    done = sum(one.failure is None for one in outcomes.ended)
    before = f", {outcomes.done_before} done before" if outcomes.done_before else ""
    failed = f", {outcomes.failed} failed" if outcomes.failed else ""
    say(console, f"{counted(done, 'clip')} analysed{before}{failed}.")
    for note in outcomes.notes:
        say(console, note)


def _table(ended: Sequence[Ended], width: int) -> Table:
    headings = ["Clip", "Exercise", "Reps", "Locked out", "Low back", "Worst fault"]
    if width < _WIDE:
        headings.remove("Low back")
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("Reps", "Locked out") else "left")
    name = table.columns[0]
    name.no_wrap, name.overflow, name.min_width = True, "ellipsis", _NAME_WIDTH
    # A column that may not wrap would leave no room to the others.
    name.max_width = max(_NAME_WIDTH, 2 * width // 5)
    for one in ended:
        cells = _cells(one.row)
        table.add_row(*(cells.get(heading, "") for heading in headings))
    return table


def _cells(row: IndexRow) -> dict[str, str | Text]:
    clip = Text(one_line(row.clip))
    if row.failure is not None:
        return {"Clip": clip, "Exercise": Text("failed", "bold yellow")}
    return {
        "Clip": clip,
        "Exercise": ", ".join(map(exercise_name, row.exercises)),
        "Reps": reps_of(row),
        "Locked out": lockout_of(row),
        "Low back": Text(low_back_of(row), "bold yellow" if row.low_back is Status.FAULT else ""),
        "Worst fault": row.worst_fault or "",
    }
