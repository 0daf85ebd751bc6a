"""`qtchat-cli doctor`: what is printed, and with which status it ends."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.client import cli, doctor, doctor_cli
from qtchat.client.doctor import Doctor
from qtchat.net.checks.findings import Finding, failed, ok, warning

LOOPBACK = "127.0.0.1"


def test_it_examines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shut_port: int
) -> None:
    monkeypatch.setattr(doctor, "LISTEN", 0.05)
    options = ("doctor", "--profile", str(tmp_path), "--interface", LOOPBACK, "--json", f"{LOOPBACK}:{shut_port}")
    assert cli.main(options) == 1
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"step", "outcome", "sentence", "fix", "command"} == set(findings[0])
    assert findings[0]["sentence"].startswith(f"Connected, as {LOOPBACK}")
    assert (findings[-1]["outcome"], findings[-1]["step"]) == ("failed", "Connection")


@pytest.mark.parametrize(
    ("finding", "status"), [(ok("VPN", "None."), 0), (warning("VPN", "One."), 0), (failed("VPN", "Two."), 1)]
)
def test_the_status_says_whether_something_failed(
    finding: Finding, status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Doctor, "examine", lambda _self: iter([finding, ok("Last", "Good.")]))
    assert doctor_cli.main(["--interface", LOOPBACK]) == status
    assert capsys.readouterr().out == f"{finding}\n[  ok   ] Last: Good.\n"


@pytest.mark.parametrize("interface", ["nonsense", "127.0.0.1/8", "localhost"])
def test_what_is_no_address_of_an_interface(interface: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        doctor_cli.main(["--interface", interface])
    assert ended.value.code == 2
    assert "is not an IP address" in capsys.readouterr().err


def test_an_interruption_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def examine(examined: Doctor) -> Iterator[Finding]:
        yield ok("First", "Good.")
        signal.raise_signal(signal.SIGINT)
        assert examined.stop.wait(30)

    monkeypatch.setattr(Doctor, "examine", examine)
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, if a shell put us behind
    try:
        assert doctor_cli.main(["--interface", LOOPBACK]) == 130
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, inherited)
    assert "First" in capsys.readouterr().out
