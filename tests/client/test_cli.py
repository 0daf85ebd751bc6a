"""`qtchat-cli`, in this process and as a program."""

import contextlib
import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from qtchat.client import cli, connector
from qtchat.client.older import PAGE
from qtchat.client.state import Change, Entry
from qtchat.client.updates import RequestDoneUpdate
from qtchat.protocol.messages import (
    KIND_POST,
    MAX_TEXT,
    Ack,
    Authenticate,
    CreateRoom,
    Error,
    Event,
    GetHistory,
    Hello,
    History,
    ListRooms,
    Post,
    Room,
    Rooms,
    Welcome,
)
from qtchat.server.app import Server
from qtchat.server.passwords import write_password
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY
from tests.helpers.fakes import Guest, fake_server
from tests.helpers.plain import PlainClient, PlainServer
from tests.helpers.servers import running_server
from tests.helpers.wire import WireClient, new_id

PATIENCE = 30.0

Run = Callable[..., tuple[int, str, str]]
"""run(command, *arguments, nick=..., link=...): exit status, standard output, standard error."""


@pytest.fixture
def run(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: str, nick: str = "Ada", link: str = "", flags: tuple[str, ...] = ()) -> tuple[int, str, str]:
        profile = str(tmp_path / "profiles" / nick)
        options = ["--nick", nick, "--profile", profile, "--timeout", str(PATIENCE), *flags]
        status = cli.main([*options, link or server.link, *arguments])
        output = capsys.readouterr()
        return status, output.out, output.err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@contextmanager
