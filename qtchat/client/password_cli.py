"""The password of a server, for `qtchat-cli`: out of a file, or from whoever sits at the terminal. Never out of the
command line, which everybody on the computer can read."""

import getpass
import signal
import sys
from pathlib import Path


class NoPasswordError(Exception):
    """There is none to try; the text is a sentence."""


class PasswordSource:
    """Where the next password comes from. In the main thread."""

    def __init__(self, file: Path | None, first: str = "") -> None:
        """`file`: holds the password in its first line. `first`: one to try before, if any."""
        self._file = file
        self._first = first
        self._read = False

    def next(self, said: str) -> str:
        """One to try. `said`: by the server, about the last one. Raises NoPasswordError."""
        first, self._first = self._first, ""
        if first:
            return first
        if self._file is None:
            return _asked(said)
        if self._read:
            raise NoPasswordError(said)
        self._read = True
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise NoPasswordError(f"{self._file} cannot be read: {error}.") from error
        if not lines or not lines[0]:
            raise NoPasswordError(f"There is no password in the first line of {self._file}.")
        return lines[0]


def _asked(said: str) -> str:
    if not sys.stdin.isatty():
        raise NoPasswordError(f"{said} Give it by --password-file FILE.")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ours would not end the question
    try:
        password = getpass.getpass(f"{said}\nPassword: ")
    except (KeyboardInterrupt, EOFError) as error:
        raise NoPasswordError("Interrupted.") from error
    finally:
        signal.signal(signal.SIGINT, before)
    if not password:
        raise NoPasswordError(said)
    return password
