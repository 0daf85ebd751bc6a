"""Every screen and state that is photographed, as functions that bring the program there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from qtchat.client.findings import Finding, Outcome
from qtchat.client.updates import ConnectionUpdate, Phase, Problem
from qtchat.gui.settings import RecentServer
from qtchat.gui.views.doctor_dialog import DoctorDialog
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.passphrase_dialog import PassphraseDialog
from qtchat.gui.views.room_dialogs import CreateRoomDialog
from qtchat.gui.views.server_rows import FoundServer
from qtchat.gui.views.settings import Page as SettingsPage
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.play import LONG_NICK
from tests.screenshots.stage import Stage

NARROW, USUAL, WIDE = (420, 640), (1024, 720), (1920, 1080)
Size = tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """`act` brings the program into the state; `sizes`: of the window; `scales`: of the text."""

    name: str
    act: Callable[[Stage], None]
    sizes: tuple[Size, ...] = (USUAL,)
    scales: tuple[float, ...] = (1.0,)


FIRST: Final[list[Scene]] = []
"""In front of a program that has just been started for the first time."""
ONLINE: Final[list[Scene]] = []
"""While the server runs and everybody is there."""
LAST: Final[list[Scene]] = []
"""With things that cannot be undone."""
FINDINGS: Final = (
    Finding("Networks", Outcome.OK, "192.168.1.5 (wlan0), 10.0.0.5 (eth0)"),
    Finding("Firewall", Outcome.FAILED, "ufw is on and keeps everybody out.", "Open it:\nsudo ufw allow 47300/tcp"),
    Finding(
        "Announcements",
        Outcome.WARNING,
        "Nothing was heard for 3 seconds.",
        "Ask whether the access point is set to keep its clients apart. It is often called “client isolation”.",
    ),
    Finding("Address", Outcome.SKIPPED, "There is none."),
)
"""One of each outcome."""
EVERY: Final = (NARROW, USUAL, WIDE)
BOTH: Final = (1.0, 1.5)


def scene(
    where: list[Scene], *, sizes: tuple[Size, ...] = (USUAL,), scales: tuple[float, ...] = (1.0,)
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Take the function into a list of scenes, under its own name."""

    def put(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
        where.append(Scene(act.__name__.strip("_"), act, sizes, scales))
        return act

    return put


# -- the first half minute ---------------------------------------------------------------------------------


@scene(FIRST, scales=BOTH)
def nick_dialog_first(stage: Stage) -> None:
    stage.desktop.joining.choose()
    stage.desktop.joining.dialog.nick_field.setText("Maria")


@scene(FIRST)
def nick_dialog_nothing_entered(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.nick_field.clear()
    stage.desktop.joining.dialog.join_button.click()


@scene(FIRST)
def nick_dialog_nobody_answers(stage: Stage) -> None:
    nick_dialog_first(stage)
    dialog = stage.desktop.joining.dialog
    dialog.address_field.setText("127.0.0.1:9")
    dialog.join_button.click()
    until(lambda: not dialog.busy, "the refusal")


@scene(FIRST)
def nick_dialog_connecting(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.show_connecting("qtchat://office-pc.local:47300/#ABCD-EFGH-JKMN-PQRS-TVWX")


@scene(FIRST, scales=BOTH)
def nick_dialog_code_to_compare(stage: Stage) -> None:
    nick_dialog_first(stage)
    address = stage.play.link.split("/")[2]
    stage.desktop.joining.join("Maria", address)
    dialog = stage.desktop.joining.dialog
    until(lambda: dialog.verify_card.isVisible(), "the code")


@scene(FIRST)
def nick_dialog_name_taken(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.join("anna", stage.play.link)
    dialog = stage.desktop.joining.dialog
    until(lambda: dialog.nick_error.isVisible(), "the name to be refused")


@scene(FIRST)
def nick_dialog_known_servers(stage: Stage) -> None:
    nick_dialog_first(stage)
    known = [
        RecentServer("01" * 16, "Kitchen", "qtchat://10.0.0.2:47300/#A", "ABCD-EFGH-JKMN-PQRS-TVWX", "Maria"),
        RecentServer("a2" * 16, "Офис на третьем этаже", "qtchat://10.0.0.3:47300/#B", "BCDE-FGHJ-KMNP-QRST-VWXY", "M"),
    ]
    stage.desktop.joining.dialog.set_recent(known)


@scene(FIRST, scales=BOTH)
def nick_dialog_found_servers(stage: Stage) -> None:
    nick_dialog_known_servers(stage)
    code = "QRST-VWXY-ABCD-EFGH-JKMN"
    stage.desktop.joining.dialog.set_found(
        [
            FoundServer("Kitchen", "qtchat://10.0.0.2:47300/#A", "ABCD-EFGH-JKMN-PQRS-TVWX", 3, known=True),
            FoundServer("<b>Kitchen</b> of somebody else", "qtchat://10.0.0.7:47300/#C", code, 1),
        ]
    )


@scene(FIRST)
def nick_dialog_nobody_found(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.set_found([])


@scene(FIRST)
def nick_dialog_starting_a_chat(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.show_starting()


@scene(FIRST, sizes=EVERY, scales=BOTH)
def main_not_connected(stage: Stage) -> None:
    stage.desktop.joining.dialog.hide()
    stage.window.show()
    stage.turn_to(Page.CHAT)


# -- the main window ---------------------------------------------------------------------------------------


@scene(ONLINE, sizes=EVERY, scales=BOTH)
def main(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW,), scales=BOTH)
def narrow_conversations(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.CONVERSATIONS)


@scene(ONLINE, sizes=EVERY, scales=BOTH)
def details(stage: Stage) -> None:
    stage.open("lobby")
    stage.turn_to(Page.DETAILS)


@scene(ONLINE)
def details_of_a_person(stage: Stage) -> None:
    stage.open("Anna")
    stage.turn_to(Page.DETAILS)


@scene(ONLINE, sizes=(NARROW, USUAL))
def direct_messages(stage: Stage) -> None:
    stage.open("Anna")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL))
def scrolled_up(stage: Stage) -> None:
    main(stage)
    stage.window.timeline.scroll_by(-700)


@scene(ONLINE, sizes=(NARROW, USUAL))
def beginning_of_a_room(stage: Stage) -> None:
    stage.open("books")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def unread_bar(stage: Stage) -> None:
    stage.open("books")
    stage.turn_to(Page.CONVERSATIONS)
    stage.play.say("Chen", "While you were away: the meeting is moved.")
    stage.play.say("Борис", "@Maria придёшь?")
    until(lambda: stage.desktop.window.windowTitle().startswith("("), "unread messages")
    stage.open("lobby")
    stage.turn_to(Page.CHAT)


@scene(ONLINE, sizes=(NARROW, USUAL))
def unread_elsewhere(stage: Stage) -> None:
    stage.open("lobby")
    stage.play.say("Anna", "A new chapter @Maria", stage.play.rooms["books"])
    stage.play.say("Борис", "Чашки помыты", stage.play.rooms["кухня"])
    until(lambda: stage.desktop.window.windowTitle().startswith("("), "unread messages")
    stage.turn_to(Page.CONVERSATIONS)


@scene(ONLINE)
def compact(stage: Stage) -> None:
    main(stage)
    stage.window.set_compact(True)


@scene(ONLINE, sizes=(NARROW, USUAL))
def typing(stage: Stage) -> None:
    main(stage)
    stage.window.set_compact(False)
    stage.play.person("Anna").account.typing(LOBBY)
    stage.play.person(LONG_NICK).account.typing(LOBBY)
    until(lambda: "and" in stage.window.typing_line.whole(), "two who type")


# -- writing -----------------------------------------------------------------------------------------------


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def reply(stage: Stage) -> None:
    main(stage)
    stage.window.timeline.reply_wanted.emit(stage.seq_of("A word without a break"))
    stage.window.composer.field.setPlainText("That does not fit on my screen,\nbut it is cut well.")


@scene(ONLINE, sizes=(NARROW, USUAL))
def edit(stage: Stage) -> None:
    main(stage)
    stage.account.post(LOBBY, "I am late, sory")
    until(lambda: any(e.own and e.seq and e.text == "I am late, sory" for e in stage.window.timeline.model.entries))
    stage.window.timeline.edit_wanted.emit(stage.seq_of("I am late, sory"))


@scene(ONLINE)
def too_long(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setPlainText("word " * 3400)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def emoji_picker(stage: Stage) -> None:
    main(stage)
    stage.window.composer.emoji_button.click()


@scene(ONLINE)
def reaction_picker(stage: Stage) -> None:
    main(stage)
    place = stage.window.timeline.viewport().mapToGlobal(QPoint(200, 300))
    stage.window.timeline.emoji_wanted.emit(stage.seq_of("microphone"), place)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def completion_of_names(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, "Hello @")


@scene(ONLINE)
def completion_of_emoji(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, ":smi")


@scene(ONLINE, sizes=(NARROW, USUAL))
def completion_of_commands(stage: Stage) -> None:
    main(stage)
    stage.window.composer.field.setFocus()
    QTest.keyClicks(stage.window.composer.field, "/")


# -- finding -----------------------------------------------------------------------------------------------


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def search(stage: Stage) -> None:
    main(stage)
    stage.desktop.search.open()
    QTest.keyClicks(stage.window.search_bar.field, "projector")
    stage.settle(800)


@scene(ONLINE)
def search_without_result(stage: Stage) -> None:
    main(stage)
    stage.desktop.search.open()
    QTest.keyClicks(stage.window.search_bar.field, "xylophone")
    stage.settle(800)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def quick_switcher(stage: Stage) -> None:
    main(stage)
    stage.desktop.switching.open_switcher()


@scene(ONLINE, sizes=(NARROW, USUAL))
def person_card(stage: Stage) -> None:
    main(stage)
    user = next(entry.author for entry in stage.window.timeline.model.entries if entry.nick == "Anna")
    stage.desktop.people.show_card(user, stage.window.timeline.viewport().mapToGlobal(QPoint(60, 200)))


# -- dialogs -----------------------------------------------------------------------------------------------


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def create_room(stage: Stage) -> None:
    main(stage)
    stage.desktop.rooms.create()
    assert stage.desktop.rooms.create_dialog is not None
    stage.desktop.rooms.create_dialog.name_field.setText("Lobby")
    stage.desktop.rooms.create_dialog.create_button.click()
    until(lambda: stage.desktop.rooms.create_dialog is not None and bool(_text(stage.desktop.rooms.create_dialog)))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def browse_rooms(stage: Stage) -> None:
    main(stage)
    stage.desktop.rooms.browse()
    stage.settle(500)


@scene(ONLINE)
def leave_room(stage: Stage) -> None:
    stage.open("books")
    stage.turn_to(Page.CHAT)
    stage.desktop.rooms.leave(stage.play.rooms["books"])


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def new_message(stage: Stage) -> None:
    main(stage)
    stage.desktop.people.choose_to_write()


@scene(ONLINE)
def add_people(stage: Stage) -> None:
    stage.open("books")
    stage.window.people_pane.add_wanted.emit()


@scene(ONLINE)
def delete_message(stage: Stage) -> None:
    main(stage)
    stage.account.post(LOBBY, "to be deleted")
    until(lambda: any(e.seq and e.text == "to be deleted" for e in stage.window.timeline.model.entries))
    stage.window.timeline.delete_wanted.emit(stage.seq_of("to be deleted"))


@scene(ONLINE)
def who_has_read(stage: Stage) -> None:
    main(stage)
    stage.window.timeline.who_read_wanted.emit(stage.seq_of("Good morning"))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def invitation(stage: Stage) -> None:
    main(stage)
    stage.desktop.servers.invite()


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def shortcuts(stage: Stage) -> None:
    main(stage)
    stage.desktop.controller.show_shortcuts()


@scene(ONLINE)
def account_menu(stage: Stage) -> None:
    main(stage)
    stage.window.conversations.menu_button.click()


@scene(ONLINE)
def conversation_menu(stage: Stage) -> None:
    main(stage)
    view = stage.window.conversations.view
    view.customContextMenuRequested.emit(view.visualRect(view.model().index(1, 0)).center())


def _settings(page: SettingsPage) -> None:
    def act(stage: Stage) -> None:
        main(stage)
        stage.desktop.preferences.open(page)
        stage.settle(500)

    act.__name__ = f"settings_{page.name.lower()}"
    scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)(act)


for _page in SettingsPage:
    _settings(_page)


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def notice(stage: Stage) -> None:
    main(stage)
    stage.window.notice.say("The local history was damaged. It was put aside as /home/maria/.local/share/qtchat/x.")


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def doctor(stage: Stage) -> None:
    main(stage)
    dialog = DoctorDialog(stage.desktop.theme, stage.desktop.icons, stage.play.link, stage.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    for finding in FINDINGS:
        dialog.add(finding)
    dialog.end()


@scene(ONLINE)
def doctor_looking(stage: Stage) -> None:
    doctor(stage)
    dialog = next(widget for widget in stage.window.findChildren(DoctorDialog) if widget.isVisible())
    dialog.begin()
    dialog.add(FINDINGS[0])


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def passphrase(stage: Stage) -> None:
    main(stage)
    sentence = "Whoever has this file and the passphrase is you on every server. Keep them apart."
    dialog = PassphraseDialog("Export your key", sentence, "Export", stage.desktop.theme, stage.window, chosen_now=True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.field.setText("short")
    dialog.open()


# -- several servers, hosting, and what goes wrong ---------------------------------------------------------


@scene(LAST)
def rail_with_two_servers(stage: Stage) -> None:
    stage.second_server()
    stage.open("lobby")


@scene(LAST, sizes=(NARROW, USUAL, WIDE), scales=BOTH)
def rail_and_details(stage: Stage) -> None:
    stage.second_server()
    stage.turn_to(Page.CONVERSATIONS if stage.window.narrow else Page.DETAILS)


@scene(LAST, sizes=(NARROW, USUAL))
def hosting(stage: Stage) -> None:
    servers = stage.desktop.servers
    if servers.hosted is None:
        stage.desktop.joining.choose()
        stage.desktop.joining.dialog.host_button.click()
        until(lambda: servers.hosted is not None and servers.hosted.was_online, "the chat that is started here")
    else:
        stage.desktop.sessions.show(servers.hosted)
        servers.invite()
    stage.settle()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def host_panel(stage: Stage) -> None:
    hosting(stage)
    if stage.desktop.servers.invitation is not None:
        stage.desktop.servers.invitation.accept()
    stage.desktop.host.open()
    stage.settle(800)


@scene(LAST, sizes=EVERY, scales=BOTH)
def offline(stage: Stage) -> None:
    stage.first_server()
    stage.play.close()
    until(lambda: stage.phase is Phase.OFFLINE, "the loss of the connection")
    stage.open("lobby")
    stage.turn_to(Page.CHAT)
    if not any(entry.text == "Written while offline" for entry in stage.window.timeline.model.entries):
        stage.account.post(LOBBY, "Written while offline")
    stage.settle()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def refused(stage: Stage) -> None:
    session = stage.desktop.sessions.current
    assert session is not None
    changes = session.state.apply(
        ConnectionUpdate(Phase.REFUSED, Problem("server_changed", "", "QRST-VWXY-ABCD-EFGH-JKMN"))
    )
    session.changed.emit(session, list(changes))
    stage.desktop.joining.dialog.reject()


@scene(LAST, sizes=(NARROW, USUAL))
def refused_dialog(stage: Stage) -> None:
    refused(stage)
    stage.window.stop_page.choose_button.click()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def plain_chat(stage: Stage) -> None:
    stage.plain_server()
    stage.turn_to(Page.CHAT)


def _text(dialog: CreateRoomDialog) -> str:
    return dialog.error_label.text() if dialog.error_label.isVisible() else ""
