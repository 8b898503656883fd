"""Train the recognition: ``python -m scripts.recognition``.

With ``--clips`` and ``--cache`` the table of movements is collected again from the clips' landmarks and from kinematic
lifters. With ``--cross-validate`` it measures how many clips of people that a classifier has not seen are recognised,
writes the figures into docs/recognition.md, and calibrates the confidences by them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import hipform.analysis
from hipform.analysis.movement_classifier import MODEL_FILE
from scripts.evaluate.clips import NOTHING
from scripts.page_sections import put_section
from scripts.paths import ROOT
from scripts.recognition import confidences
from scripts.recognition.crossing import Crossed, cross_validate
from scripts.recognition.movements import TABLE_FILE, MovementTable, collect
from scripts.recognition.training import fit

PAGE = ROOT / "docs" / "recognition.md"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, help="folder of the real clips with their manifest")
    parser.add_argument("--cache", type=Path, help="folder of landmarks, as of scripts.evaluate")
    parser.add_argument("--cross-validate", action="store_true", help="needs --clips and --cache")
    args = parser.parse_args()
    if args.clips and args.cache and not args.cross_validate:
        collect(args.clips, args.cache).save(TABLE_FILE)
    table = MovementTable.load()
    if args.cross_validate:
        crossed = cross_validate(table, args.clips, args.cache)
        confidences.save([one for clip in crossed for one in clip.recognitions()])
        put_section("\n".join(_figures(crossed)), PAGE)
    folder = Path(hipform.analysis.__path__[0])
    classifier = fit(table, confidences.calibration_of(confidences.load()))
    (folder / MODEL_FILE).write_text(classifier.as_json() + "\n", encoding="utf-8")


def _figures(crossed: Sequence[Crossed]) -> Iterator[str]:
    """Yield the lines of the section on the cross-validation."""
    shown = [clip for clip in crossed if clip.shows != NOTHING]
    nothing = [clip for clip in crossed if clip.shows == NOTHING]
    right = sum(clip.is_right for clip in shown)
    beside = sum(clip.is_named_beside for clip in shown)
    refused = sum(not clip.sections for clip in shown)
    yield "## Measured on people that the classifier has not seen\n"
    yield f"Ten-fold cross-validation by person, model heavy, on {len(crossed)} real clips.\n"
    yield "| of an exercise | recognised | wrong, the right one named beside it | wrong | refused |"
    yield "| --- | --- | --- | --- | --- |"
    wrong = len(shown) - right - beside - refused
    yield f"| {len(shown)} | {right} ({right / len(shown):.0%}) | {beside} | {wrong} | {refused} |\n"
    taken = sum(not clip.is_right for clip in nothing)
    yield f"Of {len(nothing)} clips of something else, {taken} are taken for an exercise.\n"
    yield "Confidences as they are stated, each person calibrated by the others:\n"
    yield from confidences.reliability_table(confidences.load())
    yield "\nNot recognised:\n"
    yield from (f"- {clip}" for clip in crossed if not clip.is_right)


if __name__ == "__main__":
    main()
