"""New results take the places of earlier ones all or none, and nothing of the user's is touched."""

import errno
import json
import os
import sys
from contextvars import Context

import pytest

from hipform.errors import FolderInUseError, InputError, OutputError
from hipform.files import is_temporary_name
from hipform.folder_handle import FolderHandle
from hipform.report import replacement_list
from hipform.report.replacing import claimed, complete_replacement, replace_results, replaced_results
from hipform.report.result_folder import ResultFolder
from hipform.temporary_folders import make_temporary_folder


def fill(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path):
    """Return a folder of an earlier analysis, with the user's own files in it."""
    place = tmp_path / "out"
    fill(
        place,
        result_dot_json="1",
        reps_dot_csv="1",
        keyframes__rep_01_top_dot_jpg="1",
        keyframes__rep_02_top_dot_jpg="1",
    )
    fill(place, notes_dot_txt="mine", keyframes__mine_dot_jpg="mine", archive__x="mine", annotated_dot_mp4="1")
    return place


OWN = {"notes.txt": "mine", "keyframes/mine.jpg": "mine", "archive/x": "mine"}
NEW = {"result.json": "2", "reps.csv": "2", "keyframes/rep_01_top.jpg": "2"}


def write_new(place):
    fill(place, result_dot_json="2", reps_dot_csv="2", keyframes__rep_01_top_dot_jpg="2")


def test_new_results_take_the_places_of_the_earlier_ones(folder):
    with claimed(folder), replaced_results(folder) as new:
        write_new(new)
        assert content(folder)["result.json"] == "1"
    assert content(folder) == {**OWN, **NEW, "annotated.mp4": "1"}


def test_all_earlier_outputs_go_where_that_is_asked_for(folder, tmp_path):
    write_new(tmp_path / "new")
    with claimed(folder):
        replace_results(folder, tmp_path / "new")
    assert content(folder) == {**OWN, **NEW}
    assert not (tmp_path / "new").exists()


def test_pictures_stay_where_there_are_no_new_ones(folder):
    with claimed(folder), replaced_results(folder) as new:
        fill(new, result_dot_json="2")
    assert content(folder)["keyframes/rep_02_top.jpg"] == "1"


def test_a_failure_changes_nothing(folder):
    before = content(folder)
    with pytest.raises(ZeroDivisionError), claimed(folder), replaced_results(folder) as new:  # noqa: PT012
        write_new(new)
        raise ZeroDivisionError
    assert content(folder) == before


def test_a_folder_made_for_nothing_goes_again_with_those_above_it(tmp_path):
    with pytest.raises(ZeroDivisionError), claimed(tmp_path / "a" / "b"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with claimed(tmp_path / "a" / "b"):
        pass
    assert (tmp_path / "a" / "b").is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_is_claimed_once(tmp_path):
    def claim():
        with claimed(tmp_path):
            pass

    with claimed(tmp_path):
        claim()
        with pytest.raises(FolderInUseError, match="Another hipform is writing to"):
            Context().run(claim)
    Context().run(claim)


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("step", range(3))
def test_what_was_stopped_between_two_renames_is_finished_by_whoever_comes_next(folder, monkeypatch, step):
    """As by a kill: not even the interruption's own second try is there."""
    moves = []

    def stop(*arguments):
        moves.append(arguments)
        if len(moves) > step:
            raise Stopped
        return move(*arguments)

    move = replacement_list._move
    monkeypatch.setattr(replacement_list, "_move", stop)
    with pytest.raises(Stopped), claimed(folder), replaced_results(folder) as new:
        write_new(new)
    monkeypatch.undo()
    assert {name: text for name, text in content(folder).items() if name in OWN} == OWN
    assert any(is_temporary_name(name.partition("/")[0]) for name in content(folder))
    complete_replacement(folder)
    assert content(folder) == {**OWN, **NEW, "annotated.mp4": "1"}


def test_an_interruption_between_two_renames_finishes_them_first(folder, monkeypatch):
    interrupted = []

    def interrupt(*arguments):
        if not interrupted:
            interrupted.append(True)
            raise Stopped
        return move(*arguments)

    move = replacement_list._move
    monkeypatch.setattr(replacement_list, "_move", interrupt)
    with pytest.raises(Stopped), claimed(folder), replaced_results(folder) as new:
        write_new(new)
    assert content(folder) == {**OWN, **NEW, "annotated.mp4": "1"}


def test_a_disk_that_fails_between_two_renames_keeps_the_new_results_for_the_next_run(folder, monkeypatch):
    def fail(self, name, *_):
        if name == "reps.csv":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, name, *_)

    rename = FolderHandle.rename
    monkeypatch.setattr(FolderHandle, "rename", fail)
    with pytest.raises(OutputError, match="Cannot write"), claimed(folder), replaced_results(folder) as new:
        write_new(new)
    with pytest.raises(InputError, match="only partly replaced"):
        ResultFolder.open(folder)
    monkeypatch.undo()
    complete_replacement(folder)
    assert content(folder) == {**OWN, **NEW, "annotated.mp4": "1"}


def test_what_a_killed_run_has_half_made_goes_with_the_next_claim(folder):
    before = content(folder)
    staging = make_temporary_folder(folder)
    write_new(staging / "new")
    with claimed(folder):
        assert content(folder).keys() - {".hipform-lock"} == before.keys()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="rights do not bind this user")
def test_pictures_in_a_folder_closed_to_writing_stop_it_before_anything_is_changed(folder):
    before = content(folder)
    (folder / "keyframes").chmod(0o555)
    try:
        with pytest.raises(OutputError, match="permission denied"), claimed(folder), replaced_results(folder) as new:
            write_new(new)
    finally:
        (folder / "keyframes").chmod(0o755)
    assert content(folder) == before


@pytest.mark.parametrize("way", ["a folder of an output's name", "a link for the pictures"])
def test_what_is_in_the_way_stops_it_before_anything_is_changed(folder, tmp_path, way):
    if way == "a link for the pictures":
        try:
            (folder / "keyframes").rename(tmp_path / "elsewhere")
            (folder / "keyframes").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        except OSError:
            pytest.skip("this system lets ordinary users make no links")
    else:
        (folder / "reps.csv").unlink()
        (folder / "reps.csv").mkdir()
    before = content(folder)
    with pytest.raises(OutputError, match=r"already has that name"), claimed(folder), replaced_results(folder) as new:
        write_new(new)
    assert content(folder) == before


@pytest.mark.parametrize(
    "listed",
    [
        {"files": ["../escaped"], "obsolete": []},
        {"files": [], "obsolete": ["notes.txt"]},
        {"files": [], "obsolete": ["keyframes/mine.jpg"]},
        {"files": "result.json", "obsolete": []},
        {"files": [1], "obsolete": []},
        [],
    ],
)
def test_a_list_from_somebody_else_moves_and_removes_nothing_but_outputs(folder, listed):
    staging = make_temporary_folder(folder)
    fill(staging, new__escaped="x", replacement_dot_json=json.dumps(listed))
    before = content(folder)
    with pytest.raises(OutputError, match="are damaged"):
        complete_replacement(folder)
    assert content(folder) == before


def test_nothing_to_finish_is_no_matter(tmp_path):
    complete_replacement(tmp_path)
    complete_replacement(tmp_path / "gone")
