"""Phones as cameras: off, on, paired, revoked, idle."""

import asyncio
import json

import pytest
from cryptography.hazmat.primitives import hashes
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from hipform.errors import ConfigError, InputError
from hipform.web import phones as phones_module
from hipform.web.certificates import certified_context
from hipform.web.phone_routes import phone_apps
from hipform.web.phones import Use
from scripts.app_process import LIMIT_S
from tests.web.test_routes import send

ADDRESS = "192.168.7.5:9000"
CAMERA_ADDRESS = "192.168.7.5:9001"


@pytest.fixture
def phones(shelf):
    """Return access that is on, without a socket."""
    shelf.place.phones.addresses = {Use.CLIPS: ADDRESS, Use.LIVE: CAMERA_ADDRESS}
    shelf.place.phones._used_s = phones_module.time.monotonic()
    return shelf.place.phones


def phone(shelf, token=None, use=Use.CLIPS):
    origin = f"https://{CAMERA_ADDRESS}" if use is Use.LIVE else f"http://{ADDRESS}"
    app = phone_apps(shelf.place)[use]
    client = TestClient(app, base_url=origin, headers={"origin": origin}, follow_redirects=False)
    if token is not None:
        assert client.post("/session", content=json.dumps({"key": token})).status_code == 204
    return client


def test_access_is_off_until_it_is_switched_on(shelf, client):
    assert not shelf.place.phones.addresses
    with pytest.raises(InputError):
        shelf.place.phones.add("")
    assert "Switch on" in client.get("/phone").text or "no network" in client.get("/phone").text


def test_a_link_of_access_that_was_switched_off_just_now_is_one_clear_error(phones):
    device = phones.add("")
    phones.switch_off()
    for ask in (phones.link_of, phones.code_of):
        with pytest.raises(InputError, match="switched off"):
            ask(device)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "evil.example", "8.8.8.8"])
def test_only_an_address_of_this_computer_in_a_private_network_can_be_chosen(shelf, address):
    with pytest.raises(ConfigError):
        shelf.place.phones.switch_on(address, phone_apps(shelf.place))


def test_a_code_pairs_one_phone_once(shelf, phones):
    device = phones.add("Ana's")
    token = device.token
    first = phone(shelf, token)
    assert "Film a set" in first.get("/").text
    assert phone(shelf).post("/session", content=json.dumps({"key": token})).status_code == 403
    assert "data-unknown" in phone(shelf).get("/").text


@pytest.mark.parametrize("key", ['"\\ud800"', '{"\\udfff": 1}', "[" * 30_000, "1e999", "null"])
def test_a_key_that_is_no_text_is_refused(shelf, phones, client, key):
    phones.add("Ana's")
    for asking in (phone(shelf), phone(shelf, use=Use.LIVE), client):
        assert asking.post("/session", content=f'{{"key": {key}}}').status_code in (400, 403)


def test_a_phone_sends_a_clip_and_sees_its_own_report_only(shelf, phones, client):
    other = send(client, b"ok 1", "other.mp4")
    one, two = (phone(shelf, phones.add("").token) for _ in range(2))
    name = send(one, b"ok 2", "mine.mp4", piece=2)
    shelf.wait(name)
    shelf.wait(other)
    (shelf.library.store.root / name / "report.html").write_text("mine")
    assert "mine.mp4" in one.get("/own").text
    assert one.get(f"/results/{name}/report.html").text == "mine"
    assert "mine.mp4" not in two.get("/own").text
    for client_, set_ in ((two, name), (one, other)):
        assert client_.get(f"/results/{set_}/report.html").status_code == 404
    assert "mine.mp4" in client.get("/").text


def test_a_phone_reaches_nothing_of_the_app(shelf, phones):
    mobile = phone(shelf, phones.add("").token)
    for path in ("/settings", "/athletes", "/library", "/events", "/sets/a", "/phone", "/compare"):
        assert mobile.get(path).status_code == 404
    assert mobile.post("/settings/delete-all", data={"sure": "yes"}).status_code == 404


