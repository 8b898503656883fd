"""Folders held open: names in them are theirs, whatever is done to the path, and links are not followed."""

import errno
import os

import pytest

from hipform import folder_handle
from hipform.folder_handle import FolderHandle, open_inside, open_named

HAS_HANDLES = folder_handle._HAS_HANDLES


@pytest.fixture(params=["handles", "names"])
def place(request, tmp_path, monkeypatch):
    """Return a folder with a file, a folder and links beside a secret, for systems with handles and those without."""
    if request.param == "handles" and not HAS_HANDLES:
        pytest.skip("this system cannot hold folders open")
    monkeypatch.setattr(folder_handle, "_HAS_HANDLES", request.param == "handles")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "photo.jpg").write_bytes(b"private")
    inner = tmp_path / "inner"
    (inner / "folder").mkdir(parents=True)
    (inner / "file").write_bytes(b"file")
    try:
        (inner / "link").symlink_to(tmp_path / "secret" / "photo.jpg")
        (inner / "linked").symlink_to(tmp_path / "secret", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets ordinary users make no links")
    return inner


def test_what_lies_in_it_is_read_and_links_are_not(place):
    with FolderHandle(place) as folder:
        assert folder.names() == ["file", "folder", "link", "linked"]
        with folder.open_file("file") as file:
            assert file.read() == b"file"
        assert (folder.is_file("file"), folder.is_file("link"), folder.is_file("nothing")) == (True, False, False)
        assert (folder.is_folder("folder"), folder.is_folder("linked")) == (True, False)
        for name in ("link", "linked"):
            with pytest.raises(OSError, match="not followed") as caught:
                folder.open_file(name)
            assert caught.value.errno == errno.ELOOP
        with pytest.raises(OSError, match="not followed"):
            folder.folder("linked")
    with pytest.raises(OSError, match="not followed"):
        open_inside(place / "link")
    with open_named(place / "link") as file:
        assert file.read() == b"private"


def test_a_folder_that_the_user_has_named_may_be_a_link(place, tmp_path):
    with FolderHandle(place / "linked") as folder, folder.open_file("photo.jpg") as file:
        assert file.read() == b"private"


def test_removing_a_link_leaves_what_it_leads_to(place, tmp_path):
    (place / "folder" / "deep").symlink_to(tmp_path / "secret", target_is_directory=True)
    with FolderHandle(place) as folder:
        for name in ("link", "linked", "folder", "nothing"):
            folder.remove_tree(name)
        assert folder.names() == ["file"]
    assert (tmp_path / "secret" / "photo.jpg").read_bytes() == b"private"


def test_nothing_that_is_there_is_created(place):
    with FolderHandle(place) as folder:
        for name in ("file", "link"):
            with pytest.raises(FileExistsError):
                folder.create(name)
        os.close(folder.create("new"))
    assert (place / "new").read_bytes() == b""


def test_a_link_is_replaced_and_not_what_it_leads_to(place, tmp_path):
    with FolderHandle(place) as folder:
        folder.rename("file", folder, "link")
    assert (place / "link").read_bytes() == b"file"
    assert (tmp_path / "secret" / "photo.jpg").read_bytes() == b"private"


@pytest.mark.skipif(not HAS_HANDLES, reason="this system cannot hold folders open")
def test_a_link_that_takes_the_folders_name_meanwhile_is_not_followed(tmp_path):
    (tmp_path / "secret").mkdir()
    place = tmp_path / "place"
    place.mkdir()
    with FolderHandle(place) as folder:
        place.rename(tmp_path / "moved")
        place.symlink_to(tmp_path / "secret", target_is_directory=True)
        os.close(folder.create("new"))
    assert list((tmp_path / "secret").iterdir()) == []
    assert (tmp_path / "moved" / "new").exists()


@pytest.mark.skipif(not HAS_HANDLES, reason="this system cannot hold folders open")
def test_a_folder_that_was_let_go_is_not_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    folder = FolderHandle(tmp_path)
    folder.close()
    with pytest.raises(OSError, match="descriptor"):
        folder.remove_file("file")
    assert (tmp_path / "file").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for opening in (open_named, open_inside):
        with pytest.raises(OSError, match="not an ordinary file"):
            opening(tmp_path / "pipe")
