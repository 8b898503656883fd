"""A batch from its inputs to its index, with clips that are analysed in no time."""

import csv
import html
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from hipform.batch import Analysis, Batch, inputs, remote_files, run_batch, watch
from hipform.batch.executor import _STEADY_LOOKS
from hipform.batch.local_store import LocalStore
from hipform.batch.result_store import locked_store
from hipform.batch.run_records import Failure, WorkerLost
from hipform.config import Settings
from hipform.errors import InputError, OutputError
from hipform.report.result import FILES, RUN_RECORD
from hipform.store import History, history_path
from hipform.temporary_folders import make_temporary_folder
from hipform.training import training_facts
from tests.batch.fakes import Failing, Here, Silent, names_in, scripted


class Setting:
    """A folder of clips, one for results, and the command that is given again and again."""

    def __init__(self, folder):
        self.clips, self.out = folder / "clips", folder / "out"
        self.address = str(self.out)
        self.clips.mkdir()

    def clip(self, name, text="ok"):
        path = self.clips / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, inputs=None, function=scripted, engine=None, **changes):
        """Run the batch; return what became of it and the folders that were worked on."""
        engines = []

        def noted(work):
            engines.append(engine(work) if engine else Here(work, function))
            return engines[-1]

        fields = {"analysis": Analysis(), **changes}
        batch = Batch(inputs=[str(one) for one in inputs or [self.clips]], out=self.address, engine=noted, **fields)
        self.listener = Silent()
        outcomes = run_batch(batch, self.listener)
        return outcomes, engines[0].names

    def files(self):
        """Return every file of the results with its content, the lock left out."""
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes()
            for path in self.out.rglob("*")
            if path.is_file() and path.name != "lock" and path.suffix != ".parquet"
        }


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path)


def test_every_clip_gets_a_folder_and_a_row(setting):
    setting.clip("a.mp4")
    setting.clip("deep/b.mov", "ok arched")
    outcomes, names = setting.run()
    assert sorted(names) == ["a", "deep_b"]
    assert (outcomes.failed, outcomes.done_before, len(outcomes.ended)) == (0, 0, 2)
    assert {"a/result.json", f"a/{RUN_RECORD}", "deep_b/result.json", "index.html", "summary.csv"} <= set(
        setting.files()
    )
    with (setting.out / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["clip"], row["folder"], row["rep"]) for row in rows] == [
        ("a.mp4", "a", "1"),
        ("a.mp4", "a", "2"),
        ("deep/b.mov", "deep_b", "1"),
        ("deep/b.mov", "deep_b", "2"),
    ]
    assert [row["lumbar-overextension"] for row in rows] == ["ok", "ok", "fault", "fault"]


def test_the_same_command_again_does_nothing_and_changes_nothing(setting):
    setting.clip("a.mp4")
    setting.run()
    before = setting.files()
    outcomes, names = setting.run()
    assert (names, outcomes.done_before) == ([], 1)
    assert setting.files() == before


def test_only_what_changed_is_done_again(setting):
    setting.clip("a.mp4")
    setting.clip("b.mp4")
    setting.run()
    setting.clip("b.mp4", "ok changed")
    setting.clip("c.mp4")
    assert sorted(setting.run()[1]) == ["b", "c"]
    assert (setting.out / "b" / FILES["cues"]).read_text() == "ok changed"
    assert sorted(setting.run(analysis=Analysis(settings=Settings({"sets.rest_s": 30})))[1]) == ["a", "b", "c"]


def test_the_largest_file_comes_first(setting):
    setting.clip("a.mp4", "ok")
    setting.clip("b.mp4", "ok " * 30)
    setting.clip("c.mp4", "ok " * 20)
    assert setting.run()[1] == ["b", "c", "a"]


def test_what_somebody_put_beside_a_result_stays(setting):
    setting.clip("a.mp4")
    setting.run()
    (setting.out / "a" / "my notes.txt").write_text("mine")
    setting.clip("a.mp4", "ok changed")
    setting.run()
    assert (setting.out / "a" / "my notes.txt").read_text() == "mine"
    assert (setting.out / "a" / FILES["cues"]).read_text() == "ok changed"


