"""Who gets an answer: browsers of this computer that were let in, and pages of the app, nobody else."""

import re

import pytest
from starlette.routing import Route

from hipform.web.limits import MAX_FORM_BYTES
from hipform.web.phone_routes import COMPUTER_ROUTES
from hipform.web.routes import OPEN_PATHS, ROUTES
from tests.web.app_shelf import PORT

PLAIN = [one.path for one in ROUTES if isinstance(one, Route) and "{" not in one.path and "GET" in one.methods]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8740", "127.0.0.1", "127.0.0.1:80", "localhost:8741", "0.0.0.0:8740", ""]
)
def test_a_name_that_only_leads_here_gets_nothing(shelf, host):
    client = shelf.client()
    for path in ("/", "/library", "/assets/app.css"):
        assert client.get(path, headers={"host": host}).status_code == 421


def test_both_names_of_this_computer_are_answered(shelf):
    client = shelf.client()
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{PORT}"
        assert client.get("/", headers={"host": host, "origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8740"])
def test_a_page_of_another_site_can_change_and_read_nothing(shelf, origin):
    name = shelf.add()
    client = shelf.client()
    assert client.post(f"/sets/{name}/delete", headers={"origin": origin}).status_code == 403
    assert client.get("/library", headers={"origin": origin}).status_code == 403
    assert shelf.library.find(name)


def test_a_change_needs_an_origin(shelf):
    client = shelf.client()
    client.headers.pop("origin")
    assert client.post("/settings", content="").status_code == 403


def test_another_site_may_link_to_the_first_page_only(shelf):
    client = shelf.client()
    client.headers.pop("origin")
    linked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=linked).status_code == 200
    assert client.get("/settings", headers=linked).status_code == 403
    assert client.get("/", headers={**linked, "sec-fetch-mode": "no-cors"}).status_code == 403


@pytest.mark.parametrize("path", sorted({*PLAIN} - {*OPEN_PATHS}))
def test_without_the_cookie_no_page_is_shown(shelf, path):
    assert shelf.client(signed_in=False).get(path).status_code == 401


def test_without_the_cookie_the_first_page_says_only_how_to_get_in(shelf):
    shelf.add("ok", "secret name.mp4")
    text = shelf.client(signed_in=False).get("/").text
    assert "data-unknown" in text
    assert "secret name" not in text


@pytest.mark.parametrize("key", ["", "wrong", None, 5, "é"])
def test_a_wrong_key_lets_nobody_in(shelf, key):
    client = shelf.client(signed_in=False)
    assert client.post("/session", json={"key": key}).status_code == 403
    assert client.get("/library").status_code == 401
    assert client.get("/library", headers={"cookie": "hipform=guess"}).status_code == 401


def test_a_code_from_the_command_line_lets_one_browser_in(shelf):
    code = shelf.place.new_code()
    assert shelf.client(signed_in=False).post("/session", json={"key": code}).status_code == 204
    assert shelf.client(signed_in=False).post("/session", json={"key": code}).status_code == 403


def test_the_cookie_stays_with_the_app(shelf):
    answer = shelf.client(signed_in=False).post("/session", json={"key": shelf.place.key})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert shelf.place.key.lower() not in cookie


def test_every_answer_has_the_headers_that_protect_it(shelf, client):
    for answer in (client.get("/"), client.get("/nothing"), client.get("/", headers={"host": "evil.example"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_the_pages_have_no_script_and_no_style_in_them(shelf, client):
    name = shelf.add()
    shelf.wait(name)
    for path in (*PLAIN, f"/sets/{name}"):
        if path in ("/events", "/known") or path.startswith("/library"):
            continue
        text = client.get(path).text
        assert "<style" not in text
        assert 'style="' not in text
        assert text.count("<script") == text.count('<script type="module" src="/assets/')
        assert " onclick" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../routes.py",
        "/assets/%2e%2e%2froutes.py",
        "/assets/..%5croutes.py",
        "/results/../key",
        "/results/{set}/../../key",
        "/results/{set}/%2e%2e%2f%2e%2e%2fkey",
        "/results/{set}/batch.json",
        "/results/{set}/order.json",
        "/results/%2e%2e/key",
        "/sets/..%2f..",
        "/sets/%00",
        "/results/{set}/C:%5cWindows",
    ],
)
def test_no_path_of_a_client_becomes_a_path(shelf, client, path):
    name = shelf.add()
    shelf.wait(name)
    answer = client.get(path.replace("{set}", name))
    assert answer.status_code == 404
    assert shelf.place.key not in answer.text


def test_websockets_are_refused(client):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/events"):
        pass


def test_a_form_that_is_too_large_is_refused(client):
    assert client.post("/settings", content="a=" + "b" * MAX_FORM_BYTES).status_code == 400


def test_junk_gets_an_answer_and_changes_nothing(shelf, client):
    shelf.add()
    for one in (one for one in COMPUTER_ROUTES + ROUTES if isinstance(one, Route)):
        for method in one.methods - {"HEAD"}:
            path = re.sub(r"{(\w+)(:int)?}", lambda found: "7" if found[2] else "junk", one.path)
            if path in ("/events", "/settings/delete-all"):
                continue
            for body in (b"\xff\x00{", b"[1]", b'{"name": 5}', b"%zz=%00&exercise=%00"):
                assert client.request(method, path, content=body).status_code < 500, (method, path, body)
    assert len(shelf.library.sets()) == 1
