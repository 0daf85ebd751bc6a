"""What stands behind the name of a command, `rest`: one function for each way to read it."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication

from qtchat.gui.commands.command import (
    ChangeNick,
    Claim,
    Command,
    CommandProblem,
    DeleteMessage,
    GiveRole,
    GoAway,
    JoinRoom,
    Restrict,
    Say,
    SendDirect,
    SetRoom,
    SetTopic,
    Speaker,
)
from qtchat.gui.durations import leading_duration
from qtchat.gui.models.words import fill, one_line
from qtchat.protocol.messages import (
    MAX_NICK,
    MAX_REASON,
    MAX_ROOM_NAME,
    MAX_STATUS,
    MAX_TOKEN,
    MAX_TOPIC,
    ROOM_ROLES,
    SERVER_ROLES,
)

translate = QCoreApplication.translate

LONGEST_SLOW: Final = 3_600
"""Seconds between two messages of one person, at most."""
SHOWN: Final = 40
"""Characters of what somebody typed that an answer repeats."""


def read_me(rest: str, speaker: Speaker) -> Command | CommandProblem:
    action = " ".join(rest.split())
    if not action:
        return _missing(translate("Commands", "/me waves"))
    return Say(f"*{speaker.nick} {action}*")  # in italics here, and plain enough for a plain-text client


def read_nick(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    nick = " ".join(rest.split())
    if not nick:
        return _missing(translate("Commands", "/nick Anna"))
    return _too_long(nick, MAX_NICK) or ChangeNick(nick)


def read_topic(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    topic = " ".join(rest.split())
    if not topic:
        return _missing(translate("Commands", "/topic Lunch at noon"))
    return _too_long(topic, MAX_TOPIC) or SetTopic(topic)


def read_join(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    name = " ".join(rest.split()).lstrip("# ")
    if not name:
        return _missing(translate("Commands", "/join news"))
    return _too_long(name, MAX_ROOM_NAME) or JoinRoom(name)


def read_rename(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    name = " ".join(rest.split())
    if not name:
        return _missing(translate("Commands", "/rename kitchen"))
    return _too_long(name, MAX_ROOM_NAME) or SetRoom("name", name)


def read_msg(rest: str, speaker: Speaker) -> Command | CommandProblem:
    nick, text = _somebody(rest, speaker)
    if not nick:
        return _missing(translate("Commands", "/msg Anna Hello"))
    return _too_long(nick, MAX_NICK) or SendDirect(nick, text)


def read_away(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    status = " ".join(rest.split())
    return _too_long(status, MAX_STATUS) or GoAway(status)


def read_delete(rest: str, speaker: Speaker) -> Command | CommandProblem:
    return read_nothing(DeleteMessage(speaker.reply_to), rest, speaker)


def read_nothing(command: Command, rest: str, _speaker: Speaker) -> Command | CommandProblem:
    """Nothing may stand behind it."""
    if rest.strip():
        return CommandProblem(
            translate("Commands", "Nothing belongs behind this command. Begin with // to send this as a message.")
        )
    return command


def read_name(make: Callable[[str], Command], name: str, rest: str, _speaker: Speaker) -> Command | CommandProblem:
    """Nothing but a name may stand behind it, which may have spaces then."""
    nick = " ".join(rest.removeprefix("@").split())
    if not nick:
        return _missing(f"{name} {translate('Commands', 'Anna')}")
    return _too_long(nick, MAX_NICK) or make(nick)


def read_restriction(
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


def read_role(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    nick, _, role = " ".join(rest.removeprefix("@").split()).rpartition(" ")
    if not nick:
        return _missing(translate("Commands", "/role Anna moderator"))
    role = role.casefold()
    if role not in (*SERVER_ROLES, *ROOM_ROLES):
        sentence = translate("Commands", "The roles are {roles}; in a room: {room}.")
        return CommandProblem(fill(sentence, roles=", ".join(SERVER_ROLES), room=", ".join(ROOM_ROLES)))
    return _too_long(nick, MAX_NICK) or GiveRole(nick, role)


def read_slow(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    text = rest.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or int(text) > LONGEST_SLOW:
        return _missing(translate("Commands", "/slow 10, at most 3600; /slow 0 turns it off"))
    return SetRoom("slow_ms", str(int(text) * 1000))


def read_claim(rest: str, _speaker: Speaker) -> Command | CommandProblem:
    token = "".join(rest.split())
    if not token:
        return _missing(translate("Commands", "/claim ABCDE-FGHJK-LMNPQ-RSTUV"))
    return _too_long(token, MAX_TOKEN) or Claim(token)


def _somebody(rest: str, speaker: Speaker) -> tuple[str, str]:
    """The nick that `rest` begins with, "" if it is empty, and what stands behind it."""
    to = rest.removeprefix("@").lstrip()
    known = [nick for nick in speaker.people if _begins(to, nick)]
    nick = max(known, key=len) if known else (to.split(maxsplit=1) or [""])[0]
    return nick, to[len(nick) :].strip()


def _begins(text: str, nick: str) -> bool:
    behind = text[len(nick) :]
    return text[: len(nick)].casefold() == nick.casefold() and (not behind or behind[0].isspace())


def _missing(example: str) -> CommandProblem:
    sentence = translate("Commands", "Something is missing: write it like {example}")
    return CommandProblem(sentence.replace("{example}", example))


def _too_long(text: str, longest: int) -> CommandProblem | None:
    if len(text) <= longest:
        return None
    sentence = translate("Commands", "This is too long: {most} characters fit, it has {count}.")
    return CommandProblem(fill(sentence, most=str(longest), count=str(len(text))))
