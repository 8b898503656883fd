"""Live training in the browser: who may open its socket, what it takes, and what becomes of what was filmed."""

import asyncio
import json
import math
import struct
from contextlib import contextmanager

import pytest
from starlette.websockets import WebSocketDisconnect

from hipform.app.browser_training import Speaker, _PageScreen
from hipform.batch.library import new_order
from hipform.config import Settings
from hipform.errors import InputError
from hipform.feedback.trainer import least_rest_s
from hipform.render import Command
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder
from hipform.texts import Texts
from hipform.video.camera import CameraMode
from hipform.web import live_routes, live_sessions, phone_cameras
from hipform.web.camera_messages import frame_in
from hipform.web.limits import MAX_FRAME_BYTES, MAX_FRAMES_WAITING
from hipform.web.phone_cameras import PhoneCamera
from hipform.web.phones import Use
from tests.web.app_shelf import ORIGIN, PORT
from tests.web.fake_training import film
from tests.web.running import LIMIT_S, wait_until
from tests.web.test_phones import CAMERA_ADDRESS, phone
from tests.web.test_server import cookie_of

ASKED = {"exercise": "hip-thrust", "model": "full", "speaker": "page", "width": 640, "height": 360, "fps": 30}


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    monkeypatch.setattr(live_sessions, "train_in_browser", film)
    # The process may start and end slowly, while these pages and phones send nothing.
    for module, name in (
        (live_routes, "SILENT_LIMIT_S"),
        (phone_cameras, "SILENT_LIMIT_S"),
        (live_sessions, "_END_LIMIT_S"),
    ):
        monkeypatch.setattr(module, name, LIMIT_S)


def connect(shelf, client, **headers):
    own = {"host": f"127.0.0.1:{PORT}", "origin": ORIGIN, "cookie": cookie_of(shelf), **headers}
    return client.websocket_connect("/live/socket", headers=own)


@contextmanager
def training(shelf, client, **asked):
    with connect(shelf, client) as socket:
        socket.send_json({**ASKED, **asked})
        yield socket


def frame(number=1):
    return struct.pack("<dI", number / 30, number) + b"jpeg"


def drawn(number=1):
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
                {"sets": "0"},
                {"sets": "1e9"},
                {"reps": "9" * 5000},
                {"rest": "9"},
                {"rest": "٩٩"},
                {"phone": "nobody"},
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
        assert socket.receive_bytes() == drawn()
        socket.send_text("pause")
        socket.send_text("quit")
        ended = socket.receive_json()
    entry = only_set(shelf)
    assert ended == {"ended": True, "set": entry.id, "problem": ""}
    order = entry.order
    assert (order.exercise, order.model, order.athlete, order.load) == ("hip-thrust", "lite", "Ana", "60 kg")
    assert entry.has_result
    assert not any((shelf.library.root / "live").iterdir())


def test_number_of_sets_reps_and_rest_reach_the_training(shelf, client, monkeypatch):
    asked = []
    begin = shelf.place.live.begin
    monkeypatch.setattr(shelf.place.live, "begin", lambda order, *rest: asked.append(rest[0]) or begin(order, *rest))
    for numbers in ({"sets": "3", "reps": "8", "rest": "90"}, {"sets": "", "reps": " ", "rest": ""}):
        with training(shelf, client, **numbers) as socket:
            assert socket.receive_json() == {"say": "Ready"}
        wait_until(lambda: shelf.place.live._running is None)
    first, second = asked
    assert (first.n_sets, first.target_reps, first.rest_s) == (3, 8, 90)
    assert (second.n_sets, second.target_reps, second.rest_s) == (None, None, None)
    plan = first.plan(shelf.library.root)
    assert (plan.n_sets, plan.target_reps, plan.rest_s) == (3, 8, 90)


def test_a_rest_that_would_not_end_a_set_is_refused_with_the_shortest_that_does(shelf, client):
    least_s = math.ceil(least_rest_s(Settings()))
    with training(shelf, client, rest=str(least_s - 1)) as socket:
        assert f"Give {least_s} s or more" in socket.receive_json()["problem"]


@pytest.fixture
def mobile(shelf):
    """Return a phone that is paired for live training."""
    shelf.place.phones.addresses = {Use.LIVE: CAMERA_ADDRESS}
    return phone(shelf, shelf.place.phones.add("Ana's", Use.LIVE).token, Use.LIVE)


READY = {"width": 720, "height": 1280, "fps": 30, "voice": True}


