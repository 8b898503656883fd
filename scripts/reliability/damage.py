"""Flip every single bit in the first kilobytes of every kind of file that hipform reads, and random bits elsewhere.

The commands run in this process, one after the other, so that a hundred thousand take minutes. After each the promises
must hold: an exit code that is allowed for the kind of file, at most one line of complaint, nothing half-written, and
complete work where it is promised despite the damage.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from hipform.errors import HipformError, HistoryError
from hipform.store.history import PATH_VARIABLE
from scripts.reliability.probe import left_over
from scripts.reliability.series import format_codes

RANDOM_FLIPS = 2000
_BLOCK = 200
"""Number of flips after which the progress is saved and the longer commands run once."""
_LIMIT_S = 600.0
"""A block that takes longer counts as hung; the process then ends and prints where it hangs."""

Command = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file.

    Attributes
    ----------
    path
        A healthy file; it is damaged and restored in place.
    commands
        Commands that read it; each raises `SystemExit`, `HipformError` or nothing.
    code
        The exit code that damage may cause; 0 if damage must have no effect.
    whole
        A longer command that must succeed whatever the damage.
    first_bytes, last_bytes
        Number of bytes at the start and at the end in which every bit is flipped.
    """

    path: Path
    commands: Sequence[Command]
    code: int
    whole: Command | None = None
    first_bytes: int = 2048
    last_bytes: int = 0


@dataclass
class Damage:
    """Outcome of the flips in one kind of file; `done` *of* them were tried, so that a later run can resume."""

    done: int = 0
    of: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    spent_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def try_damage(
    kinds: Callable[[Path], dict[str, Kind]], folder: Path, *, every: int = 1, state: Path | None = None, only: str = ""
) -> dict[str, Damage]:
    """Flip bits in every kind of file, print a summary of each kind, and return the outcomes.

    Parameters
    ----------
    kinds
        Makes the healthy files in a folder.
    folder
        Folder for the files; a memory disk is many times quicker.
    every
        Only every Nth flip, for a quick run.
    state
        File for the progress; flips that it lists are not repeated.
    only
        Only the kinds whose name contains this.
    """
    found = _read_state(state) if state and state.exists() else {}
    with mock.patch.dict(os.environ, {PATH_VARIABLE: str(folder / "history.sqlite3")}):
        for name, kind in kinds(folder).items():
            if only not in name:
                continue
            one = found.setdefault(name, Damage())
            for _ in _try_kind(kind, one, every):
                if state:
                    state.write_text(json.dumps({name: vars(one) for name, one in found.items()}), encoding="utf-8")
            codes = format_codes(one.codes)
            print(f"{name}: {one.done} flips, exit codes {codes}, {one.spent_s:.0f} s, {len(one.wrong)} wrong")
            for wrong in one.wrong[:20]:
                print(f"  WRONG {wrong}")
    return found


def _read_state(state: Path) -> dict[str, Damage]:
    kept: dict[str, dict[str, Any]] = json.loads(state.read_text(encoding="utf-8"))
    found = {name: Damage(**fields) for name, fields in kept.items()}
    for one in found.values():
        # JSON keys are text.
        one.codes = Counter({int(code): count for code, count in one.codes.items()})
    return found


def flips(size: int, first_bytes: int, last_bytes: int) -> list[int]:
    """Return the bits to flip in a file of *size* bytes: all at the start and at the end, random ones in between."""
    first = min(size, first_bytes) * 8
    last = max(first, (size - last_bytes) * 8)
    count = RANDOM_FLIPS if last > first else 0
    random = np.random.default_rng(size).integers(first, max(last, first + 1), count).tolist()
    return [*range(first), *range(last, size * 8), *random]


def _try_kind(kind: Kind, damage: Damage, every: int) -> Iterator[None]:
    """Try each flip that was not tried before; yield after every block of them."""
    healthy = kind.path.read_bytes()
    _require_healthy(kind)
    bits = flips(len(healthy), kind.first_bytes, kind.last_bytes)
    damage.of = len(bits)
    bits = bits[::every]
    for number in range(damage.done, len(bits)):
        if number % _BLOCK == 0:
            faulthandler.dump_traceback_later(_LIMIT_S, exit=True)
        damaged = bytearray(healthy)
        damaged[bits[number] // 8] ^= 1 << bits[number] % 8
        started = time.monotonic()
        wrong = [one for command in kind.commands for one in _wrong_with(kind, command, damaged, damage)]
        if kind.whole and number % _BLOCK == 0:
            wrong += _wrong_with(kind, kind.whole, damaged, damage)
        damage.wrong += [f"bit {bits[number]} of {kind.path.name}: {one}" for one in wrong]
        damage.spent_s += time.monotonic() - started
        damage.done = number + 1
        if damage.done % _BLOCK == 0:
            yield
    faulthandler.cancel_dump_traceback_later()
    kind.path.write_bytes(healthy)
    yield


def _require_healthy(kind: Kind) -> None:
    healthy = kind.path.read_bytes()
    for command in (*kind.commands, *([kind.whole] if kind.whole else [])):
        code, said = _ended(command)
        kind.path.write_bytes(healthy)
        if code:
            raise RuntimeError(f"the healthy {kind.path.name} is not read: {said}")


def _wrong_with(kind: Kind, command: Command, damaged: bytearray, damage: Damage) -> Iterator[str]:
    """Run *command* on a damaged file and yield which promises it broke."""
    kind.path.write_bytes(damaged)
    code, said = _ended(command)
    damage.codes[code] += 1
    allowed = {0} if command is kind.whole else {0, kind.code}
    if code not in allowed:
        yield f"exit code {code}: {said.strip()[-300:]}"
    if len(said.strip().splitlines()) != (code != 0) or "Traceback" in said:
        yield f"not one line with exit code {code}: {said.strip()[-300:]!r}"
    if code == HistoryError.exit_code and kind.path.read_bytes() != damaged:
        yield "a damaged history was written to"
    yield from left_over(kind.path.parent)


def _ended(command: Command) -> tuple[int, str]:
    """Return the exit code of a command and its text on standard error."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said), warnings.catch_warnings():
            # No user should see a warning.
            warnings.simplefilter("always")
            command()
    except SystemExit as leaving:
        return (leaving.code if isinstance(leaving.code, int) else 1), said.getvalue()
    except HipformError as error:
        return error.exit_code, f"{said.getvalue()}{error}"
    except Exception as error:  # noqa: BLE001 - any other exception is a defect
        return 1, f"{said.getvalue()}{type(error).__name__}: {error}"
    return 0, said.getvalue()
