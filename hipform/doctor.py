"""Checks of what hipform needs on this computer: what is there, what is wrong, and how to fix it.

This is not in `hipform.app`, whose import needs all libraries to work: here each check imports the library it tests.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import platform
import shutil
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator, Mapping
from ctypes.util import find_library
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Self

from hipform import __version__
from hipform.child_process import ChildLostError, PythonChild, Report
from hipform.errors import HipformError, ModelError, NotAVideoError, OutputError, one_line
from hipform.files import DISK_ERRORS, output_error, scratch_folder

_log = logging.getLogger(__name__)

SYSTEM_PACKAGES = "libegl1 libgl1 libgles2 libglib2.0-0 libxcb1"
"""System packages on Debian and Ubuntu that OpenCV and MediaPipe need."""

_LIBRARIES = ("av", "mediapipe", "numpy", "opencv-contrib-python", "pydantic", "scipy")
_OPENCV = "opencv-contrib-python"
_OTHER_OPENCV = ("opencv-python", "opencv-contrib-python-headless", "opencv-python-headless")
_DEFECT_EXIT_CODE = 1
_LEAST_FREE_GB = 1.0
_LEAST_MEMORY_GB = 2.0
_GB = 1e9
_PROBE_LIMIT_S = 120.0


class State(StrEnum):
    """The state of a part."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of the check of one part.

    Attributes
    ----------
    state, text
        State, and its description.
    remedy
        The command or the step that fixes it.
    exit_code
        Exit code of `hipform analyze` because of it; 0 if `analyze` works anyway.
    """

    state: State
    text: str
    remedy: str = ""
    exit_code: int = 0


def examine() -> Iterator[tuple[str, CheckResult]]:
    """Yield the name of each part and its result, as soon as it is known."""
    with _Probe() as probe:
        for part, check in CHECKS.items():
            verdict = _survived(partial(probe.verdict, check) if check in _NATIVE else check)
            _log.info("%s: %s", part, verdict.state)
            yield part, verdict


class _Probe:
    """Runs checks of native code in a child process, so that a library that crashes or hangs only fails its check."""

    def __init__(self) -> None:
        self._child: PythonChild | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            self._child.end()
            self._child = None

    def verdict(self, check: Callable[[], CheckResult]) -> CheckResult:
        """Return the result of *check*, a function of this module."""
        self._child = self._child or PythonChild()
        try:
            found: CheckResult = self._child.run(_probed, check, limit_s=_PROBE_LIMIT_S)
        except ChildLostError as error:
            return self._given_up(f"crashes: {one_line(str(error))}")
        except TimeoutError:
            return self._given_up(f"hangs: it did not answer in {_PROBE_LIMIT_S:g} s")
        return found

    def _given_up(self, text: str) -> CheckResult:
        self.__exit__()
        return CheckResult(State.WRONG, text, _reinstall(), _DEFECT_EXIT_CODE)


def _probed(_report: Report, check: Callable[[], CheckResult]) -> CheckResult:
    return _survived(check)


def _survived(check: Callable[[], CheckResult]) -> CheckResult:
    """Return the result of *check*, also if what it checks raises."""
    try:
        return check()
    except HipformError as error:
        return CheckResult(State.WRONG, error.what, error.hint, error.exit_code)
    except ImportError as error:
        return _not_loaded(error)
    except Exception as error:  # noqa: BLE001 - a broken library may raise anything
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            # The checks write among the temporary files only.
            full = output_error(Path(tempfile.gettempdir()), error)
            remedy = "Free some space there, or set TMPDIR to another folder."
            return CheckResult(State.WRONG, full.what, remedy, full.exit_code)
        _log.info("the check failed", exc_info=error)
        return CheckResult(State.WRONG, f"fails with {type(error).__name__}: {error}", _reinstall(), _DEFECT_EXIT_CODE)


def _not_loaded(error: ImportError) -> CheckResult:
    text = f"cannot be loaded: {error}"
    if ".so" in str(error) and sys.platform == "linux":
        remedy = f"sudo apt-get install -y {SYSTEM_PACKAGES}   (package names on Debian and Ubuntu)"
        return CheckResult(State.WRONG, text, remedy, _DEFECT_EXIT_CODE)
    return CheckResult(State.WRONG, text, _reinstall((error.name or "hipform").split(".")[0]), _DEFECT_EXIT_CODE)


def _reinstall(*packages: str) -> str:
    return f"{sys.executable} -m pip install --force-reinstall {' '.join(packages or ('hipform',))}"


# ------------------------------------------------------------------------------------------------------------- programs


def _program() -> CheckResult:
    python = f"Python {platform.python_version()}"
    return CheckResult(
        State.OK, f"{__version__}, {python}, {platform.system()} {platform.release()} {platform.machine()}"
    )


def _libraries() -> CheckResult:
    import hipform.pose  # noqa: PLC0415
    import hipform.render  # noqa: PLC0415 - see the module's docstring
    import hipform.video  # noqa: F401, PLC0415

    return CheckResult(State.OK, ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES))


def opencv(versions: Mapping[str, str]) -> CheckResult:
    """Judge the OpenCV packages, given as version by name; all of them write one folder, so only one may be there."""
    if list(versions) == [_OPENCV]:
        return CheckResult(State.OK, f"{_OPENCV} {versions[_OPENCV]}")
    found = ", ".join(f"{name} {version}" for name, version in versions.items()) or "none"
    others = [name for name in _OTHER_OPENCV if name in versions]
    first = f"{sys.executable} -m pip uninstall -y {' '.join(others)} && " if others else ""
    return CheckResult(
        State.WRONG,
        f"{_OPENCV} must be the only OpenCV package, as others overwrite it; found: {found}",
        first + _reinstall("--no-deps", f'"{_OPENCV}<5.1"'),
        _DEFECT_EXIT_CODE,
    )


def _installed_opencv() -> dict[str, str]:
    found = {}
    for name in (_OPENCV, *_OTHER_OPENCV):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


# --------------------------------------------------------------------------------------------------------- pose, videos


def _models() -> CheckResult:
    from hipform.pose.model_files import MODEL_NAMES, model_path  # noqa: PLC0415

    wrong = []
    for name in MODEL_NAMES:
        try:
            model_path(name)
        except ModelError as error:
            wrong.append(error.what)
    if wrong:
        remedy = f"{_reinstall()}   (in a checkout: git checkout -- models)"
        return CheckResult(State.WRONG, " ".join(wrong), remedy, ModelError.exit_code)
    return CheckResult(State.OK, f"{', '.join(MODEL_NAMES)}: present and unaltered (sha256)")


def _pose() -> CheckResult:
    import numpy as np  # noqa: PLC0415

    from hipform.pose.model_files import MODEL_NAMES  # noqa: PLC0415
    from hipform.pose.sources import open_estimator  # noqa: PLC0415
    from hipform.video.frames import Frame  # noqa: PLC0415

    blank = np.full((128, 128, 3), 127, np.uint8)
    for name in MODEL_NAMES:
        with open_estimator(name) as landmarker:
            landmarker.detect(Frame(0.0, blank))
    return CheckResult(State.OK, "every model loads and runs on a blank frame; on the CPU, the GPU is not used")


def reading(readable: Mapping[str, bool]) -> CheckResult:
    """Judge which kinds of video can be decoded."""
    missing = [kind for kind, is_readable in readable.items() if not is_readable]
    if not missing:
        return CheckResult(State.OK, ", ".join(readable))
    # Nearly every clip is H.264; without a decoder for it, `analyze` rejects such a clip as not a video.
    code = NotAVideoError.exit_code if "H.264" in missing else 0
    state = State.WRONG if code else State.WARNING
    return CheckResult(state, f"cannot decode {', '.join(missing)}", _reinstall("av"), code)


def _readable() -> CheckResult:
    from hipform.video.codecs import readable_codecs  # noqa: PLC0415

    return reading(readable_codecs())


def _writing() -> CheckResult:
    """Write one second of H.264 with sound that needs conversion, and read it back."""
    import numpy as np  # noqa: PLC0415

    from hipform.render import VideoSink  # noqa: PLC0415
    from hipform.video.frames import ClipInfo  # noqa: PLC0415
    from hipform.video.video_file import VideoFile  # noqa: PLC0415

    fps, size_px = 10, 64
    with scratch_folder() as scratch:
        clip, sound = scratch / "clip.mp4", scratch / "sound.wav"
        _write_silence(sound)
        info = ClipInfo(name=clip.name, width_px=size_px, height_px=size_px, fps=fps)
        with VideoSink(clip, info, sound) as sink:
            for number in range(fps):
                sink.write(np.full((size_px, size_px, 3), 20 * number, np.uint8), number / fps)
        with VideoFile(clip) as written:
            frames, has_audio = sum(1 for _ in written), written.info.has_audio
    return _round_trip(frames, fps, has_audio=has_audio)


def _round_trip(frames: int, wanted: int, *, has_audio: bool) -> CheckResult:
    if frames != wanted:
        text = f"{wanted} frames were written as H.264 and {frames} read back"
        return CheckResult(State.WRONG, text, _reinstall("av"), OutputError.exit_code)
    if not has_audio:
        return CheckResult(State.WARNING, "H.264 works; sound cannot be converted to AAC", _reinstall("av"))
    return CheckResult(State.OK, "one second of H.264 with AAC sound was written and read back")


def _write_silence(path: Path) -> None:
    rate_hz = 48_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(2 * rate_hz))


# --------------------------------------------------------------------------------------------------------------- places


def _history() -> CheckResult:
    from hipform.store import History, history_path  # noqa: PLC0415
    from hipform.store.history import PATH_VARIABLE  # noqa: PLC0415

    path = history_path()
    elsewhere = f"Set {PATH_VARIABLE} to another file."
    place = next(place for place in (path, *path.parents) if place.exists())
    if not os.access(place, os.W_OK):
        return CheckResult(State.WARNING, f"sets cannot be saved: {place} is not writable", elsewhere)
    if place != path:
        return CheckResult(State.OK, f"none yet; the first set of a named athlete creates {path}")
    try:
        with History(path) as kept:
            return CheckResult(State.OK, f"saved sets: {len(kept.sets())}, in {path}")
    except HipformError as error:
        # `analyze` still works, and reports that the set was not saved.
        return CheckResult(State.WRONG, error.what, error.hint)


def place(folder: Path, remedy: str) -> CheckResult:
    """Judge whether files can be written to *folder*, by writing one; *remedy* says what to do if not."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"hipform")
            file.flush()
        free_gb = shutil.disk_usage(folder).free / _GB
    except OSError as error:
        return CheckResult(State.WARNING, f"{folder} is not writable: {error.strerror or error}", remedy)
    if free_gb < _LEAST_FREE_GB:
        return CheckResult(State.WARNING, f"{folder} has {free_gb:.1f} GB left", "Free some space.")
    return CheckResult(State.OK, f"{folder} is writable, {free_gb:.0f} GB free")


