"""Whoever ends an interrupted process says how, and nobody else."""

import threading

import pytest

from hipform.cli import signals
from scripts.app_process import LIMIT_S


@pytest.fixture
def left(monkeypatch):
    """Return what is noted when a watch ends the process."""
    left = []
    monkeypatch.setattr(signals, "ask_to_end", lambda: None)
    monkeypatch.setattr(signals, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(signals, "leave_at_once", lambda: left.append("at once"))
    return left


def test_a_process_that_has_tidied_up_is_not_ended_once_more(left):
    watch = signals._SignalWatch()
    watch.be_over()
    watch.be_over()
    watch._take(asked_s=0.0)
    assert left == []


def test_a_process_that_is_being_ended_says_no_second_word(left):
    watch = signals._SignalWatch()
    watch._take(asked_s=0.0)
    assert left == ["at once"]
    ending = threading.Thread(target=watch.be_over, daemon=True)
    ending.start()
    ending.join(0.2)
    assert ending.is_alive()
    assert not watch.is_over
    watch._ending.release()
    ending.join(LIMIT_S)
    assert watch.is_over
