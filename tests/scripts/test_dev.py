"""`scripts/dev.py`, as far as it can be run without setting up anything."""

import sys

import pytest

from scripts import dev


@pytest.mark.parametrize(("failing", "tests_code", "code"), [("mypy", 0, 1), ("", 0, 0), ("ruff", 3, 3)])
def test_every_check_is_run_and_shown_and_one_that_fails_is_named(monkeypatch, capsys, failing, tests_code, code):
    begin = dev.begin

    def pretend(*command):
        words = " ".join(map(str, command))
        fails = bool(failing) and failing in words and "format" not in words
        return begin(sys.executable, "-I", "-S", "-c", f"import sys; print('said'); sys.exit({fails:d})")

    monkeypatch.setattr(dev, "begin", pretend)
    monkeypatch.setattr(dev, "provide_test_tools", lambda: None)
    monkeypatch.setattr(dev, "test", lambda _arguments: tests_code)
    assert dev.check() == code
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("said") == 4
    named = {"mypy": "== FAILED: mypy", "ruff": "== FAILED: ruff check", "": "== all clean"}
    assert lines[-2:] == [named[failing], "== tests"]
