"""An app with fake clips."""

import pytest

from hipform.batch import clip_queue
from tests.batch.sets import Held
from tests.web.app_shelf import AppShelf


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path / "kept" / "history.sqlite3"))
    monkeypatch.setattr(clip_queue, "has_landmarks", lambda poses, _model: poses.is_file())
    Held.gate.set()
    Held.losses = 0
    shelf = AppShelf(tmp_path).open()
    yield shelf
    Held.gate.set()
    shelf.close()


@pytest.fixture
def client(shelf):
    return shelf.client()
