"""A batch as a table, and what is said of one that cannot be meant."""

import pytest

from hipform.batch.manifest import read_manifest
from hipform.errors import InputError
from hipform.training import LoadUnit


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "clients.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_every_column_is_read(tmp_path):
    path = written(
        tmp_path,
        "path,exercise,athlete,date,load,note\n"
        'a/set 1.mp4,hip-thrust,Ana,2026-03-21,80kg,"felt good, she said"\n'
        "b.mov,romanian-deadlift:single-leg,,,175lb,\n"
        "\n"
        "c.mp4,,,,,\n",
    )
    first, second, third = read_manifest(path)
    assert (first.path, first.exercise, first.training.athlete) == ("a/set 1.mp4", "hip-thrust", "Ana")
    assert first.training.recorded_at.date().isoformat() == "2026-03-21"
    assert (first.training.load.kg, first.training.note) == (80.0, "felt good, she said")
    assert second.training.load.unit is LoadUnit.LB
    assert (third.exercise, third.training.athlete, third.training.load) == (None, None, None)
    assert third.location == f"{path}, line 5"


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_spreadsheets_write_is_read(tmp_path, mark, encoding):
    text = "Path,Athlete,Load\r\nx.mp4,Zoë,80 kg\r\n".replace(",", mark)
    (entry,) = read_manifest(written(tmp_path, text, encoding))
    assert (entry.path, entry.training.athlete, entry.training.load.kg) == ("x.mp4", "Zoë", 80.0)


def test_columns_may_be_left_out_and_rows_may_be_short(tmp_path):
    first, second = read_manifest(written(tmp_path, "path,note\nx.mp4\ny.mp4,good\n"))
    assert (first.training.note, second.training.note) == (None, "good")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,athelte\nx.mp4,Ana\n", "line 1: there is no column 'athelte'. Did you mean 'athlete'?"),
        ("exercise\nhip-thrust\n", "line 1: there is no column 'path'."),
        ("path,path\nx.mp4,y.mp4\n", "line 1: the column 'path' occurs twice."),
        ("path\nx.mp4,Ana\n", "line 2: the row has 2 cells, but there are 1 columns."),
        ("path,load\nx.mp4,80kg\ny.mp4,eighty\n", "line 3, column load: load 'eighty' is not understood."),
        ("path,date\nx.mp4,21.3.2026\n", "line 2, column date: date '21.3.2026' is not a date."),
        ("path,exercise\nx.mp4,hip-trust\n", "line 2, column exercise: unknown exercise 'hip-trust'."),
        ("path,athlete\n,Ana\n", "line 2, column path: the cell is empty."),
        (f"path,athlete\nx.mp4,{'A' * 81}\n", "line 2, column athlete: athlete has 81 characters"),
        ('path,note\nx.mp4,"open\n', "not a valid CSV row"),
        ("path\n\n", "names no clip"),
        ("", "no column"),
    ],
)
def test_what_cannot_be_meant_is_reported_with_its_place(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_another_encoding_is_reported(tmp_path):
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_manifest(written(tmp_path, "path,athlete\nx.mp4,Zoë\n", "latin-1"))


def test_a_missing_manifest_is_reported(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_manifest(tmp_path / "none.csv")
