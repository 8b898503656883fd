"""The kinds of files that hipform reads back, each with a healthy one and what reads it."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from unittest import mock

from typer.main import get_command

import hipform.cli
from hipform.analysis.judged_reps import Calibration
from hipform.app import keep
from hipform.batch import Analysis
from hipform.batch.inputs import find_clips
from hipform.batch.local_store import LocalStore
from hipform.batch.manifest import read_manifest
from hipform.batch.overview import write_index
from hipform.batch.run_records import Ledger, RunRecord
from hipform.cli.root import app
from hipform.errors import ConfigError, HistoryError, InputError, ModelError
from hipform.feedback.history_records import KeptSet
from hipform.pose import model_files
from hipform.pose.recording import Recording, RecordingWriter
from hipform.report.curves import read_curves
from hipform.report.index_page import index_row
from hipform.report.result import FILES, RUN_RECORD, AnalysisResult, rep_rows
from hipform.store import History, keep_calibration, kept_calibrations, read_calibration, write_calibration
from hipform.texts import ENGLISH
from hipform.training import DateSource, training_facts
from scripts.paths import ROOT
from scripts.reliability.damage import Command, Kind

_POSES = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"
_FRAMES = 80
"""A repetition or two, so that every command takes a few milliseconds."""
_EXERCISE = "glute-bridge"
_ATHLETE = "Ana"
_LIST = (
    "path,exercise,athlete,date,load,note\n"
    'clip.mp4,hip-thrust,Ana,2026-03-21,80kg,"felt good, more next time"\n'
    "other.mp4,romanian-deadlift:single-leg,Ben,2026-03-22T18:30,175lb,\n"
)
_SETTINGS = "[incomplete-lockout]\nshort_deg = 12\n[sets]\nrest_s = 20.0\n[no-squeeze]\nhold_s = 0.8\n"
_CALIBRATION = Calibration(
    exercise=_EXERCISE,
    model="full",
    reps=5,
    view_off_deg=7.5,
    lockout_trunk_thigh_flexion_deg=2.25,
    low_back_top_deg=11.5,
    low_back_top_scatter_deg=1.5,
)

_ONCE_A_PROCESS = {
    "open_closed_streams": lambda: None,
    "handle_signals": lambda: None,
    "ignore_signals": lambda: None,
    "SteadyOutput": lambda: contextlib.nullcontext(mock.Mock()),
}
"""What the command line sets up once in its process; each of the many calls here would leave threads behind."""


def kinds(folder: Path) -> dict[str, Kind]:
    """Make a healthy file of every kind in *folder*, and return what reads each."""
    poses = _recording(folder / "set.npz")
    result_folder = folder / "result"
    training = training_facts(_ATHLETE, "80kg", "felt good", None)
    result = hipform.analyze(poses, exercise=_EXERCISE, out=result_folder, training=training)
    again = _hipform("analyze", poses, "-e", _EXERCISE, "-o", folder / "again", "--athlete", _ATHLETE)
    return {
        "history": _history(folder, result, again),
        **_calibrations(folder, again),
        **_of_result(result_folder, result),
        "batch.json": _run_record(folder, result),
        "poses.npz": Kind(path=poses, commands=[lambda: _read(poses)], code=InputError.exit_code, last_bytes=2048),
        **_texts(folder),
        "list of models": _models(folder),
    }


def _hipform(*arguments: object) -> Command:
    """Return what runs the command line with *arguments*."""

    def command() -> None:
        with (
            mock.patch.object(sys, "argv", ["hipform", *map(str, arguments)]),
            mock.patch.dict(vars(import_module("hipform.cli.main")), {**_ONCE_A_PROCESS, "app": _command_line()}),
        ):
            hipform.cli.main()

    return command


@cache
def _command_line() -> object:
    """Return the command line, built once: typer builds it for every call, which takes longer than most commands."""
    return get_command(app)


def _recording(path: Path) -> Path:
    """Write a recording that the history knows a clip and a date by."""
    with Recording(_POSES) as recording:
        recorded_at, recorded_from = datetime(2026, 3, 21, tzinfo=UTC), DateSource.CLIP
        info = replace(recording.info, sha256="0" * 64, recorded_at=recorded_at, recorded_from=recorded_from)
        with RecordingWriter(path, info, recording.model) as writer:
            for pose in islice(recording, _FRAMES):
                writer.write(pose)
    return path


def _read(poses: Path) -> None:
    with Recording(poses) as recording:
        assert sum(1 for _ in recording) == recording.n_frames


def _history(folder: Path, result: AnalysisResult, again: Command) -> Kind:
    for number in range(4):
        keep(replace(result, clip=replace(result.clip, sha256=f"{number}" * 64)))
    path = folder / "history.sqlite3"
    healthy = _kept(path)
    shown = [_hipform("history"), _hipform("progress")]

    def show() -> None:
        # What is drawn of the same sets is the same.
        if _kept(path) != healthy:
            for command in shown:
                command()

    commands = [show, lambda: keep(result)]
    # The texts that make its tables lie at the end of its first page.
    return Kind(path=path, commands=commands, code=HistoryError.exit_code, whole=again, first_bytes=4096)


def _kept(path: Path) -> tuple[KeptSet, ...]:
    with History(path) as history:
        return history.sets()


def _calibrations(folder: Path, again: Command) -> dict[str, Kind]:
    given, kept = folder / "me.json", keep_calibration(_ATHLETE, _CALIBRATION)
    write_calibration(given, _CALIBRATION)
    return {
        "calibration": Kind(path=given, commands=[lambda: read_calibration(given)], code=InputError.exit_code),
        "kept calibration": Kind(path=kept, commands=[lambda: kept_calibrations(_ATHLETE)], code=0, whole=again),
    }


def _of_result(folder: Path, result: AnalysisResult) -> dict[str, Kind]:
    report = _hipform("report", folder)
    parquet, mot = (_hipform("export", folder, "--to", kind) for kind in ("parquet", "mot"))

    def curves() -> None:
        # What the report reads of it; drawing the page each time would take hours.
        read_curves(folder / FILES["frames"], 0.0, 10.0, result.sets[0].reps)

    commands = {"result": [report], "reps": [parquet], "frames": [parquet, mot, curves]}
    return {
        FILES[name]: Kind(path=folder / FILES[name], commands=readers, code=InputError.exit_code)
        for name, readers in commands.items()
    }


def _run_record(folder: Path, result: AnalysisResult) -> Kind:
    clip = folder / "clips" / "clip.mp4"
    clip.parent.mkdir()
    clip.touch()
    (found,) = find_clips([str(clip)], Analysis(), str(folder / "batch")).clips
    record = RunRecord(
        clip=found.label,
        source=found.source_digest,
        size=found.size,
        stamp=found.stamp,
        asked=found.analysis.fingerprint,
        row=index_row(found.label, result, has_thumbnail=False),
        reps=tuple(rep_rows(result)),  # type: ignore[arg-type] # they hold what a record's cells may be
    )
    path = folder / "batch" / "clip" / RUN_RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(record.to_json())
    place = LocalStore(folder / "batch")
    place.make_work()

    def command() -> None:
        Ledger(place).folders([found])
        write_index(place, {}, ENGLISH)

    return Kind(path=path, commands=[command], code=0)


def _texts(folder: Path) -> dict[str, Kind]:
    settings, clips = folder / "settings.toml", folder / "clips.csv"
    settings.write_text(_SETTINGS, encoding="utf-8")
    clips.write_text(_LIST, encoding="utf-8")
    rules = _hipform("rules", "--config", settings)
    return {
        "settings": Kind(path=settings, commands=[rules], code=ConfigError.exit_code),
        "list of clips": Kind(path=clips, commands=[lambda: read_manifest(clips)], code=InputError.exit_code),
    }


def _models(folder: Path) -> Kind:
    models = folder / "models"
    models.mkdir()
    for source in (ROOT / "models").iterdir():
        if source.suffix == ".task":
            (models / source.name).symlink_to(source)
    path = models / "manifest.json"
    path.write_bytes((ROOT / "models" / path.name).read_bytes())

    def command() -> None:
        with mock.patch.object(model_files, "_PLACES", (models,)):
            model_files.model_path("lite")

    return Kind(path=path, commands=[command], code=ModelError.exit_code)
