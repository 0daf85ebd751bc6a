"""Two networks and the router between them, inside this computer. Needs root, and the programs ip and nft.

They live in network namespaces, so no packet leaves the machine, and nothing of its own network is touched.
"""

import itertools
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

PATIENCE: Final = 60.0
NEAR, FAR = "10.77.1.2", "10.77.2.2"
NEAR6, FAR6 = "fd77:1::2", "fd77:2::2"
"""The hosts, one in each network."""

_numbers = itertools.count(1)


def missing() -> list[str]:
    """What is needed for it and is not here."""
    lacking = [program for program in ("ip", "nft", "sysctl") if shutil.which(program) is None]
    return lacking if sys.platform == "linux" and os.geteuid() == 0 else ["root on Linux", *lacking]


class RoutedError(Exception):
    """No such networks can be made here."""


class Routed:
    """A context manager."""

    def __init__(self) -> None:
        base = f"qtchat-{os.getpid()}-{next(_numbers)}"
        self._router, near, far = (f"{base}-{name}" for name in ("router", "near", "far"))
        self._spaces = {NEAR: near, FAR: far}
        self._stack = ExitStack()

    def command(self, host: str, *words: str) -> list[str]:
        """What runs a program on the host with that address."""
        return ["ip", "netns", "exec", self._spaces[host], *words]

    def drop(self, host: str, rule: str) -> None:
        """The host's firewall drops what this rule of nft describes."""
        for words in ("add table inet qtchat", "add chain inet qtchat in { type filter hook input priority 0 ; }"):
            self._run(self._spaces[host], "nft", *words.split())
        self._run(self._spaces[host], "nft", "add", "rule", "inet", "qtchat", "in", *rule.split(), "drop")

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                self._build(stack)
            except subprocess.CalledProcessError as error:
                raise RoutedError(f"no network namespaces here: {error.stderr.strip()}") from error
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _build(self, stack: ExitStack) -> None:
        for space in (self._router, *self._spaces.values()):
            self._run("", "ip", "netns", "add", space)
            stack.callback(self._run, "", "ip", "netns", "delete", space)
            self._run(space, "ip", "link", "set", "lo", "up")
        for host, host6 in ((NEAR, NEAR6), (FAR, FAR6)):
            space = self._spaces[host]
            port, gateway, gateway6 = f"to-{host[6]}", f"{host[:-1]}1", f"{host6[:-1]}1"
            self._run(self._router, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            for where, name, address, address6 in (
                (self._router, port, gateway, gateway6),
                (space, "eth0", host, host6),
            ):
                self._run(where, "ip", "address", "add", f"{address}/24", "broadcast", "+", "dev", name)
                self._run(where, "ip", "address", "add", f"{address6}/64", "dev", name, "nodad")
                self._run(where, "ip", "link", "set", name, "up")
            self._run(space, "ip", "route", "add", "default", "via", gateway)
            self._run(space, "ip", "-6", "route", "add", "default", "via", gateway6)
        self._run(self._router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def _run(self, space: str, *command: str) -> None:
        inside = ("ip", "netns", "exec", space) if space else ()
        subprocess.run([*inside, *command], check=True, capture_output=True, text=True, timeout=PATIENCE)
