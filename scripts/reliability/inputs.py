"""Every case of the corpus through ``hipform analyze``, with the real pose model."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hipform.report.result import FILES
from hipform.types import Image
from scripts.reliability.case import Case
from scripts.reliability.clips import sample_images
from scripts.reliability.corpus import cases
from scripts.reliability.probe import Outcome, broken_promises, run

LIMIT_S = 240.0
OPTIONS = ("--exercise", "hip-thrust", "--model", "lite", "--athlete", "Nobody", "--no-history")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One case and its outcome; `wrong` is empty if everything is as expected."""

    case: Case
    outcome: Outcome
    wrong: tuple[str, ...]


def try_inputs(only: str = "") -> list[Tried]:
    """Run the cases whose name contains *only*, and print the outcome of each."""
    images = sample_images()
    tried = []
    for case in cases():
        if only in case.name:
            one = try_case(case, images)
            print(f"{'ok   ' if not one.wrong else 'WRONG'} {one.outcome.code:3d} {one.outcome.spent_s:6.1f} s "
                  f"{one.outcome.most_mb:5.0f} MB  {case.name}")  # fmt: skip
            for wrong in one.wrong:
                print(f"      {wrong}")
            tried.append(one)
    return tried


def try_case(case: Case, images: Sequence[Image]) -> Tried:
    """Make the input of *case*, run hipform on it, and check the outcome."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "in")
        folder.mkdir()
        given = case.make(folder, images)
        out = Path(scratch, "out")
        before = _names(folder)
        outcome = run(
            ("analyze", *OPTIONS, "--out", str(out), "--", os.fspath(given)),
            limit_s=LIMIT_S,
            said=Path(scratch, "said"),
        )
        wrong = broken_promises(outcome, out) + _unexpected(case, outcome, out)
        if _names(folder) != before:
            wrong.append("something was written beside the clip")
    return Tried(case=case, outcome=outcome, wrong=tuple(wrong))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _unexpected(case: Case, outcome: Outcome, out: Path) -> list[str]:
    """Return how the outcome differs from what the case says of it."""
    if outcome.code not in case.codes:
        return [f"exit code {outcome.code} instead of {case.codes}: {outcome.said.strip()}"]
    if outcome.code:
        return [] if case.says in outcome.said else [f"does not say {case.says!r}: {outcome.said.strip()}"]
    result = json.loads((out / FILES["result"]).read_text(encoding="utf-8"))
    reps = sum(len(found["reps"]) for found in result["sets"])
    notes = " ".join(result["clip"]["notes"]).lower()
    wrong = [] if case.reps in (None, reps) else [f"{reps} repetitions instead of {case.reps}"]
    return wrong if case.says.lower() in notes else [*wrong, f"the notes do not say {case.says!r}: {notes}"]
