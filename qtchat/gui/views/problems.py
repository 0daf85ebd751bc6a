"""Problems in plain words: what happened, what was kept, what to do. Every code has its sentence here."""

import re
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.models.words import one_line
from qtchat.gui.views.moderation.words import moment
from qtchat.protocol.errors import ErrorCode

_CONTEXT: Final = "Problems"

NICK_CODES: Final[frozenset[str]] = frozenset({ErrorCode.NICK_INVALID, ErrorCode.NICK_TAKEN})
"""The name is the trouble; every other problem of joining belongs to the address."""

_SENTENCES: Final[dict[str, object]] = {
    # The connection ended, or never stood.
    ErrorCode.BAD_FRAME: QT_TRANSLATE_NOOP(
        "Problems",
        "The server could not read what was sent and closed the connection. Your messages are kept and will be sent.",
    ),
    ErrorCode.TOO_LARGE: QT_TRANSLATE_NOOP(
        "Problems", "This was larger than the server takes. It is kept here; make it shorter and send it again."
    ),
    ErrorCode.BAD_MESSAGE: QT_TRANSLATE_NOOP(
        "Problems",
        "The server did not understand this program and closed the connection. Your messages are kept. "
        "Check that both run a current version.",
    ),
    ErrorCode.UNEXPECTED: QT_TRANSLATE_NOOP(
        "Problems",
        "The server did not expect what was sent and closed the connection. Your messages are kept and will be sent.",
    ),
    ErrorCode.VERSION: QT_TRANSLATE_NOOP(
        "Problems",
        "This program and the server are of versions that do not understand each other. Update the older one; "
        "your messages are kept.",
    ),
    ErrorCode.TIMEOUT: QT_TRANSLATE_NOOP(
        "Problems", "The server took too long to answer. Your messages are kept and will be sent."
    ),
    ErrorCode.AUTH_FAILED: QT_TRANSLATE_NOOP(
        "Problems",
        "The server could not confirm that you are you. Nothing was sent. Try again; if it stays like this, "
        "ask whoever runs the server.",
    ),
    ErrorCode.SLOW_CONSUMER: QT_TRANSLATE_NOOP(
        "Problems",
        "The connection was too slow to keep up and was closed. Nothing is lost: what you missed is fetched again.",
    ),
    ErrorCode.CLOSING: QT_TRANSLATE_NOOP(
        "Problems", "The server is shutting down. Your messages are kept and will be sent when it is back."
    ),
    ErrorCode.PASSWORD_WRONG: QT_TRANSLATE_NOOP(
        "Problems", "This server asks newcomers for a password. Whoever runs it can tell you."
    ),
    ErrorCode.WAITING: QT_TRANSLATE_NOOP(
        "Problems",
        "An admin has to let you in. There is nothing to do: this goes on by itself as soon as somebody has.",
    ),
    ErrorCode.BANNED: QT_TRANSLATE_NOOP("Problems", "You cannot come in here now."),
    ErrorCode.REVOKED: QT_TRANSLATE_NOOP(
        "Problems",
        "Your key is not accepted here any more: an admin has revoked it, as is done for a stolen device. If that "
        "is a mistake, ask them.",
    ),
    ErrorCode.KICKED: QT_TRANSLATE_NOOP("Problems", "You were disconnected, and can join again."),
    # One request was refused.
    ErrorCode.NICK_INVALID: QT_TRANSLATE_NOOP(
        "Problems", "This name cannot be used here. Use up to 32 letters, digits and simple marks."
    ),
    ErrorCode.NICK_TAKEN: QT_TRANSLATE_NOOP(
        "Problems", "Somebody else has this name here, or one that looks just like it. Choose another one."
    ),
    ErrorCode.ROOM_UNKNOWN: QT_TRANSLATE_NOOP("Problems", "This room does not exist any more."),
    ErrorCode.ROOM_INVALID: QT_TRANSLATE_NOOP(
        "Problems", "A room cannot have this name. Use up to 64 letters, digits and simple marks."
    ),
    ErrorCode.ROOM_TAKEN: QT_TRANSLATE_NOOP(
        "Problems", "A room with this name, or one that looks just like it, already exists. Choose another name."
    ),
    ErrorCode.NOT_MEMBER: QT_TRANSLATE_NOOP(
        "Problems", "You are not in this room any more. What you wrote is kept here; join the room to send it."
    ),
    ErrorCode.FORBIDDEN: QT_TRANSLATE_NOOP("Problems", "This is not allowed here."),
    ErrorCode.MUTED: QT_TRANSLATE_NOOP("Problems", "You can only read here for now."),
    ErrorCode.TEXT_INVALID: QT_TRANSLATE_NOOP(
        "Problems", "The server does not take this text: it is empty, too long or holds forbidden characters."
    ),
    ErrorCode.BUSY: QT_TRANSLATE_NOOP("Problems", "The server has too much to do. Try again in a moment."),
    ErrorCode.STORAGE: QT_TRANSLATE_NOOP(
        "Problems",
        "The server cannot store anything now, perhaps because its disk is full. What you wrote is kept here; "
        "tell whoever runs the server.",
    ),
    # What an account finds out by itself.
    ProblemCode.UNREACHABLE: QT_TRANSLATE_NOOP(
        "Problems",
        "Nobody answers at this address. Check that you are both on the same network, and that no guest Wi-Fi, VPN "
        "or firewall stands between you.",
    ),
    ProblemCode.CONNECTION_REFUSED: QT_TRANSLATE_NOOP(
        "Problems",
        "The computer at this address is there, but no chat runs on it, at least not on this port. "
        "Check the address, or ask the host to start the chat.",
    ),
    ProblemCode.NAME_UNKNOWN: QT_TRANSLATE_NOOP(
        "Problems", "No computer with this name was found on the network. Check the spelling of the address."
    ),
    ProblemCode.NOT_QTCHAT: QT_TRANSLATE_NOOP(
        "Problems", "Something answers at this address, but it is not a qtchat server. Check address and port."
    ),
    ProblemCode.SERVER_CHANGED: QT_TRANSLATE_NOOP(
        "Problems",
        "Stop: the server at this address is not the one you know. It shows another key, so somebody may be posing "
        "as it. Nothing was sent. Ask the host in person whether the server was set up anew, and for a new "
        "invitation.",
    ),
    ProblemCode.WRONG_CODE: QT_TRANSLATE_NOOP(
        "Problems",
        "Stop: the server at this address is not the one of the invitation; its server code is another. "
        "Nothing was sent. Ask the host for a new invitation.",
    ),
    ProblemCode.ROOM_REPLACED: QT_TRANSLATE_NOOP(
        "Problems",
        "The server's history was replaced, and this room is another one than you wrote for. Your message is kept: "
        "send it again if it belongs here.",
    ),
    ProblemCode.LOST: QT_TRANSLATE_NOOP(
        "Problems",
        "Stop: the list of servers you know was damaged and put aside, so nobody can tell whether this is the right "
        "one. Nothing was sent. Ask the host for a new invitation and join with that.",
    ),
    ProblemCode.UNVERIFIED: QT_TRANSLATE_NOOP(
        "Problems",
        "You have not met this server before. Compare its code with the one the host sees; "
        "if they differ, somebody stands in between.",
    ),
    ProblemCode.OFFLINE: QT_TRANSLATE_NOOP(
        "Problems", "There is no connection to the server now. Try again when it is back."
    ),
    ProblemCode.BAD_LINK: QT_TRANSLATE_NOOP(
        "Problems",
        "This is no address and no invitation. An address looks like 192.168.1.20 or like office-pc:47300, "
        "an invitation begins with qtchat://.",
    ),
    ProblemCode.BAD_CLASSIC_LINK: QT_TRANSLATE_NOOP("Problems", "This link to a plain text chat leads nowhere."),
    ProblemCode.UNSUPPORTED: QT_TRANSLATE_NOOP(
        "Problems", "A plain text chat knows only messages: this cannot be done here."
    ),
    ProblemCode.PROFILE: QT_TRANSLATE_NOOP(
        "Problems",
        "The files this program keeps on this computer cannot be used. They were left as they are.",
    ),
}