def test_a_failing_clip_is_reported_and_the_others_go_on(setting):
    setting.clip("bad.mp4", "nobody here")
    setting.clip("worse.mp4", "defect")
    setting.clip("good.mp4")
    outcomes, _ = setting.run()
    failed = {one.name: one.failure for one in outcomes.ended if one.failure}
    assert outcomes.failed == 2
    assert (failed["bad"].exit_code, failed["bad"].reason) == (
        5,
        "No person was found in bad.mp4. Film the whole body.",
    )
    assert failed["worse"].exit_code == 1
    assert "ZeroDivisionError: by?zero" in failed["worse"].reason
    assert json.loads((setting.out / "bad" / RUN_RECORD).read_text())["failure"]["exit_code"] == 5
    assert names_in(setting.out / "bad") == {RUN_RECORD}
    assert "No person was found in bad.mp4" in (setting.out / "index.html").read_text()


def test_a_failure_is_tried_again_when_asked_for_or_when_the_clip_has_changed(setting):
    setting.clip("bad.mp4", "nobody here")
    setting.run()
    outcomes, names = setting.run()
    assert (names, outcomes.failed, outcomes.failed_before) == ([], 1, 1)
    assert setting.run(retry_failed=True)[1] == ["bad"]
    setting.clip("bad.mp4", "ok now")
    outcomes, names = setting.run()
    assert (names, outcomes.failed) == (["bad"], 0)
    assert "result.json" in names_in(setting.out / "bad")


@pytest.mark.parametrize(("word", "exit_code"), [("full", 6), ("memory", 11)])
def test_a_failure_that_is_not_the_clips_is_reported_but_not_kept(setting, word, exit_code):
    setting.clip("a.mp4", word)
    outcomes, _ = setting.run()
    assert [one.failure.exit_code for one in outcomes.ended] == [exit_code]
    assert not (setting.out / "a").exists()
    assert html.escape(outcomes.ended[0].row.failure) in (setting.out / "index.html").read_text()
    assert setting.run()[1] == ["a"]


OTHERWISE = {"analysis": Analysis(exercise="deadlift")}
KEPT = "The result of an earlier analysis is still in the folder a."


@pytest.fixture(params=["folder", "storage"])
def anywhere(request, setting, monkeypatch):
    """Return a setting whose results lie in a folder, or behind an address."""
    if request.param == "storage":
        pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'hipform[cluster]'")
        for module in (inputs, remote_files):
            monkeypatch.setattr(module, "storage_of", lambda address: ("file", ""))
        setting.address = f"file://{setting.out}"
    return setting


@pytest.mark.parametrize("end", [Failure, WorkerLost])
def test_a_failed_redo_leaves_the_finished_result(anywhere, end):
    anywhere.clip("a.mp4")
    anywhere.run()
    before = anywhere.files()
    assert before["summary.csv"].count(b"\n") == 3

    def fails(work):
        return Failing(work, end(reason="It went wrong.", exit_code=10))

    for _ in range(2):  # the second time it failed before, and its result is there all the same
        (ended,) = anywhere.run(engine=fails, retry_failed=True, **OTHERWISE)[0].ended
        assert ended.row.failure == f"It went wrong. {KEPT}"
    after = anywhere.files()
    own = {"index.html", "summary.csv", f"a/{RUN_RECORD}"}
    assert {name: after[name] for name in after.keys() - own} == {name: before[name] for name in before.keys() - own}
    # What was measured otherwise must not stand there as if it were what was asked for.
    assert KEPT.encode() in after["index.html"]
    assert after["summary.csv"].count(b"\n") == 1
    assert (after[f"a/{RUN_RECORD}"] == before[f"a/{RUN_RECORD}"]) == (end is WorkerLost)
    # Only a failure of the clip itself counts against it.
    assert anywhere.run(**OTHERWISE)[1] == ([] if end is Failure else ["a"])
    outcomes, names = anywhere.run(retry_failed=True, **OTHERWISE)
    assert (names, outcomes.failed) == (["a"] if end is Failure else [], 0)
    assert KEPT.encode() not in anywhere.files()["index.html"]
    assert anywhere.files()["summary.csv"].count(b"\n") == 3


