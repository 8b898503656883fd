"""Train the recognition: ``python -m scripts.recognition``.

With ``--clips`` and ``--cache`` the table of movements is collected again from the clips' landmarks and from kinematic
lifters. With ``--cross-validate`` it also says how many clips of people that a classifier has not seen are recognised.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import hipform.analysis
from hipform.analysis.movement_classifier import MODEL_FILE
from scripts.recognition.crossing import cross_validate
from scripts.recognition.movements import TABLE_FILE, MovementTable, collect
from scripts.recognition.training import fit


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
        for line in cross_validate(table, args.clips, args.cache):
            print(line)
    else:
        folder = Path(hipform.analysis.__path__[0])
        (folder / MODEL_FILE).write_text(fit(table).as_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
