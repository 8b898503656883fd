"""A voice that speaks new utterances and drops late ones, in processes of its own.

The system's own programs speak: `say` on macOS, PowerShell's synthesiser on Windows, `espeak-ng` elsewhere. pyttsx3,
which wraps the same synthesisers, spoke only the first utterance of a process in our tests. A separate program can also
be waited for or ended without harm to this one.
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
from hipform.texts import ENGLISH, Texts

STALE_S = 2.0
"""An utterance that cannot be spoken within this time is dropped."""
_MAX_SPEAKING_S = 15.0
"""A speaker that takes longer is hung and is ended."""
_MAX_REASON_CHARS = 200
_MAX_HUNG = 2
"""After this many hung speakers in a row no further one is started."""

_WINDOWS_SPEAKER = (
    "[Console]::InputEncoding = [Text.Encoding]::UTF8;"
    "Add-Type -AssemblyName System.Speech;"
    "$voice = New-Object System.Speech.Synthesis.SpeechSynthesizer;"
    "try {{ $voice.SelectVoiceByHints('NotSet', 'NotSet', 0, '{culture}') }} catch {{ }}"
    "{to_file}"
    "$voice.Speak([Console]::In.ReadToEnd()); $voice.Dispose()"
)


_CULTURES = {"en": "en-US", "de": "de-DE"}
"""Names of the languages on Windows."""


class SoundMode(StrEnum):
    """Kind of sound for the lifter."""

    VOICE = "voice"
    BEEP = "beep"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class _Request:
    """An utterance, and the time until which it may be spoken."""

    text: str
    kind: UtteranceKind
    until_s: float


class Voice:
    """Speaks utterances in a thread and processes of its own; a new utterance replaces one that is still waiting.

    Use as a context manager; leaving it cuts the voice off.

    Parameters
    ----------
    mode
        Voice, tones or silence.
    folder
        Folder in which each utterance is written to a wav file instead; ``None`` to play it.
    texts
        The texts in the language that it speaks; `say` of macOS speaks with the voice that the system is set to.

    Attributes
    ----------
    muted
        Whether the voice is muted.
    problem
        Why nothing can be heard, in one line; empty if there is no problem. After a problem the voice stays silent.
    """

    def __init__(self, mode: SoundMode, folder: Path | None = None, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self.muted = False
        self.problem = ""
        self._mode = mode
        self._folder = folder
        self._waiting: Newest[_Request] = Newest()
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
        """Whether the voice is switched off, muted or has a problem."""
        return self._mode is SoundMode.OFF or self.muted or bool(self.problem)

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Speak the utterances of one frame; the first one determines the tone. Returns at once."""
        if utterances and not self.is_silent:
            text = ". ".join(self._texts(utterance.text) for utterance in utterances)
            self._waiting.put(_Request(one_line(text), utterances[0].kind, time.monotonic() + STALE_S))

    def finish(self, timeout_s: float) -> None:
        """Finish the waiting utterance, within *timeout_s*, and accept no more."""
        self._waiting.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._speaker = self._started()
            for request in self._waiting:
                if time.monotonic() <= request.until_s and not self.muted:
                    self._speak(request)
                    # Started in advance, so that the next utterance is heard without delay.
                    self._speaker = self._started()
        except (OSError, _SilentError) as error:
            self.problem = f"No sound: {error}"
            self._waiting.close()
        finally:
            self._end_speaker()

    def _started(self) -> ChildProcess:
        """Start a process that speaks its input once the input ends."""
        self._spoken += 1
        file = None if self._folder is None else self._folder / f"{self._spoken:03d}.wav"
        return ChildProcess(_beeper(file) if self._mode is SoundMode.BEEP else _speaker(file, self._texts.language))

    def _speak(self, request: _Request) -> None:
        speaker = self._speaker
        assert speaker is not None
        words = request.kind.value if self._mode is SoundMode.BEEP else request.text
        with speaker:
            speaker.write(words.encode())
            speaker.close_input()
            code = speaker.wait(_MAX_SPEAKING_S)
        if code is None:
            self._hung += 1
            if self._hung >= _MAX_HUNG:
                raise _SilentError("the voice program does not respond.")
            return
        self._hung = 0
        if not self._waiting.over:
            _require_heard(code, speaker.last_words)

    def _end_speaker(self) -> None:
        if self._speaker is not None:
            self._speaker.end()


class _SilentError(Exception):
    """Nothing could be heard."""


def _require_heard(code: int, messages: str) -> None:
    """Raise an error if the exit code or the messages of a speaker show that it was not heard."""
    # espeak-ng exits with 0 even without a sound device, but writes an error.
    if not code and "error" not in messages.lower():
        return
    if "alsa" in messages.lower() or "device" in messages.lower():
        raise _SilentError("no sound device was found.")
    lines = messages.strip().splitlines()
    reason = one_line(lines[-1])[:_MAX_REASON_CHARS] if lines else f"the voice ended with {describe_exit(code)}."
    raise _SilentError(reason)


def _speaker(file: Path | None, language: str) -> list[str]:
    """Return the command that speaks its standard input in *language*, or writes the sound to *file*."""
    if sys.platform == "darwin":
        to_file = ["-o", str(file), "--file-format=WAVE", "--data-format=LEI16@22050"] if file else []
        return ["say", "-f", "-", *to_file]
    if sys.platform == "win32":
        to_file = f"$voice.SetOutputToWaveFile('{str(file).replace(chr(39), chr(39) * 2)}');" if file else ""
        code = _WINDOWS_SPEAKER.format(culture=_CULTURES[language], to_file=to_file)
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", code]
    program = shutil.which("espeak-ng") or shutil.which("espeak")
    if program is None:
        raise _SilentError("espeak-ng is not installed. Install it (apt-get install espeak-ng), or use --sound beep.")
    return [program, "-v", language, "--stdin", *(["-w", str(file)] if file else [])]


def _beeper(file: Path | None) -> list[str]:
    """Return the command that plays the tone of the kind of utterance it reads, or writes it to *file*."""
    return python_command("main", "hipform.sound.tones", [] if file is None else [str(file)])