def test_the_cookie_of_a_phone_is_nothing_to_the_app_and_the_other_way_round(shelf, phones, client):
    device = phones.add("")
    mobile = phone(shelf, device.token)
    assert client.get("/library", headers={"cookie": f"hipform={device.session}"}).status_code == 401
    own = client.cookies.get("hipform")
    assert mobile.get("/own", headers={"cookie": f"hipform-phone={own}"}).status_code == 401


def test_a_revoked_phone_gets_nothing_more(shelf, phones, client):
    device = phones.add("")
    mobile = phone(shelf, device.token)
    assert mobile.get("/own").status_code == 200
    assert client.post(f"/phone/devices/{device.id}/revoke").status_code == 303
    assert mobile.get("/own").status_code == 401


def test_what_a_revoked_phone_was_sending_is_removed_at_once(shelf, phones, client):
    device, other = phones.add(""), phones.add("")
    begun = phone(shelf, device.token).post("/uploads", json={"name": "a.mp4", "size": 10, "mark": "m"}).json()
    kept = phone(shelf, other.token).post("/uploads", json={"name": "b.mp4", "size": 10, "mark": "m"}).json()
    own = client.post("/uploads", json={"name": "c.mp4", "size": 10, "mark": "m"}).json()
    upload = shelf.place.uploads.find(begun["id"], device.id)

    async def pieces():
        yield b"12345"
        phones.revoke(device.id)
        shelf.place.forget_lost_phones()
        yield b"67890"

    with pytest.raises(InputError, match="no longer taken"):
        asyncio.run(shelf.place.uploads.append(upload, 0, pieces()))
    left = {folder.name for folder in (shelf.library.root / "uploads").iterdir()}
    assert left == {kept["id"], own["id"]}


def test_a_phone_may_open_no_socket(shelf, phones):
    mobile = phone(shelf, phones.add("").token)
    headers = {"host": ADDRESS, "cookie": f"hipform-phone={mobile.cookies['hipform-phone']}"}
    with pytest.raises(WebSocketDisconnect), mobile.websocket_connect("/live/socket", headers=headers):
        pass


def test_one_phone_cannot_continue_the_clip_of_another(shelf, phones):
    one, two = (phone(shelf, phones.add("").token) for _ in range(2))
    asked = {"name": "a.mp4", "size": 10, "mark": "m"}
    begun = one.post("/uploads", json=asked).json()
    assert two.post("/uploads", json=asked).json()["id"] != begun["id"]
    assert two.put(f"/uploads/{begun['id']}/0", content=b"ok").status_code == 400


def test_access_ends_by_itself_and_codes_expire(shelf, phones, monkeypatch):
    device = phones.add("")
    now_s = phones_module.time.monotonic()
    monkeypatch.setattr(phones_module.time, "monotonic", lambda: now_s + 11 * 60)
    phones.end_if_idle()
    assert device.id not in phones.devices
    assert phones.addresses
    monkeypatch.setattr(phones_module.time, "monotonic", lambda: now_s + 31 * 60)
    phones.end_if_idle()
    assert not phones.addresses


@pytest.mark.skipif(not phones_module.local_addresses(), reason="this computer is in no private network")
def test_access_is_served_at_the_chosen_address_and_ends_at_once_also_while_a_phone_asks(shelf):
    phones = shelf.place.phones
    phones.switch_on(phones_module.local_addresses()[0], phone_apps(shelf.place))
    import httpx2

    def ask(use, **headers):
        scheme = "https" if use is Use.LIVE else "http"
        how = {"verify": False, "trust_env": False, "timeout": LIMIT_S}
        return httpx2.get(f"{scheme}://{addresses[use]}", headers=headers, **how)

    addresses = phones.addresses
    for use in Use:
        assert ask(use).status_code == 200
        assert ask(use, host="evil.example").status_code == 421
    # Neither address answers in the way of the other.
    with pytest.raises(httpx2.RequestError):
        httpx2.get(f"http://{addresses[Use.LIVE]}", trust_env=False, timeout=LIMIT_S)
    phones.switch_off()
    for use in Use:
        with pytest.raises(httpx2.ConnectError):
            ask(use)


