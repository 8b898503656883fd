"""Check that a wheel holds what hipform needs, and nothing else.

.. code-block:: text

    python -m scripts.check_wheel dist/hipform-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from hipform.pose.model_files import MODEL_NAMES
from scripts.paths import ROOT

_ENDINGS = frozenset({".py", ".typed", ".j2", ".js", ".css", ".json", ".md", ".task", ""})
"""Endings of the files inside the package; those without one are licences."""


def problems_of(wheel: Path) -> list[str]:
    """Return what is wrong with the contents of *wheel*; empty if nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    inside = {name for name in names if name.startswith("hipform/")}
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hipform").rglob("*") if _is_shipped(path)}
    wanted |= {f"hipform/models/pose_landmarker_{model}.task" for model in MODEL_NAMES}
    return [
        *(f"missing: {name}" for name in sorted(wanted - inside)),
        *(f"not expected: {name}" for name in sorted(_strangers(names))),
    ]


def _is_shipped(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _strangers(names: Iterable[str]) -> list[str]:
    """Return files outside the package and its metadata, and files of an unexpected kind in the package."""
    return [
        name
        for name in names
        if not name.partition("/")[0].endswith(".dist-info")
        and (not name.startswith("hipform/") or Path(name).suffix not in _ENDINGS)
    ]


def main() -> None:
    """Print what is wrong with the wheel on the command line, and fail if anything is."""
    problems = problems_of(Path(sys.argv[1]))
    for line in problems:
        print(line)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
