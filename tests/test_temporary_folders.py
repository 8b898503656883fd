"""Hidden folders are removed if hipform can prove that it made them, and only then."""

import pytest

from hipform.files import is_temporary_name, temporary_name
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder


def test_a_temporary_name_is_known_again():
    assert is_temporary_name(temporary_name())
    assert is_temporary_name(f"{temporary_name()}.csv")
    for name in (".hipform-batch", ".hipform-0123456789ab", ".hipform-0123456789ab000000", "notes.txt", ".hipform-"):
        assert not is_temporary_name(name)


def test_what_hipform_made_goes(tmp_path):
    folder = make_temporary_folder(tmp_path)
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    remove_temporary_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_marked_stays(tmp_path):
    other = tmp_path / temporary_name()
    other.mkdir()
    (other / "thesis.txt").write_text("years")
    copied = make_temporary_folder(tmp_path)
    (copied / "thesis.txt").write_text("years")
    copied = copied.rename(tmp_path / temporary_name())
    for folder in (other, copied, tmp_path / "nothing"):
        remove_temporary_folder(folder)
    assert (other / "thesis.txt").exists()
    assert (copied / "thesis.txt").exists()


def test_what_was_stopped_while_it_was_made_goes(tmp_path):
    empty, half = tmp_path / temporary_name(), make_temporary_folder(tmp_path)
    empty.mkdir()
    (half / "made-by-hipform").write_text("")
    for folder in (empty, half):
        remove_temporary_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_folder_is_not_followed(tmp_path):
    (tmp_path / "inner").mkdir()
    folder = make_temporary_folder(tmp_path)
    (folder / "thesis.txt").write_text("years")
    link = tmp_path / "inner" / folder.name
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets ordinary users make no links")
    remove_temporary_folder(link)
    assert (folder / "thesis.txt").exists()


def test_one_that_cannot_be_made_is_reported(tmp_path):
    with pytest.raises(Exception, match="the folder does not exist"):
        make_temporary_folder(tmp_path / "gone")
