"""Write the pages under docs/ that are made from the code; scripts.doc_images makes their images.

.. code-block:: text

    python -m scripts.update_docs               the schemas, rules.md, exercises.md, and parts of other pages
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from hipform.config import SETTINGS, Settings
from hipform.errors import EXIT_CODES
from hipform.exercises import EXERCISES, VARIANT_MARK
from hipform.exercises.declaration import Exercise
from hipform.kinematics.measures import MEASURES
from hipform.report.camera_drawing import camera_drawing
from hipform.report.exercise_page import (
    gravest_first,
    limit_in_words,
    measured_in_words,
    view_in_words,
    weight_in_words,
)
from hipform.report.history_tables import history_schema
from hipform.report.rep_columns import REP_COLUMNS
from hipform.report.result import json_schema
from scripts.evaluate.rule_table import rule_table_text
from scripts.paths import ROOT

DOCS = ROOT / "docs"


def schema_text() -> str:
    """Return docs/result.schema.json."""
    return json.dumps(json_schema(), indent=2) + "\n"


def history_schema_text() -> str:
    """Return docs/history.schema.json."""
    return json.dumps(history_schema(), indent=2) + "\n"


def rules_text() -> str:
    """Return docs/rules.md: exercises, rules, settings and exit codes."""
    lines = [
        "# Rules and settings",
        "",
        "Written by `python -m scripts.update_docs` from the judging code; `hipform rules` prints what is in force.",
        "",
        "## Rules",
        "",
        "A rule answers `ok`, `fault` or `not_assessed` with the reason; what was not seen is never `ok`.",
        "",
    ]
    for exercise in EXERCISES.values():
        rules = ", ".join(f"`{rule.id}`" for rule in exercise.all_rules)
        lines += [f"- **{exercise.name}** (`{exercise.slug}`): {exercise.purpose} Rules: {rules}."]
    lines += ["", "| rule | in short | what it finds | why it matters | cue |", "| --- | --- | --- | --- | --- |"]
    every = {rule.id: rule for exercise in EXERCISES.values() for rule in exercise.all_rules}
    lines += [f"| `{r.id}` | {r.short} | {r.title} | {r.reason} | {r.cue} |" for r in every.values()]
    lines += [
        "",
        "## Settings",
        "",
        "Override them in a TOML file given with `--config`: the part before the dot is the table.",
        "",
        "| setting | default | bounds | unit | meaning | basis |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{s.key}` | {s.default:g} | {s.low:g} to {s.high:g} | {s.unit} | {s.meaning} | {s.basis}: {s.source} |"
        for s in SETTINGS.values()
    ]
    lines += ["", "## Exit codes", "", "| code | meaning |", "| --- | --- |"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def exercises_text() -> str:
    """Return docs/exercises.md: how to film each exercise, what is measured, and its rules."""
    lines = [
        "# Exercises",
        "",
        "Written by `python -m scripts.update_docs` from the judging code; `hipform exercises hip-thrust` prints one",
        "with the limits in force. [rules.md](rules.md) says what stands behind each limit.",
        "",
        view_in_words(Settings()),
        "",
    ]
    lines += [f"- [{exercise.name}](#{exercise.slug})" for exercise in EXERCISES.values()]
    for exercise in EXERCISES.values():
        lines += _exercise_section(exercise)
    return "\n".join(lines) + "\n"


def _exercise_section(exercise: Exercise) -> list[str]:
    variants = [
        f"- `--exercise {exercise.slug}{VARIANT_MARK}{variant.name}`: {variant.note}" for variant in exercise.variants
    ]
    return [
        "",
        f'<a id="{exercise.slug}"></a>',
        "",
        f"## {exercise.name}",
        "",
        f"{exercise.purpose} `hipform analyze CLIP --exercise {exercise.slug}`",
        "",
        *(["Variants:", "", *variants, ""] if variants else []),
        f"**How to film it.** {exercise.camera.advice}",
        "",
        "```text",
        *camera_drawing(exercise.posture, exercise.camera),
        "```",
        "",
        f"**What is measured.** {' '.join(measured_in_words(exercise))}",
        "",
        "| rule | a fault counts | limits | cue |",
        "| --- | --- | --- | --- |",
        *(
            f"| {rule.title} (`{rule.id}`) | {weight_in_words(rule)} "
            f"| {'<br>'.join(f'{limit_in_words(key, Settings())}: {SETTINGS[key].meaning}' for key in rule.limits)} "
            f"| {rule.cue} |"
            for rule in gravest_first(exercise)
        ),
    ]


def exercise_list_text() -> str:
    """Return the exercises as README.md lists them, one line each."""
    return "\n".join(f"- `{exercise.slug}`: {exercise.purpose}" for exercise in EXERCISES.values())


def rep_columns_text() -> str:
    """Return the table of the columns of reps.csv in docs/outputs.md."""
    rows = [f"| `{column.name}` | {column.meaning} |" for column in REP_COLUMNS]
    of_rules = ["| a rule's id | its verdict |", "| a rule's id and `measured` | the value it judged |"]
    return "\n".join(["| column | meaning |", "| --- | --- |", *rows, *of_rules])


def signs_text() -> str:
    """Return the table of signs in docs/how_it_works.md."""
    signs = [(name, measure.zero, measure.positive) for name, measure in MEASURES.items()]
    signs.append(("lumbar_extension_deg", "the lifter's own neutral", "low back arched; negative = rounded"))
    rows = [f"| `{name}` | {zero} | {positive} |" for name, zero, positive in signs]
    return "\n".join(["| measure | zero | positive |", "| --- | --- | --- |", *rows])


PARTS: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    ROOT / "README.md": {"exercises": exercise_list_text, "trust in each rule": rule_table_text},
    DOCS / "how_it_works.md": {"signs of the measures": signs_text},
    DOCS / "outputs.md": {"columns of reps.csv": rep_columns_text},
}
"""Pages written by hand with parts that come from the code, each between two comments that name it."""


def with_parts(path: Path) -> str:
    """Return the page at *path* with its parts of `PARTS` written anew.

    Raises
    ------
    ValueError
        If the page lacks the comments around one of them.
    """
    page = path.read_text(encoding="utf-8")
    for name, text in PARTS[path].items():
        begin, end = f"<!-- {name}: written by scripts.update_docs -->\n", f"\n<!-- end of {name} -->"
        before, found_begin, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise ValueError(f"{path} lacks the comments around its part {name!r}")
        page = f"{before}{begin}{text()}{end}{after}"
    return page


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    (DOCS / "result.schema.json").write_text(schema_text(), encoding="utf-8")
    (DOCS / "history.schema.json").write_text(history_schema_text(), encoding="utf-8")
    (DOCS / "rules.md").write_text(rules_text(), encoding="utf-8")
    (DOCS / "exercises.md").write_text(exercises_text(), encoding="utf-8")
    for path in PARTS:
        path.write_text(with_parts(path), encoding="utf-8")


if __name__ == "__main__":
    main()
