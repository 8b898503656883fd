"""A voice that says what is new and forgets what is late, in processes of its own.

The system's own programs speak: `say` on macOS, PowerShell's synthesiser on Windows, `espeak-ng` elsewhere. pyttsx3,
which wraps the same synthesisers, was tried: within one process it kept the first utterance only and left later ones
empty, and a program of its own can be waited for or ended without any harm to this one.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hipform.child_process import ChildProcess, describe_exit, python_command
from hipform.errors import one_line
from hipform.feedback.voice_lines import Utterance, UtteranceKind
from hipform.stages import Newest

STALE_S = 2.0
"""What could not be said this soon is not said at all."""
_LONGEST_S = 15.0
"""A speaker that takes longer hangs and is ended."""
_LONGEST_REASON = 200
_MOST_HUNG = 2
"""So many in a row, and no other is tried."""

_WINDOWS_SPEAKER = (
    "Add-Type -AssemblyName System.Speech;"
    "$voice = New-Object System.Speech.Synthesis.SpeechSynthesizer;"
    "try {{ $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, 'en-US') }} catch {{ }}"
    "{to_file}"
    "$voice.Speak([Console]::In.ReadToEnd()); $voice.Dispose()"
)


class SoundMode(StrEnum):
    """How the lifter is spoken to."""

    VOICE = "voice"
    BEEP = "beep"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class _Order:
    """Something to say, and until when."""

    text: str
    kind: UtteranceKind
    until_s: float


class Voice:
    """Says utterances in a thread and processes of its own; a new one replaces one that still waits.

    Use as a context manager; leaving it ends the voice in mid-word.

    Parameters
    ----------
    mode
        Voice, tones or silence.
    folder
        Where each utterance becomes a wav file instead of being heard; ``None`` to be heard.

    Attributes
    ----------
    muted
        Whether nothing is said for the time being.
    problem
        Why nothing can be heard, in one line; empty while all is well. After a problem it stays silent.
    """

    def __init__(self, mode: SoundMode, folder: Path | None = None) -> None:
        self.muted = False
        self.problem = ""
        self._mode = mode
        self._folder = folder
        self._waiting: Newest[_Order] = Newest()
        self._speaker: ChildProcess | None = None
        self._spoken = self._hung = 0
        self._thread = threading.Thread(target=self._run, name="hipform-voice", daemon=True)

    def __enter__(self) -> Voice:
        if self._mode is not SoundMode.OFF:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.close()
        if self._thread.is_alive():
            self.muted = True
            speaker = self._speaker
            if speaker is not None:
                speaker.end()
            self._thread.join()

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said: switched off, muted, or for a problem."""
        return self._mode is SoundMode.OFF or self.muted or bool(self.problem)

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Say what belongs to one moment, the first kind deciding the tone; returns at once."""
        if utterances and not self.is_silent:
            text = ". ".join(utterance.text for utterance in utterances)
            self._waiting.put(_Order(one_line(text), utterances[0].kind, time.monotonic() + STALE_S))

    def finish(self, timeout_s: float) -> None:
        """Let what waits be said, for *timeout_s* at most, and take nothing more."""
        self._waiting.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._speaker = self._started()
            for order in self._waiting:
                if time.monotonic() <= order.until_s and not self.muted:
                    self._speak(order)
                    # Started ahead: the next utterance is heard as soon as it comes.
                    self._speaker = self._started()
        except (OSError, _SilentError) as error:
            self.problem = f"No sound: {error}"
            self._waiting.close()
        finally:
            self._end_speaker()

    def _started(self) -> ChildProcess:
        """Start a process that says what it reads, once its input ends."""
        self._spoken += 1
        file = None if self._folder is None else self._folder / f"{self._spoken:03d}.wav"
        return ChildProcess(_beeper(file) if self._mode is SoundMode.BEEP else _speaker(file))

    def _speak(self, order: _Order) -> None:
        speaker = self._speaker
        assert speaker is not None
        words = order.kind.value if self._mode is SoundMode.BEEP else order.text
        with speaker:
            speaker.write(words.encode())
            speaker.close_input()
            code = speaker.wait(_LONGEST_S)
        if code is None:
            self._hung += 1
            if self._hung >= _MOST_HUNG:
                raise _SilentError("the voice does not answer.")
            return
        self._hung = 0
        if not self._waiting.over:
            _require_heard(code, speaker.last_words)

    def _end_speaker(self) -> None:
        if self._speaker is not None:
            self._speaker.end()


class _SilentError(Exception):
    """Nothing could be heard."""


def _require_heard(code: int, complaint: str) -> None:
    """Refuse what a speaker that was not heard left behind."""
    # espeak-ng ends well even when there is nothing to play on, but says so.
    if not code and "error" not in complaint.lower():
        return
    if "alsa" in complaint.lower() or "device" in complaint.lower():
        raise _SilentError("no sound device was found.")
    lines = complaint.strip().splitlines()
    reason = one_line(lines[-1])[:_LONGEST_REASON] if lines else f"the voice ended with {describe_exit(code)}."
    raise _SilentError(reason)


def _speaker(file: Path | None) -> list[str]:
    """Return the command that speaks its standard input, or writes it to *file*."""
    if sys.platform == "darwin":
        to_file = ["-o", str(file), "--file-format=WAVE", "--data-format=LEI16@22050"] if file else []
        return ["say", "-f", "-", *to_file]
    if sys.platform == "win32":
        to_file = f"$voice.SetOutputToWaveFile('{str(file).replace(chr(39), chr(39) * 2)}');" if file else ""
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS_SPEAKER.format(to_file=to_file)]
    program = shutil.which("espeak-ng") or shutil.which("espeak")
    if program is None:
        raise _SilentError("there is no espeak-ng. Install it (apt-get install espeak-ng), or use --sound beep.")
    return [program, "-v", "en", "--stdin", *(["-w", str(file)] if file else [])]


def _beeper(file: Path | None) -> list[str]:
    """Return the command that plays the tone of the kind of utterance it reads, or writes it to *file*."""
    return python_command("main", "hipform.sound.tones", [] if file is None else [str(file)])
