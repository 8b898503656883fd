"""What the routes of the app work with."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from hipform.batch.clip_queue import ClipQueue
from hipform.batch.library import Library
from hipform.errors import OutputError
from hipform.files import output_error, write_whole
from hipform.validation import read_bounded
from hipform.web.live_sessions import LiveSessions
from hipform.web.phone_cameras import PhoneCameras
from hipform.web.phones import Phones
from hipform.web.preferences import PreferencesFile
from hipform.web.uploads import Uploads
from hipform.worker_pool import usable_cores

_KEY_BYTES = 24
_MAX_KEY_BYTES = 200


@dataclass(slots=True, eq=False, kw_only=True)
class Workplace:
    """The parts of a running app.

    Attributes
    ----------
    library, queue, uploads, preferences
        See their classes.
    key
        What a browser must have been given once, so that other users of this computer cannot use the app.
    n_streams
        Number of pages that listen for news.
    is_ending
        Whether the app is about to end.
    senders
        Which phone sent a set, by its id.
    codes
        Codes that each sign one browser in.
    phones
        Access for phones.
    live
        Live trainings in the browser.
    phone_cameras
        Phones that film live trainings.
    """

    library: Library
    queue: ClipQueue
    uploads: Uploads
    preferences: PreferencesFile
    key: str
    live: LiveSessions
    n_streams: int = 0
    is_ending: bool = False
    senders: dict[str, str] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    phones: Phones = field(default_factory=Phones)
    phone_cameras: PhoneCameras = field(default_factory=PhoneCameras)

    def new_code(self) -> str:
        """Return a code that signs one browser in, for a command line that other users of this computer may see."""
        code = secrets.token_urlsafe(_KEY_BYTES)
        self.codes.add(code)
        return code

    def admits(self, key: str) -> bool:
        """Return whether a browser that shows *key* may use the app; a code is used up by this."""
        if key in self.codes:
            self.codes.discard(key)
            return True
        return hmac.compare_digest(key.encode(), self.key.encode())

    @property
    def n_cores(self) -> int:
        """Number of cores that the analysis may use."""
        return usable_cores()

    def forget_lost_phones(self) -> None:
        """End access for phones if it is not used, and drop what lost phones were sending."""
        self.phones.end_if_idle()
        self.uploads.drop_all_but({"", *self.phones.devices})
        self.phone_cameras.drop_all_but(self.phones.devices)

    def note_sender(self, name: str, owner: str) -> None:
        """Note that *owner* sent the set *name*."""
        if owner:
            self.senders[name] = owner

    def used_bytes(self) -> int:
        """Return how much disk space the library takes."""
        total = 0
        for folder, _, files in os.walk(self.library.root):
            for name in files:
                try:
                    total += (Path(folder) / name).lstat().st_size
                except OSError:
                    continue
        return total


def key_of(root: Path) -> str:
    """Return the key of the library in *root*; the first call makes it, readable for this user only.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    path = root / "key"
    try:
        return read_bounded(path, _MAX_KEY_BYTES).decode("ascii")
    except FileNotFoundError:
        write_whole(path, secrets.token_urlsafe(_KEY_BYTES).encode())
    except (OSError, ValueError) as error:
        raise OutputError("{file} cannot be read.", "Delete it; the next start makes a new one.", file=path) from error
    try:
        path.chmod(0o600)
        return read_bounded(path, _MAX_KEY_BYTES).decode("ascii")
    except OSError as error:
        raise output_error(path, error) from error
