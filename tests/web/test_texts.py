"""The app in German: every text that a page shows has a translation, and no translation is left over."""

import re
from pathlib import Path

import pytest

from hipform.web import texts, views
from hipform.web.texts import LANGUAGES, Texts, catalogue, language_of

ROOM = Path(texts.__file__).parent
CALLS = re.compile(r'(?:\b_|texts|self)\(\s*"((?:[^"\\]|\\.)*)"')


def shown():
    """Return every text of the templates and the code."""
    sources = [*ROOM.glob("templates/*.j2"), ROOM / "texts.py", ROOM / "views.py"]
    found = {match for path in sources for match in CALLS.findall(path.read_text(encoding="utf-8"))}
    return found | set(views._STATES.values())


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_every_text_is_translated_with_its_values_and_none_is_left_over(language):
    translations = catalogue(language)
    assert set(translations) == shown()
    for english, other in translations.items():
        assert other.strip()
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", other)), english


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr,en;q=0.5", "en"), ("", "en"), ("ja", "en"), ("EN-us", "en"), ("*", "en")],
)
def test_the_language_is_that_of_the_browser_if_the_app_has_it(accepted, language):
    assert language_of(accepted) == language


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (4, "a few seconds left"),
        (42, "about 40 s left"),
        (180, "about 3 min left"),
        (7300, "about 2 h left"),
    ],
)
def test_time_left_claims_no_more_than_an_estimate_knows(left_s, words):
    assert Texts("en").time_left(left_s) == words


def test_the_pages_are_in_the_language_of_the_browser(client):
    page = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in page
    assert "Clips hier ablegen" in page
