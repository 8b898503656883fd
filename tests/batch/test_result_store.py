"""Where results go: published whole, or not at all."""

import os
import stat
import tempfile
from datetime import timedelta

import pytest

from hipform.batch import Analysis, Batch, run_batch
from hipform.batch.clip_job import analyse_clip
from hipform.batch.local_store import LocalStore
from hipform.batch.remote_store import RemoteStore
from hipform.batch.result_store import locked_store, open_store
from hipform.errors import OutputError
from hipform.report.result import RUN_RECORD
from hipform.temporary_folders import make_temporary_folder
from tests.batch.fakes import Here, Silent, names_in
from tests.samples import ROOT

GOLDEN = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"


@pytest.fixture(params=["folder", "storage"])
def place(request, tmp_path):
    if request.param == "folder":
        (tmp_path / "out").mkdir()
        return LocalStore(tmp_path / "out")
    request.getfixturevalue("storage")
    return RemoteStore(f"s3://{tmp_path.name}")


def made(tmp_path, **files):
    folder = tmp_path / os.urandom(4).hex()
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_nothing_is_there_before_it_is_published(place, tmp_path):
    assert list(place.cards()) == []
    with locked_store(place):
        delivered = place.deliver(made(tmp_path, **{"result.json": "{}", "keyframes__a.jpg": "picture"}), "x")
        assert list(place.cards()) == []
        place.publish("x", delivered, b"card")
    assert list(place.cards()) == [("x", b"card")]
    assert place.is_occupied("x")
    assert not place.is_occupied("y")
    assert place.result("x") == b"{}"
    place.mark("x", b"another")
    assert place.card("x") == b"another"


def test_a_result_takes_the_place_of_an_earlier_one(place, tmp_path):
    with locked_store(place):
        for files in ({"result.json": "1", "keyframes__old.jpg": "old"}, {"result.json": "2"}):
            place.publish("x", place.deliver(made(tmp_path, **files), "x"), b"card")
        assert place.result("x") == b"2"
    assert dict(place.cards()) == {"x": b"card"}


def test_a_card_alone_leaves_a_finished_result_where_it_is(place, tmp_path):
    with locked_store(place):
        assert not place.has_result("x")
        place.publish_card("x", b"failed")
        assert dict(place.cards()) == {"x": b"failed"}
        assert not place.has_result("x")
        with pytest.raises(Exception, match="cannot be"):
            place.result("x")
        place.publish("x", place.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"card")
        place.publish_card("x", b"failed")
    assert dict(place.cards()) == {"x": b"failed"}
    assert place.has_result("x")
    assert place.result("x") == b"1"


def test_a_delivery_that_was_cut_short_is_no_result(tmp_path, storage):
    place = RemoteStore(f"s3://{tmp_path.name}")
    place.deliver(made(tmp_path, **{"result.json": "1"}), "x")
    assert not place.has_result("x")
    place.publish_card("x", b"failed")
    incoming = f"/{tmp_path.name}/.hipform-incoming"
    assert [path.rpartition("/")[2] for path in storage.find(f"/{tmp_path.name}/x")] == [RUN_RECORD]
    place.make_work()
    place.remove_leftovers()
    (left,) = storage.find(incoming)
    storage.store[left].modified -= timedelta(days=2)
    place.remove_leftovers()
    assert not storage.find(incoming)


def test_files_over_all_clips_are_replaced(place, request):
    with locked_store(place):
        for text in ("one", "two"):
            file = place.work / "index.html"
            file.write_text(text)
            place.put("index.html", file)
    if isinstance(place, LocalStore):
        assert (place.root / "index.html").read_text() == "two"
    else:
        assert request.getfixturevalue("storage").cat(f"/{place.address.partition('://')[2]}/index.html") == b"two"


def test_the_users_own_files_stay_in_a_storage_too(tmp_path, storage):
    place = RemoteStore(f"s3://{tmp_path.name}")
    at = f"/{tmp_path.name}/x"
    place.publish("x", place.deliver(made(tmp_path, **{"result.json": "1", "annotated.mp4": "1"}), "x"), b"card")
    storage.pipe_file(f"{at}/notes.txt", b"mine")
    delivered = place.deliver(made(tmp_path, **{"result.json": "2"}), "x")
    assert (place.result("x"), place.has_result("x")) == (b"1", True)
    place.publish("x", delivered, b"card")
    assert place.result("x") == b"2"
    assert {path.rpartition("/")[2] for path in storage.find(at)} == {"notes.txt", "result.json", RUN_RECORD}
    assert not storage.find(f"/{tmp_path.name}/.hipform-incoming")


def links(path, target):
    try:
        path.symlink_to(target, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets ordinary users make no links")


def test_a_work_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "thesis.txt").write_text("years")
    (tmp_path / "out").mkdir()
    links(tmp_path / "out" / ".hipform-batch", tmp_path / "scratch")
    with pytest.raises(OutputError, match="is a link"), locked_store(LocalStore(tmp_path / "out")):
        pass
    assert names_in(tmp_path / "scratch") == {"thesis.txt"}


def test_what_others_put_into_the_work_folder_stays(tmp_path):
    work = tmp_path / ".hipform-batch"
    (work / "mine").mkdir(parents=True)
    (work / "mine" / "thesis.txt").write_text("years")
    with locked_store(LocalStore(tmp_path)):
        pass
    assert (work / "mine" / "thesis.txt").exists()


