"""Live training in the browser: who may open its socket, what it takes, and what becomes of what was filmed."""

import json
import struct
from contextlib import contextmanager

import pytest
from starlette.websockets import WebSocketDisconnect

from hipform.app.browser_training import _PageScreen
from hipform.batch.library import new_order
from hipform.render import Command
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder
from hipform.web import live_routes, live_sessions
from hipform.web.limits import MAX_FRAMES_WAITING
from tests.web.app_shelf import ORIGIN, PORT
from tests.web.fake_training import film
from tests.web.running import wait_until
from tests.web.test_server import cookie_of

ASKED = {"exercise": "hip-thrust", "model": "full", "speaker": "page", "width": 640, "height": 360, "fps": 30}


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    monkeypatch.setattr(live_sessions, "train_in_browser", film)
    # The process may start slowly, while these pages send nothing.
    monkeypatch.setattr(live_routes, "SILENT_LIMIT_S", 200)


def connect(shelf, client, **headers):
    own = {"host": f"127.0.0.1:{PORT}", "origin": ORIGIN, "cookie": cookie_of(shelf), **headers}
    return client.websocket_connect("/live/socket", headers=own)


@contextmanager
def training(shelf, client, **asked):
    with connect(shelf, client) as socket:
        socket.send_json({**ASKED, **asked})
        yield socket


def frame(number=1):
    return struct.pack("<d", number / 30) + b"jpeg"


def only_set(shelf):
    wait_until(shelf.library.sets)
    (entry,) = shelf.library.sets()
    shelf.wait(entry.id)
    return shelf.library.find(entry.id)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": f"http://localhost:{PORT}"},
        {"origin": ""},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"cookie": "hipform=guess"},
        {"cookie": ""},
    ],
)
def test_only_a_page_of_the_app_may_open_the_socket(shelf, client, headers):
    with pytest.raises(WebSocketDisconnect), connect(shelf, client, **headers):
        pass
    assert not any((shelf.library.root / "live").iterdir())


def test_only_the_page_of_live_training_may_use_the_camera(client):
    assert client.get("/live").headers["permissions-policy"].startswith("camera=(self)")
    for path in ("/", "/settings", "/nothing"):
        assert client.get(path).headers["permissions-policy"].startswith("camera=()")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "[" * 100_000,
        "[1]",
        *(
            json.dumps({**ASKED, **wrong})
            for wrong in (
                {"width": 1e5},
                {"height": True},
                {"fps": "fast"},
                {"fps": -1},
                {"speaker": "everybody"},
                {"load": "eighty"},
                {"exercise": "yoga"},
            )
        ),
    ],
)
def test_what_cannot_be_asked_is_answered_and_starts_nothing(shelf, client, text):
    with connect(shelf, client) as socket:
        socket.send_text(text)
        assert socket.receive_json()["problem"]
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    assert not any((shelf.library.root / "live").iterdir())


def test_frames_come_back_drawn_and_the_training_becomes_a_set(shelf, client):
    with training(shelf, client, athlete="Ana", load="60 kg") as socket:
        assert socket.receive_json() == {"say": "Ready"}
        socket.send_bytes(frame())
        assert socket.receive_json() == {"taken": 1}
        assert socket.receive_json() == {"state": {"reps": 1}}
        assert socket.receive_bytes() == frame()
        socket.send_text("pause")
        socket.send_text("quit")
        ended = socket.receive_json()
    entry = only_set(shelf)
    assert ended == {"ended": True, "set": entry.id, "problem": ""}
    order = entry.order
    assert (order.exercise, order.model, order.athlete, order.load) == ("hip-thrust", "lite", "Ana", "60 kg")
    assert entry.has_result
    assert not any((shelf.library.root / "live").iterdir())


@pytest.mark.parametrize("data", [None, b"", b"short", struct.pack("<d", -1) + b"x", struct.pack("<d", 1e300) + b"x"])
def test_what_is_no_frame_is_not_taken_for_one(data):
    assert live_routes._frame(data) is None


@pytest.mark.parametrize("junk", [b"", struct.pack("<d", float("nan")) + b"jpeg"])
def test_what_is_filmed_is_kept_when_the_page_goes_or_sends_junk(shelf, client, junk):
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        if junk:
            socket.send_bytes(junk)
    assert only_set(shelf).has_result


def test_one_training_runs_at_a_time_and_another_may_follow(shelf, client):
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        with training(shelf, client) as other:
            assert "Another training is running" in other.receive_json()["problem"]
    only_set(shelf)
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}


def test_frames_that_would_have_to_wait_are_dropped(shelf, client):
    with training(shelf, client, exercise="deadlift") as socket:
        assert socket.receive_json() == {"say": "Ready"}
        for number in range(MAX_FRAMES_WAITING + 4):
            socket.send_bytes(frame(number))
        dropped = 0
        while dropped < 4:
            dropped += socket.receive_json()["taken"]
        assert dropped == 4


def test_commands_that_no_frame_takes_do_not_pile_up():
    screen = _PageScreen(lambda _: None, None)
    for _ in range(1000):
        screen.take(Command.PAUSE)
    assert sum(screen.poll() is not None for _ in range(1000)) == 16


def test_a_page_that_is_silent_has_gone(shelf, client, monkeypatch):
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        monkeypatch.setattr(live_routes, "SILENT_LIMIT_S", 0.1)
        socket.send_bytes(frame())
        only_set(shelf)


def test_a_training_that_cannot_be_filmed_says_why(shelf, client):
    with training(shelf, client, exercise="good-morning") as socket:
        assert socket.receive_json() == {"ended": True, "set": "", "problem": "The disk is full. Free some space."}
    assert not any((shelf.library.root / "live").iterdir())


def test_a_process_that_is_killed_leaves_what_it_filmed(shelf, client):
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        shelf.place.live._running._child.process.kill()
        assert "process that films has ended" in socket.receive_json()["problem"]
    assert only_set(shelf).order.exercise == "hip-thrust"


def test_the_end_of_the_app_keeps_what_is_filmed(shelf, client):
    with training(shelf, client) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        shelf.place.live.close()
        assert len(shelf.library.sets()) == 1


def test_what_was_filmed_when_the_app_was_killed_is_a_set_after_its_start(shelf):
    folder = make_temporary_folder(shelf.library.root / "live")
    (folder / "order.json").write_text(new_order("live.mp4", model="lite").model_dump_json())
    (folder / "filmed").mkdir()
    (folder / "filmed" / FILES["recording"]).write_text("ok")
    make_temporary_folder(shelf.library.root / "live")
    shelf.close()
    shelf.open()
    assert only_set(shelf).order.label == "live.mp4"
    assert not any((shelf.library.root / "live").iterdir())
