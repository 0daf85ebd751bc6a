"""Commands that are typed where messages are written: their table, and what a text asks for. Nothing is done here."""

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QCoreApplication

from qtchat.client.state import Power
from qtchat.gui.durations import leading_duration
from qtchat.gui.models.words import fill, one_line
from qtchat.protocol.messages import (
    MAX_NICK,
    MAX_REASON,
    MAX_ROOM_NAME,
    MAX_STATUS,
    MAX_TOPIC,
    ROOM_ROLES,
    SERVER_ROLES,
)

translate = QCoreApplication.translate

_COMMAND: Final = re.compile(r"/([^\W\d_]+)(?:\s+(.*))?", re.DOTALL)
"""A path like /etc/hosts or a fraction like /2 is none."""
LONGEST_SLOW: Final = 3_600
"""Seconds between two messages of one person, at most."""
SHOWN: Final = 40
"""Characters of what somebody typed that an answer repeats."""
MAX_TOKEN: Final = 64
"""Characters in the token that makes somebody the owner of a server."""


class Say(Struct, frozen=True):
    """Post this text. What is no command is said as it stands."""

    text: str


class ChangeNick(Struct, frozen=True):
    """Be called `nick` from now on."""

    nick: str


class SetTopic(Struct, frozen=True):
    """Give the open room this topic."""

    topic: str


class JoinRoom(Struct, frozen=True):
    """Go to the room of this name, joining it if need be."""

    name: str


class SendDirect(Struct, frozen=True):
    """Open the conversation with the person called `nick`, and say `text` there unless it is empty."""

    nick: str
    text: str


class GoAway(Struct, frozen=True):
    """Be away, with a status unless it is empty. Who is away already and gives no status is back."""

    status: str


class Quit(Struct, frozen=True):
    """End the program."""


class ShowHelp(Struct, frozen=True):
    """Show all commands."""


class DeleteMessage(Struct, frozen=True):
    """Delete the message of this number in the open room; 0 for the last own one."""

    seq: int


class Restrict(Struct, frozen=True):
    """Do `act` ("kick", "ban", "unban", "mute", "unmute", "revoke") to the person called `nick`. `seconds`: 0 for
    without end; `address`: to everybody at their address."""

    act: str
    nick: str
    seconds: int = 0
    reason: str = ""
    address: bool = False


class ReleaseNick(Struct, frozen=True):
    """Let whoever comes first have this name."""

    nick: str


class Decide(Struct, frozen=True):
    """Let the newcomer in who is called `nick`, or turn them away."""

    nick: str
    accept: bool


class GiveRole(Struct, frozen=True):
    """Give the person called `nick` this role."""

    nick: str
    role: str


class SetRoom(Struct, frozen=True):
    """Change a setting of the open room, as messages.SetRoom; "" for the opposite of what it is."""

    setting: str
    value: str


class Claim(Struct, frozen=True):
    """Become the owner of the server by the token that it shows."""

    token: str


Command = (
    Say
    | ChangeNick
    | SetTopic
    | JoinRoom
    | SendDirect
    | GoAway
    | Quit
    | ShowHelp
    | DeleteMessage
    | Restrict
    | ReleaseNick
    | Decide
    | GiveRole
    | SetRoom
    | Claim
)


class CommandProblem(Struct, frozen=True):
    """Why nothing can be done, in one sentence."""

    sentence: str


class Speaker(Struct, frozen=True):
    """Who writes, the nicks of whom they may write to, for a nick may have spaces, and the number of the message that
    they are answering, 0 for none."""

    nick: str
    people: Collection[str] = ()
    reply_to: int = 0


class CommandEntry(Struct, frozen=True):
    """One line of the table. `arguments`: what stands behind the name, in brackets what may be left out; the words of
    it are translated. `least`: the power in the open room of those to whom it is proposed; `unowned`: only while the
    server has no owner. Everybody may try."""

    name: str
    arguments: str
    help: str
    build: Callable[[str, Speaker], Command | CommandProblem]
    least: Power = Power.GUEST
    unowned: bool = False


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
            translate("Commands", "[status]"),
            translate("Commands", "Be away; once more without a status: be back"),
            _away,
        ),
        CommandEntry("delete", "", translate("Commands", "Delete what you reply to, or said last"), _delete),
        CommandEntry("quit", "", translate("Commands", "Quit qtchat"), partial(_bare, Quit())),
        CommandEntry("help", "", translate("Commands", "Show all commands"), partial(_bare, ShowHelp())),
        *_people_table(),
        *_room_table(),
        *_server_table(),
    )


