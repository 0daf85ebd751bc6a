"""What speaks at an address: is it a qtchat server, the right one, of a version that fits, with the right time?

Nobody logs in, so nobody else notices.
"""

import os
import ssl
import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from qtchat import __version__
from qtchat.client.classic_link import ClassicLink
from qtchat.client.doctor_plain import first_line
from qtchat.client.errors import ProfileError
from qtchat.client.trust import SERVERS_FILE, KnownServers, Verdict
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, skipped, warning
from qtchat.net.checks.peer import PATIENCE, Peer, receive_plain
from qtchat.net.checks.way import Attempt
from qtchat.net.tls import server_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import NONCE_SIZE, OLDEST_VERSION, PROTOCOL_VERSION, Error, Hello, Message, Welcome
from qtchat.protocol.session import Role, Session

MAX_SKEW_MS: Final = 120_000
GREETING: Final = 0.3
"""Seconds for a plain chat to speak first, so that it is not told the bytes of our encryption."""

CODE: Final = QT_TRANSLATE_NOOP("Doctor", "Encryption and server code")
VERSION: Final = QT_TRANSLATE_NOOP("Doctor", "Version")
CLOCK: Final = QT_TRANSLATE_NOOP("Doctor", "Clock")

_WHICH_PORT: Final = QT_TRANSLATE_NOOP(
    "Doctor",
    "Compare the port with the one that the host sees. If a plain text chat is there, join it by {link}, and look"
    " again with that.",
)


