"""The first half minute."""

from PySide6.QtCore import Qt

from qtchat.client.updates import Problem
from qtchat.gui.settings import RecentServer
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.server_rows import FoundServer
from tests.screenshots.camera import until
from tests.screenshots.scenes import BOTH, EVERY, FIRST, scene
from tests.screenshots.stage import Stage

CODE = "QRST-VWXY-ABCD-EFGH-JKMN"
STRANGER = FoundServer("<b>Kitchen</b> of somebody else, on the third floor", "qtchat://10.0.0.7:47300/#C", CODE, 1)


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


@scene(FIRST, scales=BOTH)
def nick_dialog_long_name_proposed(stage: Stage) -> None:
    nick_dialog_first(stage)
    problem = Problem("nick_taken", "", "Maximilian-Konstantin Hohenzoll2")
    stage.desktop.joining.dialog.show_problem(problem)


@scene(FIRST)
def nick_dialog_known_servers(stage: Stage) -> None:
    nick_dialog_first(stage)
    known = [
        RecentServer("01" * 16, "Kitchen", "qtchat://10.0.0.2:47300/#A", "ABCD-EFGH-JKMN-PQRS-TVWX", "Maria"),
        RecentServer("a2" * 16, "Офис на третьем этаже", "qtchat://10.0.0.3:47300/#B", "BCDE-FGHJ-KMNP-QRST-VWXY", "M"),
    ]
    stage.desktop.joining.dialog.set_recent(known)


@scene(FIRST, scales=BOTH)
def nick_dialog_looking(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.set_recent([])
    stage.desktop.joining.dialog.set_found([])
    stage.desktop.joining.dialog.set_looking(True)


@scene(FIRST, scales=BOTH)
def nick_dialog_nobody_found(stage: Stage) -> None:
    nick_dialog_looking(stage)
    stage.desktop.joining.dialog.set_looking(False)


@scene(FIRST, scales=BOTH)
def nick_dialog_found_servers(stage: Stage) -> None:
    nick_dialog_known_servers(stage)
    stage.desktop.joining.dialog.set_looking(False)
    stage.desktop.joining.dialog.set_found(
        [FoundServer("Kitchen", "qtchat://10.0.0.2:47300/#A", "ABCD-EFGH-JKMN-PQRS-TVWX", 3, known=True), STRANGER]
    )


@scene(FIRST)
def nick_dialog_many_servers(stage: Stage) -> None:
    nick_dialog_looking(stage)
    dialog = stage.desktop.joining.dialog
    dialog.set_looking(False)
    dialog.set_found([STRANGER, *(FoundServer(f"Класс {i}", f"qtchat://10.0.1.{i}", CODE, i) for i in range(20))])
    dialog.activateWindow()
    dialog.found.rows[0].setFocus(Qt.FocusReason.TabFocusReason)


@scene(FIRST)
def nick_dialog_starting_a_chat(stage: Stage) -> None:
    nick_dialog_first(stage)
    stage.desktop.joining.dialog.show_starting()


@scene(FIRST, sizes=EVERY, scales=BOTH)
def main_not_connected(stage: Stage) -> None:
    stage.desktop.joining.dialog.hide()
    stage.window.show()
    stage.turn_to(Page.CHAT)
