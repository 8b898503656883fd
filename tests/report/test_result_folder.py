"""A folder of results may come from anybody: nothing in it is believed unchecked."""

import json
import math
import os
from dataclasses import asdict

import pytest

from hipform.errors import InputError
from hipform.report import result_folder as module
from hipform.report.result import FILES
from hipform.report.result_folder import ResultFolder
from tests.report.made import rep, result


def written(path, **changes):
    """Write a result of one repetition with some of its fields changed; return the folder."""
    content = asdict(result([rep(1)]))
    content.update(changes)
    (path / FILES["result"]).write_text(json.dumps(content), encoding="utf-8")
    return path


def refusal(path):
    with pytest.raises(InputError) as caught:
        ResultFolder.open(path)
    return str(caught.value)


def test_a_folder_and_the_result_in_it_are_the_same(tmp_path):
    folder = ResultFolder.open(written(tmp_path))
    assert folder == ResultFolder.open(tmp_path / "result.json")
    assert folder.path == tmp_path
    assert folder.result.sets[0].reps[0].number == 1


def test_fields_of_later_versions_are_no_error(tmp_path):
    folder = ResultFolder.open(written(tmp_path, something_new={"a": 1}))
    assert folder.result.hipform_version == "0"


def test_what_is_not_there_is_said(tmp_path):
    assert "Give a results folder" in refusal(tmp_path)
    assert "There is no result at" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not a hipform result"),
        ("[]", "is not a hipform result"),
        ('{"schema_version": 1}', "hipform_version"),
        ("{" * 100_000, "is not a hipform result"),
        ('{"schema_version": 3, "clips": []}', "schema version 3; this hipform reads version 1"),
        ('{"schema_version": true}', "is not a hipform result"),
    ],
)
def test_another_file_under_that_name_is_refused(tmp_path, content, reason):
    (tmp_path / FILES["result"]).write_text(content, encoding="utf-8")
    assert reason in refusal(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema_version": 2}, "schema version 2; this hipform reads version 1"),
        ({"summaries": []}, "sets and summaries do not match"),
        ({"summaries": [], "sets": []}, "sets and summaries do not match"),
        ({"cues": [{"start_s": math.inf, "end_s": 1, "rule": "x", "text": "x"}]}, "cues.0.start_s: out of bounds"),
        ({"settings": {"no-such.thing": 1}}, "unknown setting"),
        ({"settings": {"view.angles_deg": 900}}, "out of bounds"),
        ({"model": ["heavy"]}, "model"),
    ],
)
def test_a_result_that_does_not_fit_is_refused(tmp_path, changes, reason):
    assert reason in refusal(written(tmp_path, **changes))


def test_unknown_exercises_and_rules_are_refused(tmp_path):
    sets = json.loads((written(tmp_path) / FILES["result"]).read_text())["sets"]
    assert "unknown exercise" in refusal(written(tmp_path, sets=[{**sets[0], "exercise": "<b>"}]))
    sets[0]["reps"][0]["findings"][1]["rule"] = "no-such-rule"
    assert "has no rule 'no-such-rule'" in refusal(written(tmp_path, sets=sets))
    sets[0]["reps"][0]["findings"] = []
    assert "a repetition of set 1 has no finding for its lockout" in refusal(written(tmp_path, sets=sets))


def test_a_result_larger_than_any_is_refused_before_it_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_RESULT_BYTES", 100)
    assert "larger than 100 bytes" in refusal(written(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / FILES["result"])
    assert "not an ordinary file" in refusal(tmp_path)


def test_names_in_the_result_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    folder = ResultFolder.open(written(inner, files={"video": "../secret"}))
    assert folder.part("video") is None
    (inner / FILES["video"]).write_bytes(b"")
    assert folder.part("video") == inner / FILES["video"]
    assert folder.part("frames") is None


def test_links_in_a_folder_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    try:
        (inner / FILES["video"]).symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("this system lets ordinary users make no links")
    assert ResultFolder.open(written(inner, files={"video": "annotated.mp4"})).part("video") is None


def test_a_picture_that_is_a_link_is_none(tmp_path):
    folder = ResultFolder.open(written(tmp_path, files={"keyframes": "keyframes"}))
    (found,) = folder.result.sets
    (tmp_path / "private.jpg").write_bytes(b"private")
    (tmp_path / "keyframes").mkdir()
    try:
        (tmp_path / "keyframes" / "rep_01_top.jpg").symlink_to(tmp_path / "private.jpg")
    except OSError:
        pytest.skip("this system lets ordinary users make no links")
    assert folder.picture(found, found.reps[0], "top") is None


def test_a_result_that_is_a_link_is_followed_where_it_is_named_and_not_in_a_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / FILES["result"]
    try:
        link.symlink_to(written(tmp_path / "elsewhere") / FILES["result"])
    except OSError:
        pytest.skip("this system lets ordinary users make no links")
    assert "it is a link, and links are not followed" in refusal(tmp_path / "folder")
    assert ResultFolder.open(link).path == tmp_path / "folder"


def test_a_picture_too_large_or_missing_is_none(tmp_path, monkeypatch):
    folder = ResultFolder.open(written(tmp_path, files={"keyframes": "keyframes"}))
    (found,) = folder.result.sets
    assert folder.picture(found, found.reps[0], "top") is None
    (tmp_path / "keyframes").mkdir()
    assert folder.picture(found, found.reps[0], "top") is None
    (tmp_path / "keyframes" / "rep_01_top.jpg").write_bytes(b"123")
    assert folder.picture(found, found.reps[0], "top") == b"123"
    monkeypatch.setattr(module, "_MOST_PICTURE_BYTES", 2)
    assert folder.picture(found, found.reps[0], "top") is None
