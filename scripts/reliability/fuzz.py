"""Mutated clips, recordings, results and settings through the commands that read them.

Every mutation follows from the seed and its number, so that every finding can be reproduced.
"""

from __future__ import annotations

import copy
import io
import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import hipform
from hipform.errors import BatchError
from hipform.report.result import FILES
from scripts.reliability.clips import SAMPLE, Form, sample_images, write
from scripts.reliability.probe import broken_promises, left_over, run
from scripts.reliability.series import format_codes

LIMIT_S = 120.0
"""Longest a command may take for a mutated file of a second's length, on a busy machine."""
_EVERY = 5
"""Of the sample's pictures every so many go into the clips that are mutated: a clip of a second has them all."""
_WORTH_TRYING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_ODD_VALUES: Sequence[Any] = (
    None, True, -1, 0, 1e308, -1e-308, 10**30, "", "x" * 10_000, "\x1b[31m", "<img src=x onerror=alert(1)>", "=1+1",
    "../../x", "\ud800", [], {}, [[]], float("nan"), float("inf"),
)  # fmt: skip

_MANIFEST = (
    b"path,exercise,athlete,date,load,note\n"
    b'ana/IMG 1.MOV,hip-thrust,Ana,2026-03-21,80kg,"felt good, more next time"\n'
    b"ben.mp4,romanian-deadlift:single-leg,Ben,,175lb,\n"
    b"=1+1.mp4,,=cmd,,,\x1b[31m\n"
)
_LISTED = ("ana/IMG 1.MOV", "ben.mp4", "=1+1.mp4")

Random = np.random.Generator


