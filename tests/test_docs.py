"""What the documentation says is what the program does."""

import re

import pytest

from hipform.config import SETTINGS
from hipform.errors import EXIT_CODES
from hipform.exercises import EXERCISES
from hipform.report.history_tables import history_rows
from scripts.evaluate.rule_table import Trust, trust
from scripts.update_docs import PARTS, exercises_text, history_schema_text, rules_text, schema_text, with_parts
from tests.histories import kept_set
from tests.samples import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_schema_is_the_one_of_the_code():
    assert (ROOT / "docs" / "result.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_of_the_history_is_the_one_of_the_code():
    assert (ROOT / "docs" / "history.schema.json").read_text(encoding="utf-8") == history_schema_text()


def test_every_column_of_the_history_is_described():
    page = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    (row,) = history_rows([kept_set()])
    assert all(f"`{column}`" in page for column in row if "_u95_" not in column)


def test_the_rules_page_is_the_one_of_the_code():
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == rules_text()
    assert all(f"`{key}`" in page for key in SETTINGS)


def test_the_exercises_page_is_the_one_of_the_code():
    assert (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8") == exercises_text()


def test_the_readme_says_how_far_each_rule_can_be_trusted():
    page = (ROOT / "README.md").read_text(encoding="utf-8").partition("How far each rule can be trusted")[2]
    assert all(f"`{rule.id}`" in page for exercise in EXERCISES.values() for rule in exercise.all_rules)
    # Of 120 arched tops 31 were reported and 4 passed, of 70 neutral ones none and 62.
    assert Trust(31 / 35, 1.0, 97 / 190, 35, "x") == trust([31, 4, 85], [0, 62, 8], "x")


@pytest.mark.parametrize("page", PARTS, ids=lambda page: page.name)
def test_the_parts_that_come_from_the_code_are_those_of_the_code(page):
    assert page.read_text(encoding="utf-8") == with_parts(page)


def test_the_page_for_troubles_has_the_exit_codes():
    rows = re.findall(
        r"^\| (\d+) \| (.+) \|$", (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
