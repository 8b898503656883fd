"""The app as a process: its beginning and end, killed in between, and clients that misbehave."""

import contextlib
import random
import socket
import sys
import time

import httpx2
import psutil
import pytest

from hipform.batch.clip_queue import State
from hipform.errors import ConfigError, OutputError
from hipform.web import server, serving
from hipform.web.certificates import certified_context
from hipform.web.server import run_app
from hipform.web.serving import listen
from hipform.web.workplace import key_of
from tests.web.running import LIMIT_S, Running, sets_in, wait_until
from tests.web.test_routes import send

FAKE = ("-m", "tests.web.running")
N_CLIPS = 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_nothing_is_lost_when_server_and_workers_are_killed_at_any_moment(tmp_path):
    root = tmp_path / "app"
    moments = random.Random(5)  # noqa: S311 - the same moments every time
    running = Running(tmp_path / "0", root, *FAKE, str(root))
    with running.client() as client:
        names = [send(client, b"slow %d" % number, f"{number}.mp4") for number in range(N_CLIPS)]
    for number in range(1, 3):
        time.sleep(moments.uniform(0, 1))
        for worker in psutil.Process(running.process.pid).children():
            with contextlib.suppress(psutil.Error):
                worker.kill()
        time.sleep(moments.uniform(0, 0.3))
        running.kill()
        running = Running(tmp_path / str(number), root, *FAKE, str(root))
    with running.client() as client:
        wait_until(lambda: "/cancel" not in client.get("/library").text)
    running.kill()
    found = sets_in(root)
    assert {one.id for one in found} == set(names)
    assert all(one.is_settled and one.has_result and one.record.failure is None for one in found)
    assert list((root / "results" / ".hipform-batch").glob(".hipform-*")) == []


def test_ctrl_c_ends_it_with_one_line_and_leaves_no_process(tmp_path):
    root = tmp_path / "app"
    running = Running(tmp_path / "0", root)
    children = psutil.Process(running.process.pid).children(recursive=True)
    assert running.end() == 130
    assert running.log.read_text().splitlines()[-1].startswith("hipform: interrupted;")
    wait_until(lambda: not any(child.is_running() for child in children))
    assert not (root / "port").exists()


def test_a_second_start_only_says_where_the_app_is(tmp_path, monkeypatch):
    root = tmp_path / "app"
    running = Running(tmp_path / "0", root, *FAKE, str(root))
    heard = []
    monkeypatch.setattr(server, "_ANSWER_LIMIT_S", LIMIT_S)
    run_app(root, 0, lambda address, code, *, is_new: heard.append((address, code, is_new)))
    ((address, code, is_new),) = heard
    assert (address, is_new) == (f"{running.address}/", False)
    # Not the key itself, which other users of the computer could read from the command line of the browser.
    assert code not in ("", key_of(root))
    with httpx2.Client(base_url=running.address, headers={"origin": running.address}, timeout=LIMIT_S) as client:
        assert [client.post("/session", json={"key": code}).status_code for _ in range(2)] == [204, 403]
    running.kill()


def test_a_port_that_is_taken_is_one_line():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} is used by another program"), listen("127.0.0.1", port):
            pass


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        run_app(tmp_path / "file" / "app", 0, lambda *_, **__: None)


def test_slow_clients_are_cut(shelf, monkeypatch):
    from hipform.web import guard

    monkeypatch.setattr(serving, "HEADER_LIMIT_S", 0.3)
    monkeypatch.setattr(guard, "PIECE_LIMIT_S", 0.3)
    from hipform.web.server import make_app

    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with serving.serving(make_app(shelf.place, port), listening):
            head = f"PUT /uploads/x/0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            whole = (
                f"{head}Origin: http://127.0.0.1:{port}\r\nCookie: {cookie_of(shelf)}\r\nContent-Length: 100\r\n\r\n"
            )
            for sent in ("", "GET / HT", head, whole.replace("/uploads/x/0", "/session").replace("PUT", "POST") + "{"):
                with socket.create_connection(("127.0.0.1", port)) as client:
                    client.settimeout(LIMIT_S)
                    received = b""
                    # It may be cut while it still sends.
                    with contextlib.suppress(ConnectionError):
                        client.sendall(sent.encode())
                        received = client.recv(10_000)
                    assert received == b"" or received.startswith(b"HTTP/1.1 408")


def test_an_encrypted_connection_that_is_never_agreed_on_is_cut(shelf, monkeypatch):
    monkeypatch.setattr(serving, "HEADER_LIMIT_S", 0.3)
    from hipform.web.server import make_app

    context, _ = certified_context("127.0.0.1")
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with (
            serving.serving(make_app(shelf.place, port), listening, context),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.settimeout(LIMIT_S)
            assert client.recv(10) == b""


def test_endless_headers_are_refused(shelf):
    from hipform.web.server import make_app

    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with (
            serving.serving(make_app(shelf.place, port), listening),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.settimeout(LIMIT_S)
            with contextlib.suppress(OSError):
                for number in range(10_000):
                    client.sendall(b"" if number else b"GET / HTTP/1.1\r\n")
                    client.sendall(b"X-%d: %s\r\n" % (number, b"x" * 100))
            answer = b""
            with contextlib.suppress(OSError):
                answer = client.recv(100)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_connections_without_a_request_are_not_held_without_limit(shelf, monkeypatch):
    from hipform.web.server import make_app

    monkeypatch.setattr(serving, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(serving, "HEADER_LIMIT_S", 2 * LIMIT_S)
    with listen("127.0.0.1", 0) as listening, contextlib.ExitStack() as stack:
        port = listening.getsockname()[1]
        stack.enter_context(serving.serving(make_app(shelf.place, port), listening))
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(4)]
        clients[3].settimeout(LIMIT_S)
        with contextlib.suppress(ConnectionResetError):
            assert clients[3].recv(1) == b""
        clients[0].setblocking(False)
        with pytest.raises(BlockingIOError):
            clients[0].recv(1)


def cookie_of(shelf):
    from hipform.web.guard import session_value

    return f"hipform={session_value(shelf.place.key)}"


def test_the_states_of_a_set_are_those_that_the_pages_know():
    from hipform.web.views import _STATES

    assert set(_STATES) == set(State)
