"""A network of its own inside this computer: a switch that can block, a router's address, and hosts. Needs root.

All of it lives in network namespaces, so no packet leaves the machine, and nothing of the machine's own network is
touched.
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.faults.outcome import CannotRunError
from tests.faults.processes import PATIENCE, die_with_parent
from tests.faults.tools import need, need_root

MULTICAST: Final = "ip daddr 224.0.0.0/4"
BROADCAST: Final = "ip daddr 10.77.0.255"
ROUTER: Final = "10.77.0.1"

_numbers = itertools.count(1)


class Lan:
    """The network 10.77.0.0/24. `hosts`: the namespaces, the first with the address 10.77.0.11, and so on."""

    def __init__(self, folder: Path, hosts: int = 3) -> None:
        """`folder`: for what programs write to stderr. Raises CannotRunError where no such network can be made."""
        need_root()
        self._log = folder / "lan.log"
        self._ip, self._nft = need("ip", "iproute2"), need("nft", "nftables")
        base = f"qtchat-{os.getpid()}-{next(_numbers)}"
        self._switch = f"{base}-switch"
        self.hosts = [f"{base}-{number}" for number in range(hosts)]
        self._stack = ExitStack()
        try:
            self._build()
        except subprocess.CalledProcessError as error:
            self._stack.close()
            raise CannotRunError(f"no network namespaces here: {error.stderr.strip()}") from error
        except BaseException:
            self._stack.close()
            raise

    @staticmethod
    def address(host: int) -> str:
        return f"10.77.0.{host + 11}"

    def block(self, *what: str) -> None:
        """The switch drops what these rules of nft describe, on the way between hosts; nothing else any more."""
        self._run(self._switch, self._nft, "flush", "chain", "bridge", "qtchat", "forward")
        for rule in what:
            self._run(self._switch, self._nft, "add", "rule", "bridge", "qtchat", "forward", *rule.split(), "drop")

    def command(self, host: int, *arguments: str) -> list[str]:
        """What runs a module of Python with these arguments on a host."""
        inside = [self._ip, "netns", "exec", self.hosts[host]]
        return [*die_with_parent(), *inside, sys.executable, "-m", *arguments]

    def spawn(self, host: int, *arguments: str) -> "subprocess.Popen[str]":
        """The same, begun; it ends with this network at the latest."""
        with self._log.open("a") as log:
            process = subprocess.Popen(
                self.command(host, *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._stack.callback(_end, process)
        return process

    def call(self, host: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The same, done."""
        command = self.command(host, *arguments)
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def _build(self) -> None:
        for space in (self._switch, *self.hosts):
            self._run("", self._ip, "netns", "add", space)
            self._stack.callback(self._run, "", self._ip, "netns", "delete", space)
            self._run(space, self._ip, "link", "set", "lo", "up")
        self._run(self._switch, self._ip, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        self._run(self._switch, self._ip, "address", "add", f"{ROUTER}/24", "dev", "br0")
        self._run(self._switch, self._ip, "link", "set", "br0", "up")
        for number, space in enumerate(self.hosts):
            port = f"port{number}"
            self._run(
                self._switch,
                *(self._ip, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space),
            )
            self._run(self._switch, self._ip, "link", "set", port, "master", "br0", "up")
            address = f"{self.address(number)}/24"
            self._run(space, self._ip, "address", "add", address, "broadcast", "+", "dev", "eth0")
            self._run(space, self._ip, "link", "set", "eth0", "up")
            self._run(space, self._ip, "route", "add", "default", "via", ROUTER)
        chain = "{ type filter hook forward priority 0 ; }"
        self._run(self._switch, self._nft, "add", "table", "bridge", "qtchat")
        self._run(self._switch, self._nft, "add", "chain", "bridge", "qtchat", "forward", chain)

    def _run(self, space: str, *command: str) -> None:
        inside: Sequence[str] = (self._ip, "netns", "exec", space) if space else ()
        subprocess.run([*inside, *command], check=True, capture_output=True, text=True, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _end(process: "subprocess.Popen[Any]") -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
