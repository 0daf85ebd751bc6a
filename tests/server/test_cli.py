"""`qtchat-server` as people and scripts run it: a process of its own."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.net.invitation import parse_invitation
from qtchat.net.signature import SigningKey
from qtchat.net.tls import load_or_create_identity
from qtchat.protocol.messages import DEFAULT_PORT, Ack, GetHistory, History, Post
from qtchat.server.config import ServerSettings, make_settings
from qtchat.server.doors.entrance import parse_entrance
from qtchat.server.passwords import PASSWORD_FILE, read_password
from qtchat.server.qr import qr_text
from qtchat.server.store.open import DATABASE_NAME
from tests.helpers.plain import PlainClient
from tests.helpers.programs import ServerProgram, run_server_command
from tests.helpers.wire import WireClient, new_id

LOBBY = 1
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def test_one_line_of_json_says_that_it_accepts_connections(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ServerProgram(folder, "--json", "--name", "The Läb") as program:
        ready = program.ready()
        assert set(ready) == {"event", "native", "code", "link", "name", "data", "classic", "handout", "claim"}
        assert (ready["event"], ready["name"], ready["data"]) == ("ready", "The Läb", str(folder))
        host, _, port = ready["native"].rpartition(":")
        assert host == "127.0.0.1"
        invitation = parse_invitation(ready["link"])
        assert invitation.addresses == ((host, int(port)),)
        assert invitation.code == ready["code"]
        with WireClient(int(port)) as client:
            client.login("Ada")


def test_plain_text_doors_are_opened_and_named(tmp_path: Path) -> None:
    doors = ("--classic", "nick-en:0", "--classic", "anonymous:0/retro")
    with ServerProgram(tmp_path / "data", "--json", *doors) as program:
        named, nameless = map(parse_entrance, program.ready()["classic"])
        assert (named.dialect.name, named.host, named.room) == ("nick-en", "127.0.0.1", "")
        assert (nameless.dialect.name, nameless.room) == ("anonymous", "retro")
        with PlainClient("nick-en", named.port, "Ann") as ann:
            ann.wait_line("Connected to the server!")
    with ServerProgram(tmp_path / "data", *doors) as program:
        lines = [program.line().rstrip("\n") for _ in range(8)]
    assert lines[6].startswith("  Plain text   nick-en:")
    assert lines[6].endswith("/retro (not encrypted)")


def test_people_are_told_what_they_need(tmp_path: Path) -> None:
    with ServerProgram(tmp_path / "data", "--name", "The Lab") as program:
        lines = [program.line().rstrip("\n") for _ in range(7)]
    assert lines[0] == "qtchat-server: The Lab is open."
    assert [line.split()[0] for line in lines[1:5]] == ["Addresses", "Server", "Invitation", "Data"]
    assert lines[5].startswith("  Owner token  ")
    assert lines[6] == "Give people the invitation. Ctrl+C stops the server."
    invitation = parse_invitation(lines[3].split()[-1])
    assert invitation.code == lines[2].split()[-1]
    assert f"127.0.0.1 port {invitation.addresses[0][1]}" in lines[1]


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with ServerProgram(tmp_path / "data", "--json") as program:
        with WireClient(program.port()) as client:
            client.login("Ada")
            program.process.send_signal(number)
            client.last_words()
            client.close()
        assert program.wait() == 0
        assert program.line() == ""
        assert "ERROR" not in program.errors()
        assert "Traceback" not in program.errors()


@posix
def test_a_client_that_stays_does_not_keep_it(tmp_path: Path) -> None:
    with ServerProgram(tmp_path / "data", "--json") as program, WireClient(program.port()) as client:
        client.login("Ada")
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == 0


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    key = SigningKey.generate()
    acked: dict[bytes, int] = {}
    requests = [Post(new_id(), LOBBY, str(number)) for number in range(30)]
    with ServerProgram(tmp_path / "data", "--json") as program, WireClient(program.port(), key) as client:
        client.login("Ada")
        client.send(*requests)
        while len(acked) < 10:
            ack = client.expect(Ack)
            acked[ack.re] = ack.seq
        program.process.kill()
        for message in client.last_words():
            if isinstance(message, Ack):
                acked[message.re] = message.seq
    with ServerProgram(tmp_path / "data", "--json") as program, WireClient(program.port(), key) as client:
        client.login("Ada")
        before = client.ask(GetHistory(new_id(), LOBBY, after=0), History)
        stored = {event.id: event.seq for event in before.events}
        assert {id_: stored.get(id_) for id_ in acked} == acked
        for request in requests:  # all of them again, as a client does whose connection broke
            ack = client.ask(request, Ack)
            assert ack.duplicate == (request.id in stored)
            assert not ack.duplicate or ack.seq == stored[request.id]
        after = client.ask(GetHistory(new_id(), LOBBY, after=0), History)
        assert [event.seq for event in after.events] == list(range(1, after.head + 1))
        assert [event.id for event in after.events if event.kind == "post"] == [request.id for request in requests]


def test_a_copy_is_made_while_it_runs_and_goes_on_as_the_same_server(tmp_path: Path) -> None:
    key, said = SigningKey.generate(), Post(new_id(), LOBBY, "keep this")
    arguments = ("backup", "--data", tmp_path / "data", "--into", tmp_path / "copies")
    with ServerProgram(tmp_path / "data", "--json") as program:
        first = program.ready()
        with WireClient(int(first["native"].rpartition(":")[2]), key) as client:
            client.login("Ada")
            seq = client.ask(said, Ack).seq
            done = run_server_command(*arguments)
            assert (done.returncode, done.stderr) == (0, "")
            client.ask(Post(new_id(), LOBBY, "too late"), Ack)
    (copy,) = (tmp_path / "copies").iterdir()
    assert str(copy) in done.stdout
    with ServerProgram(copy, "--json", "--restored") as program:
        again = program.ready()
        assert again["code"] == first["code"]
        with WireClient(int(again["native"].rpartition(":")[2]), key) as client:
            client.login("Ada")
            page = client.ask(GetHistory(new_id(), LOBBY, after=0), History)
    assert [(event.seq, event.text) for event in page.events if event.kind == "post"] == [(seq, "keep this")]


def test_where_there_is_no_chat_nothing_is_copied(tmp_path: Path) -> None:
    done = run_server_command("backup", "--data", tmp_path / "data", "--into", tmp_path / "copies")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"There is no chat in {tmp_path / 'data'} to be copied" in done.stderr
    assert not (tmp_path / "copies").exists()


# -- what it says instead of starting -----------------------------------------------------------------


def test_print_config_is_a_configuration(tmp_path: Path) -> None:
    done = run_server_command("--print-config", "--port", 5000, "--name", "The Läb")
    assert (done.returncode, done.stderr) == (0, "")
    file = tmp_path / "server.toml"
    file.write_text(done.stdout, encoding="utf-8")
    assert make_settings(file, {}) == ServerSettings(port=5000, name="The Läb")


def test_print_config_is_utf_8_wherever_it_is_printed() -> None:
    done = run_server_command("--print-config", "--name", "Всё", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert 'name = "Всё"' in done.stdout


@pytest.mark.parametrize(
    ("content", "status", "text"),
    [
        ("port = 5000\n", 0, "The configuration is correct.\n"),
        ("port = 70000\n", 2, "qtchat-server: FILE: port: 70000 is not between 0 and 65535\n"),
        ("prot = 5000\n", 2, "qtchat-server: FILE: there is no option 'prot'; is 'port' meant?\n"),
        ("port 5000\n", 2, "qtchat-server: FILE is not TOML: "),
    ],
)
def test_check_config(tmp_path: Path, content: str, status: int, text: str) -> None:
    file = tmp_path / "server.toml"
    file.write_text(content)
    done = run_server_command("--check-config", "--config", file)
    assert done.returncode == status
    said = done.stderr if status else done.stdout
    assert said.startswith(text.replace("FILE", str(file)))
    assert not (done.stdout if status else done.stderr)


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    for arguments in (["--no-such-flag"], ["--port", "many"], ["--config", str(tmp_path / "none.toml")]):
        done = run_server_command(*arguments)
        assert done.returncode == 2
        assert "qtchat-server: " in done.stderr
        assert "Traceback" not in done.stderr


def test_it_ends_with_1_and_a_sentence_when_it_cannot_start(tmp_path: Path) -> None:
    arguments = ["--host", "127.0.0.1", "--json"]
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        done = run_server_command(*arguments, "--data", tmp_path / "a", "--port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        f"qtchat-server: 127.0.0.1, port {port}: another program listens there already. Choose another port.\n"
    )
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / DATABASE_NAME).write_bytes(b"this is not a database" * 100)
    done = run_server_command(*arguments, "--data", folder, "--port", 0)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(folder / DATABASE_NAME) in done.stderr
    assert "is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ready_line_is_plain_ascii(tmp_path: Path) -> None:
    with ServerProgram(tmp_path / "data", "--json", "--name", "Ørsted 🚢") as program:
        line = program.line()
    assert line.isascii()
    assert json.loads(line)["name"] == "Ørsted 🚢"


def test_an_invitation_is_shown_with_its_picture(tmp_path: Path) -> None:
    load_or_create_identity(tmp_path)
    done = run_server_command("invite", "--data", tmp_path, "--interface", "127.0.0.1")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    link = lines[1].split()[-1]
    assert parse_invitation(link).addresses == (("127.0.0.1", DEFAULT_PORT),)
    assert "\n".join(lines[5:]) == qr_text(link, colours=False)


# -- the password of newcomers --------------------------------------------------------------------------


def set_password(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "qtchat.server.cli", "set-password", "--data", str(folder)]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def test_a_password_is_set_from_the_standard_input_and_removed(tmp_path: Path) -> None:
    for text, says in (("sesame\r\n", "Newcomers need this password"), ("\n", "Newcomers need no password")):
        ended = set_password(tmp_path, text)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.startswith(says)
        assert bool(read_password(tmp_path)) is (text != "\n")
    ended = set_password(tmp_path, "x" * 129)
    assert ended.returncode == 1
    assert "at most 128 characters" in ended.stderr


def test_a_damaged_password_neither_opens_the_door_nor_locks_everybody_out(tmp_path: Path) -> None:
    """More kinds of damage are in test_passwords.py."""
    content = b"$argon2id$v=19$m=19456,t=2,p=1$AAAA"
    file = tmp_path / PASSWORD_FILE
    file.write_bytes(content)
    arguments = ("--host", "127.0.0.1", "--port", 0, "--data", tmp_path)
    done = run_server_command(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"qtchat-server: The password for newcomers in {file} cannot be used" in done.stderr
    assert "set-password" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == content, "it was left as it is"
    assert set_password(tmp_path, "sesame\n").returncode == 0
    with ServerProgram(tmp_path, "--json") as program:
        assert program.ready()
