"""Tables and words of a clip with several sets and exercises."""

import csv
import io
from dataclasses import replace

import pytest
from rich.console import Console

from hipform.analysis import Section, Session
from hipform.exercises import EXERCISES
from hipform.feedback.set_summary import summarise_set
from hipform.report.result import SCHEMA_VERSION, AnalysisResult, ClipSummary, rep_rows
from hipform.report.tables import write_reps
from hipform.report.terminal_text import show
from tests.synthetic import RepPlan, RepSet, film_exercise

SLUGS = ("glute-bridge", "hip-thrust")


def result_of_two(notes=()):
    """Return two bridges, and one more repetition that is judged as a hip thrust."""
    plan = RepPlan(bottom_deg=60)
    reps = RepSet((plan, replace(plan, rest_s=3), plan))
    clip = film_exercise(SLUGS[0], reps, fps=10)
    sections = [Section(exercise=EXERCISES[SLUGS[0]]), Section(exercise=EXERCISES[SLUGS[1]], start_s=8.0)]
    session = Session(sections, clip.info)
    for pose in clip.poses:
        session.push(pose)
    sets = session.finish()
    return AnalysisResult(
        analysed_at="2026-11-02T18:30:00+01:00",
        schema_version=SCHEMA_VERSION,
        hipform_version="0",
        clip=ClipSummary(
            name="two.mp4",
            width_px=960,
            height_px=540,
            frames=len(clip.poses),
            frames_with_person=len(clip.poses),
            start_s=0.0,
            end_s=clip.poses[-1].t_s,
            notes=notes,
        ),
        model="full",
        settings={},
        sets=sets,
        summaries=tuple(summarise_set(EXERCISES[found.exercise], found) for found in sets),
    )


def with_other_rules(result):
    """Return the result as if the rules of its second exercise were its own first one, and a new one."""
    first, second = result.sets
    (rep,) = second.reps
    findings = (rep.findings[0], replace(rep.findings[1], rule="bar-path"))
    return replace(result, sets=(first, replace(second, reps=(replace(rep, findings=findings),))))


def test_rows_name_set_and_exercise_first():
    rows = list(rep_rows(result_of_two()))
    assert list(rows[0])[:3] == ["set", "exercise", "rep"]
    assert [(row["set"], row["exercise"], row["rep"]) for row in rows] == [
        (1, "glute-bridge", 1),
        (1, "glute-bridge", 2),
        (2, "hip-thrust", 1),
    ]


def test_rows_have_the_columns_of_all_rules_and_nothing_where_there_is_no_such_rule(tmp_path):
    result = with_other_rules(result_of_two())
    write_reps(tmp_path / "reps.csv", result)
    with (tmp_path / "reps.csv").open(newline="") as file:
        bridge, _, thrust = csv.DictReader(file)
    assert list(bridge)[-4:] == ["shin-angle", "shin-angle measured", "bar-path", "bar-path measured"]
    assert (bridge["bar-path"], bridge["bar-path measured"]) == ("", "")
    assert bridge["no-squeeze"] == "ok"
    assert (thrust["no-squeeze"], thrust["no-squeeze measured"]) == ("", "")
    assert thrust["incomplete-lockout"] == "ok"
    assert thrust["bar-path"]


def test_a_result_of_several_sets_reads_back():
    result = result_of_two()
    assert AnalysisResult.from_json(result.to_json()) == result
    assert list(result.to_dataframe()["set"]) == [1, 1, 2]


@pytest.mark.parametrize("width", [80, 160])
def test_the_verdicts_come_first_then_every_set_with_heading_table_and_words_and_the_rest_is_said_once(width):
    console = Console(file=io.StringIO(), width=width)
    show(console, result_of_two(notes=("turned upright",)), details=True)
    shown = console.file.getvalue()
    texts = (
        "Set 1, glute bridge: 2 reps counted",
        "Set 2, hip thrust: 1 rep counted",
        "Set 1 of 2 - Glute bridge",
        "Set 2 of 2 - Hip thrust",
        "About the clip:",
        "turned upright",
    )
    places = [shown.index(text) for text in texts]
    assert places == sorted(places)
    assert shown.count("Lockout") == 2
    for once in ("turned upright", "Feedback on movement, not medical advice.", "Angle between trunk and thigh"):
        assert shown.count(once) == 1


def test_a_single_set_is_not_numbered():
    result = result_of_two()
    console = Console(file=io.StringIO(), width=160)
    show(console, replace(result, sets=result.sets[:1], summaries=result.summaries[:1]), details=True)
    shown = console.file.getvalue()
    assert shown.splitlines()[0].rstrip().endswith("Glute bridge: 2 reps counted, 2 of 2 locked out.")
    assert "\nGlute bridge - two.mp4" in shown
    assert "Set " not in shown


def test_a_recognised_exercise_says_how_sure_that_is():
    result = result_of_two()
    recognised = (replace(result.sets[0], confidence=0.876), result.sets[1])
    console = Console(file=io.StringIO(), width=160)
    show(console, replace(result, sets=recognised), details=True)
    shown = console.file.getvalue()
    assert "Glute bridge (recognised, 88% confidence) - two.mp4" in shown
    assert shown.count("recognised") == 1


def test_a_table_of_no_repetition_still_names_its_columns(tmp_path):
    result = result_of_two()
    none = replace(result, sets=tuple(replace(found, reps=(), partial_reps=()) for found in result.sets))
    write_reps(tmp_path / "reps.csv", none)
    columns = (tmp_path / "reps.csv").read_text().splitlines()
    assert columns == [",".join(name for name in next(rep_rows(result)) if name in none.to_dataframe().columns)]
    assert columns[0].startswith("set,exercise,rep,")