def program(server: Server, profile: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "qtchat.client.cli", "--nick", "Eve", "--profile", str(profile), server.link]
    with subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def lines_of(process: subprocess.Popen[str]) -> Iterator["queue.SimpleQueue[str]"]:
    """What the process prints, as it prints it. An empty line at its end."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    assert process.stdout is not None
    output = process.stdout

    def read() -> None:
        while line := output.readline():
            lines.put(line)
        lines.put("")

    reader = threading.Thread(target=read, name="reader")
    reader.start()
    try:
        yield lines
    finally:
        process.kill()
        reader.join()


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def fill(server: Server, count: int) -> None:
    with WireClient(server.port) as client:
        client.login("Filler", capabilities=())
        for number in range(count):
            client.ask(Post(new_id(), LOBBY, f"message {number}"), Ack)


# -- rooms and people -------------------------------------------------------------------------------------


def test_rooms(server: Server, run: Run) -> None:
    with WireClient(server.port) as client:
        client.login("Bob")
        client.ask(CreateRoom(new_id(), "tea", "hot"), Ack)
    status, output, error = run("rooms")
    assert (status, error) == (0, "")
    assert output.splitlines() == ["#lobby\t2\t", "#tea\t1\thot"]
    status, output, _ = run("rooms", "--json")
    assert objects(output)[1] == {"room": "tea", "topic": "hot", "members": 1, "messages": 1, "member": False}


def test_people(enter: Enter, run: Run) -> None:
    run("rooms", nick="Bob")
    enter("Zoe").online()
    assert run("people") == (0, "Ada\tonline\nZoe\tonline\nBob\toffline\n", "")
    status, output, _ = run("people", "#Lobby", "--json")
    assert (status, objects(output)[2]) == (0, {"nick": "Bob", "online": False})


def test_people_of_a_room_one_is_not_in(server: Server, run: Run) -> None:
    with WireClient(server.port) as client:
        client.login("Bob")
        client.ask(CreateRoom(new_id(), "tea"), Ack)
    status, output, error = run("people", "tea")
    assert (status, output) == (1, "")
    assert "not in the room tea" in error


# -- send -------------------------------------------------------------------------------------------------


def test_send_says_nothing_and_ends_with_0_when_it_is_stored(enter: Enter, run: Run) -> None:
    bob = enter("Bob").online()
    assert run("send", "lobby", "hello") == (0, "", "")
    bob.wait_texts(["hello"])
    status, output, _ = run("send", "LOBBY", "\u0436", "--json")
    (facts,) = objects(output)
    assert status == 0
    assert {**facts, "id": "", "ts": 0} == {
        "room": "lobby",
        "seq": facts["seq"],
        "id": "",
        "ts": 0,
        "nick": "Ada",
        "kind": "post",
        "text": "\u0436",
        "about": 0,
        "edited": False,
        "deleted": False,
        "reactions": {},
    }
    assert output.isascii()


def test_send_reads_standard_input(enter: Enter, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = enter("Bob").online()
    monkeypatch.setattr(sys, "stdin", io.StringIO("two\nlines\n"))
    assert run("send", "lobby", "-")[0] == 0
    bob.wait_texts(["two\nlines"])


def test_what_is_not_text_is_not_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"))
    status, _, error = run("send", "lobby", "-")
    assert status == 1
    assert "not text" in error


def test_send_enters_the_room(server: Server, run: Run) -> None:
    with WireClient(server.port) as client:
        client.login("Bob")
        client.ask(CreateRoom(new_id(), "tea"), Ack)
        assert run("send", "tea", "a cup") == (0, "", "")
        (event,) = client.events(1)
        assert event.text == "a cup"


@pytest.mark.parametrize(
    ("room", "text", "words"),
    [
        ("lobby", "  ", "nothing to send"),
        ("lobby", "x" * (MAX_TEXT + 1), "Not sent"),
        ("nowhere", "hello", "no room called nowhere"),
    ],
)
def test_what_was_not_sent_ends_with_1_and_a_sentence(run: Run, room: str, text: str, words: str) -> None:
    status, output, error = run("send", room, text)
    assert (status, output) == (1, "")
    assert words in error


def waiting_room(guest: Guest) -> None:
    """What a server says to a newcomer whom nobody has let in yet."""
    guest.expect(Hello)
    guest.send(Welcome(1, (), bytes(16), 1, "fake", bytes(32)))
    guest.expect(Authenticate)
    guest.send(Error(b"", "waiting", "Please wait.", retry_after_ms=10))
    guest.stay()


def test_who_has_to_wait_is_told_so_and_goes_on_when_let_in(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "LEAST_WAITING_RETRY", 0.01)

    def script(guest: Guest, number: int) -> None:
        if number < 3:
            waiting_room(guest)
        guest.login(Room(LOBBY, "lobby", "", 0, 1))
        request = guest.expect(ListRooms)
        guest.send(Rooms(request.id, (Room(LOBBY, "lobby", "", 0, 1),), False))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        status, output, error = run("rooms", link=link)
    assert (status, error) == (0, "qtchat-cli: Please wait.\n")
    assert output.startswith("#lobby")


def test_who_is_not_let_in_in_time_is_told_that(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_no_longer(client: cli.Client, _text: str) -> None:
        client._updates.put(None)  # as when the time is over

    monkeypatch.setattr(cli.Client, "_say_once", wait_no_longer)
    with fake_server(tmp_path / "fake", lambda guest, _number: waiting_room(guest)) as link:
        status, output, error = run("rooms", link=link)
    assert (status, output) == (1, "")
    assert f"Nobody has let you in within {PATIENCE:.0f} s." in error


def test_a_message_that_is_not_acknowledged_in_time_is_not_called_sent(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = cli.Client.wait

    def wait_less(client: cli.Client, condition: Callable[[Change | None], bool], what: str) -> None:
        if what == "The acknowledgement":  # until then it may take its time
            client._timeout = 0.1
        wait(client, condition, what)

    monkeypatch.setattr(cli.Client, "wait", wait_less)

    def script(guest: Guest, number: int) -> None:
        guest.login(Room(LOBBY, "lobby", "", 0, 1))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        status, output, error = run("send", "lobby", "hello", link=link)
    assert (status, output) == (1, "")
    assert "waits in this profile" in error


def test_a_token_is_not_said_aloud(run: Run) -> None:
    status, output, error = run("send", "lobby", " /claim ABCDE-FGHIJ")
    assert (status, output) == (1, "")
    assert "qtchat-cli LINK claim TOKEN" in error
    assert "ABCDE" not in run("history", "lobby")[1]


def test_the_token_of_a_server_makes_an_owner(server: Server, run: Run) -> None:
    status, _, error = run("claim", "AAAAA-BBBBB")
    assert status == 1
    assert error.startswith("qtchat-cli: ")
    assert "not a token" in run("claim", "A" * 65)[2]
    assert run("claim", server.claim_token) == (0, "You own this server now.\n", "")


# -- history ----------------------------------------------------------------------------------------------


def test_history_with_a_limit_and_all_of_it_over_several_pages(server: Server, run: Run) -> None:
    count = 2 * PAGE + 50
    fill(server, 2 * PAGE + 50)
    status, output, _ = run("history", "lobby", "--limit", "3", "--json")
    texts = [entry["text"] for entry in objects(output) if entry["kind"] == "post"]
    assert (status, texts) == (0, [f"message {count - 2}", f"message {count - 1}"])  # the third is our own arrival
    for nick in ("Bob", "Bob"):  # from the server, then from the disk
        status, output, _ = run("history", "lobby", "--all", "--json", nick=nick)
        entries = objects(output)
        assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry["text"] for entry in entries if entry["kind"] == "post"] == [f"message {n}" for n in range(count)]
    status, output, _ = run("history", "lobby", "--limit", str(PAGE + 50))
    assert (status, len(output.splitlines())) == (0, PAGE + 50)


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_wrong_usage(run: Run, limit: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run("history", "lobby", "--limit", limit)
    assert ended.value.code == 2


def test_a_name_or_a_message_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login(Room(LOBBY, "lobby", "", 1, 1))
        request = guest.expect(GetHistory)
        evil = Event(LOBBY, 1, bytes(16), 0, 9, "E\x1b[2Jve", KIND_POST, "red \x1b[31m\u202e")
        guest.send(History(request.id, LOBBY, (evil,), False, 1))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        status, output, _ = run("history", "lobby", link=link)
    assert status == 0
    assert "\x1b" not in output
    assert "\u202e" not in output


# -- getting in -------------------------------------------------------------------------------------------


def test_a_taken_nick_is_said_with_one_that_is_free(enter: Enter, run: Run) -> None:
    enter("Ada", profile="other").online()
    status, _, error = run("rooms")
    assert status == 1
    assert "is free" in error


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Server]:
    write_password(tmp_path / "locked", "sésame")
    with running_server(tmp_path / "locked") as running:
        yield running


def test_a_password_comes_from_a_file(locked: Server, run: Run, tmp_path: Path) -> None:
    status, _, error = run("rooms", link=locked.link)
    assert status == 1
    assert "--password-file FILE" in error  # the tests have no terminal
    file = tmp_path / "password"
    flags = ("--password-file", str(file))
    file.write_text("wrong\n", encoding="utf-8")
    status, _, error = run("rooms", link=locked.link, flags=flags)
    assert (status, error) == (1, "qtchat-cli: That is not the password.\n")
    file.write_text("x" * 129, encoding="utf-8")
    assert "password" in run("rooms", link=locked.link, flags=flags)[2]
    file.write_text("sésame\n", encoding="utf-8")
    assert run("rooms", link=locked.link, flags=flags) == (0, "#lobby\t1\t\n", "")
    assert run("rooms", link=locked.link)[0] == 0  # known from now on


@pytest.mark.parametrize("command", ["find", "doctor", "export-key", "import-key", "claim"])
def test_every_command_is_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert f"    {command} " in capsys.readouterr().out


@pytest.mark.parametrize("command", ["find", "doctor", "export-key", "import-key"])
def test_a_command_may_stand_behind_its_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--profile", "x", command, "--help"])
    assert ended.value.code == 0
    assert f"qtchat-cli {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("link", "words"), [("http://x", "invitation"), ("127.0.0.1:1", "nothing listens"), ("", "enter an address")]
)
def test_a_bad_link_or_no_server_is_said_at_once(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Run, link: str, words: str
) -> None:
    status = cli.main(["--nick", "Ada", "--profile", str(tmp_path), link, "rooms"])
    error = capsys.readouterr().err
    assert status == 1
    assert error.startswith("qtchat-cli: ")
    assert words in error


def test_an_unverified_server_shows_its_code_and_the_link_to_use(server: Server, run: Run) -> None:
    status, _, error = run("rooms", link=f"127.0.0.1:{server.port}")
    assert status == 1
    link = error.split()[-1]
    assert link == f"127.0.0.1:{server.port}#{server.code}"
    assert run("rooms", link=link)[0] == 0


def test_a_damaged_profile_is_said(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "profiles" / "Ada" / "identity.key"
    key.parent.mkdir(parents=True)
    key.write_text("damaged")
    status, _, error = run("rooms")
    assert status == 1
    assert str(key) in error


# -- as a program -----------------------------------------------------------------------------------------


def test_history_says_what_became_of_a_message(enter: Enter, run: Run) -> None:
    bob = enter("Bob").online()
    for text in ("one", "two"):
        bob.account.post(LOBBY, text)
    bob.wait_texts(["one", "two"])
    one, two = (entry.seq or 0 for entry in bob.lobby.entries[-2:])
    bob.account.post(LOBBY, "three", one)
    requests = (
        bob.account.edit(LOBBY, one, "uno"),
        bob.account.react(LOBBY, one, "👍", True),
        bob.account.delete(LOBBY, two),
        bob.account.create_room("tea"),
    )
    for request in requests:
        bob.wait_for(RequestDoneUpdate, lambda update, request=request: update.id == request)  # type: ignore[misc]
    status, output, _ = run("history", "lobby")
    lines = [line.split("  ", 1)[1] for line in output.splitlines()]
    assert (status, lines[1:]) == (
        0,
        ["Bob: uno (edited)  [👍 1]", "Bob: (deleted)", "Bob to Bob: three", "* Ada joined"],
    )
    _, output, _ = run("history", "lobby", "--json")
    told = [entry for entry in objects(output) if entry["kind"] == "post"]
    assert [(e["edited"], e["deleted"], e["reactions"], e["about"]) for e in told] == [
        (True, False, {"👍": 1}, 0),
        (False, True, {}, 0),
        (False, False, {}, one),
    ]


def test_events_of_a_room_are_told_in_words() -> None:
    def line(kind: str, text: str) -> str:
        return cli._line(Entry(bytes(16), 1, 0, 2, "Bob", kind, text, own=False)).split("  ", 1)[1]

    assert line("added", "Eve") == "* Bob added Eve"
    assert line("topic", "tea at six") == "* Bob changed the topic: tea at six"
    assert line("created", "") == "* Bob created the room"
    assert line("left", "") == "* Bob left"


def test_tail_prints_a_message_again_when_it_was_changed(server: Server, enter: Enter, tmp_path: Path) -> None:
    bob = enter("Bob").online()
    bob.account.post(LOBBY, "old")
    bob.wait_texts(["old"])
    seq = bob.lobby.entries[-1].seq or 0
    with program(server, tmp_path / "eve", "tail", "lobby") as tail, lines_of(tail) as lines:
        number, line = 0, ""
        while "edit" not in line:  # it prints what happens from the moment on when it has read the room
            number += 1
            bob.account.edit(LOBBY, seq, f"edit {number}")
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=0.3)
        bob.account.delete(LOBBY, seq)
        while "(deleted)" not in line:
            assert "  Bob: edit " in line
            line = lines.get(timeout=PATIENCE)
        assert line.endswith("  Bob: (deleted)\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent there")
def test_tail_prints_what_is_said_until_it_is_told_to_end(
    server: Server, enter: Enter, tmp_path: Path, number: signal.Signals
) -> None:
    bob = enter("Bob").online()
    with program(server, tmp_path / "eve", "tail", "lobby", "--json") as tail, lines_of(tail) as lines:
        first = None
        while first is None:  # it prints what is said from the moment on when it has read the room
            bob.account.post(LOBBY, "are you there?")
            with contextlib.suppress(queue.Empty):
                first = lines.get(timeout=0.3)
        assert tail.poll() is None
        bob.account.post(LOBBY, "and then")
        texts = [json.loads(first)["text"]]
        while texts[-1] != "and then":
            texts.append(json.loads(lines.get(timeout=PATIENCE))["text"])
        assert set(texts) == {"are you there?", "and then"}
        tail.send_signal(number)
        assert tail.wait(PATIENCE) == 0
        assert tail.stderr is not None
        assert tail.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipe there")
def test_a_reader_that_has_had_enough_causes_no_traceback(server: Server, tmp_path: Path) -> None:
    fill(server, 120)
    with program(server, tmp_path / "eve", "history", "lobby", "--all") as history:
        assert history.stdout is not None
        assert history.stderr is not None
        history.stdout.readline()
        history.stdout.close()
        assert history.wait(PATIENCE) in (0, 1)
        assert history.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipe there")
def test_nor_does_one_of_the_doctor(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "qtchat.client.cli", "doctor", "--profile", str(tmp_path)]
    command += ["--interface", "127.0.0.1", "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as doctor:
        assert doctor.stdout is not None
        assert doctor.stderr is not None
        doctor.stdout.close()
        assert doctor.wait(PATIENCE) == 1
        assert doctor.stderr.read() == b""


def test_every_locale_gets_its_output(server: Server, run: Run, tmp_path: Path) -> None:
    assert run("send", "lobby", "\u0416 \U0001f600")[0] == 0
    for arguments in (("history", "lobby"), ("history", "lobby", "--json")):
        with program(server, tmp_path / "eve", *arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0") as history:
            output, error = history.communicate(timeout=PATIENCE)
            assert (history.returncode, error) == (0, "")
            assert output.isascii()


def test_a_plain_chat_is_written_to_and_read_like_any_other(run: Run) -> None:
    with PlainServer("nick-en") as chat, PlainClient("nick-en", chat.port, "Bob") as bob:
        chat.wait(lambda: len(chat.nicks) == 1)
        link, room = f"classic://127.0.0.1:{chat.port}?dialect=nick-en", f"127.0.0.1:{chat.port}"
        assert run("send", room, "hello", link=link)[::2] == (0, "")
        bob.wait(lambda: "Ada: hello" in "".join(bob.reads))  # what comes next may run together with it
        status, output, _ = run("history", room, link=link)
        assert status == 0
        assert "Ada: hello" in output
        assert run("send", "lobby", "whatever the room is called", link=link)[::2] == (0, "")
        bob.wait(lambda: "Ada: whatever the room is called" in "".join(bob.reads))


def test_a_wrong_link_to_a_plain_chat_is_explained(run: Run) -> None:
    status, _, error = run("rooms", link="classic://127.0.0.1:1?dialect=klingon")
    assert status == 1
    assert "no dialect of that name" in error
