"""Phones as cameras: who may connect, for how long, and the two servers that only they reach.

Access is off until somebody at this computer switches it on, for one of its local addresses. Each phone gets a token of
its own, which pairs one browser and is then used up. A phone that is paired for clips may send them and see their
reports; one that is paired for live training may send the frames of its camera, over an encrypted connection. Neither
reaches anything else, and neither reaches what the other may.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO

import psutil
import segno
from starlette.types import ASGIApp

from hipform.errors import ConfigError, InputError
from hipform.web.certificates import certified_context
from hipform.web.guard import session_value
from hipform.web.serving import listen, serving

OFF_AFTER_S = 30 * 60.0
"""Access ends by itself when no phone has asked for anything for this long."""
_TOKEN_LIMIT_S = 10 * 60.0
"""How long a code may be read by a phone."""
_MAX_DEVICES = 30
_TOKEN_BYTES = 18
_QR_SCALE = 6


class Use(StrEnum):
    """What a phone may do."""

    CLIPS = "clips"
    LIVE = "live"


@dataclass(slots=True, eq=False)
class Device:
    """A phone that may connect.

    Attributes
    ----------
    id
        Its name in addresses.
    name
        What the user calls it.
    use
        What it may do.
    token
        Pairs one browser; empty once it is used.
    made_s, seen_s
        When the token was made, and when the phone last asked for something; seconds of `time.monotonic`.
    session
        Value of its cookie; empty until it is paired.
    """

    id: str
    name: str
    use: Use
    token: str
    made_s: float
    seen_s: float
    session: str = ""

    @property
    def is_paired(self) -> bool:
        """Whether a phone has used the token."""
        return bool(self.session)


@dataclass(slots=True, eq=False)
class Phones:
    """Access for phones.

    Attributes
    ----------
    addresses
        Where phones connect, with the port, by what they may do; empty while access is off.
    fingerprint
        SHA-256 fingerprint of the certificate for live training.
    devices
        Phones by id.
    """

    addresses: Mapping[Use, str] = field(default_factory=dict)
    fingerprint: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _switching: threading.RLock = field(default_factory=threading.RLock)
    _serving: ExitStack = field(default_factory=ExitStack)
    _used_s: float = 0.0

    def switch_on(self, address: str, apps: Mapping[Use, ASGIApp]) -> None:
        """Serve *apps* at a local address of this computer, that for live training encrypted.

        Raises
        ------
        ConfigError
            If the address is not one of `local_addresses`, or cannot be used.
        """
        if address not in local_addresses():
            raise ConfigError("This computer does not have that address.", "Choose another one.")
        with self._switching:
            self.switch_off()
            context, self.fingerprint = certified_context(address)
            addresses = {}
            with ExitStack() as stack:
                for use, app in apps.items():
                    listening = stack.enter_context(listen(address, 0))
                    stack.enter_context(serving(app, listening, context if use is Use.LIVE else None))
                    addresses[use] = f"{address}:{listening.getsockname()[1]}"
                self._serving.push(stack.pop_all())
            # In this order: access that was never used would at once be idle.
            self._used_s = time.monotonic()
            self.addresses = addresses

    def switch_off(self) -> None:
        """Close the connections to phones and forget the phones."""
        with self._switching:
            with self._lock:
                self.addresses = {}
                self.devices.clear()
            # Without the lock, which a request that is being answered may wait for.
            self._serving.close()

    def end_if_idle(self) -> None:
        """Switch access off if it was not used for `OFF_AFTER_S`, and forget codes that nobody read."""
        now_s = time.monotonic()
        with self._lock:
            for device in list(self.devices.values()):
                if not device.is_paired and now_s - device.made_s > _TOKEN_LIMIT_S:
                    del self.devices[device.id]
            is_idle = bool(self.addresses) and now_s - self._used_s > OFF_AFTER_S
        if is_idle:
            self.switch_off()

    def add(self, name: str, use: Use = Use.CLIPS) -> Device:
        """Return a new device with a token.

        Raises
        ------
        InputError
            If access is off, or there are too many.
        """
        with self._lock:
            if not self.addresses:
                raise InputError("Access for phones is off.", "Switch it on first.")
            if len(self.devices) >= _MAX_DEVICES:
                raise InputError("Too many phones are connected.", "Disconnect one first.")
            now_s = self._used_s = time.monotonic()
            token, key = secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_hex(8)
            self.devices[key] = Device(key, name, use, token, now_s, now_s)
            return self.devices[key]

    def find(self, name: str) -> Device:
        """Return the device *name*.

        Raises
        ------
        InputError
            If there is none.
        """
        device = self.devices.get(name)
        if device is None:
            raise InputError("There is no such phone.", "It may have been disconnected.")
        return device

    def revoke(self, name: str) -> None:
        """Disconnect a phone; it cannot connect again with its old code."""
        with self._lock:
            self.devices.pop(self.find(name).id)

    def pair(self, token: str, use: Use) -> str | None:
        """Return the cookie for the phone that shows *token*, which is then used up; ``None`` if it is wrong."""
        with self._lock:
            for device in self._devices_for(use):
                if device.token and secrets.compare_digest(device.token.encode(), token.encode()):
                    device.session, device.token = session_value(device.token), ""
                    return device.session
        return None

    def owner_of(self, session: str, use: Use) -> str | None:
        """Return the id of the phone with that cookie; ``None`` if there is none for that use."""
        with self._lock:
            for device in self._devices_for(use):
                if device.session and secrets.compare_digest(device.session.encode(), session.encode()):
                    device.seen_s = self._used_s = time.monotonic()
                    return device.id
        return None

    def _devices_for(self, use: Use) -> list[Device]:
        return [device for device in self.devices.values() if device.use is use]

    def code_of(self, device: Device) -> bytes:
        """Return an image (SVG) of the address that pairs *device*; errors as in `link_of`."""
        picture = BytesIO()
        segno.make(self.link_of(device), error="m").save(picture, kind="svg", scale=_QR_SCALE, light="#fff")
        return picture.getvalue()

    def link_of(self, device: Device) -> str:
        """Return the address that pairs *device*; browsers never send the part with the token.

        Raises
        ------
        InputError
            If access was switched off meanwhile.
        """
        address = self.addresses.get(device.use)
        if address is None:
            raise InputError("Access for phones was switched off.", "Switch it on again.")
        scheme = "https" if device.use is Use.LIVE else "http"
        return f"{scheme}://{address}/#{device.token}"


def local_addresses() -> list[str]:
    """Return the private IPv4 addresses of this computer, at which phones in its network may reach it."""
    found = []
    for cards in psutil.net_if_addrs().values():
        for card in cards:
            if card.family is socket.AF_INET:
                address = ipaddress.ip_address(card.address)
                if address.is_private and not address.is_loopback and not address.is_link_local:
                    found.append(card.address)
    return sorted(found)
