"""qtchat-server as a program of its own: started, awaited, stopped or killed."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

COMMAND: Final = (sys.executable, "-m", "qtchat.server.cli")
DEADLINE: Final = 60.0
"""Seconds after which a program is killed, so that no test waits for ever."""


def run_server_command(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run qtchat-server to its end. `environment`: variables in addition."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


class ServerProgram:
    """qtchat-server in a process, on a free port of 127.0.0.1, with its data in `folder`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._errors = (folder.parent / f"{folder.name}.log").open("a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*COMMAND, "--data", str(folder), "--host", "127.0.0.1", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        self._watchdog = threading.Timer(DEADLINE, self.process.kill)
        self._watchdog.start()

    def line(self) -> str:
        """The next line of its output, empty at the end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ready(self) -> dict[str, Any]:
        """The line of JSON by which it says that it accepts connections; needs the argument --json."""
        line = self.line()
        assert line, self.errors()
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def port(self) -> int:
        return int(self.ready()["native"].rpartition(":")[2])

    def errors(self) -> str:
        """What it has written to stderr, and those before it on the same folder."""
        self._errors.seek(0)
        return self._errors.read()

    def wait(self) -> int:
        """Its exit status."""
        return self.process.wait(DEADLINE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._watchdog.cancel()
        self._watchdog.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
