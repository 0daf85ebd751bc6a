"""What somebody does with the program from the first start on: through real windows, on a real server."""

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.state import Delivery, Entry
from qtchat.client.trust import KEY_FILE
from qtchat.gui.settings import SettingsFile
from qtchat.protocol.messages import DIRECT
from tests.end_to_end.conftest import Window
from tests.end_to_end.programs import KillableServer, killable_server

OpenWindow = Callable[[str], Window]


def entry(window: Window, text: str) -> Entry | None:
    """The newest message that reads `text`."""
    entries = reversed(window.desktop.window.timeline.model.entries)
    return next((entry for entry in entries if entry.text == text), None)


def seq(window: Window, text: str) -> int:
    found = entry(window, text)
    return (found.seq or 0) if found is not None else 0


def activate(window: Window) -> None:
    window.desktop.window.activateWindow()
    window.until(window.desktop.window.isActiveWindow)


def user_of(window: Window, nick: str) -> int:
    session = window.desktop.sessions.current
    assert session is not None
    window.until(lambda: any(person.nick == nick for person in session.state.people.values()))
    return next(user for user, person in session.state.people.items() if person.nick == nick)


def test_the_first_start(server: KillableServer, open_window: OpenWindow) -> None:
    anna = open_window("anna")
    anna.desktop.start()
    dialog = anna.desktop.joining.dialog
    assert dialog.isVisible()
    assert not anna.desktop.window.isVisible()
    dialog.nick_field.setText("Anna")
    dialog.address_field.setText(server.link)
    QTest.keyClick(dialog.address_field, Qt.Key.Key_Return)
    anna.until(lambda: anna.desktop.window.isVisible() and not dialog.isVisible())
    anna.until(lambda: anna.desktop.chat.name == "# lobby")
    anna.say("first!")
    anna.until(lambda: anna.shown == ["Anna: first!"])


def test_a_message_is_answered_edited_reacted_to_and_taken_back(
    server: KillableServer, open_window: OpenWindow
) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    anna.say("Lunch at noon?")
    ben.until(lambda: seq(ben, "Lunch at noon?") > 0)
    ben.desktop.window.timeline.reply_wanted.emit(seq(ben, "Lunch at noon?"))
    ben.say("Yes")

    def quoted() -> bool:
        answer = entry(anna, "Yes")
        return answer is not None and answer.quote is not None and answer.quote.text == "Lunch at noon?"

    anna.until(quoted)
    ben.desktop.window.timeline.react_wanted.emit(seq(ben, "Lunch at noon?"), "🍜", True)
    anna.until(lambda: bool((found := entry(anna, "Lunch at noon?")) and found.reactions))
    QTest.keyClick(anna.desktop.window.composer.field, Qt.Key.Key_Up)
    anna.desktop.window.composer.field.setPlainText("Lunch at one?")
    QTest.keyClick(anna.desktop.window.composer.field, Qt.Key.Key_Return)
    ben.until(lambda: bool((found := entry(ben, "Lunch at one?")) and found.edited))
    ben.desktop.window.timeline.delete_wanted.emit(seq(ben, "Yes"))
    question = ben.desktop.messages.question
    assert question is not None
    question.do_button.click()
    anna.until(lambda: any(found.deleted for found in anna.desktop.window.timeline.model.entries))
    assert entry(anna, "Yes") is None


def test_a_direct_message_opens_for_both(server: KillableServer, open_window: OpenWindow) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    anna.desktop.people.write_to(user_of(anna, "Ben"))
    anna.until(lambda: anna.desktop.chat.name == "Ben")
    anna.say("just for you")
    session = ben.desktop.sessions.current
    assert session is not None
    ben.until(lambda: any(room.kind == DIRECT and room.unread for room in session.state.rooms.values()))
    direct = next(room for room in session.state.rooms.values() if room.kind == DIRECT)
    assert direct.name == "Anna"
    assert ben.desktop.window.windowTitle().startswith("(1)")
    ben.desktop.chat.open_room(direct.number)
    ben.until(lambda: ben.shown == ["Anna: just for you"])


def test_who_types_is_seen_by_the_others(server: KillableServer, open_window: OpenWindow) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    user_of(ben, "Anna")
    QTest.keyClicks(anna.desktop.window.composer.field, "I am")
    ben.until(lambda: ben.desktop.window.typing_line.whole() == "Anna is typing…")


def test_a_room_opens_at_what_was_not_read(server: KillableServer, open_window: OpenWindow) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    session = anna.desktop.sessions.current
    assert session is not None
    session.account.create_room("books")
    anna.until(lambda: any(room.name == "books" for room in session.state.rooms.values()))
    activate(ben)  # so that anna's window is not
    for number in range(3):
        ben.say(f"message {number}")
    anna.until(lambda: len(anna.shown) == 3)
    books = next(room.number for room in session.state.rooms.values() if room.name == "books")
    anna.desktop.chat.open_room(books)
    first = session.state.rooms[1].first_unread
    assert first
    assert anna.desktop.window.windowTitle().startswith("(3)")
    activate(anna)
    anna.desktop.chat.open_room(1)
    anna.until(lambda: not session.state.rooms[1].unread)
    assert anna.desktop.window.windowTitle() == "# lobby – qtchat"


