"""`qtchat-cli`: read and write a chat from a shell. Scripts and bots use it, with --json."""

import argparse
import io
import json
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from qtchat import __version__
from qtchat.client import doctor_cli, find_cli, key_cli
from qtchat.client.account import Account
from qtchat.client.classic import engine_for
from qtchat.client.classic_link import is_classic
from qtchat.client.password_cli import NoPasswordError, PasswordSource
from qtchat.client.profile import default_nick, default_profile
from qtchat.client.state import (
    Change,
    Delivery,
    DirectoryChanged,
    Entry,
    PeopleChanged,
    RequestDone,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    ServerState,
)
from qtchat.client.updates import ConnectionUpdate, Phase, ProblemCode, Update
from qtchat.protocol import messages
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_POST
from qtchat.protocol.names import fold

GLANCE: Final = 0.5
"""Seconds. WORKAROUND https://github.com/python/cpython/issues/74157: on Windows nothing, not even Ctrl+C, interrupts
a thread that waits for a queue, so it looks up now and then."""
STOPS: Final = frozenset({ProblemCode.SERVER_CHANGED, ProblemCode.WRONG_CODE, ProblemCode.LOST})
"""Going on would be unsafe."""
WITHOUT_LINK: Final = """\
commands without a LINK:
    find                   List who hosts a chat on this network.
    doctor [ADDRESS|LINK]  Say step by step why a server cannot be seen or reached.
    export-key FILE        Write your key into a file, for another computer.
    import-key FILE        Take over the key of another computer.
Each of them explains itself with --help."""


class CommandError(Exception):
    """The command cannot be done; the text says why."""


