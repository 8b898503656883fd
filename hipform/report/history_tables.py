"""The history as a terminal table and as rows for other tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from hipform.errors import ConfigError, one_line
from hipform.features.rep_timing import TEMPO_PARTS
from hipform.feedback.advice import exercise_name
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.history_records import KeptSet
from hipform.feedback.progress import Totals, total
from hipform.files import write_whole
from hipform.report.tables import write_rows
from hipform.texts import english
from hipform.types import Estimate

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_NARROW = 120
"""In a terminal narrower than this, clip and note are omitted."""


def history_table(sets: Sequence[KeptSet], width: int) -> Table:
    """Return one row for each set, in the order given."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    headings = ["Day", "Athlete", "Exercise", "Load", "Reps", "Locked out", "Lockout", "Id"]
    headings += [] if width < _NARROW else ["Clip", "Note"]
    for heading in headings:
        # A heading breaks between its words only.
        least = max(map(len, heading.split()))
        table.add_column(heading, no_wrap=heading in ("Day", "Load", "Lockout", "Id"), overflow="fold", min_width=least)
    for one in sets:
        sums = total([one])
        cells = [
            f"{sums.day:%Y-%m-%d}",
            one.athlete,
            exercise_name(one.exercise),
            str(one.load or ""),
            reps_text(sums),
            locked_out_text(sums),
            format_joint_angle(sums.lockout) if sums.lockout else "?",
            one.short_id,
            one.clip_name,
            one.note or "",
        ]
        table.add_row(*(Text(one_line(cell)) for cell in cells[: len(headings)]))
    return table


def reps_text(sums: Totals) -> str:
    """Return the repetitions, with partial ones after a plus sign: "8 + 1 partial"."""
    return english("{reps} + {n} partial", reps=sums.reps, n=sums.partial_reps) if sums.partial_reps else str(sums.reps)


def locked_out_text(sums: Totals) -> str:
    """Return how many of the judged repetitions locked out: "7 of 8", or a question mark if none was judged."""
    return english("{n} of {of}", n=sums.locked_out, of=sums.judged) if sums.judged else "?"


# --------------------------------------------------------------------------------------------------------------- export


def export_history(path: Path, sets: Sequence[KeptSet]) -> None:
    """Write the history in the format of *path*'s extension: one row per set, or JSON.

    ``.csv`` and ``.parquet`` have one row per set; ``.json`` also has every repetition.

    Raises
    ------
    ConfigError
        If *path* has another extension.
    OutputError
        If the file cannot be written, or the package for Parquet is not installed.
    """
    ending = path.suffix.lower()
    if ending == ".json":
        write_whole(path, _adapter().dump_json(tuple(sets), indent=2) + b"\n")
    elif ending == ".csv":
        rows = history_rows(sets)
        write_rows(path, list(rows[0]) if rows else [], rows)
    elif ending == ".parquet":
        from hipform.report.parquet import write_parquet  # noqa: PLC0415 - an optional extra

        write_parquet(path, history_rows(sets))
    else:
        raise ConfigError(f"{path} has an unknown file extension.", "Use .csv, .json or .parquet.")


def history_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the history as JSON."""
    schema = _adapter().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "hipform history", **schema}


@cache
def _adapter() -> TypeAdapter[tuple[KeptSet, ...]]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that tables do not need

    return TypeAdapter(tuple[KeptSet, ...])


def history_rows(sets: Sequence[KeptSet]) -> list[dict[str, object]]:
    """Return one flat row per set; each row has the columns of all rules, ``None`` if a rule does not apply."""
    rules = dict.fromkeys(rule for one in sets for rule in one.findings)
    return [{**_set_cells(one), **_rule_cells(one, rules)} for one in sets]


def _set_cells(one: KeptSet) -> dict[str, object]:
    sums = total([one])
    return {
        "recorded_at": one.recorded_at.isoformat(),
        "recorded_from": one.recorded_from.value,
        "athlete": one.athlete,
        "exercise": one.exercise,
        "clip": one.clip_name,
        "clip_sha256": one.clip_sha256,
        "set": one.set_number,
        "load_kg": one.load.kg if one.load else None,
        "load": str(one.load) if one.load else None,
        "reps": sums.reps,
        "partial_reps": sums.partial_reps,
        "locked_out": sums.locked_out,
        "lockout_judged": sums.judged,
        **_angle_cells("lockout_trunk_thigh_flexion", sums.lockout),
        **_angle_cells("range", sums.range),
        **_angle_cells("lumbar_extension", sums.lumbar),
        **{f"{part}_s": sums.tempo.parts[part] if sums.tempo else None for part in TEMPO_PARTS},
        "bar_fastest_m_per_s": sums.fastest_bar.value if sums.fastest_bar else None,
        "bar_fastest_u95_m_per_s": sums.fastest_bar.u95 if sums.fastest_bar else None,
        "note": one.note,
        "model": one.model,
        "hipform_version": one.hipform_version,
    }


def _angle_cells(name: str, angle: Estimate | None) -> dict[str, object]:
    return {f"{name}_deg": angle.value if angle else None, f"{name}_u95_deg": angle.u95 if angle else None}


def _rule_cells(one: KeptSet, rules: Mapping[str, None]) -> dict[str, object]:
    cells: dict[str, object] = {}
    for rule in rules:
        tally = one.findings.get(rule)
        cells[f"{rule} fault"] = tally.fault if tally else None
        cells[f"{rule} judged"] = tally.ok + tally.fault if tally else None
    return cells
