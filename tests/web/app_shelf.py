"""The app on a library of fake clips, and clients that are or are not its browser."""

import json

from starlette.testclient import TestClient

from hipform.web.server import make_app, workplace
from tests.batch.sets import Held, Shelf

PORT = 8740
ORIGIN = f"http://127.0.0.1:{PORT}"


class AppShelf(Shelf):
    """The app on a library."""

    def open(self):
        self.open_library()
        self.working = workplace(self.library, Held)
        self.place = self.working.__enter__()
        self.queue = self.place.queue
        self.app = make_app(self.place, PORT)
        return self

    def close(self):
        self.working.__exit__(None, None, None)
        self.lock.__exit__(None, None, None)

    def end_streams(self):
        self.place.is_ending = True

    def client(self, *, signed_in=True, **headers):
        headers = {"origin": ORIGIN, **headers}
        client = TestClient(self.app, base_url=ORIGIN, headers=headers, follow_redirects=False)
        if signed_in:
            assert client.post("/session", content=json.dumps({"key": self.place.key})).status_code == 204
        return client
