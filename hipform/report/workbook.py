"""results.xlsx: a workbook whose first sheet a coach understands; the others hold every rep and every check."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.errors import missing_package, one_line
from hipform.exercises import find_exercise
from hipform.exercises.findings import Status
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.set_summary import Summary
from hipform.files import write_whole
from hipform.report.result import AnalysisResult, rep_columns, rep_rows

_MARKS = {Status.OK: "✓ ok", Status.FAULT: "✗ fault", Status.NOT_ASSESSED: "? not judged"}
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
"""Text stays text: neither a name nor a note can become a formula or a link."""
_WIDEST_CHARS = 60


def write_workbook(path: Path, result: AnalysisResult) -> None:
    """Write the workbook.

    Raises
    ------
    OutputError
        If the file cannot be written, or XlsxWriter is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise missing_package(path, "a workbook", "XlsxWriter", "xlsx") from error
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for name, rows in _sheets(result).items():
            _fill(book.add_worksheet(name), list(rows), bold, wrapped)
    write_whole(path, buffer.getvalue())


def _sheets(result: AnalysisResult) -> dict[str, Iterable[Sequence[object]]]:
    """Return the rows of each sheet, headings first."""
    columns = rep_columns(result)
    all_values: list[Sequence[object]] = [
        columns,
        *([row.get(column) for column in columns] for row in rep_rows(result)),
    ]
    return {"Summary": _summary(result), "Reps": _reps(result), "Checks": _checks(result), "All values": all_values}


def _summary(result: AnalysisResult) -> Iterator[Sequence[object]]:
    yield ["Set", "Exercise", "Result", "Change one thing", "Cue", "Went well", "Could not be judged"]
    for found, summary in zip(result.sets, result.summaries, strict=True):
        yield _set_cells(found, summary)
    training = result.training
    day = training.recorded_at.date().isoformat() if training.recorded_at else None
    facts = [
        ("Athlete", training.athlete),
        ("Load", str(training.load) if training.load else None),
        ("Day", day),
        ("Note", training.note),
        ("Clip", result.clip.name),
    ]
    yield []
    yield from ([name, value] for name, value in facts if value)
    yield ["", "Feedback on movement, not medical advice."]


def _set_cells(found: SetResult, summary: Summary) -> Sequence[object]:
    return [
        found.number,
        find_exercise(found.exercise).name,
        summary.headline,
        summary.one_thing or "",
        summary.one_thing_cue or "",
        "\n".join(summary.went_well),
        "\n".join(summary.not_judged),
    ]


def _reps(result: AnalysisResult) -> Iterator[Sequence[object]]:
    """Yield what the report's table of repetitions shows; angles that were not judged are not shown."""
    yield ["Set", "Rep", "Side", "Lockout (180° is straight)", "Bottom", "Lift, s", "Hold, s", "Lower, s", "Faults"]
    for found, rep in _all_reps(result):
        exercise = find_exercise(found.exercise)
        faults = [exercise.rule(one.rule).title for one in rep.findings if one.status is Status.FAULT]
        judged = rep.angles_judged
        yield [
            found.number,
            f"({rep.number})" if rep.partial else rep.number,
            rep.side.value,
            format_joint_angle(rep.lockout_trunk_thigh_flexion_deg) if judged else "not judged",
            format_joint_angle(rep.bottom_trunk_thigh_flexion_deg) if judged else "not judged",
            *(None if value is None else round(value, 2) for value in rep.timing.parts.values()),
            ", ".join(faults),
        ]


def _checks(result: AnalysisResult) -> Iterator[Sequence[object]]:
    yield ["Set", "Rep", "Check", "Verdict", "What was seen"]
    for found, rep in _all_reps(result):
        exercise = find_exercise(found.exercise)
        for one in rep.findings:
            number = f"({rep.number})" if rep.partial else rep.number
            yield [found.number, number, exercise.rule(one.rule).title, _MARKS[one.status], one.text]


def _all_reps(result: AnalysisResult) -> Iterator[tuple[SetResult, Rep]]:
    for found in result.sets:
        for rep in sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.top_s):
            yield found, rep


def _fill(sheet: Any, rows: Sequence[Sequence[object]], bold: Any, wrapped: Any) -> None:
    """Write *rows* to a sheet of XlsxWriter, with the headings kept in view."""
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            _write_cell(sheet, (at, place), value, wrapped if at else bold)
    for place in range(len(rows[0])):
        texts = [str(row[place]) for row in rows if len(row) > place and row[place] is not None]
        longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
        sheet.set_column(place, place, min(longest + 2, _WIDEST_CHARS))
    sheet.freeze_panes(1, 0)


def _write_cell(sheet: Any, at: tuple[int, int], value: object, style: Any) -> None:
    if isinstance(value, str):
        # Line breaks are hipform's own; control characters of names are replaced.
        sheet.write_string(*at, "\n".join(map(one_line, value.split("\n"))), style)
    elif value is not None:
        sheet.write(*at, value, style)
