"""Video files as upright RGB frames with the times of the container, whatever device wrote them."""

from __future__ import annotations

import logging
import os
import stat
from collections import Counter
from collections.abc import Generator, Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from hipform.errors import InputError, NotAVideoError
from hipform.texts import english
from hipform.video.containers import MAX_INPUT_PX, has_known_codec, open_clip
from hipform.video.cuts import CutDetector
from hipform.video.frame_clock import LONGEST_GAP_S, MISSING_S, FrameClock
from hipform.video.frame_image import FrameConverter
from hipform.video.frames import ClipInfo, Frame
from hipform.video.origin import capture_fps, digest, recording_time
from hipform.video.segments import FrameIndex, Segment

_log = logging.getLogger(__name__)

MAX_INPUT_SIDE_PX = 8192
DECODER_THREADS = 2

_SCALE_IT = english(
    "Scale it to at most {width} on a side and {height} megapixels.",
    width=MAX_INPUT_SIDE_PX,
    height=MAX_INPUT_PX // 1_000_000,
)
_DEFAULT_TIME_BASE = Fraction(1, 90_000)
_DEFAULT_FPS = 30.0
_NOT_FILES = {
    stat.S_IFDIR: english("a folder"),
    stat.S_IFIFO: english("a pipe"),
    stat.S_IFSOCK: english("a socket"),
}


class UntrustedIndexError(Exception):
    """The decoded frames differ from the clip's index, so the clip must be read from start to end."""


