"""The coach's name and logo, kept on this computer and put at the top of every report."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hipform.errors import HistoryError, one_line
from hipform.files import make_folder, output_error, write_whole
from hipform.report.report_page import MOST_LOGO_BYTES, NO_LETTERHEAD, Letterhead
from hipform.store import history_path
from hipform.validation import ContentError, read_bounded, validate_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)
_MAX_BYTES = 2 * MOST_LOGO_BYTES
"""A logo is larger by a third as text."""
_LOGO = re.compile(r"(data:image/(png|jpeg);base64,[A-Za-z0-9+/]+=*)?")
"""Nothing else may become the source of an image of every report."""


@cache
def _adapter() -> TypeAdapter[Letterhead]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow to load, and most commands need none

    return TypeAdapter(Letterhead)


def coach_path() -> Path:
    """Return the path of the file, beside the history.

    Raises
    ------
    HistoryError
        If there is no home folder for it.
    """
    return history_path().with_name("coach.json")


def keep_coach(letterhead: Letterhead) -> None:
    """Put name and logo at the top of all reports from now on; a letterhead without either removes them.

    Raises
    ------
    HistoryError, OutputError
        If there is no home folder, or the file cannot be written or removed.
    """
    path = coach_path()
    if letterhead == NO_LETTERHEAD:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise output_error(path, error) from error
        return
    make_folder(path.parent)
    # A name from the command line may hold bytes that are no text.
    letterhead = replace(letterhead, name=one_line(letterhead.name), comment="")
    write_whole(path, _adapter().dump_json(letterhead))


def kept_coach() -> Letterhead:
    """Return the kept name and logo; none if nothing is kept, or the file is damaged, which costs no report."""
    try:
        kept = validate_json(_adapter(), read_bounded(coach_path(), _MAX_BYTES))
        return kept if _LOGO.fullmatch(kept.logo) else replace(kept, logo="")
    except FileNotFoundError:
        return NO_LETTERHEAD
    except (OSError, ContentError, HistoryError):
        _log.warning("the kept name and logo of the coach cannot be read")
        return NO_LETTERHEAD


def with_kept_coach(letterhead: Letterhead) -> Letterhead:
    """Return *letterhead* with the kept name and logo where it has none."""
    kept = kept_coach()
    return replace(letterhead, name=letterhead.name or kept.name, logo=letterhead.logo or kept.logo)