def test_the_code_holds_the_address_with_the_token_behind_the_hash(shelf, phones, client):
    device = phones.add("")
    assert phones.link_of(device) == f"http://{ADDRESS}/#{device.token}"
    answer = client.get(f"/phone/devices/{device.id}/code.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert device.token not in answer.text
    assert client.get(f"/phone?show={device.id}").text.count(device.token) == 1


def test_a_code_for_the_live_camera_opens_that_page_and_nothing_of_the_other_kind(shelf, phones, client):
    assert client.post("/phone/devices", data={"name": "Ana's", "use": "live"}).status_code == 303
    (device,) = phones.devices.values()
    assert phones.link_of(device) == f"https://{CAMERA_ADDRESS}/#{device.token}"
    page = client.get(f"/phone?show={device.id}").text
    assert "certificate" in page
    assert 'data-next="/live"' in page
    key = json.dumps({"key": device.token})
    assert phone(shelf).post("/session", content=key).status_code == 403
    paired = phone(shelf, use=Use.LIVE).post("/session", content=key)
    cookie = paired.headers["set-cookie"]
    assert cookie.startswith("__Host-hipform-camera=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"))
    assert phone(shelf).get("/own", headers={"cookie": f"hipform-phone={device.session}"}).status_code == 401


def test_a_phone_for_clips_is_nothing_to_the_live_camera_and_reaches_no_camera(shelf, phones):
    device = phones.add("")
    mobile = phone(shelf, device.token)
    assert mobile.post("/camera", json={}).status_code == 404
    camera = phone(shelf, use=Use.LIVE)
    own = {"cookie": f"__Host-hipform-camera={device.session}"}
    assert camera.post("/camera", json={}, headers=own).status_code == 401


def test_only_the_page_of_the_live_camera_may_use_the_camera(shelf, phones):
    camera = phone(shelf, phones.add("", Use.LIVE).token, Use.LIVE)
    assert camera.get("/").headers["permissions-policy"].startswith("camera=(self)")
    assert "Camera of the live training" in camera.get("/").text
    assert phone(shelf, phones.add("").token).get("/").headers["permissions-policy"].startswith("camera=()")


def test_a_page_that_is_not_encrypted_is_no_page_of_the_live_camera(shelf, phones):
    camera = phone(shelf, phones.add("", Use.LIVE).token, Use.LIVE)
    assert camera.post("/camera", json={}, headers={"origin": f"http://{CAMERA_ADDRESS}"}).status_code == 403


def test_a_certificate_is_for_its_address_alone_and_certifies_nothing_else():
    import socket
    import ssl
    import threading

    from cryptography import x509

    context, fingerprint = certified_context("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with context.wrap_socket(connection, server_side=True):
                pass

        threading.Thread(target=answer, daemon=True).start()
        pem = ssl.get_server_certificate(listening.getsockname(), timeout=LIMIT_S)
    certificate = x509.load_pem_x509_certificate(pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 3
    assert certificate.fingerprint(hashes.SHA256()).hex(":").upper() == fingerprint
    assert certified_context("127.0.0.1")[1] != fingerprint


def test_private_addresses_are_found_and_others_are_not(monkeypatch):
    import socket
    from types import SimpleNamespace

    cards = {
        "a": [SimpleNamespace(family=socket.AF_INET, address=one) for one in ("127.0.0.1", "192.168.1.7", "8.8.8.8")],
        "b": [SimpleNamespace(family=socket.AF_INET6, address="fe80::1")],
        "c": [SimpleNamespace(family=socket.AF_INET, address="169.254.3.3")],
    }
    monkeypatch.setattr(phones_module.psutil, "net_if_addrs", lambda: cards)
    assert phones_module.local_addresses() == ["192.168.1.7"]
