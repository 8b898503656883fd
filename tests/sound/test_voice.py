"""The voice: heard in order of freshness, never in the way, reported once where there is none."""

import contextlib
import os
import shutil
import sys
import wave

import numpy as np
import psutil
import pytest

from hipform.feedback.voice_lines import Utterance, UtteranceKind
from hipform.sound import SoundMode, Voice, tones, voice
from hipform.texts import Texts
from scripts.app_process import LIMIT_S, wait_until

needs_voice = pytest.mark.skipif(
    sys.platform == "linux" and not (shutil.which("espeak-ng") or shutil.which("espeak")),
    reason="the system has no voice: espeak-ng is not installed",
)
LOUD = 500
"""Samples beyond this, of 32767, are sound and not silence."""


def count(number):
    return (Utterance(str(number), UtteranceKind.COUNT),)


def cue(text):
    return (Utterance(text, UtteranceKind.CUE),)


def heard(path):
    """Return length, length without silence at both ends, and pitch that is strongest, of a wav file."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
    loud = np.flatnonzero(abs(samples) > LOUD)
    assert len(loud), f"{path.name} is silent"
    spectrum = abs(np.fft.rfft(samples))
    return len(samples) / rate, (loud[-1] - loud[0]) / rate, spectrum.argmax() * rate / len(samples)


def is_busy(speaker):
    """Return whether a voice has something in hand: its process has been given words and has not ended."""
    child = speaker._speaker
    process = child and child.process
    return process is not None and process.stdin.closed and process.returncode is None


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let no utterance become stale and no voice count as hung because this machine is slow."""
    monkeypatch.setattr(voice, "STALE_S", LIMIT_S)
    monkeypatch.setattr(voice, "_MAX_SPEAKING_S", LIMIT_S)


def rendered(mode, folder, utterances):
    """Say each of *utterances* into *folder*, one after the other, and return the files."""
    with Voice(mode, folder) as speaker:
        for number, said in enumerate(utterances, 1):
            speaker.say(said)
            wait_until(lambda number=number: (folder / f"{number:03d}.wav").exists() or speaker.problem)
            wait_until(lambda: not is_busy(speaker))
        speaker.finish(LIMIT_S)
        assert speaker.problem == ""
    return [folder / f"{number:03d}.wav" for number in range(1, len(utterances) + 1)]


@needs_voice
def test_every_utterance_is_spoken_completely_and_is_short_enough(tmp_path):
    files = rendered(SoundMode.VOICE, tmp_path, [count(5), cue("Squeeze and drive hips up"), count(12)])
    five, long, twelve = (heard(path) for path in files)
    assert 0.2 < five[1] < 1.0
    assert 0.2 < twelve[1] < 1.2
    assert 0.9 < long[1] < 3.0


@pytest.mark.parametrize("kind", UtteranceKind)
def test_every_kind_has_its_own_audible_tone(tmp_path, kind):
    path = tmp_path / "tone.wav"
    tones.write(tones.samples(kind.value), str(path))
    length_s, loud_s, pitch_hz = heard(path)
    notes = tones.TONES[kind.value]
    assert length_s == pytest.approx(sum(note_s for _, note_s in notes), abs=0.01)
    assert loud_s > 0.8 * length_s
    assert min(abs(pitch_hz - note_hz) for note_hz, _ in notes) < 20
    assert list(tones.TONES.values()).count(notes) == 1


def test_beeps_are_rendered_by_their_own_program(tmp_path):
    (path,) = rendered(SoundMode.BEEP, tmp_path, [count(1)])
    assert heard(path)[2] == pytest.approx(880, abs=20)


def test_empty_input_plays_no_tone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tones", str(tmp_path / "none.wav")])
    monkeypatch.setattr(sys, "stdin", __import__("io").StringIO(""))
    tones.main()
    assert list(tmp_path.iterdir()) == []


SPEAKS = "import sys; words = sys.stdin.read(); open({path!r}, 'a').write(words + '|')"
IS_HELD = """
import os, sys, time
words = sys.stdin.read()
while not os.path.exists({path!r} + ".go"):
    time.sleep(0.01)
open({path!r}, "a").write(words + "|")
"""
"""Speaks once there is a file that says so."""
NO_DEVICE = "import sys; sys.stdin.read(); sys.stderr.write('ALSA lib: cannot find card\\nerror: x')"
FAILS = "import sys; sys.stdin.read(); sys.exit('the larynx is sore')"
HANGS = "import sys, time; sys.stdin.read(); time.sleep(600)"


@pytest.fixture
def spoken_by(monkeypatch):
    """Return a function that lets a Python program speak instead of the system."""

    def use(code):
        monkeypatch.setattr(voice, "_speaker", lambda _file, _language: [sys.executable, "-S", "-c", code])

    return use


def test_a_new_utterance_replaces_one_that_still_waits(tmp_path, spoken_by):
    path = tmp_path / "said"
    spoken_by(IS_HELD.format(path=str(path)))
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: is_busy(speaker))
        for number in (2, 3, 4):
            speaker.say(count(number))
        path.with_suffix(".go").touch()
        speaker.finish(LIMIT_S)
    assert path.read_text() == "1|4|"