def check_server(
    reached: Attempt, code: str | None, profile: Path, stop: threading.Event
) -> Generator[Finding, None, bytes | None]:
    """`reached`: with a connection, which is used up. `code`: that of the invitation. `profile`: whose known servers.
    Returns the id of the server, empty if it does not tell; None if it is no qtchat server."""
    assert reached.sock is not None
    link = ClassicLink(reached.host, reached.port)
    try:
        greeting = receive_plain(reached.sock, time.monotonic() + GREETING, stop)
        if greeting:
            yield failed(
                CODE,
                QT_TRANSLATE_NOOP(
                    "Doctor", "What answers there speaks first and without encryption (“{said}”): no qtchat server."
                ),
                _WHICH_PORT,
                link=link,
                said=first_line(greeting),
            )
            return None
        peer = Peer(reached.sock, stop)
    except TimeoutError:
        yield failed(
            CODE,
            QT_TRANSLATE_NOOP("Doctor", "What answers there says nothing, so it is no qtchat server."),
            _WHICH_PORT,
            link=link,
        )
        return None
    except (OSError, ValueError) as error:
        yield failed(
            CODE,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "What answers there does not speak TLS 1.3, the encryption of qtchat, so it is no qtchat server"
                " ({problem}).",
            ),
            _WHICH_PORT,
            link=link,
            problem=_problem(error),
        )
        return None
    with peer:
        yield _check_key(reached, code, peer.public_key, profile)
        try:
            first = _first_words(peer)
        except OSError as error:
            yield failed(
                VERSION,
                QT_TRANSLATE_NOOP("Doctor", "The server says nothing ({problem})."),
                QT_TRANSLATE_NOOP("Doctor", "It has to be started again, or updated."),
                problem=_problem(error),
            )
            return None
    yield _check_version(first)
    if not isinstance(first, Welcome):
        return b"" if isinstance(first, Error) else None
    yield _check_clock(first.time, time.time_ns() // 1_000_000)
    return first.server_id


def _problem(error: Exception) -> str:
    """Some words for those who help; what OpenSSL says holds line numbers of its source."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)


def _check_key(reached: Attempt, code: str | None, key: bytes, profile: Path) -> Finding:
    shown = server_code(key)
    if not (profile / SERVERS_FILE).exists():  # a doctor makes no profile
        verdict = Verdict.WRONG_CODE if code not in (None, shown) else Verdict.NEW
    else:
        try:
            verdict = KnownServers(profile).check((reached.host, reached.port), code, key)
        except ProfileError as error:
            return skipped(
                CODE,
                QT_TRANSLATE_NOOP(
                    "Doctor", "The server's code is {code}; whether it is known cannot be told. {problem}"
                ),
                code=shown,
                problem=error,
            )
    return _verdict(verdict, shown, code)


def _verdict(verdict: Verdict, shown: str, code: str | None) -> Finding:
    if verdict is Verdict.WRONG_CODE:
        return failed(
            CODE,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "The server there has the code {code}, the invitation says {invited}: another server, or somebody in"
                " between.",
            ),
            QT_TRANSLATE_NOOP("Doctor", "Do not join. Ask the host for a new invitation."),
            code=shown,
            invited=code,
        )
    if verdict is Verdict.CHANGED:
        return failed(
            CODE,
            QT_TRANSLATE_NOOP("Doctor", "The server there has the code {code}, and had another one before."),
            QT_TRANSLATE_NOOP(
                "Doctor", "Do not join before the host has told you the new code by another way than this chat."
            ),
            code=shown,
        )
    if verdict is Verdict.LOST:
        return failed(
            CODE,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "The server there has the code {code}. The list of servers you know was damaged, so nobody can tell"
                " whether this is the right one.",
            ),
            QT_TRANSLATE_NOOP("Doctor", "Ask the host for a new invitation, and join with that."),
            code=shown,
        )
    if verdict is Verdict.KNOWN:
        sentence = QT_TRANSLATE_NOOP("Doctor", "It is encrypted (TLS 1.3), and is the server you know: {code}.")
    elif code is not None:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor", "It is encrypted (TLS 1.3), and the code is that of the invitation: {code}."
        )
    else:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor", "It is encrypted (TLS 1.3). Compare the code with the one that the host sees: {code}."
        )
    return ok(CODE, sentence, code=shown)


def _first_words(peer: Peer) -> Message | None:
    """What the server answers to a hello; None for gibberish. Raises OSError."""
    session = Session(Role.CLIENT, time.monotonic())
    session.send(
        Hello(OLDEST_VERSION, PROTOCOL_VERSION, (), f"qtchat doctor {__version__}"[:64], os.urandom(NONCE_SIZE))
    )
    peer.send(session.data_to_send())
    deadline = time.monotonic() + PATIENCE
    while True:
        data = peer.receive(deadline)
        messages = session.receive_data(data, time.monotonic())
        if messages:
            return messages[0]
        if not data or session.error is not None:
            return None


def _check_version(first: Message | None) -> Finding:
    if isinstance(first, Welcome):
        return ok(
            VERSION,
            QT_TRANSLATE_NOOP(
                "Doctor", "{name} and this program understand each other (version {version} of the protocol)."
            ),
            name=first.name,
            version=first.version,
        )
    if not isinstance(first, Error):
        return failed(
            VERSION,
            QT_TRANSLATE_NOOP("Doctor", "What answers there is no qtchat server."),
            QT_TRANSLATE_NOOP("Doctor", "Compare the port with the one that the host sees."),
        )
    if first.code == ErrorCode.VERSION:
        return failed(
            VERSION,
            QT_TRANSLATE_NOOP("Doctor", "The server and this program do not understand each other: {problem}."),
            QT_TRANSLATE_NOOP("Doctor", "Update the older of the two programs."),
            problem=first.text,
        )
    return failed(
        VERSION,
        QT_TRANSLATE_NOOP("Doctor", "The server lets nobody in from here: {problem}."),
        QT_TRANSLATE_NOOP("Doctor", "Try again in a moment. If it stays like this, tell whoever runs the server."),
        problem=first.text,
    )


def _check_clock(theirs: int, ours: int) -> Finding:
    """Both in ms since 1970, UTC."""
    if not theirs:
        sentence = QT_TRANSLATE_NOOP("Doctor", "The server does not tell the time: it is older than this program.")
        return skipped(CLOCK, sentence)
    if abs(ours - theirs) <= MAX_SKEW_MS:
        return ok(CLOCK, QT_TRANSLATE_NOOP("Doctor", "The clocks of both computers agree."))
    return warning(
        CLOCK,
        QT_TRANSLATE_NOOP(
            "Doctor",
            "This computer's clock says {ours}, that of the server {theirs}: times of messages look wrong.",
        ),
        QT_TRANSLATE_NOOP(
            "Doctor", "Let both computers set their clocks by the network, in their date and time settings."
        ),
        ours=_moment(ours),
        theirs=_moment(theirs),
    )


def _moment(ms: int) -> str:
    """In the time zone of this computer."""
    try:
        return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):  # Windows knows none after the year 3000
        return f"{ms} ms"