def test_a_result_that_could_not_be_written_leaves_the_earlier_one(setting, monkeypatch):
    setting.clip("a.mp4")
    setting.run()
    monkeypatch.setattr(LocalStore, "publish", lambda *_: (_ for _ in ()).throw(OutputError("The disk is full.")))
    setting.run(**OTHERWISE)
    assert f"The disk is full. {KEPT}" in (setting.out / "index.html").read_text()
    assert (setting.out / "a" / "result.json").exists()


def test_a_result_that_cannot_be_put_in_its_place_is_a_failure_of_that_clip(setting, monkeypatch):
    setting.clip("a.mp4")
    setting.clip("b.mp4")
    publish = LocalStore.publish

    def refuse(store, name, delivered, record):
        if name == "a":
            raise OutputError("Cannot write: the disk is full.")
        publish(store, name, delivered, record)

    monkeypatch.setattr(LocalStore, "publish", refuse)
    outcomes, _ = setting.run()
    assert [one.name for one in outcomes.ended if one.failure] == ["a"]
    assert (setting.out / "b").exists()


def test_nothing_is_left_over(setting):
    setting.clip("a.mp4")
    setting.clip("b.mp4", "nobody here")
    work = setting.out / ".hipform-batch"
    work.mkdir(parents=True)
    left = make_temporary_folder(work)
    (left / "result").mkdir()
    (left / "result" / "half.mp4").write_text("half")
    setting.run()
    assert names_in(work) == {"lock"}


def test_the_summary_keeps_texts_as_they_are(setting, history):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'hipform[parquet]'")
    setting.clip("1.mp4")
    setting.run(analysis=Analysis(training=training_facts("007", "80kg", "null", None)))
    (row, _) = parquet.read_table(setting.out / "summary.parquet").to_pylist()
    assert (row["clip"], row["athlete"], row["note"], row["load_kg"]) == ("1.mp4", "007", "null", 80.0)
    assert (row["rep"], row["partial"], row["lumbar_extension_deg"]) == (1, False, None)
    assert row["incomplete-lockout"] == "ok"


def test_a_summary_of_no_rep_has_its_columns(setting):
    setting.clip("a.mp4", "nobody")
    setting.run()
    assert (setting.out / "summary.csv").read_text() == "clip,folder,athlete,day,load_kg,note\n"


def test_without_pyarrow_the_rest_is_written_and_that_is_reported(setting, monkeypatch):
    setting.clip("a.mp4")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    outcomes, _ = setting.run()
    assert "summary.parquet was not written, because the package pyarrow is missing" in outcomes.notes[0]
    assert not (setting.out / "summary.parquet").exists()
    assert (setting.out / "summary.csv").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such name")
def test_a_name_that_is_no_text_is_served(setting):
    path = os.fsencode(setting.clips) + b"/bad\xff.mp4"
    for text in (b"ok", b"nobody here"):
        with open(path, "wb") as file:  # noqa: PTH123 - a name in bytes
            file.write(text)
        outcomes, _ = setting.run()
        assert outcomes.ended[0].row.clip == "bad?.mp4"
    assert outcomes.ended[0].failure.reason == "No person was found in bad?.mp4. Film the whole body."
    assert "bad?.mp4" in (setting.out / "index.html").read_text()


def test_a_watch_that_is_named_nothing_leaves_nothing(setting):
    with pytest.raises(InputError):
        watch(Batch(inputs=["none"], out=str(setting.out), analysis=Analysis(), engine=Here), Silent())
    assert not setting.out.exists()


