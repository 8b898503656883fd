"""The queue of the app: what is dropped is done, whatever happens in between."""

import json
import threading

import pytest

from hipform.batch import clip_queue, library
from hipform.batch.clip_queue import State
from hipform.errors import ConfigError, InputError
from hipform.report.result import RUN_RECORD
from hipform.store import History, history_path
from scripts.app_process import LIMIT_S
from tests.batch.sets import Held, LateStart, Shelf, opened


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    with opened(Shelf(tmp_path), tmp_path, monkeypatch) as shelf:
        yield shelf


def test_a_clip_is_analysed_and_has_its_results_and_its_record(shelf):
    name = shelf.add("ok", "my set.mp4", athlete="Ana", load="80kg")
    assert shelf.wait(name).state is State.DONE
    assert shelf.library.results(name).result.sets
    record = json.loads((shelf.library.store.root / name / RUN_RECORD).read_text())
    assert (record["clip"], record["row"]["athlete"], record["row"]["load"]) == ("my set.mp4", "Ana", "80 kg")
    with History(history_path()) as history:
        assert {one.athlete for one in history.sets()} == {"Ana"}


def test_what_was_waiting_or_running_goes_on_after_a_restart(shelf):
    Held.gate.clear()
    names = [shelf.add("ok", f"{number}.mp4") for number in range(3)]
    shelf.wait(names[0], State.RUNNING)
    shelf.close()
    Held.gate.set()
    shelf.open()
    assert [shelf.wait(name).state for name in names] == [State.DONE] * 3


def test_what_is_done_is_not_done_again_after_a_restart(shelf):
    name = shelf.add()
    shelf.wait(name)
    shelf.close()
    shelf.open()
    assert shelf.state(name).state is State.DONE
    assert shelf.queue._engines[1].names == []


def test_clips_are_analysed_in_the_order_of_their_arrival(shelf):
    Held.gate.clear()
    names = [shelf.add("ok", f"{number}.mp4") for number in range(3)]
    Held.gate.set()
    for name in names:
        shelf.wait(name)
    assert shelf.queue._engines[1].names == names


def test_a_cancelled_clip_ends_at_once_stays_cancelled_and_can_be_tried_again(shelf):
    Held.gate.clear()
    name = shelf.add()
    shelf.wait(name, State.RUNNING)
    shelf.queue.cancel(name)
    with shelf.queue._news:
        assert shelf.queue._news.wait_for(lambda: not shelf.queue._runs, LIMIT_S)
    assert shelf.state(name).state is State.CANCELLED
    Held.gate.set()
    shelf.close()
    shelf.open()
    assert shelf.state(name).state is State.CANCELLED
    shelf.library.ask(name)
    shelf.queue.notice()
    assert shelf.wait(name).state is State.DONE


@pytest.mark.parametrize("end", ["cancel", "delete", "close"])
def test_a_clip_that_is_stopped_before_its_worker_has_started_does_not_run_to_its_end(shelf, end):
    Held.gate.clear()
    LateStart.can_start.clear()
    shelf.close()
    shelf.open(LateStart)
    name = shelf.add()
    shelf.wait(name, State.RUNNING)
    stopping = {"cancel": lambda: shelf.queue.cancel(name), "delete": lambda: shelf.queue.delete(name)}
    thread = threading.Thread(target=stopping.get(end, shelf.queue._is_ending.set))
    thread.start()
    if end != "close":
        with shelf.queue._news:
            assert shelf.queue._news.wait_for(lambda: shelf.library.find(name).order.is_cancelled, LIMIT_S)
    LateStart.can_start.set()
    with shelf.queue._news:
        # `gate` stays closed, so that the clip itself would never end.
        assert shelf.queue._news.wait_for(lambda: not shelf.queue._runs, LIMIT_S)
    thread.join()


def test_a_set_that_cannot_begin_counts_as_a_change(shelf, monkeypatch):
    def refuse(*_):
        raise ConfigError("The settings are wrong.")

    monkeypatch.setattr(shelf.queue, "_task", refuse)
    name = shelf.add()
    with shelf.queue._news:
        assert shelf.queue._news.wait_for(lambda: shelf.queue.version >= 2, LIMIT_S)
    assert shelf.wait(name).reason == "The settings are wrong."


def test_a_clip_that_fails_says_why_also_after_a_restart_and_the_next_one_is_done(shelf):
    bad, good = shelf.add("nobody", "bad.mp4"), shelf.add("ok", "good.mp4")
    assert "No person" in shelf.wait(bad).reason
    assert shelf.wait(good).state is State.DONE
    shelf.close()
    shelf.open()
    assert shelf.state(bad).state is State.FAILED


def test_a_clip_whose_worker_was_killed_is_tried_once_more(shelf):
    Held.losses = 1
    assert shelf.wait(shelf.add()).state is State.DONE
    Held.losses = 2
    assert "ended from outside" in shelf.wait(shelf.add()).reason


