"""Screen: draw the judged frames for the lifter and read the keys, in the main thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hipform.config import Settings
from hipform.live.inference import JudgedFrame
from hipform.render import LEGEND, Command, Display, LiveScreen, Situation
from hipform.sound import Voice
from hipform.texts import Texts, english
from hipform.types import Image
from hipform.video.frames import ClipInfo

_NOTICE_S = 8.0
_ARM_LEGEND = (english("arm up 2 s"), english("start or end a set"))


NoticeListener = Callable[[str], None]
"""Called with each line about the voice and the machine, in any thread."""


class Screen:
    """What the lifter sees, and the keys that change only that.

    Parameters
    ----------
    info
        Size of the camera's frames.
    settings
        Values in force.
    voice
        Voice that the mute key silences.
    notices
        Lines about the machine.
    mirrored
        Whether the screen starts mirrored.
    record
        Whether the video is recorded.
    texts
        The texts in the language of the screen.
    """

    def __init__(
        self,
        info: ClipInfo,
        settings: Settings,
        voice: Voice,
        notices: Notices,
        *,
        mirrored: bool,
        record: bool,
        texts: Texts,
    ) -> None:
        self._screen = LiveScreen(info, settings, (*LEGEND, _ARM_LEGEND), texts)
        self._voice = voice
        self._notices = notices
        self._mirrored = mirrored
        self._record = record

    def update(self, display: Display | None, frame: JudgedFrame | None) -> Command | None:
        """Show *frame*, if there is one, and return the user's command unless the screen has handled it itself."""
        notice = self._notices.current()
        if display is None:
            return None
        command = display.poll() if frame is None else display.show(self._drawn(frame, notice))
        if command is Command.MIRROR:
            self._mirrored = not self._mirrored
        elif command is Command.MUTE:
            self._voice.muted = not self._voice.muted
        else:
            return command
        return None

    def _drawn(self, frame: JudgedFrame, notice: str) -> Image:
        situation = Situation(
            mirrored=self._mirrored,
            muted=self._voice.is_silent,
            recording=self._record and not frame.state.paused,
            notice=notice,
        )
        return self._screen.draw(frame.image, frame.pose, frame.state, situation)


class Notices:
    """Lines about the machine, each reported once and shown on the screen for a while.

    Parameters
    ----------
    voice
        Voice whose problem becomes a notice.
    report
        Called with each notice.
    """

    def __init__(self, voice: Voice, report: NoticeListener) -> None:
        self._voice = voice
        self._report = report
        self._text = ""
        self._until_s = -math.inf
        self._has_reported_voice = False

    def show(self, text: str) -> None:
        """Report *text* and show it for a while."""
        self._report(text)
        self._text, self._until_s = text, time.monotonic() + _NOTICE_S

    def current(self) -> str:
        """Return the line to show now; empty for none."""
        if self._voice.problem and not self._has_reported_voice:
            self._has_reported_voice = True
            self.show(self._voice.problem)
        return self._text if time.monotonic() < self._until_s else ""
