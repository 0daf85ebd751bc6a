"""What somebody hears who cannot see the window: read by another program, as screen readers do."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("AT-SPI is how Linux talks to screen readers", allow_module_level=True)

from tests.end_to_end.programs import KillableServer
from tests.helpers.accounts import LOBBY, User
from tests.helpers.screen import Screen, app_log, missing
from tests.helpers.screen_reader import Element, GoneError, ScreenReader, State

if lacking := missing():
    pytest.skip(f"a screen to be read needs: {', '.join(lacking)}", allow_module_level=True)


@pytest.fixture
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def reader(screen: Screen) -> Iterator[ScreenReader]:
    with ScreenReader(screen.bus) as reader:
        yield reader


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    """A program that was read has nothing to complain of."""
    profile = tmp_path / "anna"
    yield profile
    log = app_log(profile).read_text("utf-8")
    assert "Traceback" not in log, log


@pytest.fixture
def boris(server: KillableServer, tmp_path: Path) -> Iterator[User]:
    with User(tmp_path / "boris", server.link, "Борис") as boris:
        yield boris.online()


def program(reader: ScreenReader) -> Element:
    return reader.until(lambda: reader.program("qtchat"))


def joined(screen: Screen, reader: ScreenReader, server: KillableServer, profile: Path) -> Element:
    """Anna's program, in the lobby."""
    screen.start_app(profile, "--join", server.link, "--nick", "Anna")
    shown = program(reader)
    reader.until(lambda: "You joined" in " ".join(shown.items("Messages")))
    return shown


def nameless(shown: Element) -> list[str]:
    """The controls that nobody could tell apart by ear, with where they are."""
    found = []

    def look(element: Element, place: str) -> None:
        name, role = element.name, element.role
        if element.is_control and not name.strip():
            found.append(f"{place} > {role}")
        if role == "text":
            return  # a picture in a field is not for the ear
        for child in element.children():
            if child.has(State.SHOWING):
                look(child, f"{place} > {role} “{name}”")

    look(shown, "")
    return found


def press(reader: ScreenReader, shown: Element, name: str) -> None:
    reader.until(lambda: shown.find("push button", name)).do("Press")


def focused(reader: ScreenReader, role: str, name: str) -> Element:
    """What the keyboard is on, once that is such a thing."""
    if reader.focus is None or (reader.focus.role, reader.focus.name) != (role, name):
        raise GoneError(f"the keyboard is not on the {role} “{name}”")
    return reader.focus


def message(shown: Element, text: str) -> Element:
    """The message that ends so."""
    found = [item for item in shown.find("list", "Messages").children() if item.name.endswith(text)]
    if not found:
        raise GoneError(f"no message “{text}”")
    return found[-1]


def said(shown: Element) -> list[str]:
    """The messages, without what else happened."""
    return [item for item in shown.items("Messages") if "joined" not in item]


def told(item: str, *parts: str) -> bool:
    """Does an item say all of this, with a time of day behind the first part?"""
    sender, time, *rest = item.split(", ")
    return (sender, *rest) == parts and len(time) == 5 and time[2] == ":"


def test_the_first_window_can_be_filled_in_by_ear(
    screen: Screen, reader: ScreenReader, server: KillableServer, profile: Path
) -> None:
    screen.start_app(profile)
    shown = program(reader)
    dialog = reader.until(lambda: shown.find("dialog", "qtchat"))
    assert nameless(dialog) == []
    name = dialog.find("text", "Your name")
    assert name.ask("SetTextContents", "s", ("Anna",), of="EditableText")
    assert name.text == "Anna"
    dialog.find("text", "Address or invitation").type(server.link)
    press(reader, dialog, "Join")
    reader.until(lambda: shown.items("Conversations") == ["lobby, You joined"])
    reader.until(lambda: shown.items("Messages"))


def test_conversations_and_messages_are_read_and_answered(
    screen: Screen, reader: ScreenReader, server: KillableServer, boris: User, profile: Path
) -> None:
    shown = joined(screen, reader, server, profile)
    boris.account.post(LOBBY, "Привет, **всем**")
    reader.until(lambda: len(said(shown)) == 1)
    assert told(said(shown)[0], "Борис", "Привет", "всем")

    boris.account.load_people(LOBBY)
    boris.wait(lambda: any(person.nick == "Anna" for person in boris.state.people.values()))
    anna = next(person.user for person in boris.state.people.values() if person.nick == "Anna")
    boris.account.open_direct(anna)
    direct = boris.wait_room("Anna")
    boris.account.post(direct.number, "psst")
    boris.account.post(direct.number, "only for you")
    reader.until(lambda: "Борис, online, 2 unread, only for you" in shown.items("Conversations"))
    assert [item.partition(",")[0] for item in shown.items("Conversations")] == ["Борис", "lobby"]

    shown.find("text", "Message").type("hello, Борис")
    press(reader, shown, "Send")
    reader.until(lambda: len(said(shown)) == 2)
    assert told(said(shown)[1], "Anna", "hello", "Борис")
    boris.wait_texts(["Привет, **всем**", "hello, Борис"])

    boris.account.post(LOBBY, "welcome")
    reader.until(lambda: len(said(shown)) == 3)
    assert told(said(shown)[2], "Борис", "welcome")
    reader.until(lambda: any(told(words, "Борис", "welcome") for words in reader.announced))


def test_every_control_has_a_name(
    screen: Screen, reader: ScreenReader, server: KillableServer, boris: User, profile: Path
) -> None:
    boris.account.post(LOBBY, "welcome")
    shown = joined(screen, reader, server, profile)
    assert nameless(shown) == []
    shown.find("check box", "Details").do("Press")
    press(reader, shown, "Search in this room")
    reader.until(lambda: len(shown.items("People in this room")) == 2)
    assert sorted(item.partition(",")[0] for item in shown.items("People in this room")) == ["Anna", "Борис"]
    shown.find("text", "Search messages")
    assert nameless(shown) == []
    press(reader, shown, "Emoji")
    popup = reader.until(lambda: focused(reader, "text", "Search emoji").window)
    assert popup.name == "Emoji"
    assert nameless(popup) == []


def test_a_message_leads_to_its_menu_and_its_sender(
    screen: Screen, reader: ScreenReader, server: KillableServer, boris: User, profile: Path
) -> None:
    boris.account.post(LOBBY, "welcome")
    shown = joined(screen, reader, server, profile)
    welcome = reader.until(lambda: message(shown, "welcome"))
    welcome.do("ShowSender")
    card = reader.until(lambda: focused(reader, "push button", "Message").window)
    assert card.name == "Борис"
    assert nameless(card) == []
    card.find("push button", "Mention").do("Press")
    reader.until(lambda: shown.find("text", "Message").text == "@Борис ")

    welcome.do("Press")
    menu = reader.until(lambda: focused(reader, "menu item", "Reply").window)
    assert menu.role == "popup menu"
    menu.find("menu item", "About the sender")
    assert nameless(menu) == []