def _results() -> CheckResult:
    return place(Path.cwd(), "Results are written next to the clip; use --out DIR to write them elsewhere.")


def _temporary() -> CheckResult:
    remedy = "Set TMPDIR to a folder that you can write to."
    try:
        folder = tempfile.gettempdir()
    except OSError:
        return CheckResult(State.WRONG, "there is no usable folder for temporary files", remedy, OutputError.exit_code)
    return place(Path(folder), remedy)


def machine(cores: int | None, memory_gb: float) -> CheckResult:
    """Judge the size of the computer; *memory_gb* is NaN if unknown."""
    of_memory = "memory size unknown on this system" if math.isnan(memory_gb) else f"{memory_gb:.0f} GB of memory"
    text = f"{cores or 'unknown'} cores, {of_memory}"
    if memory_gb < _LEAST_MEMORY_GB:
        return CheckResult(State.WARNING, text, "hipform needs up to 0.6 GB: close other programs.")
    return CheckResult(State.OK, text)


def _this_machine() -> CheckResult:
    memory_gb = math.nan
    with contextlib.suppress(AttributeError, OSError, ValueError):
        memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GB
    return machine(os.cpu_count(), memory_gb)


# -------------------------------------------------------------------------------------------------- camera, eye and ear


def camera(system: str, devices: Path) -> CheckResult:
    """Judge the cameras, on Linux by their device files in *devices*."""
    if system != "Linux":
        return CheckResult(
            State.OK, "`hipform cameras` lists them (the system may ask for permission); clips need none"
        )
    found = sorted(devices.glob("video[0-9]*"))
    closed = [path.name for path in found if not os.access(path, os.R_OK | os.W_OK)]
    if not found:
        return CheckResult(State.WARNING, "none found; clips need none", "Connect a camera to see it here.")
    if closed:
        return CheckResult(
            State.WARNING,
            f"you have no permission to use {', '.join(closed)}",
            'sudo usermod -aG video "$USER"   (then log in again)',
        )
    return CheckResult(State.OK, ", ".join(path.name for path in found))