def test_a_late_utterance_is_dropped(tmp_path, spoken_by, monkeypatch):
    path = tmp_path / "said"
    spoken_by(IS_HELD.format(path=str(path)))
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: is_busy(speaker))
        monkeypatch.setattr(voice, "STALE_S", -1.0)
        speaker.say(count(2))
        path.with_suffix(".go").touch()
        speaker.finish(LIMIT_S)
    assert path.read_text() == "1|"


def test_say_returns_at_once_even_while_the_voice_hangs(spoken_by):
    spoken_by(HANGS)
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: is_busy(speaker))
        for number in range(1000):
            speaker.say(count(number))
        assert is_busy(speaker)
    wait_until(lambda: not is_busy(speaker))


def test_a_voice_that_hangs_twice_is_stopped_and_reported(spoken_by, monkeypatch):
    spoken_by(HANGS)
    monkeypatch.setattr(voice, "_MAX_SPEAKING_S", 0.3)
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: not speaker._waiting._waiting and speaker._hung)
        assert not speaker.problem
        speaker.say(count(2))
        wait_until(lambda: speaker.problem)
    assert speaker.problem == "No sound: the voice program does not respond."


WRAPPER = """
import subprocess, sys
subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]).wait()
"""
FLOOD = (
    "import os, sys; sys.stdin.read(); [os.write(2, bytes(1 << 20) + b'\\n') for _ in range(300)]; sys.exit('hoarse')"
)


def alive_in(group):
    """Return the processes of a group that have not ended."""
    found = []
    for one in psutil.process_iter(["status"]):
        # One may end meanwhile.
        with contextlib.suppress(ProcessLookupError):
            if one.info["status"] != psutil.STATUS_ZOMBIE and os.getpgid(one.pid) == group:
                found.append(one)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="a process group is of POSIX systems")
def test_a_voice_that_hangs_behind_a_wrapper_is_ended_with_it(spoken_by, monkeypatch):
    spoken_by(WRAPPER)
    monkeypatch.setattr(voice, "_MAX_SPEAKING_S", 0.3)
    with Voice(SoundMode.VOICE) as speaker:
        for number in (1, 2):
            speaker.say(count(number))
            wait_until(lambda number=number: speaker._hung == number or speaker.problem)
        wait_until(lambda: speaker.problem)
        group = speaker._speaker.process.pid
    wait_until(lambda: not alive_in(group))


def test_a_voice_that_floods_its_error_stream_does_not_fill_memory(spoken_by):
    spoken_by(FLOOD)
    before_mb = psutil.Process().memory_info().rss >> 20
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: speaker.problem)
        assert (psutil.Process().memory_info().rss >> 20) - before_mb < 100
    assert speaker.problem == "No sound: hoarse"


@pytest.mark.parametrize(
    ("code", "words"), [(NO_DEVICE, "No sound: no sound device was found."), (FAILS, "No sound: the larynx is sore")]
)
def test_a_voice_that_is_not_heard_reports_why_and_stays_silent(spoken_by, code, words):
    spoken_by(code)
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say(count(1))
        wait_until(lambda: speaker.problem)
        assert speaker.problem == words
        assert speaker.is_silent
        speaker.say(count(2))


def test_a_system_without_a_voice_reports_what_to_install(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with Voice(SoundMode.VOICE) as speaker:
        wait_until(lambda: speaker.problem)
        assert "espeak-ng" in speaker.problem


def test_muted_and_off_say_nothing(tmp_path, spoken_by):
    path = tmp_path / "said"
    spoken_by(SPEAKS.format(path=str(path)))
    with Voice(SoundMode.VOICE) as speaker, Voice(SoundMode.OFF) as off:
        speaker.muted = True
        speaker.say(count(1))
        off.say(count(1))
        assert speaker.is_silent
        assert off.is_silent
        speaker.finish(LIMIT_S)
        off.finish(LIMIT_S)
    assert not path.exists()


def test_utterances_of_one_frame_are_spoken_together(tmp_path, spoken_by):
    path = tmp_path / "said"
    spoken_by(SPEAKS.format(path=str(path)))
    with Voice(SoundMode.VOICE) as speaker:
        speaker.say((*count(3), *cue("Hips up")))
        speaker.finish(LIMIT_S)
    assert path.read_text() == "3. Hips up|"


@pytest.mark.parametrize(("platform", "program"), [("darwin", "say"), ("win32", "powershell"), ("linux", "espeak-ng")])
def test_every_system_uses_its_own_speech_program(monkeypatch, tmp_path, platform, program):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    command = voice._speaker(tmp_path / "it's.wav", "en")
    assert command[0].endswith(program)
    assert not any("its" in part for part in voice._speaker(None, "en"))
    assert any("its" in part.replace(chr(39), "") for part in command)


def test_it_speaks_german_with_a_german_voice(tmp_path, spoken_by, monkeypatch):
    path = tmp_path / "said"
    speaker_of = voice._speaker
    spoken_by(SPEAKS.format(path=str(path)))
    with Voice(SoundMode.VOICE, texts=Texts("de")) as speaker:
        speaker.say(cue("Squeeze and drive hips up"))
        speaker.finish(LIMIT_S)
    assert path.read_text(encoding="utf-8") == "Gesäß anspannen, Hüfte hoch|"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert speaker_of(None, "de")[1:3] == ["-v", "de"]
    monkeypatch.setattr(sys, "platform", "win32")
    assert "'de-DE'" in speaker_of(None, "de")[-1]