def test_no_clip_is_reported(setting):
    (setting.clips / "notes.txt").write_text("none")
    with pytest.raises(InputError, match="There is no video in"):
        setting.run()
    assert not setting.out.exists()


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_what_could_not_be_read_is_reported_and_the_others_go_on(setting):
    (setting.clips / "gone.mp4").symlink_to("none")
    with pytest.raises(InputError, match=r"There is no video in .* Ignored: .*gone\.mp4 cannot be read"):
        setting.run()
    setting.clip("a.mp4")
    assert setting.run()[1] == ["a"]
    assert "gone.mp4 cannot be read: No such file or directory." in setting.listener.plans[0].notes[0]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def away(setting, name):
    """Return what moves a clip away in the moment in which it is to be read."""

    def moved(task, temporary, progress):
        (setting.clips / name).rename(setting.clips / "elsewhere.part")
        return scripted(task, temporary, progress)

    return moved


def test_a_clip_that_was_away_when_it_was_to_be_read_is_tried_again(setting):
    setting.clip("a.mp4")
    outcomes, _ = setting.run(function=lost_file(away(setting, "a.mp4")))
    assert outcomes.failed == 1
    assert names_in(setting.out) == {".hipform-batch", "index.html", "summary.csv", "summary.parquet"}
    (setting.clips / "elsewhere.part").rename(setting.clips / "a.mp4")
    outcomes, names = setting.run()
    assert (names, outcomes.failed) == (["a"], 0)


def test_a_clip_that_was_replaced_while_it_was_read_is_tried_again(setting):
    path = setting.clip("a.mp4", "nobody 1")

    def replaced(task, temporary, progress):
        path.write_text("ok 22222")
        raise InputError("a.mp4 changed while it was being read.")

    assert setting.run(function=replaced)[0].failed == 1
    outcomes, names = setting.run()
    assert (names, outcomes.failed) == (["a"], 0)


def lost_file(function):
    """Return *function* with the error of hipform's readers in place of the system's."""

    def read(*args):
        try:
            return function(*args)
        except FileNotFoundError as error:
            raise InputError("a.mp4 does not exist.", "Check the path.") from error

    return read


@pytest.mark.parametrize("name", ["index.html", "summary.csv", "summary.parquet"])
def test_a_file_of_the_user_is_not_replaced_by_the_index(setting, name):
    setting.clip("a.mp4")
    setting.out.mkdir()
    (setting.out / name).write_text("mine")
    for _ in range(2):
        with pytest.raises(OutputError, match=rf"{name} is not from a batch\. Move it"):
            setting.run()
        assert names_in(setting.out) == {name}
    assert (setting.out / name).read_text() == "mine"


def test_results_that_were_copied_without_hidden_folders_go_on(setting):
    setting.clip("a.mp4")
    setting.run()
    shutil.rmtree(setting.out / ".hipform-batch")
    assert setting.run()[1] == []


def test_a_folder_with_the_name_of_an_index_file_is_reported_before_the_work(setting):
    setting.clip("a.mp4")
    setting.run()
    (setting.out / "summary.csv").unlink()
    (setting.out / "summary.csv").mkdir()
    with pytest.raises(OutputError, match=r"summary\.csv is not from a batch"):
        setting.run(retry_failed=True)


def test_results_that_are_removed_under_a_batch_are_one_clear_error(setting):
    setting.clip("a.mp4")

    def removed(*_):
        shutil.rmtree(setting.out)
        raise OutputError("Cannot write.")

    with pytest.raises(OutputError, match=r"Cannot write .*: the folder does not exist\."):
        setting.run(function=removed)
    assert not setting.out.exists()


def test_a_failure_to_write_names_the_folder_that_people_know(setting):
    setting.clip("a.mp4")

    def full(_task, temporary, _progress):
        path = (
            temporary / ".hipform-0123456789abcdef01" / "result" / ".hipform-0123456789abcdef02" / "new" / "report.html"
        )
        raise OutputError(f"Cannot write {path}: the disk is full.")

    reason = setting.run(function=full)[0].ended[0].failure.reason
    assert reason == f"Cannot write {Path('a', 'report.html')}: the disk is full."