class Client:
    """An account whose updates are applied in this thread, while it waits for something."""

    def __init__(self, profile: Path, link: str, nick: str, timeout: float, passwords: PasswordSource) -> None:
        """`timeout`: seconds that anything but `tail` may take, besides typing a password."""
        self.state = ServerState()
        self._updates: queue.SimpleQueue[Update | None] = queue.SimpleQueue()
        self._timeout = timeout
        self._link = link
        self._passwords = passwords
        self._connected = False
        self._told_to_wait = False
        self.interrupted = False
        engine = engine_for(link)
        # A command looks at people when it needs them: it need not be told who comes and goes.
        self.account = Account(profile, link, nick, self._updates.put, capabilities=frozenset(), engine=engine)

    def __enter__(self) -> Self:
        self.account.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.account.stop()

    def interrupt(self) -> None:
        """End `changes`. From any thread, or a signal handler."""
        self.interrupted = True
        self._updates.put(None)

    def changes(self, timeout: float | None = None) -> Iterable[Change]:
        """All changes as they happen, until `timeout` seconds have passed or somebody interrupts."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.interrupted:
            left = GLANCE if deadline is None else min(GLANCE, deadline - time.monotonic())
            try:
                update = self._updates.get(timeout=max(0.0, left))
            except queue.Empty:
                if left <= 0:
                    return
                continue
            if update is None:
                return
            yield from self.state.apply(update)
            if isinstance(update, ConnectionUpdate):
                before = time.monotonic()
                self._check_refusal()
                if deadline is not None:  # somebody may have typed a password
                    deadline += time.monotonic() - before

    def wait(self, condition: Callable[[Change | None], bool], what: str) -> None:
        """Until `condition` holds for a change. CommandError after the timeout."""
        if condition(None):
            return
        for change in self.changes(self._timeout):
            if condition(change):
                return
        if self.interrupted:
            raise CommandError("Interrupted.")
        problem = self.state.problem or self.state.held_problem
        if problem is not None and problem.code == ErrorCode.WAITING:
            raise CommandError(
                f"Nobody has let you in within {self._timeout:.0f} s. Try again later, or use --timeout."
            )
        raise CommandError(problem.text if problem else f"{what} took longer than {self._timeout:.0f} s.")

    def connect(self) -> None:
        self.wait(lambda _: self.state.phase is Phase.ONLINE, "Connecting")
        self._connected = True

    def room(self, name: str, *, join: bool) -> RoomState:
        """The room of that name, all caught up. `join`: enter it if need be."""
        wanted = fold(name.removeprefix("#"))
        if is_classic(self._link):  # it has only one, which people call by any name
            wanted = next((fold(room.name) for room in self.state.rooms.values()), wanted)
        found = next((room for room in self.state.rooms.values() if fold(room.name) == wanted), None)
        if found is None:
            number = self._find(name, wanted)
            if not join:
                raise CommandError(f"You are not in the room {name}; to send something there joins it.")
            self.do(self.account.join_room(number))
            self.wait(lambda _: number in self.state.rooms, "Joining")
            found = self.state.rooms[number]
        room = found
        self.wait(lambda _: room.newest >= room.head, "Reading the room")
        return room

    def _find(self, name: str, wanted: str) -> int:
        self.account.list_rooms()
        self.wait(lambda change: isinstance(change, DirectoryChanged), "Listing the rooms")
        for room in self.state.directory:
            if fold(room.name) == wanted:
                return room.room
        raise CommandError(f"There is no room called {name}.")

    def do(self, request_id: bytes) -> None:
        """Until the server has done it. CommandError if it does not."""
        answers: list[RequestDone] = []

        def answered(change: Change | None) -> bool:
            if isinstance(change, RequestDone) and change.id == request_id:
                answers.append(change)
            return bool(answers)

        self.wait(answered, "The server's answer")
        problem = answers[0].problem
        if problem is not None:
            raise CommandError(problem.text)

    def _check_refusal(self) -> None:
        problem = self.state.problem
        if self.state.phase is Phase.OFFLINE and problem is not None and not self._connected:
            raise CommandError(problem.text)  # once connected it comes back by itself; a wrong address does not
        if self.state.phase is not Phase.REFUSED:
            return
        if problem is None:
            raise CommandError("The server refused the connection.")
        if problem.code == ProblemCode.UNVERIFIED:
            raise CommandError(
                f"{problem.text} Its server code is {problem.suggestion}. Compare it with the one that the host sees; "
                f"if it is the same, put it behind the address: {self._link.split('#')[0]}#{problem.suggestion}"
            )
        if problem.code == ErrorCode.PASSWORD_WRONG:
            self._try_password(problem.text)
            return
        if problem.code == ErrorCode.WAITING:  # the account asks again by itself
            self._say_once(problem.text)
            return
        if problem.code in STOPS:
            raise CommandError(f"Stop: {problem.text} Nothing was sent. Ask the host for a new invitation.")
        hint = f" {problem.suggestion} is free." if problem.suggestion else ""
        raise CommandError(problem.text + hint)

    def _say_once(self, text: str) -> None:
        if not self._told_to_wait:
            self._told_to_wait = True
            print(f"qtchat-cli: {_harmless(text)}", file=sys.stderr, flush=True)

    def _try_password(self, said: str) -> None:
        try:
            self.account.password(self._passwords.next(_harmless(said)))
        except (NoPasswordError, ValueError) as error:
            raise CommandError(str(error)) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done (for `send`: acknowledged), 1 not done, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # not every locale has every character
        sys.stdout.reconfigure(errors="replace")
    try:
        return _run(given)
    except BrokenPipeError:
        # Whoever read our output has had enough; keep the interpreter from complaining when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _around_verb(given: list[str]) -> tuple[list[str], str, list[str]]:
    """The options before the first word that is none, that word, and the rest."""
    place = 0
    while place < len(given) and given[place] in ("--interface", "--profile"):
        place += 2
    return given[:place], given[place] if place < len(given) else "", given[place + 1 :]


def _run(given: list[str]) -> int:
    before, verb, behind = _around_verb(given)
    if verb == "doctor":
        return doctor_cli.main([*before, *behind])
    if verb == "find":
        return find_cli.main([*before, *behind])
    if verb in (key_cli.EXPORT, key_cli.IMPORT):
        return key_cli.main(verb, [*before, *behind])
    options = _parser().parse_args(given)
    token = getattr(options, "token", "")  # of "claim": it opens the door, too, where nobody else could let us in
    passwords = PasswordSource(options.password_file, token)
    client = Client(options.profile, options.link, options.nick, options.timeout, passwords)

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        client.interrupt()

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with client:
            client.connect()
            options.command(client, options)
            sys.stdout.flush()
    except CommandError as error:
        print(f"qtchat-cli: {_harmless(str(error))}", file=sys.stderr)
        return 1
    return 0


# -- commands -------------------------------------------------------------------------------------------


def rooms(client: Client, options: argparse.Namespace) -> None:
    client.account.list_rooms()
    client.wait(lambda change: isinstance(change, DirectoryChanged), "Listing the rooms")
    for room in client.state.directory:
        facts = {
            "room": room.name,
            "topic": room.topic,
            "members": room.members,
            "messages": room.head,
            "member": room.member,
        }
        _print(options, facts, f"#{room.name}\t{room.members}\t{room.topic}")


def people(client: Client, options: argparse.Namespace) -> None:
    room = client.room(options.room, join=False) if options.room else client.state.rooms[min(client.state.rooms)]
    client.account.load_people(room.number)
    client.wait(lambda change: isinstance(change, PeopleChanged) and change.room == room.number, "Listing the people")
    for person in sorted(room.members.values(), key=lambda person: (not person.online, fold(person.nick))):
        state = "online" if person.online else "offline"
        _print(options, {"nick": person.nick, "online": person.online}, f"{person.nick}\t{state}")


def send(client: Client, options: argparse.Namespace) -> None:
    try:
        text = sys.stdin.read().rstrip("\n") if options.text == "-" else options.text
    except UnicodeDecodeError as error:
        raise CommandError("What came on standard input is not text.") from error
    if not text.strip():
        raise CommandError("There is nothing to send.")
    if text.lstrip().casefold().startswith("/claim"):
        raise CommandError("Not sent, since everybody would read the token. Use: qtchat-cli LINK claim TOKEN")
    room = client.room(options.room, join=True)
    try:
        message_id = client.account.post(room.number, text)
    except ValueError as error:
        raise CommandError(f"Not sent: {error}.") from error
    found: list[Entry] = []

    def decided(_change: Change | None) -> bool:
        found[:] = [entry for entry in room.entries if entry.id == message_id]
        return bool(found) and found[0].delivery is not Delivery.WAITING

    try:
        client.wait(decided, "The acknowledgement")
    except CommandError as error:
        # It may be on its way, so it cannot be taken back; whoever sends it again would say it twice.
        raise CommandError(f"{error} The message waits in this profile, and is sent when it connects again.") from error
    entry = found[0]
    if entry.delivery is Delivery.FAILED:
        client.account.discard(message_id, room.number)  # the exit status tells the caller to send it again
        raise CommandError(f"Not sent: {entry.problem.text if entry.problem else 'refused'}")
    client.wait(lambda change: decided(change) and found[0].seq is not None, "The acknowledgement")
    _print(options, _facts(room, found[0]), None)


def claim(client: Client, options: argparse.Namespace) -> None:
    try:
        request = client.account.claim(options.token)
    except ValueError as error:
        raise CommandError(f"That is not a token. {error}") from error
    client.do(request)
    _print(options, {"role": messages.OWNER}, "You own this server now.")


def tail(client: Client, options: argparse.Namespace) -> None:
    """What is said, and what becomes of it: a message that is changed is printed again."""
    room = client.room(options.room, join=True)
    printed = {entry.seq: _content(entry) for entry in room.entries}
    for change in client.changes():
        if isinstance(change, RowsInserted | RowsReplaced) and change.room == room.number:
            for entry in change.entries:
                if entry.seq is not None and printed.get(entry.seq) != _content(entry):
                    printed[entry.seq] = _content(entry)
                    _print(options, _facts(room, entry), _line(entry))
        for removed in client.state.trim(room.number):
            if isinstance(removed, RowsRemoved):
                printed = {entry.seq: _content(entry) for entry in room.entries}


def history(client: Client, options: argparse.Namespace) -> None:
    room = client.room(options.room, join=False)
    wanted = sys.maxsize if options.all else options.limit
    while room.numbered < wanted and room.oldest > 1 and not room.at_start:
        before = room.oldest
        client.account.load_older(room.number, before)
        client.wait(lambda _, before=before: room.oldest != before or room.at_start, "Reading")  # type: ignore[misc]
    for entry in room.entries[: room.numbered][-wanted:]:
        _print(options, _facts(room, entry), _line(entry))


def _facts(room: RoomState, entry: Entry) -> dict[str, object]:
    return {
        "room": room.name,
        "seq": entry.seq,
        "id": entry.id.hex(),
        "ts": entry.ts,
        "nick": entry.nick,
        "kind": entry.kind,
        "text": entry.text,
        "about": entry.about,
        "edited": entry.edited,
        "deleted": entry.deleted,
        "reactions": {reaction.emoji: len(reaction.users) for reaction in entry.reactions},
    }


def _content(entry: Entry) -> tuple[object, ...]:
    """What the writer of a row, or somebody who reacts to it, can change."""
    return (entry.text, entry.edited, entry.deleted, entry.reactions)


def _line(entry: Entry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.ts / 1000))
    if entry.kind != KIND_POST:
        return f"{when}  * {entry.nick} {_deed(entry)}"
    to = f" to {entry.quote.nick if entry.quote else 'somebody'}" if entry.reply_to else ""
    said = "(deleted)" if entry.deleted else entry.text + (" (edited)" if entry.edited else "")
    reactions = " ".join(f"{reaction.emoji} {len(reaction.users)}" for reaction in entry.reactions)
    return f"{when}  {entry.nick}{to}: {said}" + (f"  [{reactions}]" if reactions else "")


def _deed(entry: Entry) -> str:
    match entry.kind:
        case messages.KIND_ADDED:
            return f"added {entry.text}"
        case messages.KIND_TOPIC:
            return f"changed the topic: {entry.text}"
        case messages.KIND_CREATED:
            return "created the room"
        case messages.KIND_KICKED:
            return f"put {entry.text} out"
        case messages.KIND_CHANGED:
            return f"changed the room: {entry.text}"
    return entry.kind  # "joined" or "left", or what a newer server made up


def _harmless(text: str) -> str:
    """Without the control characters by which a message or a name could steer the reader's terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _print(options: argparse.Namespace, facts: dict[str, object], line: str | None) -> None:
    if options.json:
        print(json.dumps(facts), flush=True)  # in ASCII: every locale and every pipe takes it
    elif line is not None:
        print(_harmless(line), flush=True)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qtchat-cli",
        description="Read and write a qtchat chat from a shell.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=WITHOUT_LINK,
    )
    parser.add_argument(
        "--nick",
        default="",
        help=f"Your name there (default: the one this profile had there last, or else {default_nick()}).",
    )
    parser.add_argument("--profile", type=Path, default=default_profile(), metavar="DIR", help="Whose key to use.")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="Holds the server's password; without it you are asked."
    )
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="Seconds to wait (default 30).")
    parser.add_argument("--version", action="version", version=f"qtchat-cli {__version__}")
    parser.add_argument(
        "link",
        metavar="LINK",
        help="An invitation (qtchat://...), an address that is known, or a plain chat (classic://...).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, function: Callable[[Client, argparse.Namespace], None], text: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="Print one JSON object a line.")
        sub.set_defaults(command=function)
        return sub

    command("rooms", rooms, "List the rooms.")
    command("people", people, "List the people of a room.").add_argument("room", nargs="?", metavar="ROOM")
    one = command("send", send, "Say something; exit status 0 only when the server has stored it.")
    one.add_argument("room", metavar="ROOM")
    one.add_argument("text", metavar="TEXT", help="What to say; - reads it from standard input.")
    one = command("claim", claim, "Become the owner of a server that has none.")
    one.add_argument("token", metavar="TOKEN", help="What the server printed at its start.")
    command("tail", tail, "Print what is said from now on, until Ctrl+C.").add_argument("room", metavar="ROOM")
    one = command("history", history, "Print what was said.")
    one.add_argument("room", metavar="ROOM")
    amount = one.add_mutually_exclusive_group()
    amount.add_argument("--limit", type=_count, default=50, metavar="N", help="The newest N entries (default 50).")
    amount.add_argument("--all", action="store_true", help="Everything.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
