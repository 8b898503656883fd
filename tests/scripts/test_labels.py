"""Labels by eye beside readings, and what is learned from them."""

import csv
import dataclasses
import math
import shutil

import numpy as np
import pytest

from hipform.exercises.findings import Status
from hipform.types import Estimate, Side
from scripts.evaluate.label_tables import label_figures, label_section
from scripts.evaluate.labels import Label, Measured, measure_labels, read_labels
from scripts.learn_intervals import LEARNED, RANGES, TABLE, Row, figures, learn, read_table, write_learned, write_table
from scripts.update_goldens import GOLDENS

CLIP = "glute_bridge_studio"
STRAIGHT = {"shoulder": (0, 0), "hip": (10, 0), "knee": (20, 0), "ankle": (20, 10)}
BENT = {**STRAIGHT, "knee": (20, -10)}


def written(folder, time_s=8.6, second=BENT, full=("1", "1"), exercise="glute-bridge"):
    """Write one label and its manifest."""
    row = {"clip": CLIP, "time_s": time_s, "moment": "top", "exercise": exercise, "side": "right"}
    for rater, joints, is_full in (("1", STRAIGHT, full[0]), ("2", second, full[1])):
        row |= {
            f"{name}_{axis}_px_{rater}": at for name, xy in joints.items() for axis, at in zip("xy", xy, strict=True)
        }
        row |= {f"hip_visible_{rater}": "1", f"full_{rater}": is_full}
    clip = {"file": f"{CLIP}.mp4", "source": "someone", "view": "side"}
    for name, record in (("joints.csv", row), ("manifest.csv", clip)):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, record)
            writer.writeheader()
            writer.writerow(record)
    return read_labels(folder, folder)


def measured(reading_deg, status, full=True, u95=8.0, rated=(0.0, 4.0), moment="top"):
    label = Label(
        clip=CLIP, time_s=1.0, moment=moment, exercise="glute-bridge", side=Side.RIGHT, person="someone", view="side",
        joints_px=(STRAIGHT, BENT), is_hip_visible=True, full=full,
    )  # fmt: skip
    reading = None if reading_deg is None else Estimate(reading_deg, u95, "deg")
    return Measured(label=label, model="heavy", rated_deg=rated, bias_deg=0.0, reading=reading, status=status)


def test_a_label_has_the_signed_angle_of_both_raters(tmp_path):
    (label,) = written(tmp_path)[tmp_path / f"{CLIP}.mp4"]
    assert label.flexions_deg(1) == pytest.approx((0.0, 45.0))
    assert label.flexions_deg(-1) == pytest.approx((0.0, -45.0))
    assert (label.person, label.full) == ("someone", True)


def test_raters_who_disagree_leave_open_whether_the_top_is_full(tmp_path):
    assert written(tmp_path, full=("1", "x"))[tmp_path / f"{CLIP}.mp4"][0].full is None
    assert written(tmp_path, full=("0", "0"))[tmp_path / f"{CLIP}.mp4"][0].full is False


def test_a_joint_out_of_the_frame_has_no_angle(tmp_path):
    (label,) = written(tmp_path, second=BENT | {"knee": ("", "")})[tmp_path / f"{CLIP}.mp4"]
    assert math.isnan(label.flexions_deg(1)[1])


def test_moments_of_something_else_are_left_out(tmp_path):
    assert written(tmp_path, exercise="none") == {}


def test_a_top_is_measured_by_the_repetition_it_belongs_to(tmp_path):
    shutil.copy(GOLDENS / f"{CLIP}.npz", tmp_path)
    (labels,) = written(tmp_path).values()
    between = dataclasses.replace(labels[0], time_s=5.6)
    found, missed = measure_labels(tmp_path / f"{CLIP}.npz", [labels[0], between])
    assert found.reading is not None
    assert found.status is Status.OK
    assert found.conditions.keys() >= RANGES.keys() - {"view_off_deg"}
    assert (missed.reading, missed.status) == (None, None)


def test_figures_of_labels():
    found = label_figures(
        [
            measured(3.0, Status.OK),
            measured(12.0, Status.FAULT),
            measured(20.0, Status.NOT_ASSESSED),
            measured(None, None),
        ]
    )
    assert found.error == (pytest.approx(29 / 3), pytest.approx(29 / 3), pytest.approx(16.4))
    assert found.apart == (4.0, 4.0)
    assert (found.covered, found.answered, found.right, found.wrong_faults) == (1 / 3, 0.5, 0.5, 1)


def test_section_names_groups_and_stays_away_without_labels():
    assert list(label_section([])) == []
    text = "\n".join(label_section([measured(3.0, Status.OK), measured(60.0, None, moment="bottom")]))
    for group in ("| tops |", "tops, view side", "tops, glute-bridge", "bottoms"):
        assert group in text


# ------------------------------------------------------------------------------------------------------------- learning


def row(person, error_deg, moment="top", exercise="glute-bridge", **conditions):
    plain = dict.fromkeys(RANGES, 0.0) | conditions
    return Row(CLIP, person, "heavy", exercise, moment, "side", "1", 1.0, 1, 0.0, error_deg, plain)


def people(count=30, spread_deg=3.0, **changes):
    errors = np.random.default_rng(0).normal(5.0, spread_deg, count)
    return [row(f"person {n}", float(error), **changes) for n, error in enumerate(errors)]


def test_bias_of_a_posture_is_learned_and_pulled_towards_none():
    learned = learn([*people(), row("one", 60.0, moment="bottom")])
    assert 3.5 < learned.bias_deg["glute-bridge"] < 5.5
    assert learned.bias_deg["deadlift"] == 0.0


def test_a_condition_in_which_errors_are_larger_widens_the_interval():
    rows = [*people(), *people(spread_deg=15.0, jitter_deg=2.9), row("one", 60.0, moment="bottom")]
    learned = learn(rows)
    assert learned.log_growth["jitter_deg"] > 0.5
    assert learned.u95_deg(rows[-2]) > 1.5 * learned.u95_deg(rows[0])


def test_interval_holds_about_95_of_100_people():
    rows = people(300)
    learned = learn([*rows, row("one", 60.0, moment="bottom")])
    inside = np.mean([abs(learned.error_deg(one)) <= learned.u95_deg(one) for one in rows])
    assert 0.93 <= inside <= 0.98


def test_table_comes_back_as_written(tmp_path):
    rows = [row("someone", 1.5, view_off_deg=math.nan), row("other", -2.25)]
    write_table(rows, tmp_path / "table.csv")
    again = read_table(tmp_path / "table.csv")
    assert [one.error_deg for one in again] == [1.5, -2.25]
    assert math.isnan(again[0].conditions["view_off_deg"])


def test_what_is_shipped_is_what_the_table_teaches(tmp_path):
    write_learned(learn(read_table(TABLE)), tmp_path / "learned.json")
    assert (tmp_path / "learned.json").read_text(encoding="utf-8") == LEARNED.read_text(encoding="utf-8")


def test_unseen_people_are_covered():
    found = next(line for line in figures(read_table(TABLE)) if line.startswith("| tops |"))
    covered = float(found.split(" | ")[-2].removesuffix("%"))
    assert 88 <= covered <= 97
