"""Copy the sound of the source clip into the written video, packet by packet."""

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

from hipform.texts import english
from hipform.video.containers import has_known_codec, open_clip

# Codecs that every browser and phone plays in mp4. Not Opus: Safari before 17 and QuickTime play no sound.
_COPIED_CODECS = frozenset({"aac", "mp3"})
_AAC_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_BITS_PER_CHANNEL = 80_000
# Errors of the output disk; all others come from the sound itself.
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM})


class SoundTrack:
    """Copies one sound stream from a clip into an mp4 that is being written.

    Damaged sound never stops the video: reading ends there and *note* is called once.

    Parameters
    ----------
    source
        Clip with the sound.
    output
        Container to write to; its header must not be written yet.
    note
        Called with a sentence about sound that is missing or was converted.
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
            reason = _reason(error)
            self._give_up(english("The annotated video has no sound: it could not be copied ({file}).", file=reason))

    def _open(self, source: Path) -> None:
        self._input = container = open_clip(source)
        stream = _sound_stream(container)
        if stream is None:
            self.close()
            return
        for other in container.streams:
            if other is not stream:
                # The frames of a long clip need not be read a second time.
                other.discard = Discard.all
        codec = stream.codec_context
        if codec.sample_rate <= 0 or codec.layout.nb_channels <= 0:
            raise ValueError("its format is unknown")
        if codec.codec.canonical_name in _COPIED_CODECS:
            self._stream = self._output.add_stream_from_template(stream)
        else:
            self._stream = self._add_encoder(codec.sample_rate, codec.layout.nb_channels)
            name = codec.codec.canonical_name
            self._note(english("The sound of the annotated video was converted from {file} to AAC.", file=name))
        self._packets = container.demux(stream)

    def _add_encoder(self, source_rate_hz: int, channels: int) -> AudioStream:
        rate_hz = source_rate_hz if source_rate_hz in _AAC_RATES_HZ else 48_000
        layout = "mono" if channels == 1 else "stereo"
        stream = self._output.add_stream("aac", rate=rate_hz)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = _AAC_BITS_PER_CHANNEL * (1 if channels == 1 else 2)
        # async=1 fills gaps of the source with silence, so that sound after a gap stays in sync.
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate_hz, options={"async": "1"})
        return stream

    def shift(self, by_s: Fraction) -> None:
        """Delay all sound by as much as the frames."""
        self._shift_s = by_s

    def write_until(self, t_s: float) -> None:
        """Write the packets that start up to *t_s* in the source; infinity writes all."""
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
            self._give_up(_ends_early(error))
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
            self._give_up(_ends_early(error))

    def _copy(self, packet: Packet[AudioStream]) -> None:
        # The last packet of a demuxed stream has no time; one that goes back in time would stop the muxer.
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
        """Return the sound of a packet; nothing for a damaged one, which silence replaces."""
        try:
            return packet.decode()
        except av.FFmpegError:
            if not self._damaged:
                self._note(english("Parts of the sound are damaged; the annotated video has silence there."))
            self._damaged = True
            return []

    def _give_up(self, why: str) -> None:
        self._note(why)
        self.close()


def _sound_stream(container: InputContainer) -> AudioStream | None:
    """Return the sound stream that FFmpeg would choose, else the first one; skip streams with an unknown codec."""
    best = container.streams.best("audio")
    streams = [best, *container.streams.audio] if isinstance(best, AudioStream) else container.streams.audio
    return next((stream for stream in streams if has_known_codec(stream)), None)


def _ends_early(error: Exception) -> str:
    return english("The sound of the annotated video ends early: it is damaged ({file}).", file=_reason(error))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
