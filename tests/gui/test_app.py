"""The program as a whole, in a process of its own."""

import json
import logging
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import qtchat
from qtchat.client.errors import ProfileError
from qtchat.client.profile_lock import profile_lock
from qtchat.gui.app import ServerOfProfile, main, parser, signals_obeyed
from qtchat.gui.hosting import Newcomers
from qtchat.gui.logs import Logs
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import GUEST, Error
from qtchat.server.doors.entrance import Entrance
from tests.helpers.quiet_network import LOOPBACK
from tests.helpers.servers import running_server
from tests.helpers.wire import WireClient


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qtchat", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_smoke_test(tmp_path: Path) -> None:
    done = run("--profile", str(tmp_path), "--smoke-test")
    assert done.returncode == 0, done.stderr


def test_version() -> None:
    assert run("--version").stdout.strip() == f"qtchat {qtchat.__version__}"


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--no-such-option"])


@pytest.mark.skipif(sys.platform == "win32", reason="a console signal there reaches the whole group")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"nick": "Anna", "recent": []}))
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from qtchat.gui.controller import Controller\n"
        "from qtchat.gui.app import main\n"
        "start = Controller.start\n"
        "def started(*arguments, **more):\n"
        "    start(*arguments, **more)\n"
        "    print('ready', flush=True)\n"
        "Controller.start = started\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", code, "--profile", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(number)
        _, errors = program.communicate(timeout=30)
    # The offscreen platform warns of every window that has size hints, or is raised, and of the tray it lacks.
    known = ("This plugin does not support", "qt.core.qobject.connect: QObject::connect: No such signal QPlatform")
    said = [line for line in errors.splitlines() if not line.startswith(known) and " INFO " not in line]
    assert (program.returncode, said) == (0, [])
    assert json.loads((tmp_path / "settings.json").read_text())["geometry"]


def test_a_second_program_on_one_profile_says_so_and_ends(tmp_path: Path) -> None:
    impatient = "import sys; from qtchat.gui import app, single_instance; single_instance.QUIT_PATIENCE_MS = 50; "
    command = [sys.executable, "-c", f"{impatient}sys.exit(app.main(sys.argv[1:]))", "--profile", str(tmp_path)]
    with profile_lock(tmp_path):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "open already" in done.stderr
    assert str(tmp_path) in done.stderr


def test_a_signal_interrupts_nothing(qtbot: QtBot) -> None:
    left: list[bool] = []
    with signals_obeyed(lambda: left.append(True)):
        signal.raise_signal(signal.SIGINT)
        assert left == []  # not in the middle of what is being done
        qtbot.waitUntil(lambda: bool(left))


def test_a_hosted_chat_keeps_its_data_in_the_profile(tmp_path: Path) -> None:
    server = ServerOfProfile(tmp_path, port=0, interface=LOOPBACK)
    server.start()
    try:
        assert server.code in server.link
        assert server.name
        assert server.addresses[0] in server.link
        assert (tmp_path / "hosted").is_dir()
        assert server.status().people.rooms == 1
        assert server.back_up(tmp_path / "copies").is_dir()
    finally:
        assert server.stop()


def test_a_hosted_chat_keeps_the_name_that_it_got_first(tmp_path: Path) -> None:
    for nick, name in (("Anna", "Anna's chat"), ("Anja", "Anna's chat")):
        server = ServerOfProfile(tmp_path, 0, LOOPBACK)
        server.first_name = f"{nick}'s chat"
        server.start()
        assert server.stop()
        assert server.name == name
    server.rename("Kitchen")
    with running_server(tmp_path / "hosted") as moved:  # as qtchat-server --data
        assert moved.name == "Kitchen"


