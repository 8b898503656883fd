"""`hipform live` and `hipform cameras`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.console import print_json, say, terminal
from hipform.cli.paths import path_option
from hipform.cli.result_commands import LanguageOption, OpenOption
from hipform.cli.root import (
    AsJsonOption,
    ConfigOption,
    ExerciseFileOption,
    Panel,
    app,
    example,
    parse_size_px,
    settings_of,
)
from hipform.cli.sets import (
    AthleteOption,
    CalibrationOption,
    ExerciseOption,
    LoadOption,
    ModelOption,
    NoHistoryOption,
    NoteOption,
    PlateOption,
    ResultOptions,
    own_calibrations,
    present_results,
    with_plate,
)
from hipform.cli.signals import call_when_interrupted
from hipform.errors import HipformError, one_line
from hipform.interruption import Interrupted
from hipform.training import MAX_REPS, MAX_SETS, REST_BOUNDS_S

if TYPE_CHECKING:
    from hipform.config import Settings
    from hipform.live.training_plan import Filmed, TrainingPlan
    from hipform.video.camera import Camera, CameraMode

_GOODBYE_S = 3.0
_SMALLEST_PX, _LARGEST_PX = 160, 1920
_FASTEST_FPS = 240


class Sound(StrEnum):
    """How cues and counts reach the lifter."""

    VOICE = "voice"
    BEEP = "beep"
    OFF = "off"


SizeOption = Annotated[
    str | None, typer.Option("--size", metavar="WxH", help="Frame size to request from the camera [1280x720].")
]
FpsOption = Annotated[
    float | None,
    typer.Option("--fps", min=1, max=_FASTEST_FPS, help="Frame rate to request from the camera [30]."),
]


@app.command(
    rich_help_panel=Panel.TRAIN,
    epilog=example("live --exercise hip-thrust", "live --exercise hip-thrust --sets 3 --reps 8 --rest 90"),
)
def live(  # noqa: PLR0913 - one argument for each option
    *,
    camera: Annotated[
        str,
        typer.Option("--camera", "-c", metavar="CAMERA", help="Index, name, http or rtsp URL, or a video file."),
    ] = "0",
    exercise: ExerciseOption = "auto",
    sets: Annotated[
        int | None, typer.Option("--sets", min=1, max=MAX_SETS, help="Number of sets, after which the session ends.")
    ] = None,
    rest: Annotated[
        float | None,
        typer.Option(
            "--rest", min=REST_BOUNDS_S[0], max=REST_BOUNDS_S[1], metavar="SECONDS", help="Rest between sets."
        ),
    ] = None,
    reps: Annotated[
        int | None, typer.Option("--reps", min=1, max=MAX_REPS, help="Planned reps of each set, shown and announced.")
    ] = None,
    model: ModelOption = "full",
    sound: Annotated[Sound, typer.Option("--sound", help="How to announce cues and counts.")] = Sound.VOICE,
    mirror: Annotated[bool, typer.Option("--mirror", help="Mirror the image on the screen.")] = False,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Fill the screen.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window; sound and recording only.")] = False,
    no_record: Annotated[bool, typer.Option("--no-record", help="Record no video, only the measurements.")] = False,
    size: SizeOption = None,
    fps: FpsOption = None,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play a video file at its own speed.")] = False,
    out: Annotated[
        Path | None,
        path_option("--out", "-o", metavar="DIR", help="Folder for recording and results [a new folder]."),
    ] = None,
    calibration: CalibrationOption = None,
    config: ConfigOption = None,
    athlete: AthleteOption = None,
    load: LoadOption = None,
    plate_diameter: PlateOption = None,
    note: NoteOption = None,
    no_history: NoHistoryOption = False,
    language: LanguageOption = "en",
    open_report: OpenOption = False,
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Train in front of a camera: counts and cues while you lift, then the same results as `analyze`."""
    from hipform.app.live_training import analyze_filmed, default_folder, require_room  # noqa: PLC0415
    from hipform.exercises import AUTO, find_exercise  # noqa: PLC0415
    from hipform.live.training_plan import TrainingPlan  # noqa: PLC0415
    from hipform.render import require_display  # noqa: PLC0415
    from hipform.report.terminal_text import progress_bar  # noqa: PLC0415
    from hipform.training import training_facts  # noqa: PLC0415

    training = training_facts(athlete, load, note, None)
    own = own_calibrations(calibration, training.athlete)
    if headless and (mirror or fullscreen):
        raise typer.BadParameter("there is no window.", param_hint="--headless")
    if not headless:
        require_display()
    settings = with_plate(settings_of(config), plate_diameter)
    _require_whole_rest(rest, settings)
    plan = TrainingPlan(
        folder=out or default_folder(Path(), f"live_{datetime.now().astimezone():%Y-%m-%d_%H-%M}_hipform"),
        exercise=None if exercise == AUTO else find_exercise(exercise),
        model=model,
        settings=settings,
        calibrations=own,
        n_sets=sets,
        rest_s=rest,
        target_reps=reps,
        mirrored=mirror,
        record=not no_record,
        language=language,
    )
    require_room(plan)
    mode = None if size is None and fps is None else _mode(size, fps)
    with _opened(camera, mode, realtime=realtime) as source, _naming_what_is_kept(plan.folder):
        filmed = _filmed(source, plan, sound, headless=headless, fullscreen=fullscreen)
        with progress_bar("results") as progress:
            result = analyze_filmed(filmed, plan, training, progress)
    options = ResultOptions(
        calibrations=own if calibration else (), keep=not no_history, open_report=open_report or filmed.wants_report
    )
    present_results(result, plan.folder, options)