def test_a_failure_that_is_not_the_clips_is_tried_again_after_a_restart(shelf):
    name = shelf.add("full")
    assert "disk is full" in shelf.wait(name).reason
    shelf.library.find(name).clip.write_text("ok")
    shelf.close()
    shelf.open()
    assert shelf.wait(name).state is State.DONE


def test_a_correction_is_judged_from_the_landmarks_at_once_and_drawn_afterwards(shelf):
    name = shelf.add()
    shelf.wait(name)
    Held.gate.clear()
    other = shelf.add("ok", "other.mp4")
    shelf.wait(other, State.RUNNING)
    judging, analysing = shelf.queue._engines
    judging.gate = threading_open()
    shelf.library.ask(name, label="renamed.mp4", load="60kg")
    shelf.queue.notice()
    with shelf.queue._news:
        assert shelf.queue._news.wait_for(lambda: shelf.library.find(name).is_undrawn, LIMIT_S)
    assert shelf.state(name).is_drawing
    assert shelf.library.results(name).result.clip.name == "renamed.mp4"
    Held.gate.set()
    assert shelf.wait(name).state is State.DONE
    assert (judging.names, analysing.names) == ([name], [name, other, name])


def threading_open():
    gate = threading.Event()
    gate.set()
    return gate


def test_another_person_is_followed_from_the_clip_and_the_choice_can_be_taken_back(shelf):
    name = shelf.add()
    shelf.wait(name)
    for person, analysed in (("left", 2), ("auto", 2)):
        shelf.library.ask(name, person=person)
        shelf.queue.notice()
        assert shelf.wait(name).state is State.DONE
        # The first choice is judged from its own landmarks, and then only drawn.
        drawn = person == "auto"
        assert len(shelf.queue._engines[1].names) == analysed + drawn
    with pytest.raises(ConfigError):
        shelf.library.ask(name, person="../../x")


def test_clips_go_when_they_are_drawn_if_the_user_wants_that_and_corrections_still_work(shelf):
    kept = shelf.add("ok 1")
    shelf.wait(kept)
    shelf.queue._keeps_clips = lambda: False
    dropped = shelf.add("ok 2")
    shelf.wait(dropped)
    assert [shelf.library.find(name).has_clip for name in (kept, dropped)] == [True, False]
    shelf.library.ask(dropped, label="renamed.mp4")
    shelf.queue.notice()
    assert shelf.wait(dropped).state is State.DONE
    assert shelf.library.results(dropped).result.clip.name == "renamed.mp4"


def test_a_fact_that_is_wrong_changes_nothing(shelf):
    name = shelf.add()
    shelf.wait(name)
    for wrong in ({"load": "eighty"}, {"exercise": "yoga"}, {"date": "yesterday"}):
        with pytest.raises(ConfigError):
            shelf.library.ask(name, **wrong)
    assert shelf.state(name).state is State.DONE


def test_a_deleted_set_is_gone_with_its_clip_results_and_history(shelf):
    name, other = shelf.add("ok", athlete="Ana"), shelf.add("ok 2", athlete="Ana")
    shelf.wait(name)
    shelf.wait(other)
    shelf.queue.delete(name)
    with pytest.raises(InputError):
        shelf.library.find(name)
    assert list(shelf.folder.rglob(name)) == []
    with History(history_path()) as history:
        assert len({one.clip_sha256 for one in history.sets()}) == 1
    shelf.close()
    shelf.open()
    assert [entry.id for entry in shelf.library.sets()] == [other]


def test_a_running_set_can_be_deleted(shelf):
    Held.gate.clear()
    name = shelf.add()
    shelf.wait(name, State.RUNNING)
    shelf.queue.delete(name)
    assert shelf.library.sets() == []
    assert list(shelf.folder.rglob(name)) == []


def test_deleting_is_completed_when_it_was_interrupted(shelf, monkeypatch):
    name = shelf.add()
    shelf.wait(name)
    with monkeypatch.context() as broken:
        broken.setattr(library.Library, "_remove", lambda *_: None)
        shelf.queue.delete(name)
    shelf.close()
    shelf.open()
    assert list(shelf.folder.rglob(name)) == []


def test_a_clip_without_an_order_does_not_count(shelf):
    (shelf.library.root / "clips" / "0123456789abcdef").mkdir()
    (shelf.library.root / "clips" / "0123456789abcdef" / "clip").write_text("ok")
    shelf.close()
    shelf.open()
    assert shelf.library.sets() == []


def test_time_left_follows_from_the_clip_that_is_running(shelf, monkeypatch):
    Held.gate.clear()
    first, second = shelf.add("ok"), shelf.add("ok ok ok ok")
    shelf.wait(first, State.RUNNING)
    with shelf.library.lock:
        run = shelf.queue._runs[first]
        monkeypatch.setattr(clip_queue.time, "monotonic", lambda: 100.0)
        run.first, run.share = (90.0, 0.0), 0.5
        states = shelf.queue.states()
    assert states[first].left_s == pytest.approx(10)
    assert states[second].left_s == pytest.approx(10 + 20 * 11 / 2)
