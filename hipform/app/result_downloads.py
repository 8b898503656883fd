"""Results in a form that can be handed on: a report as one file, a results folder as an archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

from hipform.app.coach import kept_coach
from hipform.app.last_time import since_last_time
from hipform.errors import OutputError
from hipform.render import shrunk
from hipform.report.report_page import Additions, report_page
from hipform.report.result import is_output
from hipform.report.result_folder import ResultFolder
from hipform.texts import Texts


def report_in(language: str, folder: ResultFolder, *, embed: bool = False) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    language
        Language of the page, as in `hipform.texts.LANGUAGES`.
    folder
        The results.
    embed
        Whether the video is in the page, if it is not too large for one.

    Raises
    ------
    InputError
        If a part of the results cannot be read.
    """
    additions = Additions(letterhead=kept_coach(), since_last_time=since_last_time(folder.result))
    return report_page(folder, shrunk, embed=embed, additions=additions, texts=Texts(language))


def write_archive(folder: Path, file: IO[bytes]) -> None:
    """Write the outputs in a results folder to a zip archive; links, and files of others, are left out.

    Raises
    ------
    OutputError
        If the archive cannot be written.
    """
    try:
        # The large files in it are compressed already.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if is_output(name) and path.is_file() and not path.is_symlink():
                    archive.write(path, name)
    except OSError as error:
        raise OutputError(
            "The archive cannot be written: {cause}.", "Free some disk space.", cause=error.strerror
        ) from error