@app.command(rich_help_panel=Panel.TRAIN, epilog=example("cameras"))
def cameras(
    size: SizeOption = None,
    fps: FpsOption = None,
    as_json: AsJsonOption = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """List the cameras of this computer with index, name and the mode that each one delivers."""
    from hipform.video.camera import list_cameras  # noqa: PLC0415

    console, found = terminal(), list_cameras(_mode(size, fps))
    if as_json:
        print_json(found)
        return
    for camera in found:
        say(console, f"{camera.index}  {camera.name}: {camera.gives or camera.problem}")
    if not found:
        say(console, "No camera was found. A phone on the same network can serve as one: see docs/live.md.")


def _require_whole_rest(rest_s: float | None, settings: Settings) -> None:
    """Raise unless the rest is long enough to end a set."""
    from hipform.feedback.trainer import least_rest_s  # noqa: PLC0415

    least_s = least_rest_s(settings)
    if rest_s is not None and rest_s < least_s:
        raise typer.BadParameter(
            f"{rest_s:g} s are too short: a set is over after {settings['sets.rest_s']:g} s (sets.rest_s); "
            f"give {least_s:g} s or more.",
            param_hint="--rest",
        )


def _mode(size: str | None, fps: float | None) -> CameraMode:
    """Return the mode to request from a camera."""
    from hipform.video.camera import CameraMode  # noqa: PLC0415

    usual = CameraMode()
    width_px, height_px = parse_size_px(size) if size is not None else (usual.width_px, usual.height_px)
    if not all(_SMALLEST_PX <= side <= _LARGEST_PX for side in (width_px, height_px)):
        raise typer.BadParameter(
            f"{size}: the sides must be from {_SMALLEST_PX} to {_LARGEST_PX} pixels long.", param_hint="--size"
        )
    return CameraMode(width_px, height_px, fps or usual.fps)


def _opened(name: str, mode: CameraMode | None, *, realtime: bool) -> Camera:
    """Open the camera; refuse options that would have no effect."""
    from hipform.video.camera import is_device, is_stream, open_camera  # noqa: PLC0415

    if mode and not is_device(name):
        raise typer.BadParameter(
            "the size and rate of a stream or a file cannot be chosen.", param_hint="--size / --fps"
        )
    if realtime and (is_device(name) or is_stream(name)):
        raise typer.BadParameter("this is for video files; cameras always run in real time.", param_hint="--realtime")
    return open_camera(name, mode, realtime=realtime)


def _filmed(camera: Camera, plan: TrainingPlan, sound: Sound, *, headless: bool, fullscreen: bool) -> Filmed:
    """Film until the session ends, by itself, by a key or by Ctrl-C."""
    from hipform.app.live_training import train  # noqa: PLC0415
    from hipform.render import Window  # noqa: PLC0415
    from hipform.sound import SoundMode, Voice  # noqa: PLC0415
    from hipform.texts import Texts  # noqa: PLC0415

    console, stop = terminal(), threading.Event()
    say(console, camera.description)
    say(
        console,
        "Ctrl-C ends and saves the session."
        if headless
        else "q or Ctrl-C ends and saves the session; o also opens the report.",
    )
    reported: list[str] = []

    def show_notice(text: str) -> None:
        reported.append(text)
        say(console, text)

    with ExitStack() as stack:
        voice = stack.enter_context(Voice(SoundMode(sound.value), texts=Texts(plan.language)))
        window = None
        if not headless:
            window = Window(fullscreen=fullscreen)
            stack.enter_context(window)
        with call_when_interrupted(stop.set):
            filmed = train(camera, plan, voice, display=window, stop=stop, on_notice=show_notice)
        voice.finish(_GOODBYE_S)
    if voice.problem and voice.problem not in reported:
        say(console, voice.problem)
    return filmed


@contextmanager
def _naming_what_is_kept(folder: Path) -> Iterator[None]:
    """Report where the recording is if the user interrupts the analysis or it fails."""
    from hipform.report.result import FILES  # noqa: PLC0415

    try:
        yield
    except HipformError:
        # The error names the folder itself.
        raise
    except (Interrupted, Exception) as error:
        kept = [path for name in ("recording", "poses") if (path := folder / FILES[name]).exists()]
        if not kept:
            raise
        text = f"the recording is kept: {one_line(str(kept[0]))} (analyse it with `hipform analyze`)."
        if isinstance(error, Interrupted):
            raise Interrupted(text) from error
        say(terminal(), text[0].upper() + text[1:])
        raise
