"""Locks of the operating system on files: they end with the process, kill -9 included."""

import sys

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file for this process. OSError if another has it, with `wait` after ten seconds."""
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(descriptor: int, *, wait: bool) -> None:
        """Lock an open file for this process. OSError if another has it and we do not `wait`."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
