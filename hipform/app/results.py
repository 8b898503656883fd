"""What can be done with a finished analysis: keep it, export it, show it again, compare it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hipform.analysis.judged_reps import Rep
from hipform.errors import HistoryError, InputError
from hipform.files import make_folder
from hipform.pose.recording import Recording
from hipform.render import shrunk
from hipform.report.compare_page import Group, curve_of, two_groups, write_comparison
from hipform.report.ghost import trace
from hipform.report.opensim import measured_sides, write_mot, write_trc
from hipform.report.parquet import csv_to_parquet
from hipform.report.report_page import write_report
from hipform.report.result import FILES, AnalysisResult
from hipform.report.result_folder import ResultFolder
from hipform.report.tables import read_frames
from hipform.store import History, history_path, kept_set
from hipform.types import FloatArray


def keep(result: AnalysisResult) -> str:
    """Keep the sets of a finished analysis in the history, in place of those of an earlier one of the same clip.

    Returns
    -------
    str
        What was kept, in one line.

    Raises
    ------
    HistoryError
        If it cannot be kept; nothing else is lost by that.
    """
    training, clip = result.training, result.clip
    if clip.sha256 is None:
        raise HistoryError("The recording does not say which clip it is of.", "Analyse the video itself.")
    if training.recorded_at is None or training.recorded_from is None:
        raise HistoryError("It is not known when the clip was recorded.", "Say it with --date.")
    sets = [
        kept_set(
            found,
            training,
            clip_sha256=clip.sha256,
            clip_name=clip.name,
            model=result.model,
            hipform_version=result.hipform_version,
        )
        for found in result.sets
        if found.reps or found.partial_reps
    ]
    if not sets:
        return "Nothing to keep in the history: no repetition."
    with History(history_path()) as history:
        replaced = history.keep(sets)
    count = "1 set" if len(sets) == 1 else f"{len(sets)} sets"
    load = f" with {training.load}" if training.load else ""
    date = f"{training.recorded_at:%Y-%m-%d} ({training.recorded_from.in_words})"
    place = ", in place of the earlier analysis of this clip" if replaced else ""
    return f"Kept in the history of {sets[0].athlete}: {count}{load}, {date}{place}."


def export(result: Path, kind: str, out: Path | None = None) -> list[Path]:
    """Write what an analysis found in a form for other tools.

    Parameters
    ----------
    result
        Folder that `analyze` wrote, or the ``result.json`` in it.
    kind
        One of `EXPORTS`.
    out
        Folder to write into; that of the result if not given.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError, OutputError
        If something needed is not there, or the files cannot be written.
    """
    folder = ResultFolder.open(result)
    out = out or folder.path
    make_folder(out)
    return list(EXPORTS[kind](folder, out))


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
        raise InputError(f"{folder.path} has no frame in which hip and knee were seen.", "Film the whole body side-on.")
    for side in sides:
        path = out / f"angles_{side.value}.mot"
        write_mot(path, frames, side)
        yield path


EXPORTS: Mapping[str, Callable[[ResultFolder, Path], Iterator[Path]]] = {
    "parquet": _export_parquet,
    "trc": _export_trc,
    "mot": _export_mot,
}
"""What `export` can write, by kind: each takes the folder of a result and one to write into."""


def report(path: str | Path, *, embed: bool = False) -> Path:
    """Write the report of an earlier analysis again, from what lies in its folder.

    Parameters
    ----------
    path
        The folder of results, or the result.json in it.
    embed
        As for `analyze`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If there is no result that this version understands, or a part of it cannot be read.
    OutputError
        If the page cannot be written.
    """
    return write_report(ResultFolder.open(Path(path)), shrunk, embed=embed)


def compare(
    first: str | Path,
    second: str | Path | None = None,
    *,
    first_set: int | None = None,
    second_set: int | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write a page that holds two sets of one exercise against each other, or a set against its own best repetition.

    Parameters
    ----------
    first, second
        Folders of results; without *second*, the best repetition of *first* is compared with its others.
    first_set, second_set
        Number of the set in its clip, needed where there are several.
    out
        The page; ``compare.html`` in the first folder if not given.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        If a set must be chosen, or there is none of that number.
    InputError
        If there is no result that this version understands, or the sets cannot be compared.
    OutputError
        If the page cannot be written.
    """
    folder = ResultFolder.open(Path(first))
    other = None if second is None else ResultFolder.open(Path(second))
    groups = two_groups(folder, other, first_set, second_set)
    curves = curve_of(groups[0]), curve_of(groups[1])
    bodies = _body(groups[0], curves[0].middle), _body(groups[1], curves[1].middle)
    path = folder.path / "compare.html" if out is None else Path(out)
    write_comparison(path, groups, curves, bodies, shrunk)
    return path


def _body(group: Group, rep: Rep) -> FloatArray | None:
    """Return the landmarks over *rep*'s time, if they lie in the folder."""
    poses = group.folder.part("poses")
    if poses is None:
        return None
    with Recording(poses, is_named=False) as recording:
        return trace(recording, rep)
