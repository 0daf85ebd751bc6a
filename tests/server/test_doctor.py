"""The doctor of the server, on loopback: of one that runs, of one that does not, and of what can be wrong."""

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from qtchat.net.checks.findings import Finding, Outcome
from qtchat.net.signature import SigningKey
from qtchat.net.tls import load_or_create_identity
from qtchat.protocol.errors import ErrorCode
from qtchat.server import doctor
from qtchat.server.config import ServerSettings
from qtchat.server.doctor import Doctor
from qtchat.server.doctor_key import KEY_FILE
from qtchat.server.passwords import write_password
from qtchat.server.running import RUNNING_FILE, read_running
from tests.helpers.programs import run_server_command
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import WireClient

LOOPBACK = "127.0.0.1"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LISTEN", 20.0)  # it ends when the server is heard


def settings_for(folder: Path, port: int = 0) -> ServerSettings:
    return ServerSettings(data=str(folder), host=LOOPBACK, port=port)


def examine(settings: ServerSettings) -> dict[str, Finding]:
    with no_thread_left():
        return {finding.step: finding for finding in Doctor(settings).examine()}


def outcomes(found: dict[str, Finding]) -> set[str]:
    return {step for step, finding in found.items() if finding.outcome is Outcome.FAILED}


def test_a_server_that_does_not_run_is_started_for_it(tmp_path: Path) -> None:
    settings = replace(settings_for(tmp_path), interface=LOOPBACK)
    code = load_or_create_identity(tmp_path).code
    found = examine(settings)
    assert outcomes(found) == set()
    assert code in found[doctor.IDENTITY].told().sentence
    assert "was started to be asked" in found[doctor.RUNNING].sentence
    assert found[doctor.MESSAGE].outcome is Outcome.OK
    assert found[doctor.BROADCAST].sentence == found[doctor.MDNS].sentence == "The server hears itself."
    assert f"{LOOPBACK} port" in found[doctor.ADDRESSES].told().sentence
    assert "only this computer" in found[doctor.ADDRESSES].sentence
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert examine(settings)[doctor.MESSAGE].outcome is Outcome.OK  # the second time as the same user


def test_where_there_is_no_server_none_is_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "slip-of-the-pen"
    found = examine(settings_for(folder))
    assert outcomes(found) == set()
    assert found[doctor.IDENTITY].outcome is Outcome.WARNING
    assert f"no server in {folder} yet" in found[doctor.IDENTITY].told().sentence
    assert found[doctor.MESSAGE].outcome is Outcome.OK
    assert not folder.exists()


