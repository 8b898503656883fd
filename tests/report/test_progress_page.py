"""The progress page in a real browser, and progress and history in the terminal."""

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from hipform.feedback.progress import progress
from hipform.report.history_tables import history_table
from hipform.report.progress_page import progress_page
from hipform.report.progress_text import show_progress
from hipform.types import Estimate
from tests.histories import kept_rep, kept_set

TODAY = date(2026, 11, 20)
NASTY = "Ana </script><img src=x onerror=alert(1)> \x1b[31m \u202e"


def many(athlete="Ana"):
    """Return ten weeks of three sessions with loads, low backs and a fault that persists."""
    days = [7 * week + day for week in range(10) for day in (0, 2, 4)]
    return [
        kept_set(
            day,
            name=f"{athlete}{day}.mp4",
            athlete=athlete,
            load_kg=60 + day,
            reps=[kept_rep(n, lockout_deg=16 - day / 5, lumbar_deg=8) for n in range(1, 9)],
            findings={"no-squeeze": (2, 6, 0)},
        )
        for day in days
    ]


def page_of(sets):
    return progress_page(progress(sets, TODAY), TODAY)


# -------------------------------------------------------------------------------------------------------------- browser


@pytest.fixture
def shown(opened, tmp_path):
    """Return a function that opens a page made of sets."""

    def show(sets, width=1280, **options):
        path = tmp_path / "progress.html"
        path.write_text(page_of(sets), encoding="utf-8")
        return opened(path, width, **options)

    return show


def ink(page, chart):
    """Return how many pixels of a chart were drawn on in colour."""
    return page.evaluate(
        """([chart]) => {
          const canvas = document.querySelector(`[data-chart="${chart}"] canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4)
            count += data[i + 3] > 100 && Math.max(...data.slice(i, i + 3)) - Math.min(...data.slice(i, i + 3)) > 40;
          return count;
        }""",
        [chart],
    )


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_ten_weeks_are_drawn_and_fit_the_screen(shown, width, scheme):
    page = shown(many(), width, color_scheme=scheme)
    assert all(ink(page, chart) > 200 for chart in ("weeks", "lockout", "lumbar", "load"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == "Progress of Ana"
    assert page.get_by_text("physical therapist").count() == 1
    assert page.locator(".badge.fault").inner_text() == "Persists"


def test_colours_follow_the_scheme(shown):
    light, dark = (
        shown(many(), color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    assert light != dark


def test_the_sessions_open_by_keyboard_and_list_all(shown):
    page = shown(many())
    assert not page.locator("tbody tr").first.is_visible()
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("tbody tr").first.is_visible()
    assert page.locator("tbody tr").count() == 30
    assert page.locator("tbody th").first.inner_text() == "2026-11-13"


def test_one_session_is_a_page_without_lines(shown):
    page = shown([kept_set(70)])
    assert page.get_by_text("There is one session so far").count() == 1
    assert page.locator("[data-chart]").count() == 1
    assert page.locator("tbody tr").count() == 1


def test_an_empty_history_says_how_to_begin(shown):
    page = shown([])
    assert "The history is empty" in page.locator("main").inner_text()
    assert page.locator("h1").inner_text() == "Progress"


def with_bar_speed():
    """Return four sessions of one exercise, each with a heavier load and a slower bar."""
    loads = enumerate(((70, 0.77), (90, 0.65), (110, 0.53), (125, 0.44)))
    return [
        kept_set(
            7 * week,
            exercise="barbell-hip-thrust",
            load_kg=load_kg,
            reps=[replace(kept_rep(1), bar_mean_m_per_s=Estimate(speed, 0.05, "m_per_s"))],
        )
        for week, (load_kg, speed) in loads
    ]


def test_bar_speed_is_drawn_over_the_load_with_the_estimate_in_words(shown):
    page = shown(with_bar_speed(), 390)
    assert ink(page, "speed") > 100
    assert page.get_by_text("Estimate of the one-rep maximum: 150 ±").count() == 1
    assert page.locator("th", has_text="Bar speed").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_reps_that_were_never_judged_draw_no_angle(shown):
    page = shown([kept_set(day, reps=[kept_rep(1, status=None)]) for day in (0, 7)])
    assert page.locator('[data-chart="lockout"], [data-chart="rate"]').count() == 0
    assert page.locator("tbody td").nth(2).inner_text() == "?"


def test_names_and_notes_cannot_become_code(shown):
    sets = [replace(one, athlete=NASTY, note=f"it hurt {NASTY}") for one in many()]
    page = shown(sets)
    assert page.locator("img").count() == 0
    assert "</script><img" in page.locator("h1").inner_text()
    assert not set("\x1b\u202e") & set(page.content())


def test_a_long_name_and_many_athletes_fit(shown):
    sets = [one for number in range(4) for one in many(f"Maximiliana{'x' * 60}{number}")]
    page = shown(sets, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").inner_text() == "Progress of 4 athletes"
    assert page.locator("h2.athlete-name").count() == 4


def test_it_prints_with_its_tables_unfolded(shown):
    page = shown(many())
    assert page.pdf().startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tbody tr").first.is_visible()


# ------------------------------------------------------------------------------------------------------------- terminal


def printed(what, width):
    console = Console(file=io.StringIO(), width=width, highlight=False, force_terminal=False)
    what(console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_shows_the_latest_sessions(width):
    shown = printed(lambda console: show_progress(console, progress(many(), TODAY)), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "18 earlier sessions" in shown
    assert len(re.findall(r"│ 2026-\d\d-\d\d", shown)) == 12
    for words in (
        "Hip thrust",
        "127 kg",
        "Personal bests",
        "A fault that persists",
        "What to do",
        "not medical advice",
    ):
        assert words in shown


def test_the_terminal_leaves_out_what_no_session_has():
    shown = printed(lambda console: show_progress(console, progress([kept_set()], TODAY)), 120)
    assert "There is one session so far" in shown
    assert not re.search(r"Load|Low back", shown)


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_says_what_the_speed_of_the_bar_means(width):
    shown = printed(lambda console: show_progress(console, progress(with_bar_speed(), TODAY)), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "Estimate of the one-rep maximum: 150 ± " in " ".join(shown.split())
    assert ("0.44 m/s │" in shown) is (width == 120)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_list_shows_a_row_a_set_without_control_characters(width):
    sets = [kept_set(0, athlete=NASTY, note=NASTY, load_kg=80), kept_set(1, reps=[kept_rep(1, status=None)])]
    shown = printed(lambda console: console.print(history_table(sets, width)), width)
    assert max(map(len, shown.splitlines())) <= width
    assert not set("\x1b\u202e") & set(shown)
    assert "2026-09-07" in shown
    assert ("Note" in shown) is (width >= 120)


def test_the_list_breaks_no_heading_and_no_id_at_80_columns():
    sets = [kept_set(0, exercise="single-leg-glute-bridge", athlete="Benedikt-Maximilian", load_kg=102.5)]
    shown = printed(lambda console: console.print(history_table(sets, 80)), 80)
    for word in ("Day", "Athlete", "Exercise", "Load", "Reps", "Locked", "Lockout", sets[0].short_id):
        assert re.search(rf"(?<!\S){re.escape(word)}(?!\S)", shown), word