@dataclass
class Tally:
    """What became of the files of one kind."""

    files: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    slowest_s: float = 0.0
    most_mb: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes
    ----------
    healthy
        Healthy files by name.
    mutate
        Breaks one.
    command
        What reads it, given the file and a folder for results.
    share
        How many are tried, of the number of clips.
    beside, code
        Empty files that lie beside it, and the exit code that a healthy one leads to.
    """

    healthy: Mapping[str, bytes]
    mutate: Callable[[bytes, Random], bytes]
    command: Callable[[Path, Path], Sequence[str]]
    share: float = 0.5
    beside: Sequence[str] = ()
    code: int = 0


def fuzz(files: int, seed: int, keep: Path | None = None) -> dict[str, Tally]:
    """Try *files* mutated clips, and a share of that of each other kind.

    Files that broke a promise are copied to *keep*.
    """
    with tempfile.TemporaryDirectory() as scratch:
        kinds = _kinds(Path(scratch))
        found = {}
        for number, (name, kind) in enumerate(kinds.items()):
            found[name] = _try(kind, max(1, round(kind.share * files)), np.random.default_rng([seed, number]), keep)
            _print_summary(name, found[name])
    return found


def _print_summary(name: str, tally: Tally) -> None:
    times = f"slowest {tally.slowest_s:.1f} s, most {tally.most_mb:.0f} MB"
    print(f"{name}: {tally.files} files; exit codes {format_codes(tally.codes)}; {times}")
    for wrong in tally.wrong:
        print(f"  WRONG {wrong}")


def _try(kind: Kind, count: int, random: Random, keep: Path | None) -> Tally:
    """Try the healthy files first, which must be read, then *count* mutated ones of them."""
    tally = Tally()
    names = sorted(kind.healthy)[:count]
    for number in range(-len(names), count):
        name = names[number % len(names)]
        data = kind.healthy[name] if number < 0 else kind.mutate(kind.healthy[name], random)
        with tempfile.TemporaryDirectory() as folder:
            path, out = Path(folder, "in", name), Path(folder, "out")
            for other in kind.beside:
                (path.parent / other).parent.mkdir(parents=True, exist_ok=True)
                (path.parent / other).touch()
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            outcome = run(kind.command(path, out), limit_s=LIMIT_S, said=Path(folder, "said"))
            if number < 0 and outcome.code != kind.code:
                raise RuntimeError(f"the healthy {name} is not read: {outcome.said}")
            wrong = [*broken_promises(outcome, out), *left_over(path.parent)]
            if wrong and keep:
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, keep / f"{number}_{name}")
        tally.files += 1
        tally.codes[outcome.code] += 1
        tally.slowest_s = max(tally.slowest_s, outcome.spent_s)
        tally.most_mb = max(tally.most_mb, outcome.most_mb)
        tally.wrong += [f"{number} {name}: {one}" for one in dict.fromkeys(wrong)]
    return tally


# ------------------------------------------------------------------------------------------------------- the kinds


def _kinds(scratch: Path) -> dict[str, Kind]:
    analysis = scratch / "analysis"
    hipform.analyze(SAMPLE, exercise="hip-thrust", model="lite", out=analysis, fast=True, jobs=1)
    poses, result = ((analysis / FILES[name]).read_bytes() for name in ("poses", "result"))
    settings = b"[incomplete-lockout]\nshort_deg = 12\n[sets]\nrest_s = 20.0\n[no-squeeze]\nhold_s = 0.8\n"
    return {
        "clips": Kind(dict(_healthy_clips(scratch)), _broken_bytes, _analyze, share=1.0),
        "recordings": Kind({"poses.npz": poses}, _broken_recording, _analyze),
        "results": Kind({FILES["result"]: result}, _broken_json, lambda path, _out: ("report", str(path))),
        # Every clip that it leads to starts a worker.
        "manifests": Kind(
            {"clips.csv": _MANIFEST}, _broken_bytes, _batch, share=0.1, beside=_LISTED, code=BatchError.exit_code
        ),
        "settings": Kind({"mine.toml": settings}, _broken_bytes, lambda path, _out: ("rules", "--config", str(path))),
    }


def _batch(path: Path, out: Path) -> Sequence[str]:
    return "batch", str(path), "-o", str(out), "--no-history"


def _analyze(path: Path, out: Path) -> Sequence[str]:
    return "analyze", str(path), "-e", "hip-thrust", "-m", "lite", "-o", str(out)


def _healthy_clips(scratch: Path) -> Iterator[tuple[str, bytes]]:
    images = [np.asarray(cv2.resize(image, (320, 180)), np.uint8) for image in sample_images()[::_EVERY]]
    forms = {
        "plain.mp4": Form(audio=True),
        "index first.mp4": Form(container_options={"movflags": "+faststart"}),
        "stream.mp4": Form(container_options={"movflags": "+frag_keyframe+empty_moov"}),
        "turned.mov": Form(turn={"degrees": 90}),
        "a.mkv": Form(audio=True),
        "a.ts": Form(audio=True),
        "a.avi": Form(codec="mpeg4"),
        "jpeg.avi": Form(codec="mjpeg", pix_fmt="yuvj420p"),
        "a.webm": Form(codec="libvpx", options={"deadline": "realtime", "cpu-used": "8"}),
        "hevc.mp4": Form(codec="libx265", options={"x265-params": "log-level=none"}),
        "a.gif": Form(codec="gif", pix_fmt="rgb8", fps=25),
        "bare.h264": Form(container="h264"),
    }
    for name, form in forms.items():
        yield name, write(scratch / name, images, form).read_bytes()


# ---------------------------------------------------------------------------------------------------- mutations


def _broken_bytes(data: bytes, random: Random) -> bytes:
    """Break *data* in one to four ways, half of them near its beginning, where the structure is described."""
    broken = bytearray(data)
    for _ in range(random.integers(1, 5)):
        if not broken:
            break
        reach = min(len(broken), 2000) if random.random() < 0.5 else len(broken)
        _DAMAGES[random.integers(len(_DAMAGES))](broken, int(random.integers(reach)), random)
    return bytes(broken)


def _flip(data: bytearray, place: int, random: Random) -> None:
    data[place] ^= 1 << int(random.integers(8))


def _overwrite(data: bytearray, place: int, random: Random) -> None:
    data[place : place + int(random.integers(1, 200))] = random.bytes(int(random.integers(1, 200)))


def _delete(data: bytearray, place: int, random: Random) -> None:
    del data[place : place + int(random.integers(1, 5000))]


def _repeat(data: bytearray, place: int, random: Random) -> None:
    data[place:place] = data[place : place + int(random.integers(1, 5000))]


def _cut(data: bytearray, place: int, _random: Random) -> None:
    del data[place:]


def _set_number(data: bytearray, place: int, random: Random) -> None:
    number = _WORTH_TRYING[random.integers(len(_WORTH_TRYING))]
    data[place : place + 4] = number.to_bytes(4, "big" if random.random() < 0.5 else "little")


_DAMAGES = (_flip, _flip, _overwrite, _delete, _repeat, _cut, _set_number, _set_number)


def _broken_recording(data: bytes, random: Random) -> bytes:
    """Break the bytes of the archive, or rebuild it around broken members so that its checksums are right."""
    if random.random() < 0.3:
        return _broken_bytes(data, random)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(members)[random.integers(len(members))]
    members[name] = (
        _broken_json_member(members[name], random) if name == "meta.npy" else _odd_rows(members[name], random)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return packed.getvalue()


def _odd_rows(member: bytes, random: Random) -> bytes:
    """Put numbers that no body has into an array, or break its bytes."""
    if random.random() < 0.5:
        return _broken_bytes(member, random)
    rows = np.load(io.BytesIO(member)).copy()
    odd = [0, -1, 1e-30, 1e30, np.inf, -np.inf, np.nan, 1e5, -1e5]
    places = random.integers(0, rows.size, random.integers(1, 50))
    with np.errstate(all="ignore"):
        rows.flat[places] = np.asarray(odd, float)[random.integers(0, len(odd), len(places))].astype(rows.dtype)
    packed = io.BytesIO()
    np.save(packed, rows)
    return packed.getvalue()


def _broken_json_member(member: bytes, random: Random) -> bytes:
    text = np.load(io.BytesIO(member)).tobytes()
    packed = io.BytesIO()
    np.save(packed, np.frombuffer(_broken_json(text, random), np.uint8))
    return packed.getvalue()


def _broken_json(data: bytes, random: Random) -> bytes:
    """Put odd values in the place of some, or break the bytes."""
    if random.random() < 0.3:
        return _broken_bytes(data, random)
    content: Any = json.loads(data)
    for _ in range(random.integers(1, 4)):
        _replace_one(content, random)
    return json.dumps(content).encode()


def _replace_one(content: Any, random: Random) -> None:
    """Walk down to a random place of *content* and put something odd there, or take it out."""
    while True:
        keys: list[Any] = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not keys:
            return
        key = keys[int(random.integers(len(keys)))]
        inner = content[key]
        if isinstance(inner, (dict, list)) and inner and random.random() < 0.85:
            content = inner
            continue
        if random.random() < 0.2:
            del content[key]
        else:
            # A copy: the next change may reach into it.
            content[key] = copy.deepcopy(_ODD_VALUES[int(random.integers(len(_ODD_VALUES)))])
        return