def test_two_devices_of_one_person_agree_on_what_was_read(
    server: KillableServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    desk, ben = open_window("desk"), open_window("ben")
    desk.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    (tmp_path / "laptop").mkdir()
    shutil.copy(tmp_path / "desk" / KEY_FILE, tmp_path / "laptop" / KEY_FILE)
    laptop = open_window("laptop")
    laptop.join(server.link, "Anna")
    activate(ben)
    ben.say("read me once")
    for device in (desk, laptop):
        device.until(lambda device=device: device.desktop.window.windowTitle().startswith("(1)"))  # type: ignore[misc]
    activate(desk)
    for device in (desk, laptop):
        device.until(lambda device=device: device.desktop.window.windowTitle() == "# lobby – qtchat")  # type: ignore[misc]
    mine = "and this is mine"
    laptop.say(mine)
    desk.until(lambda: bool((found := entry(desk, mine)) and found.own and found.seq))
    activate(ben)
    desk.until(lambda: bool((found := entry(desk, mine)) and found.delivery is Delivery.READ))


def test_two_servers_at_once_and_both_again_after_a_restart(
    server: KillableServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    with killable_server(tmp_path / "second") as second:
        anna, ben = open_window("anna"), open_window("ben")
        anna.join(server.link, "Anna")
        ben.join(second.link, "Ben")
        anna.desktop.joining.choose()
        anna.desktop.joining.join("Anna", second.link)
        anna.until(lambda: len(anna.desktop.sessions.all) == 2 and not anna.desktop.joining.dialog.isVisible())
        anna.until(lambda: anna.desktop.chat.name == "# lobby")
        anna.say("hello over there")
        ben.until(lambda: ben.shown == ["Anna: hello over there"])
        anna.desktop.sessions.show(anna.desktop.sessions.all[0])
        assert anna.shown == []
        ben.say("and back")
        anna.until(lambda: anna.desktop.window.windowTitle().startswith("(1)"))
        anna.quit()
        again = open_window("anna")
        again.desktop.start()
        again.until(lambda: len(again.desktop.sessions.all) == 2)
        again.until(lambda: all(session.was_online for session in again.desktop.sessions.all))
        assert again.desktop.sessions.current is again.desktop.sessions.all[0]
        assert again.desktop.window.rail.isVisible()


def test_a_server_is_the_same_by_whatever_address_it_is_joined(server: KillableServer, open_window: OpenWindow) -> None:
    anna = open_window("anna")
    anna.join(server.link, "Anna")
    anna.say("hello")
    anna.until(lambda: anna.shown == ["Anna: hello"])
    (session,) = anna.desktop.sessions.all
    assert session.state.server is not None
    other = f"localhost:{session.state.server.port}"
    closed: list[str] = []
    anna.desktop.sessions.closed.connect(lambda twin: closed.append(twin.link))
    anna.desktop.joining.choose()
    anna.desktop.joining.join("Anna", other)
    anna.until(lambda: closed == [other] and not anna.desktop.joining.dialog.isVisible())
    assert anna.desktop.sessions.all == [anna.desktop.sessions.current] == [session]
    anna.say("still here")
    anna.until(lambda: anna.shown == ["Anna: hello", "Anna: still here"])
    anna.quit()

    again = open_window("anna")
    again.desktop.start(other, "Anna")
    again.until(lambda: again.shown == ["Anna: hello", "Anna: still here"])
    again.until(lambda: [session.key for session in again.desktop.sessions.all] == [session.key])  # the twin has gone


def test_what_is_found_is_gone_to_wherever_it_stands(server: KillableServer, open_window: OpenWindow) -> None:
    first = open_window("anna")
    first.join(server.link, "Anna")
    session = first.desktop.sessions.current
    assert session is not None
    session.account.post(1, "the projector is in room 3")
    for number in range(600):
        session.account.post(1, f"filler {number}")
    first.until(lambda: bool(first.shown) and first.shown[-1] == "Anna: filler 599")
    first.quit()

    anna = open_window("anna")
    anna.join(server.link, "Anna")
    anna.until(lambda: bool(anna.shown))
    assert entry(anna, "the projector is in room 3") is None
    anna.desktop.search.open()
    bar = anna.desktop.window.search_bar
    QTest.keyClicks(bar.field, "projector")
    anna.until(lambda: bar.view.model().rowCount() == 1)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    timeline = anna.desktop.window.timeline
    anna.until(lambda: any(placed.row.entry.text.startswith("the projector") for placed in timeline.rows_in_sight))
    assert not timeline.at_bottom


def test_settings_are_in_force_at_once_and_stay(
    server: KillableServer, open_window: OpenWindow, tmp_path: Path
) -> None:
    anna, ben = open_window("anna"), open_window("ben")
    anna.join(server.link, "Anna")
    ben.join(server.link, "Ben")
    anna.desktop.preferences.open()
    dialog = anna.desktop.preferences.dialog
    assert dialog is not None
    dialog.profile.nick_chosen.emit("Annette")
    dialog.profile.status_chosen.emit("reading")
    dialog.appearance.compact_chosen.emit(True)
    session = ben.desktop.sessions.current
    assert session is not None
    ben.until(lambda: any(p.nick == "Annette" and p.status == "reading" for p in session.state.people.values()))
    anna.until(lambda: anna.desktop.window.conversations.own_name.whole() == "Annette")
    dialog.accept()
    anna.quit()
    settings = SettingsFile(tmp_path / "anna").settings
    assert (settings.nick, settings.status, settings.compact) == ("Annette", "reading", True)
