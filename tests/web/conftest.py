"""An app with fake clips."""

import pytest

from tests.batch.sets import opened
from tests.web.app_shelf import AppShelf


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    with opened(AppShelf(tmp_path), tmp_path, monkeypatch) as shelf:
        yield shelf


@pytest.fixture
def client(shelf):
    return shelf.client()
