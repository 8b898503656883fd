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
def store(request, tmp_path):
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


def test_nothing_is_there_before_it_is_published(store, tmp_path):
    assert list(store.records()) == []
    with locked_store(store):
        delivered = store.deliver(made(tmp_path, **{"result.json": "{}", "keyframes__a.jpg": "picture"}), "x")
        assert list(store.records()) == []
        store.publish("x", delivered, b"record")
    assert list(store.records()) == [("x", b"record")]
    assert store.is_occupied("x")
    assert not store.is_occupied("y")
    assert store.result("x") == b"{}"
    store.mark("x", b"another")
    assert store.record("x") == b"another"


def test_a_result_takes_the_place_of_an_earlier_one(store, tmp_path):
    with locked_store(store):
        for files in ({"result.json": "1", "keyframes__old.jpg": "old"}, {"result.json": "2"}):
            store.publish("x", store.deliver(made(tmp_path, **files), "x"), b"record")
        assert store.result("x") == b"2"
    assert dict(store.records()) == {"x": b"record"}


def test_a_run_record_alone_leaves_a_finished_result_where_it_is(store, tmp_path):
    with locked_store(store):
        assert not store.has_result("x")
        store.publish_record("x", b"failed")
        assert dict(store.records()) == {"x": b"failed"}
        assert not store.has_result("x")
        with pytest.raises(Exception, match="cannot be"):
            store.result("x")
        store.publish("x", store.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"record")
        store.publish_record("x", b"failed")
    assert dict(store.records()) == {"x": b"failed"}
    assert store.has_result("x")
    assert store.result("x") == b"1"


def test_a_delivery_that_was_cut_short_is_no_result(tmp_path, storage):
    store = RemoteStore(f"s3://{tmp_path.name}")
    store.deliver(made(tmp_path, **{"result.json": "1"}), "x")
    assert not store.has_result("x")
    store.publish_record("x", b"failed")
    incoming = f"/{tmp_path.name}/.hipform-incoming"
    assert [path.rpartition("/")[2] for path in storage.find(f"/{tmp_path.name}/x")] == [RUN_RECORD]
    store.make_work()
    store.remove_leftovers()
    (left,) = storage.find(incoming)
    storage.store[left].modified -= timedelta(days=2)
    store.remove_leftovers()
    assert not storage.find(incoming)


def test_files_over_all_clips_are_replaced(store, request):
    with locked_store(store):
        for text in ("one", "two"):
            file = store.work / "index.html"
            file.write_text(text)
            store.put("index.html", file)
    if isinstance(store, LocalStore):
        assert (store.root / "index.html").read_text() == "two"
    else:
        assert request.getfixturevalue("storage").cat(f"/{store.address.partition('://')[2]}/index.html") == b"two"


def test_the_users_own_files_stay_in_a_storage_too(tmp_path, storage):
    store = RemoteStore(f"s3://{tmp_path.name}")
    at = f"/{tmp_path.name}/x"
    store.publish("x", store.deliver(made(tmp_path, **{"result.json": "1", "annotated.mp4": "1"}), "x"), b"record")
    storage.pipe_file(f"{at}/notes.txt", b"mine")
    delivered = store.deliver(made(tmp_path, **{"result.json": "2"}), "x")
    assert (store.result("x"), store.has_result("x")) == (b"1", True)
    store.publish("x", delivered, b"record")
    assert store.result("x") == b"2"
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
    store = LocalStore(tmp_path / "out")
    fill = made(tmp_path, **{"result.json": "theirs", RUN_RECORD: "theirs"})
    store.root.mkdir()
    links(store.root / "x", fill)
    with locked_store(store):
        assert list(store.records()) == []
        assert store.is_occupied("x")
        assert not store.has_result("x")
        for write in (
            lambda: store.publish("x", store.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"record"),
            lambda: store.publish_record("x", b"record"),
            lambda: store.mark("x", b"record"),
        ):
            with pytest.raises(OutputError, match="a link already has that name"):
                write()
    assert (fill / "result.json").read_text() == "theirs"
    assert (fill / RUN_RECORD).read_text() == "theirs"


def test_a_folder_that_cannot_be_moved_keeps_what_is_the_users(tmp_path):
    store = LocalStore(tmp_path / "out")
    store.root.mkdir()
    with locked_store(store):
        store.publish("x", store.deliver(made(tmp_path, **{"result.json": "1"}), "x"), b"record")
        (store.root / "x" / "archive").mkdir()
        (store.root / "x" / "notes.txt").write_text("mine")
        before = (store.root / "x" / "archive").stat().st_ino
        store.publish("x", store.deliver(made(tmp_path, **{"result.json": "2"}), "x"), b"record")
    # The same folder and not a copy: what is closed to writing, or in use, need not be moved.
    assert (store.root / "x" / "archive").stat().st_ino == before
    assert (store.root / "x" / "notes.txt").read_text() == "mine"
    assert store.result("x") == b"2"


def test_what_a_killed_batch_has_left_in_a_clips_folder_goes(tmp_path):
    store = LocalStore(tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / RUN_RECORD).write_bytes(b"record")
    make_temporary_folder(tmp_path / "x")
    assert dict(store.records()) == {"x": b"record"}
    assert names_in(tmp_path / "x") == {RUN_RECORD}
    store.make_work()
    at_work = make_temporary_folder(store.work)
    assert dict(store.records()) == {"x": b"record"}
    assert at_work.exists()


def test_a_store_is_locked_once(store):
    with locked_store(store), pytest.raises(OutputError, match="Another batch is writing to"), locked_store(store):
        pass
    with locked_store(store):
        pass


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """Return a store behind an address, whose work lies where everybody may write."""
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


def test_the_run_records_of_many_folders_are_read(tmp_path):
    store = LocalStore(tmp_path)
    for at in range(5):
        (tmp_path / f"clip{at}").mkdir()
        (tmp_path / f"clip{at}" / RUN_RECORD).write_bytes(b"%d" % at)
    (tmp_path / "no record").mkdir()
    (tmp_path / "file").write_text("")
    assert [name for name, _ in store.records()] == [f"clip{at}" for at in range(5)]


def test_what_lies_in_the_way_is_reported(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out"), locked_store(open_store(str(tmp_path / "out"))):
        pass


def test_an_address_of_an_unknown_kind_is_reported(tmp_path):
    with pytest.raises(Exception, match="is not the URL of a storage"):
        list(open_store("gopher://x").records())
