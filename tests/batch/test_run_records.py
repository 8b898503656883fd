"""Folders for clips, and what counts as done."""

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hipform
from hipform.analysis.judged_reps import Calibration
from hipform.batch import Analysis
from hipform.batch.inputs import find_clips
from hipform.batch.local_store import LocalStore
from hipform.batch.overview import write_index
from hipform.batch.run_records import Failure, Ledger, RunRecord, folder_name
from hipform.config import Settings
from hipform.errors import OutputError
from hipform.report.index_page import IndexRow
from hipform.report.result import RUN_RECORD
from hipform.texts import ENGLISH
from hipform.training import training_facts


@pytest.fixture
def store(tmp_path):
    (tmp_path / "out").mkdir()
    return LocalStore(tmp_path / "out")


def clips(*paths, analysis=None):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(f"ok {path}")
    return find_clips([str(path) for path in paths], analysis or Analysis(), "elsewhere").clips


def put_card(store, name, clip, **changes):
    record = RunRecord(
        clip=clip.label,
        source=clip.source_digest,
        size=clip.size,
        stamp=clip.stamp,
        asked=clip.analysis.fingerprint,
        row=IndexRow(clip=clip.label),
    )
    (store.root / name).mkdir(exist_ok=True)
    (store.root / name / RUN_RECORD).write_bytes(replace(record, **changes).to_json())


@pytest.mark.parametrize(
    "reps",
    [
        [{"lift_s": "abc"}],
        [{"lift_s": 10**400}],
        [{"exercise": 5}],
        [{"=cmd|' /C calc'!A0": "x"}],
        [{"lift_s": []}],
        "many",
    ],
)
def test_a_damaged_run_record_is_ignored(tmp_path, store, reps):
    (clip,) = clips(tmp_path / "a.mp4")
    put_card(store, "a", clip, reps=({"lift_s": 0.8, "exercise": "hip-thrust", "partial": False},))
    path = store.root / "a" / RUN_RECORD
    assert RunRecord.from_json(path.read_bytes()) is not None
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reps": reps}))
    assert RunRecord.from_json(path.read_bytes()) is None
    assert not Ledger(store).is_done("a", clip)
    store.make_work()
    write_index(store, {}, ENGLISH)
    assert "calc" not in (store.root / "summary.csv").read_text()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("set 1.mp4", "set 1"),
        ("ana/monday/IMG_0001.MOV", "ana_monday_IMG_0001"),
        ("../other/a.mp4", "other_a"),
        ("a:b*c?.mp4", "a_b_c_"),
        ("evil\x1b[31m\n.mp4", "evil_[31m_"),
        (".hidden.mp4", "hidden"),
        ("-rf.mp4", "rf"),
        ("...mp4", "clip"),
        ("Übung 臀推.mp4", "Übung 臀推"),
        (f"{'x' * 300}.mp4", "x" * 80),
    ],
)
def test_a_folder_is_named_after_its_clip(label, name):
    assert folder_name(label) == name


@given(st.text(min_size=1))
def test_every_label_gives_a_name_that_stays_in_its_folder(label):
    name = folder_name(label)
    assert name
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert not name.startswith((".", "-"))
    assert not name.endswith((".", " "))
    assert name.isprintable()


def test_names_that_collide_get_folders_of_their_own(tmp_path, store):
    found = clips(tmp_path / "a" / "x.mp4", tmp_path / "b" / "x.mp4", tmp_path / "b" / "X.mov", tmp_path / "CON.mp4")
    folders = Ledger(store).folders(found)
    names = [name.casefold() for name in folders.values()]
    assert len(set(names)) == 4
    assert "x" in names
    assert "con" not in names


def test_a_clip_keeps_its_folder_whatever_else_is_in_the_batch(tmp_path, store):
    first = clips(tmp_path / "b" / "x.mp4")
    assert set(Ledger(store).folders(first).values()) == {"x"}
    put_card(store, "x", first[0])
    both = clips(tmp_path / "a" / "x.mp4", tmp_path / "b" / "x.mp4")
    folders = Ledger(store).folders(both)
    assert folders[both[1].source] == "x"
    other = folders[both[0].source]
    assert other.startswith("x-")
    put_card(store, other, both[0])
    assert Ledger(store).folders(clips(tmp_path / "a" / "x.mp4")) == {both[0].source: other}


def test_the_folders_are_the_same_whatever_was_done_before(tmp_path, store):
    found = clips(*(tmp_path / folder / "x.mp4" for folder in "abc"))
    folders = Ledger(store).folders(found)
    for clip in reversed(found):
        put_card(store, folders[clip.source], clip)
        assert Ledger(store).folders(found) == folders


