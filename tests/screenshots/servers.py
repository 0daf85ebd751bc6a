"""Several servers, hosting, and what goes wrong."""

from qtchat.client.updates import ConnectionUpdate, Phase, Problem
from qtchat.gui.hosting import Newcomers
from qtchat.gui.views.host_panel import DOORS
from qtchat.gui.views.main_window import Page
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.scenes import BOTH, EVERY, LAST, NARROW, USUAL, WIDE, scene
from tests.screenshots.stage import Stage


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


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def host_panel_doors(stage: Stage) -> None:
    host_panel(stage)
    assert stage.desktop.host.panel is not None
    stage.desktop.host.panel.doors_button.click()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def host_panel_newcomers(stage: Stage) -> None:
    host_panel_doors(stage)
    assert stage.desktop.host.panel is not None
    stage.desktop.host.panel.door_boxes[DOORS[0]].setChecked(True)
    stage.desktop.host.panel.newcomers.show_rules(Newcomers(wait=True), password=True)
    stage.desktop.host.panel.newcomers.read_box.setChecked(True)


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def host_password(stage: Stage) -> None:
    host_panel(stage)
    assert stage.desktop.host.panel is not None
    stage.desktop.host.panel.newcomers.password_button.click()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def refused(stage: Stage) -> None:
    # While the connection stands, nothing else is told of it.
    stage.first_server()
    session = stage.desktop.sessions.current
    assert session is not None
    changes = session.state.apply(
        ConnectionUpdate(Phase.REFUSED, Problem("server_changed", "", "QRST-VWXY-ABCD-EFGH-JKMN"))
    )
    session.changed.emit(session, list(changes))
    stage.desktop.joining.dialog.reject()
    until(stage.window.stop_page.isVisible, "the full stop")


@scene(LAST, sizes=(NARROW, USUAL))
def refused_dialog(stage: Stage) -> None:
    refused(stage)
    stage.window.stop_page.choose_button.click()


@scene(LAST, sizes=(NARROW, USUAL), scales=BOTH)
def plain_chat(stage: Stage) -> None:
    stage.plain_server()
    stage.turn_to(Page.CHAT)


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
