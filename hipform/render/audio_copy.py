"""Sound of the source clip carried over into the written one, packet by packet."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Discard

from hipform.video.containers import has_known_codec, open_clip

# What every browser and phone plays inside mp4. Opus is left out: Safari before 17 and QuickTime stay silent.
_COPIED_CODECS = frozenset({"aac", "mp3"})
_AAC_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_BITS_PER_CHANNEL = 80_000
# Errors of the disk written to; all others come from the sound itself.
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM})


class SoundTrack:
    """One sound stream on its way from a clip into an mp4 being written.

    Nothing that is wrong with the sound stops the picture: reading ends there and *note* is called once.

    Parameters
    ----------
    source
        The clip the sound comes from.
    output
        The container written to, before its header is.
    note
        Takes one plain sentence about sound that is missing or was converted.
    """

    def __init__(self, source: Path, output: OutputContainer, note: Callable[[str], None]) -> None:
        self._output = output
        self._note = note
        self._input: InputContainer | None = None
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        self._waiting: Packet[AudioStream] | None = None
        self._resampler: AudioResampler | None = None
        self._last_dts: int | None = None
        self._shift_s = Fraction(0)
        self._damaged = False
        try:
            self._open(source)
        except (av.FFmpegError, ValueError, OSError) as error:
            self._give_up(f"The sound could not be kept ({_reason(error)}).")

    def _open(self, source: Path) -> None:
        self._input = container = open_clip(source)
        stream = _sound_stream(container)
        if stream is None:
            self.close()
            return
        for other in container.streams:
            if other is not stream:
                # The pictures of a long clip need not be read a second time.
                other.discard = Discard.all
        codec = stream.codec_context
        if codec.sample_rate <= 0 or codec.layout.nb_channels <= 0:
            raise ValueError("its format is not stated")
        if codec.codec.canonical_name in _COPIED_CODECS:
            self._stream = self._output.add_stream_from_template(stream)
        else:
            self._stream = self._add_encoder(codec.sample_rate, codec.layout.nb_channels)
            self._note(f"The sound was converted from {codec.codec.canonical_name} to AAC.")
        self._packets = container.demux(stream)

    def _add_encoder(self, source_rate_hz: int, channels: int) -> AudioStream:
        rate_hz = source_rate_hz if source_rate_hz in _AAC_RATES_HZ else 48_000
        layout = "mono" if channels == 1 else "stereo"
        stream = self._output.add_stream("aac", rate=rate_hz)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = _AAC_BITS_PER_CHANNEL * (1 if channels == 1 else 2)
        # async=1 fills holes of the source with silence, so that sound after a hole stays with its picture.
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate_hz, options={"async": "1"})
        return stream

    def shift(self, by_s: Fraction) -> None:
        """Move all sound later, as the pictures are."""
        self._shift_s = by_s

    def write_until(self, t_s: float) -> None:
        """Write the packets that begin up to *t_s* of the source's clock; infinity writes all."""
        while True:
            packet = self._waiting or self._read()
            if packet is None:
                return
            if packet.dts is not None and packet.dts * packet.time_base > t_s:
                self._waiting = packet
                return
            self._waiting = None
            self._write(packet)

    def close(self) -> None:
        """Close the source; safe to call again."""
        self._packets = iter(())
        self._waiting = None
        if self._input is not None:
            self._input.close()
            self._input = None

    def _read(self) -> Packet[AudioStream] | None:
        try:
            return next(self._packets, None)
        except (av.FFmpegError, OSError) as error:
            self._give_up(f"The sound ends early: it is damaged ({_reason(error)}).")
            return None

    def _write(self, packet: Packet[AudioStream]) -> None:
        try:
            if self._resampler is None:
                self._copy(packet)
            else:
                self._convert(packet, self._resampler)
        except (av.FFmpegError, ValueError) as error:
            if getattr(error, "errno", None) in _DISK_ERRORS:
                raise
            self._give_up(f"The sound ends early: it is damaged ({_reason(error)}).")

    def _copy(self, packet: Packet[AudioStream]) -> None:
        # The packet that ends a demuxed stream carries no time; one that steps back would stop the muxer.
        if packet.dts is None or (self._last_dts is not None and packet.dts <= self._last_dts):
            return
        self._last_dts = packet.dts
        ticks = round(self._shift_s / packet.time_base)
        packet.dts += ticks
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.stream = self._stream
        self._output.mux(packet)

    def _convert(self, packet: Packet[AudioStream], resampler: AudioResampler) -> None:
        is_last = packet.dts is None and not packet.size
        for frame in self._decoded(packet):
            if frame.pts is not None and frame.time_base is not None:
                frame.pts += round(self._shift_s / frame.time_base)
            for resampled in resampler.resample(frame):
                self._output.mux(self._stream.encode(resampled))
        if is_last:
            for resampled in resampler.resample(None):
                self._output.mux(self._stream.encode(resampled))
            self._output.mux(self._stream.encode(None))

    def _decoded(self, packet: Packet[AudioStream]) -> list[av.AudioFrame]:
        """Return the sound of a packet, nothing of a damaged one: silence takes its place."""
        try:
            return packet.decode()
        except av.FFmpegError:
            if not self._damaged:
                self._note("Parts of the sound are damaged and silent.")
            self._damaged = True
            return []

    def _give_up(self, why: str) -> None:
        self._note(why)
        self.close()


def _sound_stream(container: InputContainer) -> AudioStream | None:
    """Return the sound stream that FFmpeg would choose, or else the first one; only one whose codec it knows."""
    best = container.streams.best("audio")
    streams = [best, *container.streams.audio] if isinstance(best, AudioStream) else container.streams.audio
    return next((stream for stream in streams if has_known_codec(stream)), None)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