class VideoFile:
    """A clip on disk; each iteration reads it from the start.

    Use as a context manager: leaving it closes the file even if the iteration was interrupted. Memory use does not
    depend on the length of the clip.

    Parameters
    ----------
    path
        A local file; never a URL.

    Attributes
    ----------
    info
        What is known about the clip. Damage and missing frames are added to its notes when iteration ends.

    Raises
    ------
    InputError
        If the file does not exist, is not readable, is not a regular file, is empty, or has frames larger than
        `MAX_INPUT_SIDE_PX` on a side or `MAX_INPUT_PX` in total.
    NotAVideoError
        If it holds no video stream that can be decoded.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        _check_file(self._path)
        self._running: Generator[Frame] | None = None
        with _opened(self._path) as (container, stream):
            decoder = _Decoder(container, stream)
            frames = decoder.frames()
            first = next(frames, None)
            if first is None:
                raise _nothing_decoded(self._path, stream)
            if next(frames, None) is None and not decoder.lost:
                raise NotAVideoError(
                    "{file} holds a single picture, not a video.", "Give a video of the set.", file=self._path
                )
            self._maker = FrameConverter(first, stream.sample_aspect_ratio)
            try:
                self._maker.convert(first)
            except MemoryError:
                raise
            except av.FFmpegError as error:
                raise NotAVideoError(
                    "{file} has an unsupported pixel format ({cause}).",
                    "Export it again as an MP4.",
                    file=self._path,
                    cause=first.format.name,
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
        """Yield the frames in order: times strictly increase, and all images have the size that `info` states."""
        self.close()
        self._running = self._frames()
        return self._running

    def read_index(self) -> FrameIndex | None:
        """Return the times of all frames without decoding them.

        Return ``None`` if times are missing, repeated, out of order or implausible. Whether the frames can be decoded
        is not checked.
        """
        with _opened(self._path) as (container, stream):
            ticks, keyframes = [], []
            try:
                for packet in container.demux(stream):
                    if packet.pts is None and packet.size:
                        return None
                    if packet.pts is not None and not packet.is_discard:
                        ticks.append(packet.pts)
                        keyframes += [packet.pts] if packet.is_keyframe else []
            except MemoryError:
                raise
            except av.FFmpegError:
                return None
            clock = FrameClock(self.info.time_base, self.info.fps)
            for tick in sorted(ticks):
                clock.time_s(tick)
            if not ticks or clock.repaired or clock.leaps:
                return None
            missing_end = _missing_end(stream, self.info, clock)
            return FrameIndex(
                ticks=np.array(sorted(ticks), np.int64),
                keyframe_ticks=np.array(sorted(keyframes), np.int64),
                time_base=self.info.time_base,
                notes=(*clock.gaps, *([missing_end] if missing_end else [])),
            )

    def _frames(self) -> Generator[Frame]:
        self._maker.refitted = 0
        with _opened(self._path) as (container, stream):
            decoder = _Decoder(container, stream)
            clock = FrameClock(self.info.time_base, self.info.fps)
            detector = CutDetector()
            shot = 0
            try:
                for decoded in decoder.frames():
                    t_s = clock.time_s(decoded.pts)
                    try:
                        image = self._maker.convert(decoded)
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

    def _note(self, decoder: _Decoder, clock: FrameClock, missing_end: str) -> None:
        notes = list(self._first_notes)
        if self._maker.refitted:
            count = self._maker.refitted
            notes.append(english("{n} frames had a different shape and were padded with black bars.", n=count))
        if clock.repaired:
            notes.append(english("Frame times missing or out of order: {n}; they were repaired.", n=clock.repaired))
        if decoder.lost:
            notes.append(english("Frames too damaged to decode: {n}.", n=decoder.lost))
        if decoder.flawed:
            notes.append(english("Frames decoded with errors: {n}.", n=decoder.flawed))
        notes += clock.gaps
        if clock.leaps:
            notes.append(
                english(
                    "Jumps of more than {min} minutes in the clip's times: {n}; removed.",
                    min=LONGEST_GAP_S // 60,
                    n=clock.leaps,
                )
            )
        elif missing_end:
            notes.append(missing_end)
        self.info = replace(self.info, notes=tuple(notes))


def read_segment(path: Path, segment: Segment) -> Iterator[Frame]:
    """Yield the frames of a segment, including the lead-in frames, as reading the whole clip would.

    `Frame.shot` counts the cuts since the first yielded frame.

    Raises
    ------
    UntrustedIndexError
        If the frames differ from the index of the clip, or any of them is damaged.
    InputError
        If the file can no longer be opened.
    """
    detector = CutDetector()
    shot = 0
    with _opened(path) as (container, stream):
        first = next(_Decoder(container, stream).frames(), None)
        if first is None:
            raise UntrustedIndexError
        maker = FrameConverter(first, stream.sample_aspect_ratio)
        time_base = stream.time_base or _DEFAULT_TIME_BASE
    for decoded in _decoded_segment(path, segment):
        try:
            image = maker.convert(decoded)
        except MemoryError:
            raise
        except av.FFmpegError as error:
            raise UntrustedIndexError from error
        if maker.refitted:
            raise UntrustedIndexError
        shot += detector.push(image)
        assert decoded.pts is not None
        yield Frame(float(decoded.pts * time_base), image, shot)


def _decoded_segment(path: Path, segment: Segment) -> Iterator[av.VideoFrame]:
    """Yield exactly the frames of *segment*; raise `UntrustedIndexError` at the first unexpected one."""
    with ExitStack() as stack:
        decoder, frames = _decoding(path, segment, stack)
        for tick in segment.ticks:
            decoded = next(frames, None)
            if decoded is None or decoded.pts != tick or decoder.lost or decoder.flawed:
                raise UntrustedIndexError
            yield decoded


def _decoding(path: Path, segment: Segment, stack: ExitStack) -> tuple[_Decoder, Iterator[av.VideoFrame]]:
    """Return a decoder and its frames, starting with the first one of *segment*; *stack* closes the files."""
    for seek_tick in _seek_ticks(segment):
        container, stream = stack.enter_context(_opened(path))
        if seek_tick is not None:
            try:
                container.seek(seek_tick, stream=stream)
            except av.FFmpegError:
                continue
        decoder = _Decoder(container, stream)
        frames = decoder.frames()
        is_first = True
        for decoded in frames:
            if is_first and decoded.pts is not None and decoded.pts > segment.ticks[0]:
                break
            is_first = False
            if decoded.pts is None or decoded.pts >= segment.ticks[0]:
                return decoder, chain([decoded], frames)
            # Damage before the segment is reported by the segment that owns those frames.
            decoder.lost = decoder.flawed = 0
    raise UntrustedIndexError


def _seek_ticks(segment: Segment) -> Iterator[int | None]:
    """Yield ticks to start decoding at, each earlier than the one before, for files whose seeking lands too late."""
    if segment.keyframe_tick is not None:
        yield segment.keyframe_tick
        yield segment.keyframe_tick - (segment.ticks[-1] - segment.ticks[0])
    yield None


class _Decoder:
    """Decodes the frames that can be decoded and counts the others."""

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
                # Reading itself failed, so nothing follows. The time of the last frame shows how much is missing.
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


def no_file(path: Path) -> InputError:
    """Return the error of a clip that does not exist."""
    hint = english("hipform reads local files only.") if ":/" in str(path) else english("Check the path.")
    return InputError("{file} does not exist.", hint, file=path)


def changed_file(path: Path) -> InputError:
    """Return the error of a clip that another program wrote to while it was being read."""
    return InputError(
        "{file} changed while it was being read.", "Analyse it again once no program is writing to it.", file=path
    )


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = _NOT_FILES.get(stat.S_IFMT(status.st_mode), english("a device"))
            raise InputError("{file} is {kind}, not a video file.", "Give the path of a file.", file=path, kind=kind)
        if status.st_size == 0:
            raise InputError("{file} is empty.", "Copy the clip again from the phone or camera.", file=path)
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise no_file(path) from error
    except PermissionError as error:
        raise InputError("You have no permission to read {file}.", "Check its permissions.", file=path) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError("{file} cannot be read: {cause}.", "Check the path.", file=path, cause=reason) from error


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
            raise InputError(
                "{file} has frames of {width} x {height}, larger than hipform accepts.",
                _SCALE_IT,
                file=path,
                width=width,
                height=height,
            )
        context.options = {"max_pixels": str(MAX_INPUT_PX)}
        context.thread_type = "AUTO"
        context.thread_count = DECODER_THREADS
        yield container, stream


def _nothing_decoded(path: Path, stream: VideoStream) -> InputError:
    if not stream.codec_context.width:
        # FFmpeg drops a size above its `max_pixels`; without that limit it would allocate such a frame here.
        return InputError("{file} has frames of unknown size, or larger than hipform accepts.", _SCALE_IT, file=path)
    return NotAVideoError("{file} holds no frame that can be decoded.", "Export it again as an MP4.", file=path)


def _cannot_open(path: Path, error: av.FFmpegError) -> InputError:
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return InputError(
            "{file} cannot be read: {cause}.", "Check the path and its permissions.", file=path, cause=error.strerror
        )
    if start[:4] + start[8:] == b"RIFFWEBP":
        return NotAVideoError("{file} is a WebP, which hipform cannot read.", "Save it as an MP4 or a GIF.", file=path)
    if start[4:8] == b"ftyp":
        return NotAVideoError(
            "{file} is an incomplete or damaged MP4: its index is missing or broken.",
            "Copy it again; if the recording itself was cut off, it cannot be played.",
            file=path,
        )
    return NotAVideoError("{file} is not a video that hipform can read.", "Use MP4, MOV, MKV, WebM or AVI.", file=path)


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """Return the video stream to read.

    Cover images are ignored. Streams of more than one frame are preferred, then the one that the clip marks as its
    default, then the one with the most frames.
    """
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)
    ]
    known = [stream for stream in moving if has_known_codec(stream)]
    if len(known) == 1:
        return known[0]
    if known:
        packets = _count_packets(path, {stream.index for stream in known})

        def rank(stream: VideoStream) -> tuple[bool, bool, int]:
            count = packets[stream.index]
            return count > 1, Disposition.default in stream.disposition, count

        return max(known, key=rank)
    if moving:
        raise NotAVideoError("{file} uses an unknown video codec.", "Export it as an MP4 with H.264.", file=path)
    if container.streams.audio:
        raise NotAVideoError("{file} holds sound but no video.", "Give a video of the set.", file=path)
    raise NotAVideoError("{file} holds no video.", "Give a video of the set.", file=path)


def _count_packets(path: Path, streams: Set[int]) -> Counter[int]:
    """Return the number of packets of each of the *streams*; many files do not state it, or state it wrongly."""
    counts: Counter[int] = Counter()
    try:
        with open_clip(path) as container:
            for packet in container.demux([container.streams[index] for index in sorted(streams)]):
                counts[packet.stream_index] += bool(packet.size)
    except MemoryError:
        raise
    except av.FFmpegError:
        _log.info("the end of the file cannot be read")
    return counts


def _length_s(stream: VideoStream) -> float:
    """Return the stated length of *stream*, seconds; 0 if it is not stated."""
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _sound_notes(container: InputContainer) -> tuple[str, ...]:
    count = sum(not has_known_codec(sound) for sound in container.streams.audio)
    return (english("Sound tracks ignored because of an unknown codec: {n}.", n=count),) if count else ()


def _clip_info(
    path: Path, container: InputContainer, stream: VideoStream, maker: FrameConverter, notes: tuple[str, ...]
) -> ClipInfo:
    metadata = {**stream.metadata, **container.metadata}
    recorded_at, recorded_from = recording_time(path, metadata)
    return ClipInfo(
        # A name that is not valid Unicode could not be written into any output.
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
        capture_fps=capture_fps(metadata),
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


def _missing_end(stream: VideoStream, info: ClipInfo, clock: FrameClock) -> str:
    if info.duration_s is None:
        return ""
    start_s = float((stream.start_time or 0) * info.time_base)
    read_s = clock.last_s - start_s + 1 / info.fps
    if info.duration_s - read_s <= MISSING_S:
        return ""
    return english(
        "The clip says it lasts {stated:.1f} s but ends after {read:.1f} s: its end is missing.",
        stated=info.duration_s,
        read=read_s,
    )
