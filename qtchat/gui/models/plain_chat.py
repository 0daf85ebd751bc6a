"""What a plain chat is and what it cannot do, in words."""

from typing import Final

from PySide6.QtCore import QCoreApplication

_CONTEXT: Final = "PlainChat"


def plain_chat_name() -> str:
    """In a few words, where little room is."""
    return QCoreApplication.translate(_CONTEXT, "Plain text chat, not encrypted")


def plain_chat_words() -> str:
    """What to know about such a chat, in a line or two."""
    return QCoreApplication.translate(
        _CONTEXT,
        "Plain text chat: not encrypted, and messages are only sent, nobody confirms them. "
        "It has no edits, reactions or rooms.",
    )


def plain_chat_reason() -> str:
    """Why something is not offered there."""
    return QCoreApplication.translate(_CONTEXT, "A plain text chat knows only messages: this cannot be done here.")
