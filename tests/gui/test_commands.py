"""Commands typed where messages are written."""

import pytest

from qtchat.client.state import Power
from qtchat.gui.commands import (
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
    command_table,
    is_command,
    offered_commands,
    parse,
)
from qtchat.gui.views.composer.completion import MAX_SUGGESTIONS
from qtchat.protocol.messages import MAX_NICK, MAX_ROOM_NAME, MAX_STATUS, MAX_TOPIC

ANNA = Speaker("Anna", ["Ben", "Ben Nevis", "Борис"])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/me waves", Say("*Anna waves*")),
        ("/ME  waves\nand  sings ", Say("*Anna waves and sings*")),
        ("/nick  Anna  Lena", ChangeNick("Anna Lena")),
        ("/topic Lunch\nat noon", SetTopic("Lunch at noon")),
        ("/join #news of today", JoinRoom("news of today")),
        ("/away", GoAway("")),
        ("/away back at five", GoAway("back at five")),
        ("/quit", Quit()),
        ("/help ", ShowHelp()),
    ],
)
def test_commands(text: str, wanted: Command) -> None:
    assert parse(text, ANNA) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/msg Ben hello", SendDirect("Ben", "hello")),
        ("/msg @ben nevis hello\nthere", SendDirect("Ben Nevis", "hello\nthere")),
        ("/msg ben Nevis", SendDirect("Ben Nevis", "")),
        ("/msg @ Борис", SendDirect("Борис", "")),
        ("/msg Benno hi", SendDirect("Benno", "hi")),
        ("/msg Stranger", SendDirect("Stranger", "")),
    ],
)
def test_a_message_to_one_person_knows_nicks_with_spaces(text: str, wanted: Command) -> None:
    assert parse(text, ANNA) == wanted


@pytest.mark.parametrize("text", ["Hello", "", "/ 5", "/2 of it", "/etc/hosts", "/usr/bin/env python", " /me x"])
def test_what_is_no_command_is_said(text: str) -> None:
    assert parse(text, ANNA) == Say(text)
    assert not is_command(text)


def test_a_slash_alone_is_said_but_looks_like_a_command() -> None:
    assert parse("/", ANNA) == Say("/")
    assert is_command("/")


def test_two_slashes_are_one_literally() -> None:
    assert parse("//me waves", ANNA) == Say("/me waves")
    assert not is_command("//me waves")


@pytest.mark.parametrize("text", ["/shrug", "/quit now", "/help me", "/me", "/nick ", "/topic", "/join #", "/msg @"])
def test_problems_are_told_in_words(text: str) -> None:
    problem = parse(text, ANNA)
    assert isinstance(problem, CommandProblem)
    assert problem.sentence.endswith(".") or "write it like /" in problem.sentence
    assert is_command(text)


def test_an_unknown_command_is_named() -> None:
    problem = parse("/shrug now", ANNA)
    assert isinstance(problem, CommandProblem)
    assert "/shrug." in problem.sentence


@pytest.mark.parametrize(
    ("name", "longest"), [("nick", MAX_NICK), ("topic", MAX_TOPIC), ("join", MAX_ROOM_NAME), ("away", MAX_STATUS)]
)
def test_nothing_is_cut(name: str, longest: int) -> None:
    assert not isinstance(parse(f"/{name} {'ж' * longest}", ANNA), CommandProblem)
    problem = parse(f"/{name} {'ж' * (longest + 1)}", ANNA)
    assert isinstance(problem, CommandProblem)
    assert str(longest) in problem.sentence


def test_every_command_is_explained() -> None:
    entries = command_table()
    names = ["me", "nick", "topic", "join", "msg", "away", "delete", "quit", "help"]
    people = ["kick", "mute", "unmute", "ban", "banaddress", "unban", "role"]
    rooms = ["rename", "private", "public", "announce", "slow", "freeze"]
    server = ["approve", "reject", "release", "revoke", "claim"]
    assert [entry.name for entry in entries] == names + people + rooms + server
    assert len(entries) <= MAX_SUGGESTIONS, "/help shows them all"
    assert all(entry.help for entry in entries)


