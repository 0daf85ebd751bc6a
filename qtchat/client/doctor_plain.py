"""What speaks where a plain chat should be, as far as that can be told without saying a word there."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Final

from qtchat.client.classic_link import ClassicLink
from qtchat.client.classic_speech import guess_dialect
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, warning
from qtchat.net.checks.peer import receive_plain
from qtchat.net.checks.way import Attempt
from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation
from qtchat.protocol.dialects import Dialect

BEGIN: Final = 2.0
"""Seconds that the chat has to say something first; the app itself waits half of that."""
MAX_SAID: Final = 60
"""Characters of it that are shown."""

CHAT: Final = QT_TRANSLATE_NOOP("Doctor", "Plain text chat")
ENCRYPTION: Final = QT_TRANSLATE_NOOP("Doctor", "Encryption")

_OTHER_KIND: Final = QT_TRANSLATE_NOOP("Doctor", "Join it by {link}, or ask whoever runs it what kind of chat it is.")


def check_plain_chat(
    reached: Attempt, dialect: Dialect | None, ours: Sequence[Address], stop: threading.Event
) -> Iterator[Finding]:
    """`reached`: with a connection. `dialect`: that of the link, None if it does not say. `ours`: where qtchat servers
    were heard of."""
    assert reached.sock is not None
    try:
        beginning = receive_plain(reached.sock, time.monotonic() + BEGIN, stop)
    except OSError:  # it was reset
        beginning = b""
    yield _check_beginning(reached, dialect, beginning, ours)
    yield warning(
        ENCRYPTION,
        QT_TRANSLATE_NOOP("Doctor", "There is none in a plain text chat: everybody in between can read along."),
        QT_TRANSLATE_NOOP("Doctor", "Write nothing there that not everybody may know."),
    )


def first_line(beginning: bytes) -> str:
    """Of what somebody says, as it may stand in a sentence."""
    lines = beginning.decode(errors="replace").strip().splitlines() or [""]
    return lines[0] if len(lines[0]) <= MAX_SAID else f"{lines[0][: MAX_SAID - 1]}…"


def _check_beginning(
    reached: Attempt, dialect: Dialect | None, beginning: bytes | None, ours: Sequence[Address]
) -> Finding:
    """`beginning`: what came first, None for nothing, empty for the end of the connection."""
    if beginning is None:
        return _silence(reached, dialect, ours)
    if not beginning:
        return failed(
            CHAT,
            QT_TRANSLATE_NOOP("Doctor", "It closes the connection at once."),
            QT_TRANSLATE_NOOP("Doctor", "Ask whoever runs it whether it is full, or whether you were thrown out."),
        )
    guessed = guess_dialect(reached.port, beginning)
    said = first_line(beginning)
    if dialect is not None and dialect.asks != guessed.asks:
        return failed(
            CHAT,
            QT_TRANSLATE_NOOP("Doctor", "It says “{said}” first, as no chat of the kind {dialect} does."),
            _OTHER_KIND,
            said=said,
            dialect=dialect.name,
            link=ClassicLink(reached.host, reached.port, guessed),
        )
    if guessed.asks:
        sentence = QT_TRANSLATE_NOOP("Doctor", "It asks for a name, as a chat of the kind {dialect} does.")
    else:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor", "It says “{said}” first. If that is a chat, it can be one of the kind {dialect}."
        )
    return ok(CHAT, sentence, said=said, dialect=(dialect or guessed).name)


def _silence(reached: Attempt, dialect: Dialect | None, ours: Sequence[Address]) -> Finding:
    if (reached.number, reached.port) in ours:
        return failed(
            CHAT,
            QT_TRANSLATE_NOOP("Doctor", "There is none: a qtchat server is at this port."),
            QT_TRANSLATE_NOOP("Doctor", "Join it by {link}; or ask for the port of its door for plain text."),
            link=Invitation(((reached.host, reached.port),)),
        )
    guessed = guess_dialect(reached.port, b"")
    if dialect is not None and dialect.asks:
        return failed(
            CHAT,
            QT_TRANSLATE_NOOP("Doctor", "It does not ask for a name, as a chat of the kind {dialect} does."),
            _OTHER_KIND,
            dialect=dialect.name,
            link=ClassicLink(reached.host, reached.port, guessed),
        )
    return ok(
        CHAT,
        QT_TRANSLATE_NOOP(
            "Doctor",
            "It waits for others to speak first, as a chat of the kind {dialect} does. Nothing was written there, so"
            " more cannot be told.",
        ),
        dialect=(dialect or guessed).name,
    )
