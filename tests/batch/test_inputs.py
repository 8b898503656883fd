"""Which clips a batch is of."""

import errno
import os

import pytest

from hipform.analysis.judged_reps import Calibration
from hipform.batch import Analysis, inputs
from hipform.batch.inputs import find_clips
from hipform.errors import ConfigError, InputError
from hipform.store import keep_calibration


def touched(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ok")


def labels(named, out="out", **options):
    return [clip.label for clip in find_clips([str(one) for one in named], Analysis(**options), str(out)).clips]


def test_folders_are_searched_for_videos(tmp_path):
    touched(tmp_path / "b.MOV", tmp_path / "deep" / "er" / "a.mp4", tmp_path / "notes.txt", tmp_path / "._b.MOV")
    found = find_clips([str(tmp_path)], Analysis(), "out")
    assert [clip.label for clip in found.clips] == ["b.MOV", "deep/er/a.mp4"]
    assert found.notes == ("Ignored: notes.txt; its ending is not that of a video. To analyse such a file, name it.",)


@pytest.mark.parametrize("name", ["a.gif", "a.GIF", "a.webp", "a.avif", "a.apng", "a.qt", "a.vob"])
def test_every_kind_of_file_that_may_hold_a_clip_is_a_clip(tmp_path, name):
    touched(tmp_path / name)
    assert labels([tmp_path]) == [name]


def test_files_that_are_left_out_are_named(tmp_path):
    touched(*(tmp_path / f"{number:02d}.jpg" for number in range(23)))
    (note,) = find_clips([str(tmp_path)], Analysis(), "out").notes
    assert note.startswith("Ignored: 00.jpg, 01.jpg, ")
    assert note.endswith("19.jpg and 3 more; their endings are not those of videos. To analyse such a file, name it.")


def test_results_are_no_clips_again(tmp_path):
    touched(tmp_path / "a.mp4", tmp_path / "results" / "a" / "annotated.mp4", tmp_path / "results" / "stray.mp4")
    touched(tmp_path / "a_hipform" / "annotated.mp4", tmp_path / "a_hipform" / "result.json")
    assert labels([tmp_path], out=tmp_path / "results") == ["a.mp4"]


def test_the_output_folder_may_be_the_input_folder(tmp_path):
    touched(tmp_path / "a.mp4", tmp_path / "a" / "annotated.mp4", tmp_path / "a" / "result.json")
    assert labels([tmp_path], out=tmp_path) == ["a.mp4"]


def test_a_named_file_is_taken_whatever_it_is(tmp_path):
    touched(tmp_path / "notes.txt")
    assert labels([tmp_path / "notes.txt"]) == ["notes.txt"]


@pytest.mark.parametrize(
    ("pose_format", "expected"),
    [
        ("coco17", ["a.json", "deep/b.JSON"]),
        ("trc", ["c.trc"]),
        ("deeplabcut", ["d.csv"]),
        ("openpose", ["clips", "deep"]),
        ("sleap", ["deep/e.slp"]),
    ],
)
def test_landmark_files_are_found_by_the_endings_of_their_format(tmp_path, pose_format, expected):
    clips = tmp_path / "clips"
    touched(*(clips / name for name in ("a.json", "deep/b.JSON", "c.trc", "d.csv", "deep/e.slp", "f.mp4", ".g.json")))
    assert labels([clips], pose_format=pose_format) == expected


def test_a_pattern_finds_the_folders_that_are_clips(tmp_path):
    touched(*(tmp_path / name for name in ("x1/clip_0_keypoints.json", "x2/clip_0_keypoints.json", "x3.json")))
    assert labels([tmp_path / "x*"], pose_format="openpose") == ["x1", "x2"]


def test_what_is_not_part_of_a_folder_of_landmarks_is_named(tmp_path):
    touched(tmp_path / "ana" / "clip_0_keypoints.json", tmp_path / "notes.txt")
    (note,) = find_clips([str(tmp_path)], Analysis(pose_format="openpose"), "out").notes
    assert note == "Ignored: notes.txt; it is not part of an openpose folder."


def test_results_and_the_index_are_no_landmark_files(tmp_path):
    touched(*(tmp_path / name for name in ("a.json", "a/batch.json", "b/result.json", "b/batch.json")))
    touched(tmp_path / "a.csv", tmp_path / "summary.csv")
    assert labels([tmp_path], out=tmp_path, pose_format="coco17") == ["a.json"]
    assert labels([tmp_path], out=tmp_path, pose_format="deeplabcut") == ["a.csv"]


def test_a_named_table_of_landmarks_is_a_clip_and_a_manifest_names_clips(tmp_path):
    touched(tmp_path / "b.csv")
    (tmp_path / "a.csv").write_text("scorer,DLC,DLC\nbodyparts,hip,hip\n")
    (tmp_path / "list.csv").write_text("path;exercise\nb.csv;hip-thrust\n")
    named = [tmp_path / "a.csv", tmp_path / "list.csv"]
    assert labels(named, pose_format="deeplabcut") == ["a.csv", "b.csv"]


def test_a_manifest_may_name_folders_of_landmarks(tmp_path):
    touched(tmp_path / "ana" / "clip_0_keypoints.json")
    (tmp_path / "list.csv").write_text("path,athlete\nana,Ana\n")
    assert labels([tmp_path / "list.csv"], pose_format="openpose") == ["ana"]


def test_a_folder_of_landmarks_has_another_stamp_when_one_of_its_files_changes(tmp_path):
    touched(tmp_path / "clip_0_keypoints.json", tmp_path / "clip_1_keypoints.json")
    analysis = Analysis(pose_format="openpose")
    (before,) = find_clips([str(tmp_path)], analysis, "out").clips
    (tmp_path / "clip_1_keypoints.json").write_text("OK")
    os.utime(tmp_path / "clip_1_keypoints.json", (1, 1))
    (after,) = find_clips([str(tmp_path)], analysis, "out").clips
    assert (before.size, after.size) == (4, 4)
    assert before.stamp != after.stamp


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pose_format": "nobody"}, "no pose format 'nobody'"),
        ({"fps": 30.0}, "apply only to another tool's landmarks"),
        ({"pose_format": "coco17", "fps": 0.0}, "--fps 0 is not between"),
        ({"pose_format": "coco17", "view_deg": 91.0}, "--view-deg 91 is not between"),
    ],
)
def test_wrong_facts_about_landmarks_stop_the_batch_before_it_starts(tmp_path, options, message):
    touched(tmp_path / "a.json")
    with pytest.raises((ConfigError, InputError), match=message):
        labels([tmp_path], **options)


