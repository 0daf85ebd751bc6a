"""Protocol errors: one tree, and the type names the culprit."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every reply code on the wire; README.md tells what each means and whether to try again."""

    # The connection ends after one of these.
    BAD_FRAME = "bad_frame"
    TOO_LARGE = "too_large"
    BAD_MESSAGE = "bad_message"
    UNEXPECTED = "unexpected"
    VERSION = "version"
    TIMEOUT = "timeout"
    AUTH_FAILED = "auth_failed"
    NICK_INVALID = "nick_invalid"
    NICK_TAKEN = "nick_taken"
    PASSWORD_WRONG = "password_wrong"  # noqa: S105
    WAITING = "waiting"
    BANNED = "banned"
    REVOKED = "revoked"
    KICKED = "kicked"
    SLOW_CONSUMER = "slow_consumer"
    CLOSING = "closing"
    # One request is refused; the connection lives on.
    ROOM_UNKNOWN = "room_unknown"
    ROOM_INVALID = "room_invalid"
    ROOM_TAKEN = "room_taken"
    NOT_MEMBER = "not_member"
    FORBIDDEN = "forbidden"
    MUTED = "muted"
    TEXT_INVALID = "text_invalid"
    BUSY = "busy"
    STORAGE = "storage"


class ProtocolError(Exception):
    """Base of everything the protocol raises or records."""


class LocalProtocolError(ProtocolError):
    """We tried to send what the session does not allow now: our own bug."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol. Carries what to answer: `code`, and `text` in plain words."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
