"""How far each rule can be trusted: the table in README.md, from the files in docs/accuracy/."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hipform.config import SETTINGS
from hipform.exercises.declaration import Answer
from hipform.exercises.findings import Status
from hipform.exercises.standing_rules import BULGE_U95_RATIO
from hipform.types import Estimate
from scripts.evaluate.accuracy_page import PAGE
from scripts.evaluate.markdown import percent, table

FOLDER = PAGE.with_suffix("")


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of one rule: shares, and from how many judged faults.

    Attributes
    ----------
    found
        Share of the judged faults that were reported.
    right
        Share of the reported faults that are true.
    answered
        Share of the repetitions that were judged.
    faults
        Number of judged faults.
    where
        What it was measured on.
    """

    found: float
    right: float
    answered: float
    faults: int
    where: str


_RENDERED = (
    "incomplete-lockout",
    "shallow-range",
    "shin-angle",
    "leg-too-high",
    "arm-lift",
    "hips-shoot-up",
    "asymmetry",
)
_SIMULATED = ("lean-back", "momentum", "no-squeeze", "knee-dominant", "overload")
"""Rules of which the rendered clips have too few faults."""


def rule_table_text() -> str:
    """Return the table of README.md, the best supported rules first."""
    rows = [(f"`{rule}`", *_cells(trust)) for rule, trust in _trusts()]
    return "\n".join(table(("rule", "found", "right", "answered", "faults judged", "measured on"), rows))


def _cells(trust: Trust) -> tuple[str, ...]:
    return percent(trust.found), percent(trust.right), percent(trust.answered), str(trust.faults), trust.where


def _trusts() -> Iterator[tuple[str, Trust]]:
    for rule in _RENDERED:
        yield rule, _counted("verdicts.csv", "group", rule, "rendered")
    yield "lumbar-overextension", _counted("verdicts-on-the-low-back.csv", "exercise", "all", "rendered stills")
    for rule in _SIMULATED:
        yield rule, _counted("rules-on-simulated-landmarks-heavy-model.csv", "rule", rule, "simulated")
    yield "lumbar-rounding` of `deadlift", _rounding()


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _counted(name: str, column: str, value: str, where: str) -> Trust:
    """Return the shares of a row whose cells count answers: with the fault and without it, in the order of `trust`."""
    row = next(row for row in _rows(name) if row[column] == value)
    with_it, without = ([int(n) for n in cell.split(" / ")] for cell in row.values() if cell.count(" / ") >= 2)
    return trust(with_it, without, where)


def trust(with_it: Sequence[int], without: Sequence[int], where: str) -> Trust:
    """Return the shares from the numbers of the answers fault, ok and others, with the fault and without it."""
    found, missed = with_it[:2]
    answered = sum(with_it[:2]) + sum(without[:2])
    return Trust(
        found / (found + missed),
        found / (found + without[0]),
        answered / (sum(with_it) + sum(without)),
        found + missed,
        where,
    )


def _rounding() -> Trust:
    """Return the shares of real deadlifts by the outline at the bottom, as `lumbar-rounding` judges it there."""
    limit = SETTINGS["lumbar-rounding.deadlift_bulge_ratio"].default
    with_it, without = (_bulge_counts(column, limit) for column in ("labelled round", "not labelled round"))
    return trust(with_it, without, "real, side view, 3 lifters with a round back")


def _bulge_counts(column: str, limit: float) -> list[int]:
    """Return how many of the backs in *column* are a fault, ok and not assessed."""
    bulges = [float(value) for row in _rows("round-backs-of-real-deadlifts.csv") for value in row[column].split()]
    found = [Answer(text="", measured=Estimate(one, BULGE_U95_RATIO, "ratio"), limit=limit).status for one in bulges]
    return [found.count(status) for status in (Status.FAULT, Status.OK, Status.NOT_ASSESSED)]
