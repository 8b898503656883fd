"""docs/performance.md, with sections that are written by separate scripts."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.paths import ROOT

PAGE = ROOT / "docs" / "performance.md"


def with_section(page: str, section: str) -> str:
    """Return *page* with *section* in place of the one with the same heading, or after all others.

    The part before the first section begins with the page's title and counts as a section of that heading.
    """
    heading = section.partition("\n")[0]
    parts = [part.strip() for part in re.split(r"(?m)^(?=## )", page)]
    if heading in [part.partition("\n")[0] for part in parts]:
        parts = [section.strip() if part.partition("\n")[0] == heading else part for part in parts]
    else:
        parts.append(section.strip())
    return "\n\n".join(filter(None, parts)) + "\n"


def put_section(section: str, path: Path = PAGE) -> None:
    """Write *section* into the page."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(with_section(page, section), encoding="utf-8")