def _people_table() -> tuple[CommandEntry, ...]:
    """What not everybody may do with somebody."""
    name = translate("Commands", "name")
    why = translate("Commands", "name [reason]")
    timed = translate("Commands", "name [10m] [reason]")
    here = Power.ROOM_MODERATOR
    return (
        CommandEntry(
            "kick",
            why,
            translate("Commands", "Put somebody out; in the lobby: off the server"),
            partial(_restrict, "kick", translate("Commands", "/kick Anna spam")),
            here,
        ),
        CommandEntry(
            "mute",
            timed,
            translate("Commands", "Let somebody only read; in the lobby: everywhere"),
            partial(_restrict, "mute", translate("Commands", "/mute Anna 10m spam"), timed=True),
            here,
        ),
        CommandEntry(
            "unmute",
            name,
            translate("Commands", "Let somebody write again"),
            partial(_named, partial(Restrict, "unmute"), "/unmute"),
            here,
        ),
        CommandEntry(
            "ban",
            timed,
            translate("Commands", "Keep somebody off this server"),
            partial(_restrict, "ban", translate("Commands", "/ban Anna 1d spam"), timed=True),
            Power.MODERATOR,
        ),
        CommandEntry(
            "banaddress",
            timed,
            translate("Commands", "Keep somebody and their address off this server"),
            partial(_restrict, "ban", translate("Commands", "/banaddress Anna 1d spam"), timed=True, address=True),
            Power.MODERATOR,
        ),
        CommandEntry(
            "unban",
            name,
            translate("Commands", "Lift a ban"),
            partial(_named, partial(Restrict, "unban"), "/unban"),
            Power.MODERATOR,
        ),
        CommandEntry(
            "role",
            translate("Commands", "name role"),
            translate("Commands", "Give a role here; in the lobby: on the server"),
            _role,
            Power.ROOM_OWNER,
        ),
    )


def _room_table() -> tuple[CommandEntry, ...]:
    """What not everybody may do with a room."""
    here = Power.ROOM_MODERATOR
    return (
        CommandEntry("rename", translate("Commands", "name"), translate("Commands", "Rename this room"), _rename, here),
        CommandEntry(
            "private",
            "",
            translate("Commands", "Let only those join whom members bring"),
            partial(_bare, SetRoom("private", "1")),
            here,
        ),
        CommandEntry(
            "public",
            "",
            translate("Commands", "Let everybody find and join this room"),
            partial(_bare, SetRoom("private", "0")),
            here,
        ),
        CommandEntry(
            "announce",
            "",
            translate("Commands", "Let only moderators write; once more: everybody"),
            partial(_bare, SetRoom("announcement", "")),
            here,
        ),
        CommandEntry(
            "slow",
            translate("Commands", "seconds (0: off)"),
            translate("Commands", "Set the time between two messages of one person"),
            _slow,
            here,
        ),
        CommandEntry(
            "freeze",
            "",
            translate("Commands", "Let nobody write here; once more: let them"),
            partial(_bare, SetRoom("frozen", "")),
            here,
        ),
    )


def _server_table() -> tuple[CommandEntry, ...]:
    """What those may do who run the server."""
    name = translate("Commands", "name")
    return (
        CommandEntry(
            "approve",
            name,
            translate("Commands", "Let a newcomer in"),
            partial(_named, partial(Decide, accept=True), "/approve"),
            Power.ADMIN,
        ),
        CommandEntry(
            "reject",
            name,
            translate("Commands", "Turn a newcomer away"),
            partial(_named, partial(Decide, accept=False), "/reject"),
            Power.ADMIN,
        ),
        CommandEntry(
            "release",
            name,
            translate("Commands", "Let others have a name"),
            partial(_named, ReleaseNick, "/release"),
            Power.ADMIN,
        ),
        CommandEntry(
            "revoke",
            translate("Commands", "name [reason]"),
            translate("Commands", "Never accept somebody's key again"),
            partial(_restrict, "revoke", translate("Commands", "/revoke Anna lost laptop")),
            Power.ADMIN,
        ),
        CommandEntry(
            "claim",
            translate("Commands", "token"),
            translate("Commands", "Become the owner of this server"),
            _claim,
            unowned=True,
        ),
    )


