"""A tone for each kind of utterance; run as a program, it plays the kind that it reads from standard input.

It imports little, so that it starts quickly.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Mapping

RATE_HZ = 44_100
_AMPLITUDE = 0.5
_FADE_S = 0.01

TONES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "count": ((880, 0.12),),
    "praise": ((660, 0.1), (990, 0.18)),
    "cue": ((440, 0.18), (330, 0.25)),
    "why": ((330, 0.35),),
    "countdown": ((660, 0.12),),
    "check": ((520, 0.15), (520, 0.15)),
    "summary": ((660, 0.15), (880, 0.15), (660, 0.25)),
    "notice": ((520, 0.3),),
}
"""Notes of each `hipform.feedback.voice_lines.UtteranceKind` as pitch in Hz and duration in seconds: one high note
counts, falling notes correct, rising notes praise."""


def samples(kind: str) -> array[int]:
    """Return the tone of *kind* as 16-bit samples, one channel, `RATE_HZ`."""
    tone = array("h")
    for pitch_hz, length_s in TONES[kind]:
        count = round(length_s * RATE_HZ)
        for at in range(count):
            fade = min(1.0, at / (_FADE_S * RATE_HZ), (count - 1 - at) / (_FADE_S * RATE_HZ))
            tone.append(round(32767 * _AMPLITUDE * fade * math.sin(2 * math.pi * pitch_hz * at / RATE_HZ)))
    return tone


def play(tone: array[int]) -> None:
    """Play samples on the default device, and wait until they end."""
    import sounddevice  # noqa: PLC0415 - loads the system's sound library

    with sounddevice.RawOutputStream(samplerate=RATE_HZ, channels=1, dtype="int16") as stream:
        stream.write(tone.tobytes())


def write(tone: array[int], file: str) -> None:
    """Write samples to a wav file."""
    with wave.open(file, "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(RATE_HZ)
        sink.writeframes(tone.tobytes())


def main() -> None:
    """Play the tone of the kind on standard input, or write it to the given file; do nothing without input."""
    words = sys.stdin.read().strip()
    if not words:
        return
    tone = samples(words)
    try:
        if sys.argv[1:]:
            write(tone, sys.argv[1])
        else:
            play(tone)
    except Exception as error:  # noqa: BLE001 - whatever the sound library raises is one line for who started this
        sys.exit(str(error).splitlines()[0])
