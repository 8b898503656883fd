"""A process that films without a model: its recording is a text, as the clips of these tests are."""

from hipform import child_process
from hipform.app.browser_training import Recorded, Said, Shown, Taken
from hipform.errors import OutputError
from hipform.render import Command
from hipform.report.result import FILES
from hipform.video.pushed_camera import PushedFrame


def film(report, asked, folder):
    """Do what the exercise stands for."""
    if asked.exercise == "good-morning":
        raise OutputError("The disk is full.", "Free some space.")
    folder.mkdir()
    (folder / FILES["recording"]).write_text("ok")
    report(Said("Ready"))
    while (message := child_process.inbox.get()) is not Command.QUIT:
        if isinstance(message, PushedFrame) and asked.exercise != "deadlift":
            report(Taken())
            report(Shown(message.captured_s, message.jpeg, {"reps": 1}))
    return Recorded("lite", asked.exercise)
