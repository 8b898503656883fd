"""Files that are whole or not there, and what may stand where they are to be."""

import errno
import os
import sys
import tempfile
import time

import pytest

from hipform.errors import OutputError
from hipform.files import is_same_file, output_error, scratch_folder, temporary_name, write_whole

DAY_S = 24 * 3600


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no path there")
def test_a_pipe_is_not_replaced(tmp_path):
    pipe = tmp_path / "page.html"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="something else already has that name"):
        write_whole(pipe, b"page")
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", [".", "/"])
def test_a_name_of_nothing_is_a_folder_in_the_way(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="a folder already has that name"):
        write_whole(type(tmp_path)(name), b"page")


def test_one_file_has_many_names(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    assert is_same_file(tmp_path / "a", tmp_path / "." / "a")
    assert not is_same_file(tmp_path / "a", tmp_path / "b")
    assert not is_same_file(tmp_path / "a", tmp_path / "c")


def test_what_killed_runs_have_left_in_any_folder_goes_after_a_day(tmp_path):
    old, new, others = (tmp_path / name for name in (f"{temporary_name()}.csv", temporary_name(), ".hipform-notes.txt"))
    for path in (old, new, others):
        path.touch()
    for path in (old, others):
        os.utime(path, (time.time() - 2 * DAY_S,) * 2)
    write_whole(tmp_path / "calibration.json", b"{}")
    assert sorted(tmp_path.iterdir()) == sorted([new, others, tmp_path / "calibration.json"])


def test_a_full_folder_for_temporary_files_is_named_with_the_way_to_another_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with scratch_folder() as scratch:
        assert "set TMPDIR" in output_error(scratch / "found.npz", full).hint
        assert "TMPDIR" not in output_error(tmp_path / "mine" / "found.npz", full).hint
        assert "TMPDIR" not in output_error(scratch / "found.npz", OSError(errno.EISDIR, "")).hint
