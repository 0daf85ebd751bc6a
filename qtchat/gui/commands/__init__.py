"""Commands that are typed where messages are written: their table, and what a text asks for. Nothing is done here.

command.py is what can be asked for, arguments.py reads what stands behind a name, table.py lists all commands.
"""

import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from qtchat.gui.commands.command import (
    ChangeNick,
    Claim,
    Command,
    CommandProblem,
    Decide,
    DeleteMessage,
    GiveRole,
    GoAway,
    JoinRoom,
    Quit,
    ReleaseNick,
    Restrict,
    Say,
    SendDirect,
    SetRoom,
    SetTopic,
    ShowHelp,
    Speaker,
)
from qtchat.gui.commands.table import CommandEntry, command_table, offered_commands

__all__ = [
    "ChangeNick",
    "Claim",
    "Command",
    "CommandEntry",
    "CommandProblem",
    "Decide",
    "DeleteMessage",
    "GiveRole",
    "GoAway",
    "JoinRoom",
    "Quit",
    "ReleaseNick",
    "Restrict",
    "Say",
    "SendDirect",
    "SetRoom",
    "SetTopic",
    "ShowHelp",
    "Speaker",
    "command_table",
    "is_command",
    "offered_commands",
    "parse",
]

translate = QCoreApplication.translate

_COMMAND: Final = re.compile(r"/([^\W\d_]+)(?:\s+(.*))?", re.DOTALL)
"""A path like /etc/hosts or a fraction like /2 is none."""


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
