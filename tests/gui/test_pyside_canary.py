"""PySide6 6.12.0 lost one reference to True with every emit(), and CPython 3.10 and 3.11 abort when none is left.

This catches the next such release. It runs in a process of its own, since the crash takes the interpreter with it.
"""

import subprocess
import sys

EMIT = """
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    toggled = Signal(bool)

heard = []
sender = Sender()
sender.toggled.connect(heard.append)
for number in range(2000):
    sender.toggled.emit(number % 2 == 0)
assert heard == [True, False] * 1000, heard[:10]
"""


def test_two_thousand_emits_do_not_crash() -> None:
    done = subprocess.run([sys.executable, "-c", EMIT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
