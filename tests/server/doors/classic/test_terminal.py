"""The classic door for people with nc and telnet."""

import re

from qtchat.protocol.messages import (
    Ack,
    Delete,
    GetHistory,
    History,
)
from tests.helpers.plain import Terminal
from tests.helpers.plain_doors import LOBBY, came, left, next_of_others, say
from tests.helpers.wire import Connect, new_id


def test_a_visit_with_nc(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    say(ada, "before")
    terminal.wait_screen("/help tells what you can do.\r\nYour name: ")
    terminal.write("")
    terminal.wait_screen("Your name: Your name: ")
    terminal.write("Боб")
    terminal.wait(lambda: any(re.fullmatch(r"\[\d\d:\d\d\] Ada: before", line) for line in terminal.lines))
    terminal.write("привет\r")
    assert next_of_others(ada).text == "привет"
    say(ada, "раз\nдва")
    terminal.wait_line("Ada: раз")
    terminal.wait_line("  два")
    terminal.wait(lambda: terminal.screen.endswith("> "))
    assert "Боб: привет" not in terminal.lines


def test_commands(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    terminal.write("Bob")
    assert came(ada)[0].nick == "Bob"
    terminal.write("/who")
    terminal.wait_line("* Here: Ada, Bob")
    terminal.write("/nick Ada")
    terminal.wait_line("* Here you are called Ada~.")
    assert left(ada).nick == "Bob"
    assert came(ada)[0].nick == "Ada~"
    terminal.write("/nick Bob")
    terminal.wait_line("* Bob joined")
    terminal.write("/nick")
    terminal.wait_line("* Which name? Write /nick NAME.")
    terminal.write("/help")
    terminal.wait_line("*   /quit          leave")
    terminal.write("/dance now")
    terminal.wait_line("* There is no command /dance. /help tells what there is.")
    terminal.write("hello")
    assert ada.events(1)[0].nick == "Bob"
    terminal.write("/history 1")
    terminal.wait(lambda: any(re.fullmatch(r"\[\d\d:\d\d\] Bob: hello", line) for line in terminal.lines))
    terminal.write("/quit")
    terminal.wait(lambda: terminal.ended == "reset")
    assert left(ada).nick == "Bob"


def test_a_line_that_is_too_long_is_told_and_not_said(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    terminal.write("Bob")
    terminal.wait_screen("> ")
    terminal.write("x" * 1_000_000)
    terminal.wait_line("* That line was too long, and was not sent.")
    terminal.write("short")
    assert ada.events(1)[0].text == "short"


def test_what_was_deleted_is_not_in_the_history(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    seq = say(ada, "secret")
    ada.ask(Delete(new_id(), LOBBY, seq), Ack)
    say(ada, "harmless")
    terminal.write("Bob")
    terminal.wait_screen("Ada: harmless")
    assert "secret" not in terminal.screen
    assert ada.ask(GetHistory(new_id(), LOBBY), History).events