DETAILED: Final[frozenset[str]] = frozenset(
    {
        ProblemCode.PROFILE,
        ProblemCode.BAD_LINK,
        ProblemCode.BAD_CLASSIC_LINK,
        ErrorCode.FORBIDDEN,
        ErrorCode.MUTED,
        ErrorCode.BANNED,
        ErrorCode.REVOKED,
        ErrorCode.KICKED,
        ErrorCode.NICK_INVALID,
    }
)
"""Codes whose English detail tells more than the sentence, so it follows."""
MAX_DETAIL: Final = 1024
"""Characters of a detail that are shown; a server sends no more of them."""
_MOMENT: Final = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b")
"""How a server writes a time into a detail."""
_CODE_WORDS: Final = "server code"
"""In every detail of a bad link that is about its code, see qtchat.net.invitation."""
KNOWN_CODES: Final = frozenset(_SENTENCES)


def problem_sentence(problem: Problem) -> str:
    """`problem` for people; a code from a newer version is told by its own text."""
    sentence, detail = _SENTENCES.get(problem.code), _detail(problem.text)
    if sentence is None:
        unknown = QCoreApplication.translate(_CONTEXT, "Something went wrong:")
        return f"{unknown} {detail or problem.code}"
    if problem.code == ProblemCode.BAD_LINK and _CODE_WORDS in detail:
        return detail  # the address is right
    told = QCoreApplication.translate(_CONTEXT, str(sentence))
    return f"{told} {detail}" if problem.code in DETAILED and detail else told


def _detail(text: str) -> str:
    """Somebody else's words, on one line, with times by the reader's clock."""

    def local(match: re.Match[str]) -> str:
        try:
            when = datetime.strptime(match[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        except ValueError:  # somebody's joke
            return match[0]
        return moment(int(when.timestamp() * 1000))

    return _MOMENT.sub(local, one_line(text, MAX_DETAIL))
