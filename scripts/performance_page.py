"""docs/performance.md: one section for each benchmark, written by its own script."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_MARK = "\n## "


def write_section(heading: str, text: str, page: Path = PAGE) -> None:
    """Put *text*, which begins with its *heading*, in the place of the section of that name, or at the end."""
    sections = _sections(page)
    sections[heading] = text.strip()
    page.write_text("\n\n".join(sections.values()) + "\n", encoding="utf-8")


def _sections(page: Path) -> dict[str, str]:
    """Return the sections of the page by heading, in order."""
    if not page.exists():
        return {}
    first, *rest = page.read_text(encoding="utf-8").split(_MARK)
    parts = [first, *(f"## {part}" for part in rest)]
    return {part.partition("\n")[0]: part.strip() for part in parts}
