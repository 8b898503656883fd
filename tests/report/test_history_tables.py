"""The history as files for other tools, read back with them."""

import csv
import json
import sys

import pandas as pd
import pytest

from hipform.errors import OutputError
from hipform.report.history_tables import export_history, history_schema
from hipform.report.tables import write_rows
from tests.histories import kept_rep, kept_set

SETS = [
    kept_set(0, load_kg=80, findings={"no-squeeze": (5, 2, 1)}),
    kept_set(
        7, reps=[kept_rep(1, status=None)], exercise="deadlift", note="felt\ngood", findings={"lean-back": (0, 0, 1)}
    ),
]


def test_json_conforms_to_its_schema_and_has_every_rep(tmp_path):
    import jsonschema

    export_history(tmp_path / "sets.json", SETS)
    found = json.loads((tmp_path / "sets.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, history_schema())
    assert [len(one["reps"]) for one in found] == [8, 1]
    assert found[1]["reps"][0]["lockout_trunk_thigh_flexion_deg"] is None


def test_parquet_keeps_types_and_gaps(tmp_path):
    export_history(tmp_path / "sets.parquet", SETS)
    table = pd.read_parquet(tmp_path / "sets.parquet")
    assert table["load_kg"].dtype == "float64"
    assert table["lumbar_extension_deg"].dtype == "float64"
    assert table["lockout_trunk_thigh_flexion_deg"].isna().tolist() == [False, True]
    assert table["no-squeeze fault"].tolist()[0] == 2
    assert table["no-squeeze fault"].isna().tolist() == [False, True]


def test_csv_and_parquet_have_the_same_columns(tmp_path):
    export_history(tmp_path / "sets.csv", SETS)
    export_history(tmp_path / "sets.parquet", SETS)
    (first, *_) = csv.reader((tmp_path / "sets.csv").read_text(encoding="utf-8").splitlines())
    assert first == pd.read_parquet(tmp_path / "sets.parquet").columns.tolist()


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_an_empty_history_is_an_empty_file_of_its_kind(tmp_path, ending):
    path = tmp_path / f"sets.{ending}"
    export_history(path, [])
    assert path.exists()
    if ending == "parquet":
        assert pd.read_parquet(path).empty


def test_without_pyarrow_it_is_reported_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutputError, match=r"hipform\[parquet\]"):
        export_history(tmp_path / "sets.parquet", SETS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49", "'+49"),
        ("-set.mp4", "'-set.mp4"),
        ("@me", "'@me"),
        ("  =1", "'  =1"),
        ("\uff1d1+2", "'\uff1d1+2"),
        (";=1+1", ";'=1+1"),
        ('felt good; "=1+1"', 'felt good;\' "=1+1"'),
        ("felt good; next week -2 kg", "felt good; next week -2 kg"),
        ("\t=1", "'?=1"),
        ("\r=1", "'?=1"),
        ("a\nb\x1b[31m", "a?b?[31m"),
        ("2 = 2", "2 = 2"),
    ],
)
def test_no_text_in_a_cell_becomes_a_formula(tmp_path, text, cell):
    write_rows(tmp_path / "rows.csv", ["text", "number"], [{"text": text, "number": -1.5}])
    _, row = csv.reader((tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines())
    assert row == [cell, "-1.500"]
