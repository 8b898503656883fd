"""The coach's name and logo are kept once, and every report has them."""

import base64

import pytest

from hipform.app import report
from hipform.app.coach import coach_path, keep_coach, kept_coach, with_kept_coach
from hipform.errors import ConfigError, OutputError
from hipform.report.report_page import NO_LETTERHEAD, Letterhead
from tests.samples import ROOT

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path / "data" / "history.sqlite3"))


@pytest.fixture
def kim(tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    return Letterhead.of("Kim <Lee>", logo, "a comment of one report")


def test_name_and_logo_are_kept_but_not_the_comment(kim):
    assert kept_coach() == NO_LETTERHEAD
    keep_coach(kim)
    assert kept_coach() == Letterhead(name=kim.name, logo=kim.logo)
    keep_coach(NO_LETTERHEAD)
    assert not coach_path().exists()


def test_what_one_report_is_given_wins(kim):
    keep_coach(kim)
    assert with_kept_coach(Letterhead(name="Sam", comment="Well done")) == Letterhead(
        name="Sam", logo=kim.logo, comment="Well done"
    )


@pytest.mark.parametrize("text", ["", "{", '{"name": 3}', '{"name": "' + "x" * 2_000_000 + '"}'])
def test_a_damaged_file_costs_no_report(text):
    coach_path().parent.mkdir()
    coach_path().write_text(text, encoding="utf-8")
    assert kept_coach() == NO_LETTERHEAD


def test_a_name_of_bytes_that_are_no_text_is_kept_on_one_line():
    keep_coach(Letterhead(name="Kim\udcff\nLee"))
    assert kept_coach().name == "Kim??Lee"


@pytest.mark.parametrize("logo", ["javascript:alert(1)", "https://example.org/a.png", "data:text/html;base64,eA=="])
def test_a_logo_that_is_no_image_is_not_shown(logo):
    coach_path().parent.mkdir()
    coach_path().write_text(f'{{"name": "Kim", "logo": "{logo}"}}', encoding="utf-8")
    assert kept_coach() == Letterhead(name="Kim")


def test_what_cannot_be_removed_is_reported():
    coach_path().mkdir(parents=True)
    with pytest.raises(OutputError, match=r"Cannot write .*coach\.json"):
        keep_coach(NO_LETTERHEAD)


def test_every_report_has_them(kim, tmp_path):
    import hipform

    keep_coach(kim)
    out = tmp_path / "out"
    hipform.analyze(ROOT / "tests" / "sample_recordings" / "hip_thrust_short.npz", exercise="hip-thrust", out=out)
    for page in (out / "report.html", report(out)):
        text = page.read_text(encoding="utf-8")
        assert "Kim &lt;Lee&gt;" in text
        assert kim.logo in text


def test_a_name_longer_than_a_line_is_refused():
    assert Letterhead.of("x" * 80, None, None).name == "x" * 80
    with pytest.raises(ConfigError, match="name has 81 characters, more than 80"):
        Letterhead.of("x" * 81, None, None)