def test_a_server_that_runs_is_asked_and_goes_on(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        found = examine(settings_for(tmp_path, server.port))
        assert outcomes(found) == set()
        assert "It runs on" in found[doctor.RUNNING].sentence
        assert found[doctor.BROADCAST].outcome is Outcome.SKIPPED  # on loopback it announces nothing
        with closing(WireClient(server.port)) as client:
            client.login("Ada")


def test_one_that_took_any_port_has_to_be_told(tmp_path: Path) -> None:
    with running_server(tmp_path):
        assert outcomes(found := examine(settings_for(tmp_path))) == set()
        assert found[doctor.PORT].outcome is Outcome.OK  # it tells itself
        (tmp_path / RUNNING_FILE).unlink()
        assert examine(settings_for(tmp_path))[doctor.PORT].outcome is Outcome.SKIPPED


def test_a_port_where_nothing_listens(tmp_path: Path, shut_port: int) -> None:
    with running_server(tmp_path):
        assert outcomes(examine(settings_for(tmp_path, shut_port))) == set()  # the server knows better
        (tmp_path / RUNNING_FILE).unlink()
        assert outcomes(examine(settings_for(tmp_path, shut_port))) == {doctor.PORT}


def test_another_server_at_the_port(tmp_path: Path) -> None:
    with running_server(tmp_path / "a"), running_server(tmp_path / "b") as other:
        (tmp_path / "a" / RUNNING_FILE).unlink()
        found = examine(settings_for(tmp_path / "a", other.port))
    assert outcomes(found) == {doctor.ENCRYPTION}
    assert other.code in found[doctor.ENCRYPTION].told().sentence


def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        found = examine(settings_for(tmp_path, int(listening.getsockname()[1])))
    assert outcomes(found) == {doctor.RUNNING}


def test_a_name_that_somebody_else_has(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with WireClient(server.port, SigningKey.generate()) as person:
            person.login(doctor.NICK)
        for _ in range(7):  # more often than one key may own names
            found = examine(settings_for(tmp_path))
            assert outcomes(found) == set()
            assert "as the user doctor 2." in found[doctor.MESSAGE].told().sentence


def test_neither_password_nor_approval_nor_role_keep_it_out(tmp_path: Path) -> None:
    write_password(tmp_path, "sesame")
    with running_server(tmp_path, approve_newcomers=True, newcomer_role="guest"):
        for _ in range(2):
            assert outcomes(examine(settings_for(tmp_path))) == set()


def test_a_doctor_who_waited_is_let_in_by_its_key(tmp_path: Path) -> None:
    key = SigningKey.generate()
    with running_server(tmp_path, approve_newcomers=True) as server:
        with WireClient(server.port) as ada:
            ada.login("Ada", password=server.claim_token)
        with WireClient(server.port, key) as client:
            client.introduce(doctor.NICK)
            assert client.last_words()[-1].code == ErrorCode.WAITING  # type: ignore[attr-defined]
    (tmp_path / KEY_FILE).write_bytes(base64.b64encode(key.to_bytes()))
    with running_server(tmp_path, approve_newcomers=True):
        assert outcomes(examine(settings_for(tmp_path))) == set()


def damage_key(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "server.key").write_text("no key")


def damage_database(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "qtchat.sqlite3").write_bytes(b"no database" * 100)


def damage_own_key(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / KEY_FILE).write_text("no key")


@pytest.mark.parametrize(
    ("damage", "step"),
    [(damage_key, doctor.RUNNING), (damage_database, doctor.RUNNING), (damage_own_key, doctor.MESSAGE)],
)
def test_damaged_data_is_named(tmp_path: Path, damage: Callable[[Path], None], step: str) -> None:
    damage(tmp_path)
    assert outcomes(examine(settings_for(tmp_path))) == {step}


def test_a_full_disk_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LITTLE_ROOM", 1.1)
    assert examine(settings_for(tmp_path))[doctor.DATA].outcome is Outcome.WARNING


def test_the_command_line_prints_findings_and_has_a_status(tmp_path: Path) -> None:
    options = ("--data", tmp_path, "--host", LOOPBACK, "--port", 0)
    load_or_create_identity(tmp_path)
    done = run_server_command("doctor", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[  ok   ] Message to itself: Sent, stored, told and read again" in done.stdout
    damage_own_key(tmp_path)
    assert run_server_command("doctor", *options).returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipe there")
def test_a_reader_that_has_had_enough_causes_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "qtchat.server.cli", "doctor", "--data", str(tmp_path), "--host", LOOPBACK]
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == b""
    assert read_running(tmp_path) is None  # the server that it started has stopped


def test_the_identity_is_shown_without_a_server(tmp_path: Path) -> None:
    options = ("--data", tmp_path, "--host", LOOPBACK)
    for command in ("identity", "invite"):
        none = run_server_command(command, *options)
        assert (none.returncode, none.stdout) == (1, "")
        assert "there is no server key in" in none.stderr
    assert not any(tmp_path.iterdir())
    load_or_create_identity(tmp_path)
    shown = json.loads(run_server_command("identity", "--json", *options).stdout)
    assert set(shown) == {"code", "link", "sha256", "data", "running"}
    assert shown["link"] == f"qtchat://127.0.0.1:47300/#{shown['code']}"
    assert shown["running"] is False
    said = run_server_command("identity", *options).stdout
    assert shown["code"] in said
    assert "computed from the options; the server is not running" in said
    assert not (tmp_path / "qtchat.sqlite3").exists()
    with running_server(tmp_path) as server:
        assert server.code == shown["code"]
        told = json.loads(run_server_command("identity", "--json", "--data", tmp_path).stdout)
        assert (told["link"], told["running"]) == (server.link, True)
        said = run_server_command("invite", "--data", tmp_path).stdout
        assert f"127.0.0.1 port {server.port} (the server is running)" in said
        (tmp_path / RUNNING_FILE).unlink()
        said = run_server_command("identity", *options).stdout
        assert "it is not known where the server listens" in said
    damage_key(tmp_path)
    assert run_server_command("identity", *options).returncode == 1
