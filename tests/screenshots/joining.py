"""The first half minute."""

from qtchat.gui.settings import RecentServer
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.server_rows import FoundServer
from tests.screenshots.camera import until
from tests.screenshots.scenes import BOTH, EVERY, FIRST, scene
from tests.screenshots.stage import Stage


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
