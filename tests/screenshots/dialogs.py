"""Dialogs, menus and notices, but for those of hosts and moderators."""

from typing import Final

from PySide6.QtCore import Qt

from qtchat.client.findings import Finding, Outcome
from qtchat.gui.views.doctor_dialog import DoctorDialog
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.passphrase_dialog import PassphraseDialog
from qtchat.gui.views.rename_dialog import RenameDialog
from qtchat.gui.views.room_dialogs import CreateRoomDialog
from qtchat.gui.views.settings import Page as SettingsPage
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.conversation import main
from tests.screenshots.scenes import BOTH, NARROW, ONLINE, USUAL, scene
from tests.screenshots.stage import Stage

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


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def create_room(stage: Stage) -> None:
    main(stage)
    stage.desktop.rooms.create()
    assert stage.desktop.rooms.create_dialog is not None
    stage.desktop.rooms.create_dialog.name_field.setText("Lobby")
    stage.desktop.rooms.create_dialog.create_button.click()
    until(lambda: stage.desktop.rooms.create_dialog is not None and bool(_text(stage.desktop.rooms.create_dialog)))


@scene(ONLINE, sizes=(NARROW, USUAL), scales=BOTH)
def rename_room(stage: Stage) -> None:
    main(stage)
    name = "Kitchen on the third floor, beside the stairs"
    dialog = RenameDialog(name, stage.desktop.theme, stage.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


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
    stage.window.notice.keep("The local history was damaged. It was put aside as /home/maria/.local/share/qtchat/x.")


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


def _text(dialog: CreateRoomDialog) -> str:
    return dialog.error_label.text() if dialog.error_label.isVisible() else ""
