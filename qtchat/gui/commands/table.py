"""The table of all commands, and which of them are proposed to whom."""

from collections.abc import Callable
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QCoreApplication

from qtchat.client.state import Power
from qtchat.gui.commands.arguments import (
    read_away,
    read_claim,
    read_delete,
    read_join,
    read_me,
    read_msg,
    read_name,
    read_nick,
    read_nothing,
    read_rename,
    read_restriction,
    read_role,
    read_slow,
    read_topic,
)
from qtchat.gui.commands.command import (
    Command,
    CommandProblem,
    Decide,
    Quit,
    ReleaseNick,
    Restrict,
    SetRoom,
    ShowHelp,
    Speaker,
)

translate = QCoreApplication.translate


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
        CommandEntry("me", translate("Commands", "what you do"), translate("Commands", "Say what you do"), read_me),
        CommandEntry("nick", translate("Commands", "name"), translate("Commands", "Change your name"), read_nick),
        CommandEntry(
            "topic", translate("Commands", "text"), translate("Commands", "Change this room's topic"), read_topic
        ),
        CommandEntry(
            "join", translate("Commands", "room"), translate("Commands", "Join a room, or open it"), read_join
        ),
        CommandEntry(
            "msg",
            translate("Commands", "name message"),
            translate("Commands", "Write to one person"),
            read_msg,
        ),
        CommandEntry(
            "away",
            translate("Commands", "[status]"),
            translate("Commands", "Be away; once more without a status: be back"),
            read_away,
        ),
        CommandEntry("delete", "", translate("Commands", "Delete what you reply to, or said last"), read_delete),
        CommandEntry("quit", "", translate("Commands", "Quit qtchat"), partial(read_nothing, Quit())),
        CommandEntry("help", "", translate("Commands", "Show all commands"), partial(read_nothing, ShowHelp())),
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
            partial(read_restriction, "kick", translate("Commands", "/kick Anna spam")),
            here,
        ),
        CommandEntry(
            "mute",
            timed,
            translate("Commands", "Let somebody only read; in the lobby: everywhere"),
            partial(read_restriction, "mute", translate("Commands", "/mute Anna 10m spam"), timed=True),
            here,
        ),
        CommandEntry(
            "unmute",
            name,
            translate("Commands", "Let somebody write again"),
            partial(read_name, partial(Restrict, "unmute"), "/unmute"),
            here,
        ),
        CommandEntry(
            "ban",
            timed,
            translate("Commands", "Keep somebody off this server"),
            partial(read_restriction, "ban", translate("Commands", "/ban Anna 1d spam"), timed=True),
            Power.MODERATOR,
        ),
        CommandEntry(
            "banaddress",
            timed,
            translate("Commands", "Keep somebody and their address off this server"),
            partial(
                read_restriction, "ban", translate("Commands", "/banaddress Anna 1d spam"), timed=True, address=True
            ),
            Power.MODERATOR,
        ),
        CommandEntry(
            "unban",
            name,
            translate("Commands", "Lift a ban"),
            partial(read_name, partial(Restrict, "unban"), "/unban"),
            Power.MODERATOR,
        ),
        CommandEntry(
            "role",
            translate("Commands", "name role"),
            translate("Commands", "Give a role here; in the lobby: on the server"),
            read_role,
            Power.ROOM_OWNER,
        ),
    )


def _room_table() -> tuple[CommandEntry, ...]:
    """What not everybody may do with a room."""
    here = Power.ROOM_MODERATOR
    return (
        CommandEntry(
            "rename", translate("Commands", "name"), translate("Commands", "Rename this room"), read_rename, here
        ),
        CommandEntry(
            "private",
            "",
            translate("Commands", "Let only those join whom members bring"),
            partial(read_nothing, SetRoom("private", "1")),
            here,
        ),
        CommandEntry(
            "public",
            "",
            translate("Commands", "Let everybody find and join this room"),
            partial(read_nothing, SetRoom("private", "0")),
            here,
        ),
        CommandEntry(
            "announce",
            "",
            translate("Commands", "Let only moderators write; once more: everybody"),
            partial(read_nothing, SetRoom("announcement", "")),
            here,
        ),
        CommandEntry(
            "slow",
            translate("Commands", "seconds (0: off)"),
            translate("Commands", "Set the time between two messages of one person"),
            read_slow,
            here,
        ),
        CommandEntry(
            "freeze",
            "",
            translate("Commands", "Let nobody write here; once more: let them"),
            partial(read_nothing, SetRoom("frozen", "")),
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
            partial(read_name, partial(Decide, accept=True), "/approve"),
            Power.ADMIN,
        ),
        CommandEntry(
            "reject",
            name,
            translate("Commands", "Turn a newcomer away"),
            partial(read_name, partial(Decide, accept=False), "/reject"),
            Power.ADMIN,
        ),
        CommandEntry(
            "release",
            name,
            translate("Commands", "Let others have a name"),
            partial(read_name, ReleaseNick, "/release"),
            Power.ADMIN,
        ),
        CommandEntry(
            "revoke",
            translate("Commands", "name [reason]"),
            translate("Commands", "Never accept somebody's key again"),
            partial(read_restriction, "revoke", translate("Commands", "/revoke Anna lost laptop")),
            Power.ADMIN,
        ),
        CommandEntry(
            "claim",
            translate("Commands", "token"),
            translate("Commands", "Become the owner of this server"),
            read_claim,
            unowned=True,
        ),
    )


def offered_commands(power: Power, *, owned: bool) -> tuple[CommandEntry, ...]:
    """Those to propose to somebody who has this power in the open room. `owned`: the server has an owner."""
    return tuple(entry for entry in command_table() if entry.least <= power and not (owned and entry.unowned))