def test_a_watch_reports_once_what_it_cannot_read(setting):
    (setting.clips / "gone.mp4").symlink_to("none")
    setting.clip("a.mp4")
    _, listener = watched(setting, lambda: setting.clip("b.mp4"))
    assert [len(plan.notes) for plan in listener.plans] == [1, 0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX systems")
def test_a_pipe_that_was_named_fails_and_stops_nothing(setting):
    os.mkfifo(setting.clips / "pipe.mp4")
    good = setting.clip("good.mp4")

    def on_files(task, temporary, progress):
        if task.name == "pipe":
            raise InputError("pipe.mp4 is a pipe, not a video file.")
        return scripted(task, temporary, progress)

    outcomes, _ = setting.run([setting.clips / "pipe.mp4", good], function=on_files)
    assert {one.name: one.failure and one.failure.exit_code for one in outcomes.ended} == {"pipe": 4, "good": None}
    assert setting.run([setting.clips / "pipe.mp4", good])[0].failed_before == 1


def test_two_batches_at_once_are_refused(setting):
    setting.clip("a.mp4")
    with locked_store(LocalStore(setting.out)), pytest.raises(OutputError, match="Another batch is writing to"):
        setting.run()
    assert setting.run()[1] == ["a"]


def test_an_interruption_keeps_what_is_finished(setting):
    for name in "abc":
        setting.clip(f"{name}.mp4")

    def interrupted(task, temporary, progress):
        if task.name == "b":
            raise KeyboardInterrupt
        return scripted(task, temporary, progress)

    with pytest.raises(KeyboardInterrupt):
        setting.run(function=interrupted)
    assert (setting.out / "a" / RUN_RECORD).exists()
    assert "a.mp4" in (setting.out / "index.html").read_text()
    assert names_in(setting.out / ".hipform-batch") == {"lock"}
    assert setting.run()[1] == ["b", "c"]


# -------------------------------------------------------------------------------------------------------------- history


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path / "history.sqlite3"))

    def kept():
        with History(history_path()) as history:
            return [(one.athlete, one.clip_name, len(one.reps)) for one in history.sets()]

    return kept


def test_sets_of_named_athletes_are_kept(setting, history):
    setting.clip("a.mp4", "ok a")
    setting.clip("b.mp4", "ok b")
    manifest = setting.clips / "clients.csv"
    manifest.write_text("path,athlete\na.mp4,Ana\nb.mp4,\n")
    outcomes, _ = setting.run([manifest])
    assert history() == [("Ana", "a.mp4", 2)]
    assert any("Saved to the history of Ana" in note for one in outcomes.ended for note in one.notes)
    with (setting.out / "summary.csv").open(newline="") as file:
        assert {row["athlete"] for row in csv.DictReader(file)} == {"Ana", ""}


def test_a_clip_that_was_not_kept_is_kept_the_next_time(setting, history, tmp_path, monkeypatch):
    setting.clip("a.mp4", "ok a")
    ana = Analysis(training=training_facts("Ana", None, None, None))
    setting.run(analysis=ana, keep_history=False)
    assert history() == []
    broken = tmp_path / "a folder"
    broken.mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("HIPFORM_HISTORY", str(broken))
        assert setting.run(analysis=ana)[1] == []
    for _ in range(2):
        assert setting.run(analysis=ana)[1] == []
        assert history() == [("Ana", "a.mp4", 2)]
    assert json.loads((setting.out / "a" / RUN_RECORD).read_text())["in_history"]


def test_a_history_that_cannot_be_written_does_not_lose_the_result(setting, tmp_path, monkeypatch):
    setting.clip("a.mp4", "ok a")
    monkeypatch.setenv("HIPFORM_HISTORY", str(tmp_path))
    outcomes, _ = setting.run(analysis=Analysis(training=training_facts("Ana", None, None, None)))
    assert outcomes.failed == 0
    assert "Not saved to the history" in outcomes.ended[0].notes[0]
    assert not json.loads((setting.out / "a" / RUN_RECORD).read_text())["in_history"]


