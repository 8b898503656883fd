"""Pages of figures, with sections that are written by separate scripts, so that each can be measured again alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scripts.paths import ROOT

PERFORMANCE_PAGE = ROOT / "docs" / "performance.md"


def with_section(page: str, section: str, order: Sequence[str] = ()) -> str:
    """Return *page* with *section* in place of the one with the same heading, or as a new one.

    The part before the first section begins with the page's title and counts as a section of that heading.

    Parameters
    ----------
    page, section
        Markdown; the section begins with its heading.
    order
        Headings in the order that the page has them; sections with other headings come after all of these.
    """
    parts = {_heading(part): part for part in map(str.strip, re.split(r"(?m)^(?=## )", page)) if part}
    parts[_heading(section)] = section.strip()
    places = {heading: place for place, heading in enumerate(order)}
    headings = sorted(parts, key=lambda heading: places.get(heading, len(places)))
    return "\n\n".join(parts[heading] for heading in headings) + "\n"


def _heading(section: str) -> str:
    return section.partition("\n")[0]


def put_section(section: str, path: Path = PERFORMANCE_PAGE, order: Sequence[str] = ()) -> None:
    """Write *section* into the page, with `with_section`."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(with_section(page, section, order), encoding="utf-8")
