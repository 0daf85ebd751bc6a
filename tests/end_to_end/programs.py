"""The programs as a user starts them: a server that can be killed and started again, and the command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.helpers.programs import DEADLINE, ServerProgram


class KillableServer:
    """`qtchat-server` on 127.0.0.1, with its data in `folder`; after a kill it starts again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = ""
        self._port = 0
        self._running = ExitStack()

    def start(self) -> None:
        """Accepting connections when it returns."""
        config = self.folder.with_suffix(".toml")
        config.write_text("messages_per_second = 0\n", encoding="utf-8")  # a test writes more quickly than people
        arguments = ("--json", "--port", str(self._port), "--name", "Test", "--config", str(config))
        program = self._running.enter_context(ServerProgram(self.folder, *arguments))
        ready = program.ready()
        self._port = int(ready["native"].rpartition(":")[2])
        self.link = ready["link"]

    def kill(self) -> None:
        """As kill -9 does: it gets no chance to do anything. Idempotent."""
        self._running.close()


@contextmanager
def killable_server(folder: Path) -> Iterator[KillableServer]:
    """A started server program that is gone at the end."""
    server = KillableServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def run_cli(profile: Path, nick: str, link: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """One `qtchat-cli` command, to its end."""
    command = [sys.executable, "-m", "qtchat.client.cli", "--profile", str(profile), "--nick", nick, link, *words]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=DEADLINE, check=False, env=environment
    )