def test_what_is_kept_late_comes_from_a_result_that_is_checked(setting, history):
    setting.clip("a.mp4", "ok a")
    ana = Analysis(training=training_facts("Ana", None, None, None))
    setting.run(analysis=ana, keep_history=False)
    (setting.out / "a" / "result.json").write_text("{}")
    setting.run(analysis=ana)
    assert history() == []


# ---------------------------------------------------------------------------------------------------------------- watch


class EnoughError(Exception):
    """Ends a watch."""


class Watching(Silent):
    """Does the next thing whenever the watch has nothing left to do."""

    def __init__(self, *deeds):
        super().__init__()
        self.deeds = list(deeds)

    def on_idle(self):
        super().on_idle()
        if not self.deeds:
            raise EnoughError
        self.deeds.pop(0)()


def watched(setting, *deeds, function=scripted):
    engines = []

    def engine(work):
        engines.append(Here(work, function))
        return engines[-1]

    listener = Watching(*deeds)
    with pytest.raises(EnoughError):
        watch(
            Batch(inputs=[str(setting.clips)], out=str(setting.out), analysis=Analysis(), engine=engine),
            listener,
            look_every_s=0.001,
        )
    return engines[0].names, listener


def test_a_watch_tries_a_clip_again_that_was_away(setting, monkeypatch):
    path = setting.clip("a.mp4")
    away = setting.clips.with_name("away")
    # It goes just when it has arrived, and comes back a while later.
    monkeypatch.setattr("hipform.batch.executor._STEADY_LOOKS", 1)
    tries = []

    def unreadable(task, temporary, progress):
        tries.append(task.name)
        if len(tries) == 1:
            setting.clips.rename(away)
            raise InputError("a.mp4 does not exist.")
        return scripted(task, temporary, progress)

    pauses = iter(range(100))

    def come_back(_):
        if next(pauses) == 2:
            away.rename(setting.clips)

    monkeypatch.setattr("hipform.batch.executor.pause", come_back)
    names, listener = watched(setting, lambda: None, function=unreadable)
    assert (names, path.exists()) == (["a", "a"], True)
    assert [one.failure is None for one in listener.results] == [False, True]


def test_a_watch_does_what_is_there_and_then_what_arrives(setting):
    setting.clip("a.mp4")
    names, listener = watched(
        setting,
        lambda: setting.clip("b.mp4"),
        lambda: setting.clip("b.mp4", "ok again"),
        lambda: setting.clip("c.mp4", "nobody"),
    )
    assert names == ["a", "b", "b", "c"]
    assert [bool(one.failure) for one in listener.results] == [False, False, False, True]
    assert "b.mp4" in (setting.out / "index.html").read_text()


def test_a_watch_begins_with_an_empty_folder_and_knows_what_is_done(setting):
    assert watched(setting, lambda: setting.clip("a.mp4"))[0] == ["a"]
    names, listener = watched(setting)
    assert names == []
    assert listener.plans[0].done == 1


def test_a_file_that_still_grows_is_not_taken(setting, monkeypatch):
    path = setting.clip("a.mp4", "ok")
    looks = []

    def grow(_):
        if len(looks) < 3 * _STEADY_LOOKS:
            looks.append(1)
            path.write_text(path.read_text() + " more")

    monkeypatch.setattr("hipform.batch.executor.pause", grow)
    names, _ = watched(setting, lambda: None)
    assert names == ["a"]
    assert (setting.out / "a" / FILES["cues"]).read_text() == "ok" + " more" * len(looks)
    assert len(looks) == 3 * _STEADY_LOOKS


def test_a_share_that_is_away_for_a_while_ends_nothing(setting, monkeypatch):
    setting.clip("a.mp4")
    away = setting.clips.with_name("away")

    def blink(_):
        if setting.clips.exists():
            setting.clips.rename(away)
        else:
            away.rename(setting.clips)

    monkeypatch.setattr("hipform.batch.executor.pause", blink)
    assert watched(setting)[0] == ["a"]
