"""Operations on a finished analysis: save it to the history, export, report and compare it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path

from hipform.analysis.judged_reps import Rep
from hipform.app.arguments import checked_path
from hipform.app.coach import with_kept_coach
from hipform.app.last_time import kept_sets, since_last_time
from hipform.errors import ConfigError, InputError, OutputError, one_line
from hipform.files import make_folder, output_error, require_free
from hipform.pose.recording import Recording
from hipform.render import shrunk
from hipform.report.c3d import write_c3d
from hipform.report.compare_page import Group, curve_of, two_groups, write_comparison
from hipform.report.ghost import trace
from hipform.report.opensim import measured_sides, write_mot, write_mot_of_both, write_trc
from hipform.report.parquet import csv_to_parquet
from hipform.report.report_page import NO_LETTERHEAD, Additions, Letterhead, write_report
from hipform.report.result import FILES, AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.report.tables import read_frames
from hipform.report.workbook import write_workbook
from hipform.store import History, history_path
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.texts import Texts
from hipform.types import FloatArray


def keep(result: AnalysisResult) -> str:
    """Save the sets of a finished analysis to the history, replacing those of an earlier analysis of the same clip.

    Returns
    -------
    str
        What was saved, in one line.

    Raises
    ------
    HistoryError
        If the sets cannot be saved; nothing else is lost.
    """
    training, sets = result.training, kept_sets(result)
    if not sets:
        return "Nothing was saved to the history, because there was no repetition."
    with History(history_path()) as history:
        replaced = history.keep(sets)
    count = "1 set" if len(sets) == 1 else f"{len(sets)} sets"
    load = f" with {training.load}" if training.load else ""
    date = f"{sets[0].recorded_at:%Y-%m-%d} ({sets[0].recorded_from.in_words})"
    place = ", replacing the earlier analysis of this clip" if replaced else ""
    others = [name for name in replaced if name.casefold() != str(sets[0].athlete).casefold()]
    moved = f", which was in the history of {' and '.join(others)}" if others else ""
    return f"Saved to the history of {sets[0].athlete}: {count}{load}, {date}{place}{moved}."


def load_result(path: str | Path) -> AnalysisResult:
    """Return the result of an earlier analysis.

    Parameters
    ----------
    path
        The results folder, or the result.json in it.

    Raises
    ------
    InputError
        If there is no result that this version can read.
    """
    return ResultFolder.open(checked_path(path)).result


def export(result: str | Path, kind: str, out: str | Path | None = None) -> list[Path]:
    """Write the results of an analysis in a format for other tools.

    Parameters
    ----------
    result
        Results folder, or the ``result.json`` in it.
    kind
        ``parquet``, ``trc``, ``mot``, ``xlsx`` or ``c3d``.
    out
        Destination folder; the results folder if not given.

    Returns
    -------
    list of Path
        The written files.

    Raises
    ------
    ConfigError
        If there is no such format.
    InputError, OutputError
        If a required file is missing, or the files cannot be written.
    """
    if kind not in tuple(EXPORTS):
        raise ConfigError(f"There is no export to {kind!r}.", f"Choose one of {', '.join(EXPORTS)}.")
    folder = ResultFolder.open(checked_path(result, "result"))
    into = folder.path if out is None else checked_path(out, "out")
    missing = list(takewhile(lambda place: not place.exists(), (into, *into.parents)))
    make_folder(into)
    try:
        return _exported(EXPORTS[kind], folder, into)
    except BaseException:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


def _exported(write: _Exporter, folder: ResultFolder, into: Path) -> list[Path]:
    """Write the files of an export: all of them appear, or none."""
    staging = make_temporary_folder(into)
    try:
        made = [(file, into / file.name) for file in write(folder, staging)]
        for _, target in made:
            with _naming(target):
                require_free(target)
        for file, target in made:
            with _naming(target):
                file.replace(target)
    except OutputError as error:
        raise OutputError(error.what.replace(one_line(str(staging)), one_line(str(into))), error.hint) from error
    finally:
        remove_temporary_folder(staging)
    return [target for _, target in made]


@contextlib.contextmanager
def _naming(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(target, error) from error


def _output_of(folder: ResultFolder, name: str) -> Path:
    path = folder.part(name)
    if path is None:
        hint = "Give a folder that `hipform analyze` wrote."
        if name == "poses":
            hint = "Only the analysis of a video leaves its landmarks there, that of a recording does not."
        raise InputError(f"{folder.path / FILES[name]} is missing.", hint)
    return path


def _export_parquet(folder: ResultFolder, out: Path) -> Iterator[Path]:
    for table in ("reps", "frames"):
        path = out / f"{table}.parquet"
        csv_to_parquet(_output_of(folder, table), path)
        yield path


def _export_trc(folder: ResultFolder, out: Path) -> Iterator[Path]:
    with Recording(_output_of(folder, "poses"), is_named=False) as recording:
        write_trc(out / "markers.trc", recording, count=recording.n_frames, fps=recording.info.fps)
    yield out / "markers.trc"


def _export_mot(folder: ResultFolder, out: Path) -> Iterator[Path]:
    frames = read_frames(_output_of(folder, "frames"))
    sides = measured_sides(frames)
    if not sides:
        raise InputError(
            f"{folder.path} has no frame in which hip and knee were visible.", "Film the whole body from the side."
        )
    for side in sides:
        path = out / f"angles_{side.value}.mot"
        write_mot(path, frames, side)
        yield path
    both = out / "angles_both.mot"
    if write_mot_of_both(both, frames):
        yield both


def _export_xlsx(folder: ResultFolder, out: Path) -> Iterator[Path]:
    path = out / "results.xlsx"
    write_workbook(path, folder.result)
    yield path


def _export_c3d(folder: ResultFolder, out: Path) -> Iterator[Path]:
    path = out / "markers.c3d"
    with Recording(_output_of(folder, "poses"), is_named=False) as recording:
        write_c3d(path, recording, fps=recording.info.fps)
    yield path


_Exporter = Callable[[ResultFolder, Path], Iterator[Path]]
EXPORTS: Mapping[str, _Exporter] = {
    "xlsx": _export_xlsx,
    "parquet": _export_parquet,
    "trc": _export_trc,
    "mot": _export_mot,
    "c3d": _export_c3d,
}
"""The writers of `export` by kind; each takes the results folder and the destination folder."""


def report(
    path: str | Path, *, embed: bool = False, letterhead: Letterhead = NO_LETTERHEAD, language: str = "en"
) -> Path:
    """Write the report of an earlier analysis again from the files in its folder.

    Parameters
    ----------
    path
        The results folder, or the result.json in it.
    embed
        See `analyze`.
    letterhead
        Name, logo and comment of a coach; a name and a logo that it lacks are those of `hipform coach`.
    language
        Language of the page, as in `hipform.texts.LANGUAGES`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If there is no result that this version can read, or a part of it is unreadable.
    OutputError
        If the page cannot be written.
    """
    folder = ResultFolder.open(checked_path(path))
    additions = Additions(letterhead=with_kept_coach(letterhead), since_last_time=since_last_time(folder.result))
    return write_report(folder, shrunk, embed=embed, additions=additions, texts=Texts(language))


def compare(
    first: str | Path,
    second: str | Path | None = None,
    *,
    first_set: int | None = None,
    second_set: int | None = None,
    out: str | Path | None = None,
    language: str = "en",
) -> Path:
    """Write a page that compares two sets of one exercise, or the repetitions of a set with its best one.

    Parameters
    ----------
    first, second
        Results folders; without *second*, the best repetition of *first* is compared with its others.
    first_set, second_set
        Number of the set in its clip, required if there are several.
    out
        The page; ``compare.html`` in the first folder if not given.
    language
        Language of the page, as in `hipform.texts.LANGUAGES`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        If a set must be chosen, or there is no set of that number.
    InputError
        If there is no result that this version can read, or the sets cannot be compared.
    OutputError
        If the page cannot be written, or is a file of a finished analysis.
    """
    folder = ResultFolder.open(checked_path(first, "first"))
    other = None if second is None else ResultFolder.open(checked_path(second, "second"))
    groups = two_groups(folder, other, first_set, second_set)
    curves = curve_of(groups[0]), curve_of(groups[1])
    bodies = _body(groups[0], curves[0].middle), _body(groups[1], curves[1].middle)
    path = folder.path / "compare.html" if out is None else checked_path(out, "out")
    write_comparison(path, groups, curves, bodies, shrunk, Texts(language))
    return path


def _body(group: Group, rep: Rep) -> FloatArray | None:
    """Return the body over *rep*'s time; ``None`` if the folder has no landmarks."""
    poses = group.folder.part("poses")
    if poses is None:
        return None
    with Recording(poses, is_named=False) as recording:
        return trace(recording, rep)
