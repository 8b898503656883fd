"""The pages of docs/ as a site: it builds without a warning, and no page loads anything from elsewhere."""

import os
import re
import subprocess
import sys

import pytest

from tests.samples import ROOT

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=["']?(?P<src>[^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|icon|preconnect|preload|dns-prefetch))[^>]*\bhref=["']?(?P<href>[^"'\s>]+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", out],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_every_page_is_reached_in_the_order_of_a_users_questions(site):
    start = (site / "index.html").read_text(encoding="utf-8")
    tabs = re.findall(r'class="?md-tabs__link[^>]*>\s*([^<]+?)\s*<', start)
    assert tabs == ["hipform", "Film", "Analyse", "Understand", "Improve", "Coach many", "Live", "Develop", "Help"]


def test_no_page_loads_anything_from_elsewhere(site):
    pages = list(site.glob("**/*.html"))
    assert len(pages) > 20
    loaded = {one["src"] or one["href"] for page in pages for one in LOADED.finditer(page.read_text(encoding="utf-8"))}
    assert any(address.endswith(".js") for address in loaded)
    assert not [address for address in loaded if re.match(r"(?:[a-z]+:)?//", address)]


def test_style_sheets_load_nothing_from_elsewhere_either(site):
    for sheet in site.glob("**/*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet
