"""What stands on the report, and what it leaves out."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from hipform.analysis.judged_reps import Gap, RejectedMovement
from hipform.app import report
from hipform.errors import InputError
from hipform.exercises import EXERCISES
from hipform.exercises.findings import Finding, Status
from hipform.render import shrunk
from hipform.report import report_page as module
from hipform.report.report_page import (
    Additions,
    Letterhead,
    day_of_moment,
    embedding_note,
    report_page,
    training_in_words,
)
from hipform.report.result import FILES
from hipform.report.result_folder import ResultFolder
from hipform.report.set_view import best_and_worst
from hipform.texts import ENGLISH
from hipform.training import DateSource, Load, LoadUnit, Training
from hipform.types import Estimate, Side
from tests.report.made import EXERCISE, rep, result

NASTY = "</script><img src=x onerror=alert(1)>'\"&\x1b\u202e.mp4"


def page_of(found, path):
    return report_page(ResultFolder(path, found), shrunk)


def text_of(page):
    """Return what a person reads: no styles, scripts or marks."""
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def data_of(page):
    return json.loads(re.search(r'id="page-data">(.*?)</script>', page)[1])


# ------------------------------------------------------------------------------------------------- a whole analysis


def test_analyze_and_report_make_the_same_page(copied):
    first = (copied / FILES["report"]).read_bytes()
    assert report(copied / FILES["result"]) == copied / FILES["report"]
    assert (copied / FILES["report"]).read_bytes() == first


def test_the_top_says_what_was_found(demo_folder):
    text = text_of((demo_folder / FILES["report"]).read_text(encoding="utf-8"))
    for part in (
        "Hip thrust hip_thrust_demo.mp4 · analysed on",
        "exercise given by you",
        "3 reps counted, 3 of 3 locked out.",
        "Went well",
        "Could not be judged, and why",
        "? no fault seen, but not every main check could be judged, such as the lockout or the low back.",
        "off the side view",
        "A person was found in 100 % of 167 frames",
        "How it was measured",
        "pose model “full”",
        "Feedback on movement, not medical advice.",
        "physical therapist",
    ):
        assert part in text, part


def test_every_limit_stands_there_with_its_basis(demo_folder):
    text = text_of((demo_folder / FILES["report"]).read_text(encoding="utf-8"))
    for rule in EXERCISES["hip-thrust"].all_rules:
        assert rule.title in text
    assert "convention: coaches cue a hold of 0.5 to 1 s in bridge and thrust" in text


def test_the_page_is_small_and_holds_its_pictures(demo_folder):
    page = (demo_folder / FILES["report"]).read_text(encoding="utf-8")
    assert len(page) < 1_000_000
    assert page.count('src="data:image/jpeg;base64,') == 7
    assert 'src="annotated.mp4"' in page
    assert re.search(r'alt="Rep 2 at the top, hip angle 1\d\d° ± \d+, with the skeleton', page)


def test_a_hundred_repetitions_stay_under_three_megabytes(hundred):
    page = report(hundred).read_text(encoding="utf-8")
    assert len(page.encode()) < 3_000_000
    given, asked = map(int, re.search(r"shows (\d+) of (\d+) images", text_of(page)).groups())
    assert 50 < given < asked == 200
    assert sum(len(track["t"]) for track in data_of(page)["tracks"]) < 10_000


def test_the_video_goes_into_the_page_up_to_a_size(copied, monkeypatch):
    page = report(copied, embed=True).read_text(encoding="utf-8")
    assert 'src="data:video/mp4;base64,' in page
    assert "media-src data:;" in page
    monkeypatch.setattr(module, "MOST_EMBEDDED_BYTES", 1000)
    page = report(copied, embed=True).read_text(encoding="utf-8")
    assert 'src="annotated.mp4"' in page
    assert "more than the 0 MB that can be put into a page: the page links to it" in text_of(page)


def test_a_video_that_fits_has_no_note(demo_folder, tmp_path):
    assert embedding_note(demo_folder / FILES["video"]) == ""
    assert embedding_note(tmp_path / "nothing.mp4") == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("video", "The folder does not contain the annotated video."),
        ("frames", "The folder does not contain the table of frames, so there are no curves."),
    ],
)
def test_a_missing_part_is_left_out_and_named(copied, name, sentence):
    (copied / FILES[name]).unlink()
    page = report(copied).read_text(encoding="utf-8")
    assert sentence in text_of(page)
    assert ("<video" in page) == (name != "video")
    assert ('data-track="' in page) == (name != "frames")


def test_a_damaged_picture_is_left_out(copied):
    (copied / FILES["keyframes"] / "rep_02_top.jpg").write_bytes(b"no picture")
    page = report(copied).read_text(encoding="utf-8")
    assert "Rep 2 at the top" not in page
    assert "Rep 2 at the bottom" in page


def test_a_damaged_table_is_one_clear_line(copied):
    (copied / FILES["frames"]).write_text("time_s\nnever\n", encoding="utf-8")
    before = (copied / FILES["report"]).read_bytes()
    with pytest.raises(InputError, match=r"frames\.csv cannot be read as a table of frames"):
        report(copied)
    assert (copied / FILES["report"]).read_bytes() == before


# ------------------------------------------------------------------------------------------------- made-up results


def test_names_and_notes_cannot_become_marks(tmp_path):
    found = result([rep(1)], name=NASTY, model=NASTY)
    page = page_of(replace(found, clip=replace(found.clip, notes=(NASTY,))), tmp_path)
    assert page.count("<img") == 0
    assert page.count("</script>") == 4
    assert page.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;") == 4


def test_no_repetition_is_said_and_nothing_made_up(tmp_path):
    text = text_of(page_of(result([]), tmp_path))
    assert "No repetition counted." in text
    assert "No repetition was found in this clip." in text
    assert "Tempo" not in text
    assert "Best and worst" not in text


def test_one_repetition_has_no_best_and_no_drift(tmp_path):
    page = page_of(result([rep(1)]), tmp_path)
    assert 'data-drift="' not in page
    assert 'data-phases="' not in page
    assert "Closest to straight" not in page


def test_the_one_thing_has_the_picture_of_the_worst_repetition(copied):
    path = copied / FILES["result"]
    found = json.loads(path.read_text(encoding="utf-8"))
    findings = [
        next(f for f in one["findings"] if f["rule"] == "incomplete-lockout") for one in found["sets"][0]["reps"]
    ]
    for at, excess in ((0, 4.0), (2, 9.0)):
        findings[at].update(status="fault", excess=excess)
    found["summaries"][0].update(
        one_thing="Incomplete lockout.", one_thing_rule="incomplete-lockout", one_thing_cue="Squeeze"
    )
    path.write_text(json.dumps(found), encoding="utf-8")
    page = report(copied).read_text(encoding="utf-8")
    section = page[page.index("Change one thing") : page.index("Rep 3 shows it most clearly.")]
    assert "Rep 3 at the top" in section
    assert "“Squeeze”" in section or "<q>Squeeze</q>" in section


def test_angles_that_may_not_be_judged_are_not_shown(tmp_path):
    page = page_of(result([rep(1, judged=False), rep(2, judged=False)]), tmp_path)
    assert "177°" not in page
    assert text_of(page).count("not judged") > 4
    assert "Too little could be judged to name one thing to change." in text_of(page)
    assert "Nothing stands out" not in text_of(page)
    assert data_of(page)["reps"][0]["lockout"] is None
    assert not data_of(page)["reps"][0]["judged"]


def test_curves_that_may_not_be_judged_are_not_laid_over_each_other(copied):
    path = copied / FILES["result"]
    found = json.loads(path.read_text(encoding="utf-8"))
    phases = data_of(report(copied).read_text(encoding="utf-8"))["phases"]
    assert [one["rep"] for one in phases["set-1"]] == ["1", "2", "3"]
    for finding in found["sets"][0]["reps"][1]["findings"]:
        finding.update(status="not_assessed", measured=None, limit=None)
    path.write_text(json.dumps(found), encoding="utf-8")
    phases = data_of(report(copied).read_text(encoding="utf-8"))["phases"]
    assert [one["rep"] for one in phases["set-1"]] == ["1", "3"]


def test_partial_repetitions_are_listed_in_brackets_and_not_in_the_curves_of_the_set(tmp_path):
    page = page_of(result([rep(1), rep(1, partial=True, start_s=5.0, end_s=8.0), rep(2, start_s=9.0)]), tmp_path)
    assert "Partial rep 1" in text_of(page)
    assert [one["short"] for one in data_of(page)["reps"]] == ["1", "(1)", "2"]
    assert "and 1 partial" in text_of(page)


def test_several_sets_have_a_section_each(tmp_path):
    page = page_of(result([rep(1)], [rep(1), rep(2, start_s=5.0)]), tmp_path)
    text = text_of(page)
    assert "Hip thrust: 2 sets" in text
    for anchor in ('id="set-1"', 'id="set-2"', 'id="set-2-rep-2"'):
        assert page.count(anchor) == 1
    assert text.count("Limits for hip thrust, and their basis") == 1
    assert [one["label"] for one in data_of(page)["reps"]] == ["Set 1, rep 1", "Set 2, rep 1", "Set 2, rep 2"]


def test_what_was_not_counted_or_followed_is_said(tmp_path):
    found = result([rep(1)])
    one = replace(
        found.sets[0],
        rejected=(RejectedMovement(start_s=1.0, end_s=2.0, reason="a sit-up"),),
        gaps=(Gap(start_s=3.0, end_s=4.0, reason="nobody found"),),
        view_off_deg=None,
    )
    text = text_of(page_of(replace(found, sets=(one,)), tmp_path))
    assert "3.0-4.0 s: nobody found" in text
    assert "The direction of the camera is unknown" in text


def test_the_low_back_is_shown_where_it_was_measured(tmp_path):
    plain = rep(1)
    with_back = rep(
        1,
        lumbar_extension_deg=Estimate(14.2, 5.5, "deg"),
        attribution="looks full, but about 14 degrees come from the low back",
    )
    assert "Low back at the top" not in text_of(page_of(result([plain]), tmp_path))
    text = text_of(page_of(result([with_back]), tmp_path))
    assert "Hip or low back Looks full, but about 14 degrees come from the low back" in text
    assert "Low back at the top 14° ± 6 arched from neutral" in text


def test_left_stands_against_right(tmp_path):
    found = result([rep(1, lockout_deg=3), rep(2, lockout_deg=20, side=Side.LEFT, start_s=5.0)])
    exercise = "single-leg-glute-bridge"
    rules = {rule.id for rule in EXERCISES[exercise].rules}
    reps = tuple(replace(one, findings=tuple(f for f in one.findings if f.rule in rules)) for one in found.sets[0].reps)
    one_leg = replace(found.sets[0], exercise=exercise, reps=reps)
    text = text_of(page_of(replace(found, sets=(one_leg,)), tmp_path))
    assert "Left compared with right" in text
    assert "Lockout 160° ± 5 177° ± 5 +17° ± 8 more extended" in text
    assert "Left compared with right" not in text_of(page_of(found, tmp_path))


def test_a_rule_that_an_earlier_version_did_not_have_is_not_judged(tmp_path):
    whole = rep(1)
    page = page_of(result([replace(whole, findings=whole.findings[:-1])]), tmp_path)
    row = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    assert re.findall(r'<td class="mark (\w+)">', row) == ["ok"] * 5 + ["not_assessed"]


def test_a_lockout_too_close_to_call_is_not_called_unseen(tmp_path):
    whole = rep(1)
    close = replace(whole.findings[0], status=Status.NOT_ASSESSED)
    text = text_of(page_of(result([replace(whole, findings=(close, *whole.findings[1:]))]), tmp_path))
    assert "Rep 1 lockout too close to call" in text
    assert "Lockout 177° ± 5" in text


def test_changed_settings_are_named(tmp_path):
    text = text_of(page_of(result([rep(1)], settings={"no-squeeze.hold_s": 2.0}), tmp_path))
    assert "Settings that differ from their defaults: no-squeeze.hold_s = 2" in text
    assert "2 s*" in text


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2026-11-02T23:59:00+01:00", "2 November 2026"), ("", ""), ("<b>", ""), ("2026-99-99", "")],
)
def test_the_day_is_said_only_when_it_is_known(moment, words, tmp_path):
    assert day_of_moment(moment) == words
    text = text_of(page_of(result([rep(1)], analysed_at=moment), tmp_path))
    assert ("analysed on 2 November 2026" if words else "day of the analysis not recorded") in text


# ------------------------------------------------------------------------------------------------- best and worst


def ranked(*reps):
    pair = best_and_worst(EXERCISES[EXERCISE], reps)
    return pair and (pair[0].number, pair[1].number)


def test_faults_decide_which_repetition_is_best():
    grave, light = ("incomplete-lockout",), ("momentum", "no-squeeze")
    assert ranked(rep(1, faults=grave), rep(2, faults=light), rep(3, lockout_deg=9)) == (3, 1)


def test_without_faults_the_straightest_is_best():
    assert ranked(rep(1, lockout_deg=6), rep(2, lockout_deg=-2), rep(3, lockout_deg=-9)) == (2, 3)


def test_what_was_not_judged_is_neither_best_nor_worst():
    assert ranked(rep(1, judged=False), rep(2), rep(3, faults=("momentum",))) == (2, 3)
    assert ranked(rep(1, judged=False), rep(2)) is None


def test_repetitions_that_are_alike_are_not_called_best_and_worst(tmp_path):
    text = text_of(page_of(result([rep(1, lockout_deg=2), rep(2, lockout_deg=5, start_s=5.0)]), tmp_path))
    assert "Best and worst" not in text
    assert "losest to straight" not in text


def test_repetitions_that_differ_by_more_than_the_error_are_named(tmp_path):
    reps = [rep(1, lockout_deg=2), rep(2, lockout_deg=25, start_s=5.0)]
    assert "losest to straight" not in text_of(page_of(result(reps), tmp_path))
    at_fault = [replace(one, findings=rep(1, faults=["shin-angle"]).findings) for one in reps]
    assert "Closest to straight and furthest from straight" in text_of(page_of(result(at_fault), tmp_path))


def test_what_is_fine_has_no_name_of_a_fault(tmp_path):
    text = text_of(page_of(result([rep(1)]), tmp_path))
    assert "No fault in 6 checks Lockout: text of incomplete-lockout" in " ".join(text.split())
    assert "Incomplete lockout:" not in text


def test_a_name_that_always_has_a_capital_keeps_it_within_a_sentence():
    names = [EXERCISES[slug].name_in_sentence for slug in ("romanian-deadlift", "glute-bridge")]
    assert names == ["Romanian deadlift", "glute bridge"]


def test_the_heading_names_athlete_load_and_day(tmp_path):
    training = Training(
        athlete="Ana",
        load=Load(kg=80.0),
        recorded_at=datetime(2026, 3, 21, tzinfo=UTC),
        recorded_from=DateSource.GIVEN,
    )
    page = page_of(result([rep(1)], training=training), tmp_path)
    assert "<h1>Hip thrust\xa0· Ana\xa0· 80 kg\xa0· 21 March 2026</h1>" in page
    by_file = replace(training, recorded_from=DateSource.FILE)
    assert "<h1>Hip thrust\xa0· Ana\xa0· 80 kg</h1>" in page_of(result([rep(1)], training=by_file), tmp_path)


def test_a_coach_adds_name_logo_and_comment(tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n...")
    additions = Additions(letterhead=Letterhead.of("Kim & Co", logo, "Next week <85> kg"))
    page = report_page(ResultFolder(tmp_path, result([rep(1)])), shrunk, additions=additions)
    assert "Kim &amp; Co" in page
    assert "Next week &lt;85&gt; kg" in page
    assert 'src="data:image/png;base64,iVBORw0KGgouLi4="' in page
    assert "data-comment" not in page.split("<script", 1)[0]
    (tmp_path / "x.svg").write_text("<svg/>")
    with pytest.raises(InputError, match="not a PNG or JPEG"):
        Letterhead.of(None, tmp_path / "x.svg", None)


def test_the_change_since_last_time_is_on_the_first_screen(tmp_path):
    additions = Additions(since_last_time={1: ("Last time, on 2 March 2026, with 45 kg: now 80 kg, 35 kg more.",)})
    page = report_page(ResultFolder(tmp_path, result([rep(1)])), shrunk, additions=additions)
    assert page.index("35 kg more") < page.index("<details")


def test_a_value_that_its_interval_makes_empty_is_not_shown(tmp_path):
    vague = Finding(
        rule="overload",
        status=Status.NOT_ASSESSED,
        text="too close to call against the limit of 0.15: slowed by 13 %",
        measured=Estimate(0.13, 0.76, "ratio"),
        limit=0.15,
    )
    found = result([rep(1, lumbar_extension_deg=Estimate(0.4, 11.2, "deg"))])
    found = replace(found, sets=(replace(found.sets[0], findings=(vague,)),))
    text = text_of(page_of(found, tmp_path))
    assert "slowed by" not in text
    assert "the measurement error is larger than the value" in text
    assert "neutral, within ± 12°" in text


@pytest.mark.parametrize(
    ("source", "day"),
    [
        (DateSource.GIVEN, "Filmed on 21 March 2026 (as given)"),
        (DateSource.FILE, "File of 21 March 2026"),
    ],
)
def test_who_trained_with_what_and_when(source, day, tmp_path):
    when = datetime(2026, 3, 21, 18, 30, tzinfo=UTC)
    training = Training(
        athlete="Ana", load=Load(kg=80.0, unit=LoadUnit.KG), note=NASTY, recorded_at=when, recorded_from=source
    )
    assert training_in_words(training, ENGLISH) == ["Ana", "80 kg", day[0].lower() + day[1:]]
    text = text_of(page_of(replace(result([rep(1)]), training=training), tmp_path))
    assert all(word in text for word in ("Ana", "80 kg", day))
    assert "Note: </script>" in text
    assert training_in_words(Training(), ENGLISH) == []


# ------------------------------------------------------------------------------------------------- the bar


def test_the_speed_and_the_path_of_the_bar_are_shown(tmp_path):
    reps = [
        rep(n, start_s=5.0 * n, end_s=5.0 * n + 4, bar_mean_m_per_s=Estimate(speed, 0.05, "m_per_s"))
        for n, speed in ((1, 0.5), (2, 0.6), (3, 0.45))
    ]
    rows = [f"{i / 10},{300 - i % 50},{400 - i % 50}" for i in range(250)]
    (tmp_path / FILES["frames"]).write_text("\n".join(["time_s,load_x_px,load_y_px", *rows]), encoding="utf-8")
    page = page_of(result(reps, files=("frames",)), tmp_path)
    assert page.count("<polyline") == 3
    text = text_of(page)
    for part in ("0.50 ± 0.05 m/s", "Velocity loss 25% ± 5%", "Path of the bar"):
        assert part in text, part
    without = page_of(result([rep(1)]), tmp_path)
    assert "<polyline" not in without
    assert "Bar speed" not in without
