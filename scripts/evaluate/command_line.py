"""Options that the evaluations share, and the command that a page names as its origin."""

from __future__ import annotations

import argparse
import shlex
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from hipform.pose.model_files import ModelName
from scripts.evaluate.clips import NOTHING, Entry, read_manifest
from scripts.paths import SAMPLES


def add_shared_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--clips``, ``--model`` and ``--cache``."""
    parser.add_argument("--clips", type=Path, action="append", default=[], help="one more folder; may be repeated")
    parser.add_argument("--model", choices=get_args(ModelName), action="append", help="may be repeated; default: heavy")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "hipform-evaluation")


def chosen_models(options: argparse.Namespace) -> list[ModelName]:
    """Return the pose models that ``--model`` names, each once, or the heavy one."""
    return list(dict.fromkeys(options.model or ["heavy"]))


def exercise_entries(options: argparse.Namespace) -> list[Entry]:
    """Return the clips of the samples and of every folder of ``--clips`` that show an exercise."""
    folders = (SAMPLES, *options.clips)
    return [entry for folder in folders for entry in read_manifest(folder) if entry.exercise != NOTHING]


def command_text(module: str, options: argparse.Namespace, models: Iterable[str], others: Sequence[str] = ()) -> str:
    """Return the command that gives the same figures; folders of clips are named without their paths."""
    words = ["python", "-m", module]
    words += [word for folder in options.clips for word in ("--clips", folder.name.upper())]
    words += [word for model in models for word in ("--model", model)]
    return shlex.join([*words, *others])
