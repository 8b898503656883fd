"""CSV tables as Parquet: every cell is what its column's name says, or the table is refused in one line."""

import pytest

from hipform.errors import InputError
from hipform.report.parquet import csv_to_parquet

HEADER = b"set,exercise,rep,partial,lift_s,no-squeeze,no-squeeze measured\n"
GOOD = b"1,hip-thrust,1,0,0.8,ok,\n"


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (tmp_path / "reps.csv").write_bytes(HEADER + GOOD)
    csv_to_parquet(tmp_path / "reps.csv", tmp_path / "reps.parquet")
    (row,) = parquet.read_table(tmp_path / "reps.parquet").to_pylist()
    assert row == {
        "set": 1,
        "exercise": "hip-thrust",
        "rep": 1,
        "partial": False,
        "lift_s": 0.8,
        "no-squeeze": "ok",
        "no-squeeze measured": None,
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HEADER + b"1,hip-thrust,1,0,abc,ok,\n",
        HEADER + b"1,hip-thrust,1,0,nan,ok,\n",
        HEADER + b"1,hip-thrust,1,0,1e999,ok,\n",
        HEADER + b"1,hip-thrust,one,0,0.8,ok,\n",
        HEADER + b"1,hip-thrust,1,2,0.8,ok,\n",
        HEADER + b"1,hip-\xff,1,0,0.8,ok,\n",
        HEADER + b"1,hip-thrust\n",
        HEADER.replace(b"lift", b"li\xfft") + GOOD,
        HEADER.replace(b"rep", b"set") + GOOD,
        HEADER.replace(b"rep", b'"rep') + GOOD,
        HEADER.replace(b"rep", b"r\rep") + GOOD,
    ],
)
def test_a_damaged_table_is_refused_in_one_line(tmp_path, content):
    pytest.importorskip("pyarrow")
    (tmp_path / "reps.csv").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a hipform table") as caught:
        csv_to_parquet(tmp_path / "reps.csv", tmp_path / "reps.parquet")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["reps.csv"]
