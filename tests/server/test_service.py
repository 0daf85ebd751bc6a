"""What the service manager is told, by both kinds of socket; and the unit that asks for it."""

import configparser
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtchat.server.service import VARIABLE, notify
from tests.helpers.programs import ServerProgram

UNIT = Path(__file__).resolve().parents[2] / "packaging" / "systemd" / "qtchat-server.service"
PATIENCE = 20.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is on Linux only")


@contextmanager
def manager(monkeypatch: pytest.MonkeyPatch, place: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.bind("\0" + place[1:] if place.startswith("@") else place)
        monkeypatch.setenv(VARIABLE, place)
        yield sock


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short name, as the path of a socket must have."""
    with tempfile.TemporaryDirectory(prefix="qtchat-") as name:
        yield Path(name)


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_both_kinds_of_sockets(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str) -> None:
    place = str(folder / "notify") if kind == "path" else f"@qtchat-test-{os.getpid()}"
    with manager(monkeypatch, place) as sock:
        assert notify("READY=1", "STATUS=Läuft.")
        assert sock.recv(4096).decode() == "READY=1\nSTATUS=Läuft."


@pytest.mark.parametrize("place", ["", "/nowhere/at/all", "@nobody-listens-there", "vsock:2:1234"])
def test_nobody_who_wants_to_know(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv(VARIABLE, place)
    assert not notify("READY=1")


def test_the_server_tells_when_it_is_ready_and_when_it_stops(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    with manager(monkeypatch, str(folder / "notify")) as sock, ServerProgram(tmp_path / "data", "--json") as program:
        port = program.port()
        assert sock.recv(4096).decode().splitlines() == [
            "READY=1",
            f"STATUS={socket.gethostname()[:64]} is open at port {port}.",
        ]
        program.process.send_signal(signal.SIGTERM)
        assert sock.recv(4096).decode().startswith("STOPPING=1\n")
        assert program.wait() == 0


def test_the_unit_waits_for_readiness_and_gives_away_no_rights() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
    unit.read_string(UNIT.read_text(encoding="utf-8"))
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["DynamicUser"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert "AF_NETLINK" in service["RestrictAddressFamilies"].split()
    assert f"/var/lib/{service['StateDirectory']}" in service["ExecStart"]


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    # The program of the unit is not installed here.
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/qtchat-server", "/bin/true"), encoding="utf-8")
    done = subprocess.run([tool, "verify", str(copy)], capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, said) == (0, []), done.stderr
