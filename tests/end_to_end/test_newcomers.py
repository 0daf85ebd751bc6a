"""The door of a chat that was started in the app: a password, a wait to be let in, and who only reads."""

from collections.abc import Callable

import pytest

from qtchat.gui.views.host_panel import HostPanel
from qtchat.gui.views.host_password_dialog import HostPasswordDialog
from qtchat.server.handlers import login
from tests.end_to_end.conftest import Window

PASSWORD = "сезам, откройся"


def host(window: Window) -> str:
    """Start a chat as Anna; its link."""
    desktop, dialog = window.desktop, window.desktop.joining.dialog
    desktop.start()
    dialog.nick_field.setText("Anna")
    dialog.host_button.click()
    window.until(lambda: desktop.servers.invitation is not None)
    assert desktop.servers.invitation is not None
    link = desktop.servers.invitation.link_field.text()
    desktop.servers.invitation.accept()
    window.until(lambda: desktop.chat.room is not None and not window.offline)
    return link


def lock(window: Window) -> None:
    """Ask newcomers for a password, let them wait, and only read."""
    window.desktop.host.open()
    panel = window.desktop.host.panel
    assert isinstance(panel, HostPanel)
    rules = panel.newcomers
    rules.more_button.click()
    rules.password_button.click()
    dialog = panel.findChild(HostPasswordDialog)
    assert isinstance(dialog, HostPasswordDialog)
    dialog.field.setText(PASSWORD)
    dialog.set_button.click()
    window.until(lambda: rules.password_label.text() == "They need a password." and panel.stop_button.isEnabled())
    rules.wait_box.click()
    rules.read_box.click()
    rules.restart_button.click()
    assert not panel.stop_button.isEnabled()
    window.until(panel.stop_button.isEnabled)
    panel.reject()


def test_newcomers_need_the_password_wait_and_only_read(
    open_window: Callable[[str], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "WAITING_RETRY_MS", 200)  # how often those who wait ask again
    anna, ben, cy = (open_window(nick) for nick in ("anna", "ben", "cy"))
    link = host(anna)
    ben.join(link, "Ben")
    lock(anna)
    anna.until(lambda: not (anna.offline or ben.offline))
    ben.say("I am still in")
    anna.until(lambda: anna.shown == ["Ben: I am still in"])

    dialog = cy.desktop.joining.dialog
    cy.desktop.start(link, "Cy")
    cy.until(dialog.password_field.isVisible)
    dialog.password_field.setText(PASSWORD)
    dialog.join_button.click()
    cy.until(dialog.waiting_label.isVisible)

    bar = anna.desktop.window.waiting_bar
    anna.until(bar.show_button.isVisible)
    bar.show_button.click()
    queue = anna.desktop.overseeing.dialog
    assert queue is not None
    anna.until(lambda: queue.model.rowCount() == 1)
    queue.list.field.setText("Cy")
    queue.act_buttons["accept"].click()
    cy.until(lambda: cy.desktop.chat.room is not None and not dialog.isVisible())
    queue.reject()

    assert "you can read, but not write" in cy.desktop.window.composer.reason.text()
    anna.say("Welcome")
    cy.until(lambda: cy.shown == ["Ben: I am still in", "Anna: Welcome"])