def test_an_archive_that_was_moved_is_done(tmp_path, store):
    (clip,) = clips(tmp_path / "old" / "x.mp4")
    put_card(store, "x", clip)
    (tmp_path / "old").rename(tmp_path / "new")
    (moved,) = clips(tmp_path / "new" / "x.mp4")
    ledger = Ledger(store)
    assert ledger.folders([moved]) == {moved.source: "x"}
    assert ledger.is_done("x", moved)


def test_another_clip_of_the_same_name_does_not_take_the_folder(tmp_path, store):
    (clip,) = clips(tmp_path / "monday" / "x.mp4")
    put_card(store, "x", clip)
    (other,) = clips(tmp_path / "tuesday" / "x.mp4")
    assert Ledger(store).folders([other])[other.source].startswith("x-")


def test_what_is_not_of_a_batch_is_left_alone(tmp_path, store):
    (clip,) = clips(tmp_path / "x.mp4")
    (store.root / "x").mkdir()
    name = Ledger(store).folders([clip])[clip.source]
    assert name.startswith("x-")
    (store.root / name).mkdir()
    with pytest.raises(OutputError, match="already exists"):
        Ledger(store).folders([clip])


def test_a_clip_is_done_once(tmp_path, store):
    (clip,) = clips(tmp_path / "x.mp4")
    assert not Ledger(store).is_done("x", clip)
    put_card(store, "x", clip)
    ledger = Ledger(store)
    assert ledger.is_done("x", clip)
    assert not ledger.has_failed("x")


OWN = Calibration(exercise="deadlift", model="heavy", reps=3, view_off_deg=2.0, lockout_trunk_thigh_flexion_deg=4.0)


@pytest.mark.parametrize(
    "change",
    [
        {"exercise": "deadlift"},
        {"model": "lite"},
        {"settings": Settings({"sets.rest_s": 30})},
        {"embed": True},
        {"fast": True},
        {"calibrations": (OWN,)},
        {"training": training_facts("Ana", None, None, None)},
        {"training": training_facts(None, "80kg", None, None)},
        {"training": training_facts(None, None, "good", None)},
        {"training": training_facts(None, None, None, "2026-03-21")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_clip_asked_for_in_another_way_is_not_done(tmp_path, store, change):
    (clip,) = clips(tmp_path / "x.mp4")
    put_card(store, "x", clip)
    assert not Ledger(store).is_done("x", replace(clip, analysis=replace(clip.analysis, **change)))


def test_another_version_of_the_program_does_it_again(tmp_path, store, monkeypatch):
    (clip,) = clips(tmp_path / "x.mp4")
    put_card(store, "x", clip)
    monkeypatch.setattr(hipform, "__version__", "99.0.0")
    assert not Ledger(store).is_done("x", clip)


def test_a_changed_clip_is_not_done_and_a_copied_one_is(tmp_path, store):
    from hipform.video.origin import digest

    path = tmp_path / "x.mp4"
    (clip,) = clips(path)
    put_card(store, "x", clip, sha256=digest(path))
    os.utime(path, (1e9, 1e9))
    assert Ledger(store).is_done("x", *clips(path))
    path.write_text("no" + path.read_text()[2:])
    assert not Ledger(store).is_done("x", *clips(path))
    path.write_text("longer than before, by far, whatever the path was that pytest has made for it" * 9)
    assert not Ledger(store).is_done("x", *clips(path))


def test_a_failure_is_remembered(tmp_path, store):
    (clip,) = clips(tmp_path / "x.mp4")
    put_card(store, "x", clip, failure=Failure(reason="nobody", exit_code=5))
    ledger = Ledger(store)
    assert ledger.is_done("x", clip)
    assert ledger.has_failed("x")


@pytest.mark.parametrize("text", [b"", b"{}", b"[1, 2", b'{"format": 2}', b"\xff\xfe"])
def test_an_unreadable_run_record_is_ignored(tmp_path, store, text):
    (clip,) = clips(tmp_path / "x.mp4")
    (store.root / "x").mkdir()
    (store.root / "x" / RUN_RECORD).write_bytes(text)
    assert not Ledger(store).is_done("x", clip)


def test_a_run_record_does_not_reveal_the_path_of_the_clip(tmp_path, store):
    (clip,) = clips(tmp_path / "x.mp4")
    put_card(store, "x", clip)
    assert str(tmp_path) not in (store.root / "x" / RUN_RECORD).read_text()