def test_a_clips_folder_that_is_a_link_is_neither_read_nor_written(tmp_path):
    place = LocalStore(tmp_path / "out")
    fill = made(tmp_path, **{"result.json": "theirs", RUN_RECORD: "theirs"})
    place.root.mkdir()
    links(place.root / "x", fill)
    with locked_store(place):
        assert list(place.cards()) == []
        assert place.is_occupied("x")
        assert not place.has_result("x")
        for write in (
            lambda: place.publish("x", place.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"card"),
            lambda: place.publish_card("x", b"card"),
            lambda: place.mark("x", b"card"),
        ):
            with pytest.raises(OutputError, match="a link already has that name"):
                write()
    assert (fill / "result.json").read_text() == "theirs"
    assert (fill / RUN_RECORD).read_text() == "theirs"


def test_a_folder_that_cannot_be_moved_keeps_what_is_the_users(tmp_path):
    place = LocalStore(tmp_path / "out")
    place.root.mkdir()
    with locked_store(place):
        place.publish("x", place.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"card")
        (place.root / "x" / "archive").mkdir()
        (place.root / "x" / "notes.txt").write_text("mine")
        before = (place.root / "x" / "archive").stat().st_ino
        place.publish("x", place.deliver(made(tmp_path, **{"result.json": "2"}), "x"), b"card")
    # The same folder and not a copy: what is closed to writing, or in use, need not be moved.
    assert (place.root / "x" / "archive").stat().st_ino == before
    assert (place.root / "x" / "notes.txt").read_text() == "mine"
    assert place.result("x") == b"2"


def test_what_a_killed_batch_has_left_in_a_clips_folder_goes(tmp_path):
    place = LocalStore(tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / RUN_RECORD).write_bytes(b"card")
    make_temporary_folder(tmp_path / "x")
    assert dict(place.cards()) == {"x": b"card"}
    assert names_in(tmp_path / "x") == {RUN_RECORD}
    place.make_work()
    at_work = make_temporary_folder(place.work)
    assert dict(place.cards()) == {"x": b"card"}
    assert at_work.exists()


def test_a_place_is_held_once(place):
    with locked_store(place), pytest.raises(OutputError, match="Another batch is writing to"), locked_store(place):
        pass
    with locked_store(place):
        pass


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """Return a place behind an address, whose work lies where everybody may write."""
    (tmp_path / "shared").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
    return RemoteStore("s3://results")


@pytest.mark.skipif(os.name != "posix", reason="Windows has a temporary folder for each user")
def test_the_work_for_a_storage_is_for_its_user_alone(shared):
    shared.work.mkdir(mode=0o755)
    make_temporary_folder(shared.work)
    with locked_store(shared):
        assert stat.S_IMODE(shared.work.stat().st_mode) == 0o700
        assert names_in(shared.work) == {"lock"}
    assert shared.work.name.split("-")[2] == str(os.geteuid())


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
@pytest.mark.parametrize("planted", ["link", "file", "another's"])
def test_work_that_somebody_else_has_planted_is_refused(shared, tmp_path, monkeypatch, planted):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years")
    if planted == "link":
        shared.work.symlink_to(mine)
    elif planted == "file":
        shared.work.write_text("")
    else:
        monkeypatch.setattr(os, "geteuid", lambda: mine.stat().st_uid + 1)
        shared.work.mkdir()
        (shared.work / "theirs").touch()
    with pytest.raises(OutputError, match="is not a folder of yours"), locked_store(shared):
        pass
    assert names_in(mine) == {"thesis.txt"}
    assert planted != "another's" or names_in(shared.work) == {"theirs"}


def test_a_clip_is_fetched_from_a_storage_and_its_results_are_written_to_one(tmp_path, storage):
    storage.pipe_file("/studio/ana/set.npz", GOLDEN.read_bytes())
    storage.pipe_file("/studio/broken.mp4", b"no video")
    batch = Batch(
        inputs=["s3://studio", "s3://studio/ana/set.npz"],
        out="s3://results",
        analysis=Analysis(exercise="glute-bridge"),
        engine=lambda work: Here(work, analyse_clip),
    )
    outcomes = run_batch(batch, Silent())
    failed = {one.name: one.failure and one.failure.reason for one in outcomes.ended}
    assert set(failed) == {"set", "broken"}
    assert failed["set"] is None
    assert failed["broken"].startswith("broken.mp4 is not a video")
    names = {path.removeprefix("/results/") for path in storage.find("/results")}
    assert {"set/report.html", f"set/{RUN_RECORD}", f"broken/{RUN_RECORD}", "index.html", "summary.csv"} <= names
    assert names_in(RemoteStore("s3://results").work) == {"lock"}
    again = run_batch(batch, Silent())
    assert (again.done_before, again.failed_before, again.ended) == (1, 1, [])


def test_the_cards_of_many_folders_are_read(tmp_path):
    place = LocalStore(tmp_path)
    for at in range(5):
        (tmp_path / f"clip{at}").mkdir()
        (tmp_path / f"clip{at}" / RUN_RECORD).write_bytes(b"%d" % at)
    (tmp_path / "no card").mkdir()
    (tmp_path / "file").write_text("")
    assert [name for name, _ in place.cards()] == [f"clip{at}" for at in range(5)]


def test_what_lies_in_the_way_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out"), locked_store(open_store(str(tmp_path / "out"))):
        pass


def test_an_address_of_an_unknown_kind_is_told(tmp_path):
    with pytest.raises(Exception, match="is not the URL of a storage"):
        list(open_store("gopher://x").cards())
