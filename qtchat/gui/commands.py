"""Commands that are typed where messages are written: their table, and what a text asks for. Nothing is done here."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from qtchat.protocol.messages import MAX_NICK, MAX_ROOM_NAME, MAX_STATUS, MAX_TOPIC

translate = QCoreApplication.translate

_COMMAND: Final = re.compile(r"/([^\W\d_]+)(?:\s+(.*))?", re.DOTALL)
"""A path like /etc/hosts or a fraction like /2 is none."""


@dataclass(frozen=True, slots=True)
class Say:
    """Post this text. What is no command is said as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangeNick:
    """Be called `nick` from now on."""

    nick: str


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Give the open room this topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class JoinRoom:
    """Go to the room of this name, joining it if need be."""

    name: str


@dataclass(frozen=True, slots=True)
class SendDirect:
    """Open the conversation with the person called `nick`, and say `text` there unless it is empty."""

    nick: str
    text: str


@dataclass(frozen=True, slots=True)
class GoAway:
    """Be away, with a status unless it is empty. Who is away already and gives no status is back."""

    status: str


@dataclass(frozen=True, slots=True)
class Quit:
    """End the program."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Show all commands."""


Command = Say | ChangeNick | SetTopic | JoinRoom | SendDirect | GoAway | Quit | ShowHelp


@dataclass(frozen=True, slots=True)
class CommandProblem:
    """Why nothing can be done, in one sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who writes, and the nicks of whom they may write to: a nick may have spaces."""

    nick: str
    people: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """One line of the table. `arguments`: what stands behind the name; the words of it are translated."""

    name: str
    arguments: str
    help: str
    build: Callable[[str, Speaker], Command | CommandProblem]


def command_table() -> tuple[CommandEntry, ...]:
    """Every command, in the language in force."""
    return (
        CommandEntry("me", translate("Commands", "what you do"), translate("Commands", "Say what you do"), _me),
        CommandEntry("nick", translate("Commands", "name"), translate("Commands", "Change your name"), _nick),
        CommandEntry("topic", translate("Commands", "text"), translate("Commands", "Change this room's topic"), _topic),
        CommandEntry("join", translate("Commands", "room"), translate("Commands", "Join a room, or open it"), _join),
        CommandEntry(
            "msg",
            translate("Commands", "name message"),
            translate("Commands", "Write to one person"),
            _msg,
        ),
        CommandEntry(
            "away",
            translate("Commands", "status (optional)"),
            translate("Commands", "Be away; once more without a status: be back"),
            _away,
        ),
        CommandEntry("quit", "", translate("Commands", "Quit qtchat"), _quit),
        CommandEntry("help", "", translate("Commands", "Show all commands"), _help),
    )


def parse(text: str, speaker: Speaker) -> Command | CommandProblem:
    """What `text` asks for. `//` at the start is a literal slash."""
    if text.startswith("//"):
        return Say(text[1:])
    match = _COMMAND.fullmatch(text.rstrip())
    if match is None:
        return Say(text)
    name, rest = match.group(1), match.group(2) or ""
    for entry in command_table():
        if entry.name == name.casefold():
            return entry.build(rest, speaker)
    return _unknown(name)


def is_command(text: str) -> bool:
    """Is `text` a command, known or not, or about to become one?"""
    return text == "/" or _COMMAND.fullmatch(text.rstrip()) is not None


def _unknown(name: str) -> CommandProblem:
    sentence = translate(
        "Commands", "There is no command /{name}. Type / to see all, or begin with // to send this as a message."
    )
    return CommandProblem(sentence.replace("{name}", name))


def _missing(example: str) -> CommandProblem:
    sentence = translate("Commands", "Something is missing: write it like {example}")
    return CommandProblem(sentence.replace("{example}", example))


def _too_long(text: str, longest: int) -> CommandProblem | None:
    if len(text) <= longest:
        return None
    sentence = translate("Commands", "This is too long: {most} characters fit, it has {count}.")
    return CommandProblem(sentence.replace("{most}", str(longest)).replace("{count}", str(len(text))))


def _me(rest: str, speaker: Speaker) -> Command | CommandProblem:
    action = " ".join(rest.split())
    if not action:
        return _missing(translate("Commands", "/me waves"))
    return Say(f"*{speaker.nick} {action}*")  # in italics here, and plain enough for a plain-text client


def _nick(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    nick = " ".join(rest.split())
    if not nick:
        return _missing(translate("Commands", "/nick Anna"))
    return _too_long(nick, MAX_NICK) or ChangeNick(nick)


def _topic(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    topic = " ".join(rest.split())
    if not topic:
        return _missing(translate("Commands", "/topic Lunch at noon"))
    return _too_long(topic, MAX_TOPIC) or SetTopic(topic)


def _join(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    name = " ".join(rest.split()).lstrip("# ")
    if not name:
        return _missing(translate("Commands", "/join news"))
    return _too_long(name, MAX_ROOM_NAME) or JoinRoom(name)


def _msg(rest: str, speaker: Speaker) -> Command | CommandProblem:
    to = rest.removeprefix("@").lstrip()
    if not to:
        return _missing(translate("Commands", "/msg Anna Hello"))
    known = [nick for nick in speaker.people if _begins(to, nick)]
    nick = max(known, key=len) if known else to.split(maxsplit=1)[0]
    return _too_long(nick, MAX_NICK) or SendDirect(nick, to[len(nick) :].strip())


def _begins(text: str, nick: str) -> bool:
    behind = text[len(nick) :]
    return text[: len(nick)].casefold() == nick.casefold() and (not behind or behind[0].isspace())


def _away(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    status = " ".join(rest.split())
    return _too_long(status, MAX_STATUS) or GoAway(status)


def _quit(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    return _alone("quit") if rest.strip() else Quit()


def _help(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    return _alone("help") if rest.strip() else ShowHelp()


def _alone(name: str) -> CommandProblem:
    sentence = translate("Commands", "/{name} stands alone. Begin with // to send this as a message.")
    return CommandProblem(sentence.replace("{name}", name))
