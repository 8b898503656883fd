"""The shell of all pages: one file, nothing from outside, and text that cannot become code."""

import base64
import hashlib
import json
import math
import re

import pytest

from hipform.report import pages

NASTY = "</script><img src=x onerror=alert(1)>&'\"\u2028"


@pytest.fixture(scope="module")
def page():
    return pages.render_page("base.html.j2", data={"clip": NASTY}, media=("data:",))


def policy(page):
    value = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    return dict(part.strip().split(" ", 1) for part in value.split(";"))


def test_the_page_is_one_file_that_may_load_nothing(page):
    assert policy(page)["default-src"] == "'none'"
    assert policy(page)["media-src"] == "data:"
    sources = re.findall(r"<(?:script|link|img|iframe|video)\b[^>]*\b(?:src|href)=([^ >]+)", page)
    assert all(source.startswith('"data:') for source in sources)


def test_no_source_of_videos_is_allowed_unless_named():
    assert policy(pages.render_page("base.html.j2", data={}))["media-src"] == "'none'"


def test_the_policy_names_the_styles_and_scripts_that_are_in_the_page(page):
    allowed = policy(page)
    assert "unsafe" not in str(allowed)
    for tag in ("style", "script"):
        texts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts}
        assert hashes == set(allowed[f"{tag}-src"].split())


def test_data_cannot_leave_its_element_and_comes_back_as_it_was(page):
    text = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.DOTALL)[1]
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"clip": NASTY}


def test_a_number_without_a_word_in_json_is_refused():
    with pytest.raises(ValueError, match="Out of range float"):
        pages.render_page("base.html.j2", data={"angle_deg": math.nan})


def test_text_in_templates_is_escaped():
    assert (
        pages.page_templates(pages._HERE / "templates")
        .from_string("{{ name }}")
        .render(name=NASTY)
        .startswith("&lt;/script&gt;&lt;img")
    )
