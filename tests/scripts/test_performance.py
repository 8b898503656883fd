"""The benchmark's page and the reckoning behind its figures on live training."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from scripts.benchmark_live import HEADING, Figures, section, word_delays_ms
from scripts.performance_page import write_section


def test_a_section_takes_its_own_place_and_leaves_the_others(tmp_path):
    page = tmp_path / "performance.md"
    write_section("# Performance", "# Performance\n\nfirst\n", page)
    write_section("## B", "## B\n\nsecond\n", page)
    write_section("## C", "## C\n\nthird\n", page)
    write_section("## B", "## B\n\nanew\n", page)
    write_section("# Performance", "# Performance\n\nlast\n", page)
    assert page.read_text() == "# Performance\n\nlast\n\n## B\n\nanew\n\n## C\n\nthird\n"


def test_the_first_word_after_the_top_announces_a_repetition():
    rep = SimpleNamespace(top_s=10.0, end_s=11.0)
    reps = [rep, SimpleNamespace(top_s=13.0, end_s=14.0), SimpleNamespace(top_s=16.0, end_s=None)]
    done = [SimpleNamespace(result=SimpleNamespace(reps=reps))]
    assert word_delays_ms(done, [9.5, 11.1, 11.9, 13.8]) == pytest.approx([100, -200])
    assert word_delays_ms(done, []) == []


def test_the_section_tells_every_figure_against_its_aim():
    figures = Figures(
        captured=3000,
        dropped=30,
        model="full",
        on_screen=True,
        picture_late_ms=[float(ms) for ms in range(1, 101)],
        word_late_ms=[50.0, 240.0],
        samples=[(minute / 10, 100.0, 400.0 + minute) for minute in range(40)],
    )
    text = section(figures, 2)
    assert text.startswith(HEADING)
    assert "| frames a second looked at | 29.7 | 30 |" in text
    assert "| left out to keep up | 1.00% of 3000 | at most 1 % |" in text
    assert "| the same, 95th percentile | 96 ms | at most 60 ms |" in text
    assert "| the same, latest | 240 ms | at most 250 ms |" in text
    assert text.count("████████") >= 10
    assert "nan" in section(replace(figures, picture_late_ms=[]), 2)