def display(system: str, environment: Mapping[str, str]) -> CheckResult:
    """Judge whether a window can be opened."""
    if system != "Linux":
        return CheckResult(State.OK, "system display")
    if environment.get("WAYLAND_DISPLAY"):
        return CheckResult(State.OK, "Wayland")
    if environment.get("DISPLAY"):
        return CheckResult(State.OK, "X11")
    return CheckResult(
        State.WARNING, "none, so windows cannot be opened; clips need none", "Run hipform from a desktop session."
    )


def speech(system: str, *, has_espeak: bool) -> CheckResult:
    """Judge whether the system can speak."""
    if system == "Linux" and not has_espeak:
        return CheckResult(State.WARNING, "no voice; clips need none", "sudo apt-get install -y espeak-ng")
    voice = {"Linux": "espeak-ng", "Darwin": "system voice (say)", "Windows": "system voice (SAPI)"}
    return CheckResult(State.OK, f"{voice.get(system, 'unknown system')}, not tried")


def _has_espeak() -> bool:
    return bool(shutil.which("espeak-ng") or find_library("espeak-ng"))


_NATIVE = (_libraries, _pose, _readable, _writing)
"""Checks that load and run native libraries."""

CHECKS: Mapping[str, Callable[[], CheckResult]] = {
    "hipform": _program,
    "libraries": _libraries,
    "OpenCV": lambda: opencv(_installed_opencv()),
    "models": _models,
    "pose": _pose,
    "reading": _readable,
    "writing": _writing,
    "history": _history,
    "results": _results,
    "temporary": _temporary,
    "computer": _this_machine,
    "camera": lambda: camera(platform.system(), Path("/dev")),
    "display": lambda: display(platform.system(), os.environ),
    "voice": lambda: speech(platform.system(), has_espeak=_has_espeak()),
}
"""The checks in order; a part comes after the parts that it builds on."""
