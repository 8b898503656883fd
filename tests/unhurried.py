"""hipform as its user starts it, except that a signal leaves it all the time that it needs to clean up.

``python -m tests.unhurried ...`` is for tests of how an interrupted command ends: on a machine that is busy enough, the
second or so that a user waits would be over first.
"""

from hipform.__main__ import run
from hipform.cli import signals
from scripts.app_process import LIMIT_S

signals._PATIENCE_S = signals._FINISHING_S = LIMIT_S

if __name__ == "__main__":
    run()
