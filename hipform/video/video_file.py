"""Video files as upright RGB frames with the container's own times, whatever the phone wrote."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from hipform.errors import InputError, NotAVideoError
from hipform.types import ClipInfo, Frame
from hipform.video.containers import MAX_INPUT_PX, has_known_codec, open_clip
from hipform.video.cuts import CutDetector
from hipform.video.frame_image import PictureMaker
from hipform.video.origin import digest, recording_time

_log = logging.getLogger(__name__)

MAX_INPUT_SIDE_PX = 8192
DECODER_THREADS = 2

_SCALE_IT = f"Scale it to at most {MAX_INPUT_SIDE_PX} on a side and {MAX_INPUT_PX // 1_000_000} megapixels."
_DEFAULT_TIME_BASE = Fraction(1, 90_000)
_DEFAULT_FPS = 30.0
# Times that do not increase, or by less than that, are moved on by this much; a jump back by more than a second is a
# clip that begins anew.
_MIN_STEP_S = Fraction(1, 1000)
_RESTART_S = 1
# No pause in a clip is longer than this: such a jump forward is a writer's mistake, and mp4 cannot hold much more.
_LONGEST_GAP_S = 1800
# A first picture this far from zero is one too: transport streams count to 26.5 hours before they begin again.
_LATEST_START_S = 100_000
# How much of a clip may be missing before it is worth a note: phones skip frames, and sound often lasts longer.
_MISSING_S = 1.0
_MAX_GAPS = 20
_NOT_FILES = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


class VideoFile:
    """A clip on disk; each iteration reads it from the start.

    Use as a context manager: leaving it closes the file even when iteration was broken off. Memory stays constant
    however long the clip is.

    Parameters
    ----------
    path
        A local file; never a URL.

    Attributes
    ----------
    info
        What is known of the clip. Its notes grow while frames are read: what was damaged or missing is known at the
        end.

    Raises
    ------
    InputError
        If there is no such file, it may not be read, is no regular file, is empty, or its pictures are larger than
        `MAX_INPUT_SIDE_PX` on a side or `MAX_INPUT_PX` in all.
    NotAVideoError
        If it holds no picture stream that can be decoded.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        _check_file(self._path)
        self._running: Generator[Frame] | None = None
        with _opened(self._path) as (container, stream):
            first = next(_Decoder(container, stream).frames(), None)
            if first is None:
                raise _nothing_decoded(self._path, stream)
            self._maker = PictureMaker(first, stream.sample_aspect_ratio)
            try:
                self._maker.picture(first)
            except MemoryError:
                raise
            except av.FFmpegError as error:
                raise NotAVideoError(
                    f"{self._path} has pictures of a kind that cannot be shown ({first.format.name}).",
                    "Export it as an MP4 anew.",
                ) from error
            self._first_notes = (*self._maker.notes, *_sound_notes(container))
            self.info = _clip_info(self._path, container, stream, self._maker, self._first_notes)
            _log_clip(self.info, container, stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End a running iteration and close the file."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order: times strictly increase, all pictures have the size that `info` states."""
        self.close()
        self._running = self._frames()
        return self._running

    def _frames(self) -> Generator[Frame]:
        self._maker.refitted = 0
        with _opened(self._path) as (container, stream):
            decoder = _Decoder(container, stream)
            clock = _Clock(stream.time_base or _DEFAULT_TIME_BASE, self.info.fps)
            detector = CutDetector()
            shot = 0
            try:
                for decoded in decoder.frames():
                    t_s = clock.time_s(decoded)
                    try:
                        image = self._maker.picture(decoded)
                    except MemoryError:
                        raise
                    except av.FFmpegError:
                        decoder.lost += 1
                        continue
                    if detector.push(image):
                        shot += 1
                        _log.info("cut at %.3f s", t_s)
                    yield Frame(t_s, image, shot)
                self._note(decoder, clock, _missing_end(stream, self.info, clock))
            except GeneratorExit:
                self._note(decoder, clock, "")
                raise

    def _note(self, decoder: _Decoder, clock: _Clock, missing_end: str) -> None:
        notes = list(self._first_notes)
        if self._maker.refitted:
            notes.append(f"{self._maker.refitted} pictures had another shape and were fitted in with bars.")
        if clock.repaired:
            notes.append(f"Frame times that were missing or out of order: {clock.repaired}; they were repaired.")
        if decoder.lost:
            notes.append(f"Pictures damaged beyond decoding: {decoder.lost}.")
        if decoder.flawed:
            notes.append(f"Pictures decoded with flaws: {decoder.flawed}.")
        notes += clock.gaps
        if clock.leaps:
            notes.append(
                f"Jumps of more than {_LONGEST_GAP_S // 60} minutes in the clip's times: {clock.leaps}; left out."
            )
        elif missing_end:
            notes.append(missing_end)
        self.info = replace(self.info, notes=tuple(notes))


class _Decoder:
    """Decodes what can be decoded and counts the rest."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self.lost = 0
        self.flawed = 0

    def frames(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except MemoryError:
                raise
            except av.FFmpegError:
                # Reading itself failed: nothing can follow. What is missing shows in the last frame's time.
                return
            try:
                decoded = packet.decode()
            except MemoryError:
                raise
            except av.FFmpegError:
                self.lost += 1
                continue
            for frame in decoded:
                self.flawed += bool(frame.is_corrupt)
                yield frame


class _Clock:
    """Gives each frame its own time and makes the times strictly increase."""

    def __init__(self, time_base: Fraction, fps: float) -> None:
        self._time_base = time_base
        self._frame_ticks = max(1, round(1 / (fps * time_base)))
        self._step_ticks = max(1, round(_MIN_STEP_S / time_base))
        self._restart_ticks = round(_RESTART_S / time_base)
        self._latest_start_ticks = round(_LATEST_START_S / time_base)
        self._longest_gap_ticks = round(_LONGEST_GAP_S / time_base)
        self._offset = 0
        self._last: int | None = None
        self.repaired = 0
        self.leaps = 0
        self.gaps: list[str] = []

    @property
    def last_s(self) -> float:
        """Time of the latest frame, seconds; 0 before the first."""
        return float((self._last or 0) * self._time_base)

    def time_s(self, frame: av.VideoFrame) -> float:
        """Return the time of *frame* in seconds."""
        before_s, is_first = self.last_s, self._last is None
        self._last = self._ticks(frame)
        if not is_first and self.last_s - before_s > _MISSING_S and len(self.gaps) < _MAX_GAPS:
            self.gaps.append(f"There are no pictures between {before_s:.1f} s and {self.last_s:.1f} s.")
        return self.last_s

    def _ticks(self, frame: av.VideoFrame) -> int:
        stated = frame.pts
        if self._last is None:
            self.repaired += stated is None
            return self._first_ticks(stated or 0)
        if stated is None:
            self.repaired += 1
            return self._last + self._frame_ticks
        ticks = stated + self._offset
        passed = ticks - self._last
        if self._step_ticks <= passed <= self._longest_gap_ticks:
            return ticks
        if -self._restart_ticks <= passed < self._step_ticks:
            self.repaired += 1
            return self._last + self._step_ticks
        self.leaps += ticks > self._last
        self.repaired += ticks < self._last
        self._offset += self._last + self._frame_ticks - ticks
        return self._last + self._frame_ticks

    def _first_ticks(self, stated: int) -> int:
        if abs(stated) <= self._latest_start_ticks:
            return stated
        self.leaps += 1
        self._offset = -stated
        return 0


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = _NOT_FILES.get(stat.S_IFMT(status.st_mode), "a device")
            raise InputError(f"{path} is {kind}, not a video file.", "Give the path of a file.")
        if status.st_size == 0:
            raise InputError(f"{path} is empty.", "Copy the clip again from the phone or camera.")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        hint = "Only local files are read." if ":/" in str(path) else "Check the path."
        raise InputError(f"{path} does not exist.", hint) from error
    except PermissionError as error:
        raise InputError(f"{path} may not be read.", "Check its permissions.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path} cannot be read: {reason}.", "Check the path.") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        container = open_clip(path)
    except MemoryError:
        raise
    except av.FFmpegError as error:
        raise _cannot_open(path, error) from error
    with container:
        stream = _picture_stream(path, container)
        context = stream.codec_context
        width, height = context.width, context.height
        if max(width, height) > MAX_INPUT_SIDE_PX or width * height > MAX_INPUT_PX:
            raise InputError(f"{path} has pictures of {width} x {height}, larger than hipform reads.", _SCALE_IT)
        context.options = {"max_pixels": str(MAX_INPUT_PX)}
        context.thread_type = "AUTO"
        context.thread_count = DECODER_THREADS
        yield container, stream


def _nothing_decoded(path: Path, stream: VideoStream) -> InputError:
    if not stream.codec_context.width:
        # ffmpeg forgets a size that is over its `max_pixels`; without that limit it would allocate such a picture here.
        return InputError(f"{path} has pictures of no size, or larger than hipform reads.", _SCALE_IT)
    return NotAVideoError(f"{path} holds no picture that can be decoded.", "Export it as an MP4 anew.")


def _cannot_open(path: Path, error: av.FFmpegError) -> InputError:
    try:
        with path.open("rb") as file:
            is_mp4 = file.read(12)[4:8] == b"ftyp"
    except OSError:
        return InputError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.")
    if is_mp4:
        return NotAVideoError(
            f"{path} is an incomplete or damaged MP4: its index is missing or broken.",
            "Copy it again; if the recording itself was cut off, it cannot be played.",
        )
    return NotAVideoError(f"{path} is not a video that hipform can read.", "Use MP4, MOV, MKV, WebM or AVI.")


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """Return the stream of moving pictures that counts.

    Cover pictures never count. Of several streams, one of more than a single picture comes first, then the one that
    the clip marks as its default, then the longest.
    """
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)
    ]
    known = [stream for stream in moving if has_known_codec(stream)]
    if known:
        return max(known, key=lambda one: (one.frames != 1, Disposition.default in one.disposition, _length_s(one)))
    if moving:
        raise NotAVideoError(f"{path} uses a video codec that is not known here.", "Export it as an MP4 with H.264.")
    if container.streams.audio:
        raise NotAVideoError(f"{path} holds sound but no moving picture.", "Give a video of the set.")
    raise NotAVideoError(f"{path} holds no moving picture.", "Give a video of the set.")


def _length_s(stream: VideoStream) -> float:
    """Return the length that the clip states for *stream*; 0 where it states none."""
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _sound_notes(container: InputContainer) -> tuple[str, ...]:
    count = sum(not has_known_codec(sound) for sound in container.streams.audio)
    return (f"Sound tracks that were left out, for their codec is not known here: {count}.",) if count else ()


def _clip_info(
    path: Path, container: InputContainer, stream: VideoStream, maker: PictureMaker, notes: tuple[str, ...]
) -> ClipInfo:
    recorded_at, recorded_from = recording_time(path, {**stream.metadata, **container.metadata})
    return ClipInfo(
        # A name that is no Unicode could not be written into any output.
        name=os.fsencode(path.name).decode(errors="replace"),
        width_px=maker.width_px,
        height_px=maker.height_px,
        fps=_fps(stream),
        duration_s=_duration_s(container, stream),
        time_base=stream.time_base or _DEFAULT_TIME_BASE,
        has_audio=bool(container.streams.audio),
        notes=notes,
        sha256=digest(path),
        recorded_at=recorded_at,
        recorded_from=recorded_from,
    )


def _log_clip(info: ClipInfo, container: InputContainer, stream: VideoStream) -> None:
    codec = stream.codec_context
    sounds = [one.codec_context.name if has_known_codec(one) else "unknown" for one in container.streams.audio]
    _log.info("clip: %s %s in %s", codec.name, codec.pix_fmt, container.format.name)
    _log.info("stored %d x %d, shown %d x %d", codec.width, codec.height, info.width_px, info.height_px)
    _log.info("%.3f fps, %s s, time base %s, sound: %s", info.fps, info.duration_s, info.time_base, sounds)


def _fps(stream: VideoStream) -> float:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 1 <= rate <= 1000:
            return float(rate)
    return _DEFAULT_FPS


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    return _length_s(stream) or (container.duration / 1_000_000 if container.duration else None)


def _missing_end(stream: VideoStream, info: ClipInfo, clock: _Clock) -> str:
    if info.duration_s is None:
        return ""
    start_s = float((stream.start_time or 0) * info.time_base)
    read_s = clock.last_s - start_s + 1 / info.fps
    if info.duration_s - read_s <= _MISSING_S:
        return ""
    return f"The clip says it lasts {info.duration_s:.1f} s but ends after {read_s:.1f} s: its end is missing."