def test_a_phone_films_a_training_of_the_computer_and_speaks(shelf, client, mobile):
    assert mobile.post("/camera", json=READY).json() == {"films": False}
    (found,) = client.get("/live/phones").json()
    assert found["name"] == "Ana's"
    with training(shelf, client, phone=found["id"], speaker="phone", width=1, height=1) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        assert mobile.post("/camera", json=READY).json() == {"films": True}
        assert mobile.post("/camera/frames", content=frame(1)).json() == {"films": True, "say": ["Ready"]}
        assert socket.receive_json() == {"state": {"reps": 1}}
        assert socket.receive_bytes() == drawn(1)
        # One that was overtaken on its way is no news.
        assert mobile.post("/camera/frames", content=frame(0)).json() == {"films": True, "say": []}
        assert mobile.post("/camera/frames", content=frame(2)).json() == {"films": True, "say": []}
        assert socket.receive_bytes() == drawn(2)
        socket.send_text("quit")
        assert socket.receive_json()["set"]
    assert only_set(shelf).has_result
    assert mobile.post("/camera/frames", content=frame(3)).json() == {"films": False, "say": []}


def test_a_phone_whose_page_was_opened_again_films_on(shelf, client, mobile):
    mobile.post("/camera", json=READY)
    (found,) = client.get("/live/phones").json()
    with training(shelf, client, phone=found["id"]) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        # The clock of its page begins anew.
        assert mobile.post("/camera/frames", content=frame(30_000)).json()["films"]
        assert socket.receive_json() == {"state": {"reps": 1}}
        assert socket.receive_bytes() == drawn(30_000)
        assert mobile.post("/camera/frames", content=frame(3)).json()["films"]
        assert socket.receive_bytes() == drawn(3)
        socket.send_text("quit")
        only_set(shelf)


def test_the_page_may_send_no_frames_while_a_phone_films(shelf, client, mobile):
    mobile.post("/camera", json=READY)
    (found,) = client.get("/live/phones").json()
    with training(shelf, client, phone=found["id"]) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        socket.send_bytes(frame())
        only_set(shelf)


def test_a_phone_that_went_away_is_not_offered_and_cannot_film(shelf, client, mobile, monkeypatch):
    mobile.post("/camera", json=READY)
    (found,) = client.get("/live/phones").json()
    monkeypatch.setattr(phone_cameras, "SILENT_LIMIT_S", 0)
    assert client.get("/live/phones").json() == []
    with training(shelf, client, phone=found["id"]) as socket:
        assert "not ready" in socket.receive_json()["problem"]


def test_a_phone_that_is_disconnected_films_no_more_and_what_it_filmed_is_kept(shelf, client, mobile):
    mobile.post("/camera", json=READY)
    (found,) = client.get("/live/phones").json()
    with training(shelf, client, phone=found["id"]) as socket:
        assert socket.receive_json() == {"say": "Ready"}
        client.post(f"/phone/devices/{found['id']}/revoke")
        shelf.place.forget_lost_phones()
        assert mobile.post("/camera/frames", content=frame()).status_code == 401
        assert socket.receive_json()["set"] == only_set(shelf).id
    assert client.get("/live/phones").json() == []


def test_the_computer_speaks_for_a_phone_without_a_voice():
    asked = {"speaker": "phone"}
    mode = CameraMode()
    assert live_routes._speaker(asked, PhoneCamera(mode, has_voice=True)) is Speaker.PAGE
    assert live_routes._speaker(asked, PhoneCamera(mode, has_voice=False)) is Speaker.COMPUTER
    with pytest.raises(InputError):
        live_routes._speaker(asked, None)


@pytest.mark.parametrize("content", [b"", b"x", struct.pack("<dI", math.inf, 1) + b"jpeg", bytes(MAX_FRAME_BYTES + 1)])
def test_what_is_no_frame_of_a_phone_is_refused(mobile, content):
    mobile.post("/camera", json=READY)
    assert mobile.post("/camera/frames", content=content).status_code == 400


@pytest.mark.parametrize(
    "data", [None, b"", b"short", struct.pack("<dI", -1, 1) + b"x", struct.pack("<dI", 1e300, 1) + b"x"]
)
def test_what_is_no_frame_is_not_taken_for_one(data):
    assert frame_in(data) is None


@pytest.mark.parametrize("junk", [b"", struct.pack("<dI", math.nan, 1) + b"jpeg"])
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
        socket.send_text("quit")
        assert socket.receive_json()["set"]


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


def test_what_the_page_shows_beside_the_image_is_in_its_language():
    async def in_german(state):
        return live_routes._Outbox(Texts("de"))._in_words(state)

    state = {"exercise": "Deadlift", "verdict": "2 faults", "reps": 3}
    assert asyncio.run(in_german(state)) == {"exercise": "Kreuzheben", "verdict": "2 Fehler", "reps": 3}
    nothing = {"exercise": "", "verdict": "", "reps": 0}
    assert asyncio.run(in_german(nothing)) == nothing
