"""Each section of the accuracy pages is replaced alone, with its tables as CSV files beside the pages."""

import csv

import pytest

from scripts.evaluate.accuracy_page import PAGE, Origin, split_tables, write_section
from scripts.page_sections import put_section

ORIGIN = Origin("python -m scripts.evaluate", "2026-01-02", "abc1234")
COUNTING = [
    "## Counting, real clips",
    "",
    "What is counted.",
    "",
    "| model | clips | n clips | exact | share exact | off by one | worst | mean absolute error |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    "| heavy | real | 24 | 23 | 96% | 1 | 1 | 0.04 |",
    "| heavy | rendered, 0-10 degrees off | 4 (few) | 4 | 100% | 0 | 0 | 0.00 |",
    "| lite | real | 24 | 20 | 83% | 4 | 1 | 0.17 |",
]


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_has_the_headlines_and_the_file_has_every_row(tmp_path):
    page = tmp_path / "accuracy.md"
    write_section(COUNTING, ORIGIN, page)
    text = page.read_text(encoding="utf-8")
    assert "| heavy | real | 24 | 23 | 1 | 1 |" in text
    assert "lite" not in text
    assert "degrees off" not in text
    assert "2026-01-02, abc1234; every row: [counting-real-clips.csv](accuracy/counting-real-clips.csv)" in text
    written = rows(tmp_path / "accuracy" / "counting-real-clips.csv")
    assert [row["model"] for row in written] == ["heavy", "heavy", "lite"]
    explained = (tmp_path / "accuracy_tables.md").read_text(encoding="utf-8")
    assert "What is counted." in explained
    assert "by `python -m scripts.evaluate`" in explained


def test_one_section_is_measured_again_and_the_others_keep_their_figures(tmp_path):
    page = tmp_path / "accuracy.md"
    put_section("# Accuracy\n\nHow to read it.", page)
    write_section(
        ["## Hip or low back", "", "| exercise | where | seeds |", "| --- | --- | --- |", "| a | b | 3 |"], ORIGIN, page
    )
    write_section(COUNTING, ORIGIN, page)
    write_section([line.replace("23", "24") for line in COUNTING], ORIGIN, page)
    # A run without such clips measures nothing of it.
    write_section(COUNTING[:-3], ORIGIN, page)
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert headings == ["# Accuracy", "## Counting, real clips", "## Hip or low back"]
    assert rows(tmp_path / "accuracy" / "counting-real-clips.csv")[0]["exact"] == "24"


def test_tables_of_the_same_columns_share_a_file_that_says_which_is_which(tmp_path):
    tables = ["### Errors", "", "| exercise | top |", "| --- | --- |", "| `deadlift` | **3** |", "", "| plates | top |"]
    lines = ["## Some section", "", *tables, "| --- | --- |", "| none | 4 |", "", "| fault | n |", "| --- | --- |"]
    write_section(lines, ORIGIN, tmp_path / "accuracy.md")
    assert rows(tmp_path / "accuracy" / "some-section.csv") == [
        {"table": "Errors", "by": "exercise", "group": "deadlift", "top": "3"},
        {"table": "Errors", "by": "plates", "group": "none", "top": "4"},
    ]
    assert (tmp_path / "accuracy" / "some-section-errors.csv").read_text(encoding="utf-8") == "fault,n\n"


def test_text_and_tables_are_separated():
    text, (found,) = split_tables(["## One", "two\nthree", "| a | b |", "| --- | --- |", "| 1 |  |", "after"])
    assert text == ["## One", "two", "three", "after"]
    assert list(found.cells()) == [{"table": "", "a": "1", "b": ""}]


@pytest.mark.parametrize("name", ["accuracy.md", "accuracy_tables.md"])
def test_the_pages_stay_short_and_name_every_file(name):
    text = PAGE.with_name(name).read_text(encoding="utf-8")
    assert len(text.splitlines()) < {"accuracy.md": 120, "accuracy_tables.md": 342}[name]
    files = {file.name for file in PAGE.with_suffix("").glob("*.csv")}
    assert files
    if name == "accuracy_tables.md":
        assert all(f"(accuracy/{file})" in text for file in files)
