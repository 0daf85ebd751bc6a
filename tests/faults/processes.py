"""The server as a process of its own, so that it can be killed; nothing of it survives whoever started it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

PATIENCE: Final = 60.0
"""Seconds to wait for what should take one: reached only where something is wrong."""
DATABASE: Final = "qtchat.sqlite3"


class StartError(Exception):
    """The server ended instead of opening. `status` is its exit status, the text what it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def die_with_parent() -> list[str]:
    """What to put before a command so that even kill -9 of this process does not leave it behind; Linux only."""
    tool = shutil.which("setpriv")
    return [tool, "--pdeathsig", "KILL", "--"] if tool else []


class ServerProcess:
    """`qtchat-server` on 127.0.0.1, always on the same port and folder, however often it is killed and started.

    People may say as much as they like, unless `messages_per_second` is given. `said`: what it has written to stderr,
    all lives together.
    """

    def __init__(
        self,
        folder: Path,
        *,
        before: Sequence[str] = (),
        launcher: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        **options: str | int,
    ) -> None:
        """`folder`: for its data and its log. `before`: a command that runs it as its child; `launcher`: a command that
        becomes it. `options`: of its configuration."""
        self.data = folder / "server"
        self.log = folder / "server.log"
        self.port = 0
        self.link = ""
        self.claim_token = ""
        """Makes an owner of a server that has none."""
        self.before = tuple(before)
        self._launcher = tuple(launcher)
        self.arguments: tuple[str, ...] = ()
        self.environment = dict(environment or {})
        self._config = folder / "server.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self.options: dict[str, str | int] = {"messages_per_second": 0, **options}
        """Of its configuration, from the next start on."""
        self._process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> Path:
        return self.data / DATABASE

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the server itself, also where another program runs it."""
        assert self._process is not None
        pid = self._process.pid
        while self.before:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if not children:
                break
            pid = int(children[0])
        return pid

    def spawn(self) -> None:
        """Start it, and do not wait."""
        assert not self.running
        self._config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in self.options.items()))
        command = [
            *die_with_parent(),
            *self.before,
            *self._launcher,
            *(sys.executable, "-m", "qtchat.server.cli", "--json", "--config", str(self._config)),
            *("--host", "127.0.0.1", "--port", str(self.port), "--data", str(self.data)),
            *self.arguments,
        ]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **self.environment}
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, start_new_session=True
            )

    def start(self) -> float:
        """Start it and wait until it accepts connections; how many seconds that took. StartError if it ends."""
        began = time.monotonic()
        self.spawn()
        self.wait_ready()
        return time.monotonic() - began

    def wait_ready(self) -> None:
        """After `spawn`. StartError if it ends."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        too_late = threading.Timer(PATIENCE, self._kill_group)
        too_late.start()
        try:
            line = process.stdout.readline()
        finally:
            too_late.cancel()
            too_late.join()
        if not line:
            raise StartError(self.wait(), self.said)
        ready: dict[str, Any] = json.loads(line)
        self.port = int(ready["native"].rpartition(":")[2])
        self.link = ready["link"]
        self.claim_token = ready["claim"]

    def kill(self) -> None:
        """kill -9, and wait for its end."""
        if self._process is not None:
            self._kill_group()
            self.wait()

    def stop(self) -> int:
        """Ask it to stop; its exit status."""
        if self._process is None:
            return 0
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended. TimeoutExpired if it does not."""
        assert self._process is not None
        try:
            return self._process.wait(PATIENCE)
        finally:
            if self._process.returncode is not None and self._process.stdout is not None:
                self._process.stdout.close()

    def memory(self) -> int:
        """Bytes of memory in use; 0 where the system does not tell (no /proc)."""
        state = Path(f"/proc/{self.pid}/statm")
        return int(state.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if state.exists() else 0

    def descriptors(self) -> int:
        """Descriptors in use; 0 where the system does not tell."""
        folder = Path(f"/proc/{self.pid}/fd")
        return len(list(folder.iterdir())) if folder.exists() else 0

    def _kill_group(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