def test_a_hosted_chat_takes_another_port_where_its_own_is_in_use(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port: int = other.getsockname()[1]
        server = ServerOfProfile(tmp_path, port, LOOPBACK)
        server.start()
        try:
            assert server.link
            assert f":{port}" not in server.link
        finally:
            assert server.stop()


def test_a_hosted_chat_comes_back_where_its_members_left_it(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        usual: int = other.getsockname()[1]
        first = ServerOfProfile(tmp_path, usual, LOOPBACK)
        first.start()
        assert first.stop()
    assert first.port != usual
    second = ServerOfProfile(tmp_path, usual, LOOPBACK)  # which is free again
    second.port = first.port
    second.start()
    try:
        assert (second.port, second.link) == (first.port, first.link)
    finally:
        assert second.stop()


def test_a_hosted_chat_comes_back_at_the_same_place_with_other_doors(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        free: int = other.getsockname()[1]
    server = ServerOfProfile(tmp_path, 0, LOOPBACK)
    server.start()
    try:
        link = server.link
        assert server.stop()
        server.classic = (f"lines:{free}",)
        server.start()
        assert server.link == link
        with socket.create_connection((LOOPBACK, free)):
            assert not server.closed_doors
    finally:
        assert server.stop()


def test_a_door_that_is_in_use_keeps_nobody_out_of_the_chat(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken: int = other.getsockname()[1]
        server = ServerOfProfile(tmp_path, 0, LOOPBACK)
        server.classic = (f"lines:{taken}",)
        server.start()
        try:
            assert str(taken) in server.closed_doors
            assert server.status().people.rooms == 1
        finally:
            assert server.stop()


def test_a_password_stays_with_the_chat_and_only_as_a_hash(tmp_path: Path) -> None:
    server = ServerOfProfile(tmp_path, 0, LOOPBACK)
    server.start()
    had = server.has_password
    server.set_password("swordfish")
    assert server.stop()
    server.start()
    assert server.stop()
    assert (had, server.has_password) == (False, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"swordfish" in path.read_bytes()]
    with running_server(tmp_path / "hosted") as moved, WireClient(moved.port) as guest:  # as qtchat-server --data
        guest.introduce("Guest")
        assert guest.expect(Error).code == ErrorCode.PASSWORD_WRONG
    with running_server(tmp_path / "hosted") as moved, WireClient(moved.port) as guest:
        guest.login("Guest", password="swordfish")
    server.set_password("")
    server.start()
    assert server.stop()
    assert not server.has_password


def test_newcomers_are_guests_where_the_host_says_so(tmp_path: Path) -> None:
    server = ServerOfProfile(tmp_path, 0, LOOPBACK)
    server.newcomers = Newcomers(only_read=True)
    server.start()
    try:
        rules = server._server.settings
        assert (rules.newcomer_role, rules.approve_newcomers) == (GUEST, False)
    finally:
        assert server.stop()


@pytest.mark.parametrize("beyond", [True, False])
def test_plain_doors_for_others_stay_shut_beside_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, beyond: bool
) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        free: int = other.getsockname()[1]
    if beyond:
        monkeypatch.setattr(Entrance, "local", False)  # as if others could reach it
    server = ServerOfProfile(tmp_path, 0, LOOPBACK)
    server.newcomers, server.classic = Newcomers(wait=True), (f"lines:{free}",)
    server.start()
    try:
        assert (server.locked_doors, server.closed_doors) == (beyond, "")
    finally:
        assert server.stop()
    caplog.clear()


def test_whoever_hosts_is_the_owner(tmp_path: Path) -> None:
    server = ServerOfProfile(tmp_path, 0, LOOPBACK)
    server.start()
    try:
        with WireClient(int(server.link.partition("#")[0].rstrip("/").rpartition(":")[2])) as guest:
            guest.login("Guest")
        assert server._server.claim_token == ""
    finally:
        assert server.stop()


@pytest.mark.parametrize(("text", "good"), [("10.0.0.1", True), ("fd00::1", True), ("kitchen", False)])
def test_an_interface_is_an_address(text: str, good: bool) -> None:
    if good:
        assert parser().parse_args(["--interface", text]).interface == text
    else:
        with pytest.raises(SystemExit):
            parser().parse_args(["--interface", text])


def test_a_chat_whose_folder_was_moved_away_does_not_begin_anew(tmp_path: Path) -> None:
    first = ServerOfProfile(tmp_path, 0, LOOPBACK)
    first.start()
    assert first.stop()
    again = ServerOfProfile(tmp_path, 0, LOOPBACK)
    again.again = True
    again.start()
    assert again.code == first.code
    assert again.stop()
    (tmp_path / "hosted").rename(tmp_path / "moved")
    with pytest.raises(ProfileError, match=r"Its folder .*hosted is gone\. If it was moved"):
        again.start()
    assert not (tmp_path / "hosted").exists()


def test_a_hosted_chat_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    assert ServerOfProfile(tmp_path).stop()


def test_what_is_logged_is_in_the_file_at_the_end(tmp_path: Path) -> None:
    with Logs(tmp_path) as logs:
        logging.getLogger("qtchat.test").warning("something odd")
    assert "something odd" in logs.path.read_text()


def test_no_log_file_is_no_reason_not_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    with Logs(tmp_path / "file" / "inside"):
        pass
    assert "no log file" in capsys.readouterr().err


def test_without_a_screen_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["--profile", str(tmp_path)]) == 1
    assert "no screen" in capsys.readouterr().err