def test_each_power_is_proposed_its_own() -> None:
    def names(power: Power, *, owned: bool = True) -> set[str]:
        return {entry.name for entry in offered_commands(power, owned=owned)}

    assert names(Power.MEMBER) == {"me", "nick", "topic", "join", "msg", "away", "delete", "quit", "help"}
    in_room = {"kick", "mute", "unmute", "rename", "private", "public", "announce", "slow", "freeze"}
    assert names(Power.ROOM_MODERATOR) - names(Power.MEMBER) == in_room
    assert names(Power.ROOM_OWNER) - names(Power.ROOM_MODERATOR) == {"role"}
    assert names(Power.MODERATOR) - names(Power.ROOM_OWNER) == {"ban", "banaddress", "unban"}
    assert names(Power.ADMIN) - names(Power.MODERATOR) == {"approve", "reject", "release", "revoke"}
    assert "claim" in names(Power.GUEST, owned=False)
    assert "claim" not in names(Power.ADMIN)


@pytest.mark.parametrize("behind", ["10 times", "60", "10mm", "3 months of this"])
def test_a_mistyped_time_is_no_ban_for_ever(behind: str) -> None:
    problem = parse(f"/ban Anna {behind}", Speaker("Me", ["Anna"]))
    assert isinstance(problem, CommandProblem)
    assert f"“{behind}” is no time" in problem.sentence


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/kick @Anna Maria too loud", Restrict("kick", "Anna Maria", 0, "too loud")),
        ("/mute Anna 10m spam", Restrict("mute", "Anna", 600, "spam")),
        ("/ban Anna 2d", Restrict("ban", "Anna", 172_800)),
        ("/ban Anna 1 h 10 times", Restrict("ban", "Anna", 3_600, "10 times")),
        ("/banaddress Anna 1d spam", Restrict("ban", "Anna", 86_400, "spam", address=True)),
        ("/unban Gone Away", Restrict("unban", "Gone Away")),
        ("/unmute @Anna", Restrict("unmute", "Anna")),
        ("/revoke Anna Maria lost laptop", Restrict("revoke", "Anna Maria", 0, "lost laptop")),
        ("/release Gone Away", ReleaseNick("Gone Away")),
        ("/approve New One", Decide("New One", accept=True)),
        ("/reject New One", Decide("New One", accept=False)),
        ("/rename  quiet  kitchen", SetRoom("name", "quiet kitchen")),
        ("/private", SetRoom("private", "1")),
        ("/public", SetRoom("private", "0")),
        ("/announce", SetRoom("announcement", "")),
        ("/role Anna Maria Moderator", GiveRole("Anna Maria", "moderator")),
        ("/slow 0", SetRoom("slow_ms", "0")),
        ("/freeze", SetRoom("frozen", "")),
        ("/claim ABCDE FGHJK", Claim("ABCDEFGHJK")),
    ],
)
def test_acts_of_moderation(text: str, command: object) -> None:
    assert parse(text, Speaker("Me", ["Anna", "Anna Maria"])) == command


@pytest.mark.parametrize(
    "text",
    [
        *("/kick", "/mute", "/ban", "/unban", "/unmute", "/role Anna", "/role Anna king", "/slow", "/slow x"),
        *("/banaddress", "/revoke", "/release @", "/approve ", "/reject", "/rename", "/release " + "x" * 65),
        *("/delete it", "/private room", "/public 1", "/announce on", "/rename " + "x" * 65),
        *("/slow 3601", "/freeze now", "/claim", "/claim " + "x" * 65, "/kick Anna " + "x" * 201),
    ],
)
def test_acts_that_lack_something(text: str) -> None:
    assert isinstance(parse(text, Speaker("Me", ["Anna"])), CommandProblem)


def test_what_is_answered_is_deleted_else_the_last_own_message() -> None:
    assert parse("/delete", Speaker("Me", reply_to=7)) == DeleteMessage(7)
    assert parse("/delete", ANNA) == DeleteMessage(0)