def test_folders_of_landmarks_are_not_fetched_from_a_storage():
    with pytest.raises(InputError, match="an openpose folder must be on this computer"):
        labels(["s3://gym/ana"], pose_format="openpose")


def test_patterns_take_videos_and_folders(tmp_path, monkeypatch):
    touched(tmp_path / "x1.mp4", tmp_path / "x2.csv", tmp_path / "x3" / "a.mp4", tmp_path / "y.mp4")
    assert labels([tmp_path / "x*"]) == ["x1.mp4", "a.mp4"]
    assert labels([tmp_path / "**" / "*.mp4"]) == ["x1.mp4", "a.mp4", "y.mp4"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path):
    touched(tmp_path / "set [1].mp4")
    assert labels([tmp_path / "set [1].mp4"]) == ["set [1].mp4"]


def test_a_clip_counts_once_however_it_is_named(tmp_path, monkeypatch):
    touched(tmp_path / "a.mp4", tmp_path / "b.mp4")
    monkeypatch.chdir(tmp_path)
    assert labels([tmp_path, "a.mp4", "./b.mp4", "*.mp4"]) == ["a.mp4", "b.mp4"]


def test_the_order_does_not_depend_on_the_order_of_the_inputs(tmp_path):
    touched(tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert labels([tmp_path / "b.mp4", tmp_path / "a.mp4"]) == ["a.mp4", "b.mp4"]


def test_a_manifest_says_what_is_known_of_each_clip(tmp_path):
    touched(tmp_path / "videos" / "a.mp4", tmp_path / "videos" / "b.mp4")
    manifest = tmp_path / "clients.csv"
    manifest.write_text("path,exercise,athlete\nvideos/a.mp4,deadlift,Ana\nvideos/b.mp4,,\n")
    analysis = Analysis(exercise="hip-thrust", model="lite")
    first, second = find_clips([str(manifest)], analysis, "out").clips
    assert (first.analysis.exercise, first.analysis.training.athlete, first.analysis.model) == (
        "deadlift",
        "Ana",
        "lite",
    )
    assert (second.analysis.exercise, second.analysis.training.athlete) == ("hip-thrust", None)
    assert first.label == "videos/a.mp4"


def test_an_athletes_own_calibration_is_used(tmp_path):
    own = Calibration(exercise="deadlift", model="heavy", reps=3, view_off_deg=2.0, lockout_trunk_thigh_flexion_deg=4.0)
    keep_calibration("Calibrated", own)
    touched(tmp_path / "a.mp4", tmp_path / "b.mp4")
    manifest = tmp_path / "clients.csv"
    manifest.write_text("path,athlete\na.mp4,Calibrated\nb.mp4,Somebody Else\n")
    first, second = find_clips([str(manifest)], Analysis(), "out").clips
    assert (first.analysis.calibrations, second.analysis.calibrations) == ((own,), ())
    assert first.analysis.fingerprint != second.analysis.fingerprint


def test_a_clip_that_a_manifest_names_must_be_there(tmp_path):
    manifest = tmp_path / "clients.csv"
    manifest.write_text("path\nnone.mp4\n")
    with pytest.raises(
        InputError, match=r"clients\.csv, line 2, column path: .*none\.mp4 cannot be read: No such file"
    ):
        labels([manifest])


def test_a_folder_in_a_manifest_is_reported(tmp_path):
    (tmp_path / "videos").mkdir()
    manifest = tmp_path / "clients.csv"
    manifest.write_text("path\nvideos\n")
    with pytest.raises(InputError, match=r"line 2, column path: .*videos is a folder"):
        labels([manifest])


def test_a_clip_named_twice_with_different_facts_is_reported(tmp_path):
    touched(tmp_path / "a.mp4")
    manifest = tmp_path / "clients.csv"
    manifest.write_text("path,athlete\na.mp4,Ana\na.mp4,Bea\n")
    with pytest.raises(InputError, match=r"line 3, column path: a\.mp4 is named twice"):
        labels([manifest])


@pytest.mark.parametrize("name", ["none.mp4", "no*ne", "none/"])
def test_what_is_not_there_is_reported(tmp_path, name):
    with pytest.raises(InputError, match=r"cannot be read|matches nothing"):
        labels([tmp_path / name])


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """Return a folder that may not be listed, whoever runs the tests, with a clip beside it."""
    scandir, folder = os.scandir, tmp_path / "clips" / "closed"
    touched(tmp_path / "clips" / "a.mp4", folder / "b.mp4")

    def refuse(path):
        if os.fspath(path) == str(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    return folder


def test_a_folder_that_may_not_be_read_is_reported_where_it_was_named(closed):
    with pytest.raises(InputError, match=r"closed cannot be read: Permission denied"):
        labels([closed])


@pytest.mark.parametrize("pattern", ["", "*"])
def test_a_folder_that_may_not_be_read_is_left_out_where_it_was_found(closed, pattern):
    found = find_clips([str(closed.parent / pattern)], Analysis(), "out")
    assert [clip.label for clip in found.clips] == ["a.mp4"]
    assert found.notes == (f"Ignored: {closed} cannot be read: Permission denied.",)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_that_leads_nowhere_stops_nothing_unless_it_was_named(tmp_path):
    touched(tmp_path / "a.mp4")
    for at in range(8):
        (tmp_path / f"gone{at}.mp4").symlink_to("none")
    for named in (tmp_path, tmp_path / "*"):
        # Named twice, and yet reported once.
        found = find_clips([str(named), str(tmp_path)], Analysis(), "out")
        assert [clip.label for clip in found.clips] == ["a.mp4"]
        assert found.notes[0] == f"Ignored: {tmp_path / 'gone0.mp4'} cannot be read: No such file or directory."
        assert found.notes[5:] == ("Ignored: 3 more that cannot be read.",)
    with pytest.raises(InputError, match=r"gone0\.mp4 cannot be read: No such file"):
        labels([tmp_path / "gone0.mp4"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX systems")
def test_what_was_found_and_is_no_file_is_no_video(tmp_path):
    touched(tmp_path / "a.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    for named in (tmp_path, tmp_path / "*"):
        found = find_clips([str(named)], Analysis(), "out")
        assert [clip.label for clip in found.clips] == ["a.mp4"]
        assert found.notes == (f"Ignored: {tmp_path / 'pipe.mp4'} is not a regular file.",)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_clip_in_a_folder_that_may_not_be_searched_is_reported(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(InputError, match=r"a\.mp4 cannot be read: Permission denied"):
        labels([tmp_path / "closed" / "a.mp4"])


def test_addresses_are_listed(storage):
    for name in ("/gym/a.mp4", "/gym/ana/b.mov", "/gym/notes.txt"):
        storage.pipe_file(name, b"ok")
    found = find_clips(["s3://gym"], Analysis(), "out")
    assert [(clip.source, clip.label, clip.size) for clip in found.clips] == [
        ("s3://gym/a.mp4", "a.mp4", 2),
        ("s3://gym/ana/b.mov", "ana/b.mov", 2),
    ]
    assert found.notes == ("Ignored: notes.txt; its ending is not that of a video. To analyse such a file, name it.",)
    (one,) = find_clips(["s3://gym/ana/*"], Analysis(), "out").clips
    assert one.label == "b.mov"
    with pytest.raises(InputError, match=r"s3://gym/none\.mp4 does not exist"):
        find_clips(["s3://gym/none.mp4"], Analysis(), "out")


@pytest.mark.parametrize(
    "address",
    [
        *("gopher://gym/a.mp4", "ftp:///a", "reference://", "dir://", "memory://gym", "http://127.0.0.1:9/a.mp4"),
        *("file:///etc/passwd", "s3://", "s3://a::http://127.0.0.1:9/", "S3://[", "github://a:b@c/d"),
    ],
)
def test_an_address_of_an_unknown_kind_is_refused_before_anything_is_opened(address):
    for named, out in (([address], "out"), (["."], address)):
        with pytest.raises(InputError, match=r"is not (the URL of a storage that hipform supports|a valid URL)"):
            find_clips(named, Analysis(), out)


def test_a_table_names_only_what_lies_in_storages_that_the_command_names(tmp_path, storage):
    storage.pipe_file("/gym/a.mp4", b"ok")
    table = tmp_path / "clients.csv"
    table.write_text("path\ns3://gym/a.mp4\n")
    with pytest.raises(InputError, match=r"line 2, column path: s3://gym/a\.mp4 is in a storage .* does not name"):
        find_clips([str(table)], Analysis(), "s3://other/results")
    assert len(find_clips([str(table)], Analysis(), "s3://gym/results").clips) == 1
    table.write_text("path\nftp://gym/a.mp4\n")
    with pytest.raises(InputError, match=r"line 2, column path: ftp://gym/a\.mp4 is not the URL of a storage"):
        find_clips([str(table)], Analysis(), "out")


@pytest.mark.parametrize("path", [r"\\host\share\a.mp4", "//host/share/a.mp4", r"\\?\UNC\host\share\a.mp4"])
def test_a_table_names_no_other_computer_on_windows(tmp_path, monkeypatch, path):
    table = tmp_path / "clients.csv"
    table.write_text(f"path\n{path}\n")
    monkeypatch.setattr(inputs.sys, "platform", "win32")
    with pytest.raises(InputError, match=r"line 2, column path: .* is on another computer"):
        find_clips([str(table)], Analysis(), "out")


def test_a_path_is_a_path_wherever_it_looks_like_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["http:host.mp4", "clips/s3:/b.mp4", "-x.mp4", "50%s.mp4", "memory:.mp4"]
    for name in names:
        touched(tmp_path / name)
    assert sorted(clip.label for clip in find_clips(["."], Analysis(), "out").clips) == sorted(names)
    assert len(find_clips(names, Analysis(), "out").clips) == len(names)