def offered_commands(power: Power, *, owned: bool) -> tuple[CommandEntry, ...]:
    """Those to propose to somebody who has this power in the open room. `owned`: the server has an owner."""
    return tuple(entry for entry in command_table() if entry.least <= power and not (owned and entry.unowned))


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
    return CommandProblem(fill(sentence, most=str(longest), count=str(len(text))))


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
    nick, text = _somebody(rest, speaker)
    if not nick:
        return _missing(translate("Commands", "/msg Anna Hello"))
    return _too_long(nick, MAX_NICK) or SendDirect(nick, text)


def _somebody(rest: str, speaker: Speaker) -> tuple[str, str]:
    """The nick that `rest` begins with, "" if it is empty, and what stands behind it."""
    to = rest.removeprefix("@").lstrip()
    known = [nick for nick in speaker.people if _begins(to, nick)]
    nick = max(known, key=len) if known else (to.split(maxsplit=1) or [""])[0]
    return nick, to[len(nick) :].strip()


def _begins(text: str, nick: str) -> bool:
    behind = text[len(nick) :]
    return text[: len(nick)].casefold() == nick.casefold() and (not behind or behind[0].isspace())


def _away(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    status = " ".join(rest.split())
    return _too_long(status, MAX_STATUS) or GoAway(status)


def _delete(rest: str, speaker: Speaker) -> Command | CommandProblem:
    return _bare(DeleteMessage(speaker.reply_to), rest, speaker)


def _bare(command: Command, rest: str, _speaker: Speaker) -> Command | CommandProblem:
    """Nothing may stand behind it."""
    if rest.strip():
        return CommandProblem(
            translate("Commands", "Nothing belongs behind this command. Begin with // to send this as a message.")
        )
    return command


def _named(make: Callable[[str], Command], name: str, rest: str, _speaker: Speaker) -> Command | CommandProblem:
    """Nothing but a name may stand behind it, which may have spaces then."""
    nick = " ".join(rest.removeprefix("@").split())
    if not nick:
        return _missing(f"{name} {translate('Commands', 'Anna')}")
    return _too_long(nick, MAX_NICK) or make(nick)


def _restrict(
    act: str, example: str, rest: str, speaker: Speaker, *, timed: bool = False, address: bool = False
) -> Command | CommandProblem:
    """`timed`: a duration may stand behind the name. `address`: everybody at the same one is meant, too."""
    nick, reason = _somebody(rest, speaker)
    if not nick:
        return _missing(example)
    seconds = 0
    if timed:
        found = leading_duration(reason)
        if found is None:  # without an end, and with a mistyped time for the reason, is nothing that anybody meant
            sentence = translate("Commands", "“{text}” is no time. Say 10m, 2 hours or 1d; nothing for without an end.")
            return CommandProblem(fill(sentence, text=one_line(reason, SHOWN)))
        seconds, reason = found
    reason = " ".join(reason.split())
    problem = _too_long(nick, MAX_NICK) or _too_long(reason, MAX_REASON)
    return problem or Restrict(act, nick, seconds, reason, address)


def _role(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    nick, _, role = " ".join(rest.removeprefix("@").split()).rpartition(" ")
    if not nick:
        return _missing(translate("Commands", "/role Anna moderator"))
    role = role.casefold()
    if role not in (*SERVER_ROLES, *ROOM_ROLES):
        sentence = translate("Commands", "The roles are {roles}; in a room: {room}.")
        return CommandProblem(fill(sentence, roles=", ".join(SERVER_ROLES), room=", ".join(ROOM_ROLES)))
    return _too_long(nick, MAX_NICK) or GiveRole(nick, role)


def _slow(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    text = rest.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or int(text) > LONGEST_SLOW:
        return _missing(translate("Commands", "/slow 10, at most 3600; /slow 0 turns it off"))
    return SetRoom("slow_ms", str(int(text) * 1000))


def _rename(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    name = " ".join(rest.split())
    if not name:
        return _missing(translate("Commands", "/rename kitchen"))
    return _too_long(name, MAX_ROOM_NAME) or SetRoom("name", name)


def _claim(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    token = "".join(rest.split())
    if not token:
        return _missing(translate("Commands", "/claim ABCDE-FGHJK-LMNPQ-RSTUV"))
    return _too_long(token, MAX_TOKEN) or Claim(token)
