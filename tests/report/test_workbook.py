"""The workbook for coaches, read back."""

from dataclasses import replace

import pytest

from hipform.report.workbook import write_workbook
from hipform.training import Load, Training
from tests.report.made import rep, result

openpyxl = pytest.importorskip("openpyxl", reason="comes with pyomeca, which has no package for ARM on Linux")
FORMULA = '=HYPERLINK("http://example.org","x")'


@pytest.fixture
def book(tmp_path):
    found = result(
        [rep(1), rep(2, faults=["incomplete-lockout"], start_s=5.0), rep(1, partial=True, start_s=9.0)],
        training=Training(athlete=FORMULA, load=Load(kg=80.0), note="+1\x1b+1"),
        name="@SUM(1+1).mp4",
    )
    write_workbook(tmp_path / "results.xlsx", found)
    return openpyxl.load_workbook(tmp_path / "results.xlsx")


def test_the_first_sheet_says_what_a_coach_needs(book):
    assert book.sheetnames == ["Summary", "Reps", "Checks", "All values"]
    row = [cell.value for cell in book["Summary"][2]]
    assert row[:3] == [1, "Hip thrust", "2 reps counted, plus 1 partial rep, 1 of 2 locked out."]
    assert row[3].startswith("Incomplete lockout (1 of 2 reps).")


def test_every_rep_is_a_row_in_order_of_time(book):
    reps = [[cell.value for cell in row] for row in book["Reps"].iter_rows(min_row=2)]
    assert [row[1] for row in reps] == [1, 2, "(1)"]
    assert [row[8] for row in reps] == ["", "Incomplete lockout", ""]
    assert reps[0][3] == "177° ± 5"
    assert reps[0][5] == 1.0


def test_names_and_notes_are_text_and_never_formulas(book):
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert FORMULA in [cell.value for cell in texts]
    assert not [cell for cell in texts if cell.data_type == "f" or cell.hyperlink]
    assert not any("\x1b" in cell.value for cell in texts if isinstance(cell.value, str))


def test_angles_that_were_not_judged_are_not_shown(tmp_path):
    write_workbook(tmp_path / "x.xlsx", replace(result([rep(1, judged=False)])))
    assert openpyxl.load_workbook(tmp_path / "x.xlsx")["Reps"]["D2"].value == "not judged"
