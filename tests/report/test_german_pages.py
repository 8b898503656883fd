"""The pages beside the report in German: no text of theirs is left in English."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from hipform.feedback.progress import progress
from hipform.report.compare_page import curve_of, two_groups, write_comparison
from hipform.report.index_page import failed_row, index_page, index_row
from hipform.report.progress_page import progress_page
from hipform.report.result_folder import ResultFolder
from hipform.texts import ENGLISH, Texts
from hipform.training import training_facts
from hipform.types import Estimate
from tests.german import still_english
from tests.histories import START, kept_rep, kept_set
from tests.report.made import rep, result


@pytest.fixture(autouse=True)
def missing(monkeypatch):
    """Return the texts that the catalogue lacks."""
    found = []
    monkeypatch.setattr(Texts, "_untranslated", lambda _, text: found.append(text) or text)
    return found


def test_the_index_of_a_batch(missing):
    facts = training_facts("Ana", "80kg", None, "2026-03-01")
    made = [
        result([rep(1), rep(2, faults=["incomplete-lockout"]), rep(1, partial=True)], [rep(1)], training=facts),
        result([rep(1, faults=["lumbar-overextension"]), rep(2, judged=False)], training=replace(facts, load=None)),
        result([rep(1, judged=False)]),
        result([rep(1)]),
    ]
    rows = [(f"{n}", index_row(f"{n}.mp4", one, has_thumbnail=False)) for n, one in enumerate(made)]
    rows.append(("x", failed_row("x.mp4", facts, "Nobody was found.")))
    pages = index_page(rows), index_page(rows, Texts("de"))
    assert missing == []
    assert still_english(*pages, "Ana", "Nobody was found.", *(f"{n}.mp4" for n in (*range(4), "x"))) == []


@pytest.mark.parametrize("step", [0.0, 2.0, -2.0])
def test_progress(missing, step):
    def of(day, **changes):
        reps = [kept_rep(n, lockout_deg=12 + step * day / 8, lumbar_deg=8) for n in range(1, 9)]
        reps = [replace(one, bar_mean_m_per_s=Estimate(0.9 - day / 100, 0.05, "m_per_s")) for one in reps]
        return kept_set(day, load_kg=60 + day, reps=reps, findings={"no-squeeze": (2, 6, 0)}, **changes)

    sets = [of(day) for day in range(0, 30, 3)] + [of(29, name="other.mp4", exercise="deadlift")]
    sets.append(kept_set(0, name="b.mp4", athlete="Bo", note="my back hurts"))
    today = START.date() + timedelta(days=30)
    athletes = progress(sets, today)
    pages = progress_page(athletes, today), progress_page(athletes, today, Texts("de"))
    assert missing == []
    assert still_english(*pages, "Ana", "Bo", "hipform") == []
    assert progress_page([], date(2026, 3, 1), Texts("de"))
    assert missing == []


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_comparison(missing, tmp_path, is_alone):
    facts = training_facts("Ana", "80kg", None, "2026-03-01")
    first = ResultFolder(tmp_path, result([rep(1, lockout_deg=19), rep(2, lockout_deg=1)], [rep(1)], training=facts))
    second = ResultFolder(tmp_path, result([rep(1, lockout_deg=1, lift_s=3.0)], training=replace(facts, load=None)))
    groups = two_groups(first, None if is_alone else second, 1)
    curves = curve_of(groups[0]), curve_of(groups[1])
    body = np.zeros((101, 12, 2))
    pages = []
    for texts in (ENGLISH, Texts("de")):
        path = tmp_path / f"{texts.language}.html"
        write_comparison(path, groups, curves, (body, body), lambda _, __: None, texts)
        pages.append(path.read_text(encoding="utf-8"))
    assert missing == []
    assert still_english(*pages, "clip.mp4", "Ana") == []
