"""The nick dialog, what it waits for, and hosting."""

from threading import Event

import pytest
from msgspec.structs import replace

from qtchat.client.updates import ConnectionUpdate, Phase, Problem
from qtchat.net.tls import server_code
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, SERVER, FakeAccount, FakeServer

PATIENCE = 10.0
CODE = server_code(b"a key")
"""One that can be read, unlike those of the fakes."""


def wait_for(gate: Event) -> bool:
    """In the place of something that takes its time: until `gate` opens."""
    return gate.wait(PATIENCE)


def test_the_dialog_closes_when_the_chat_is_joined(stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    stand.join()
    assert (stand.account.link, stand.account.nick) == ("office", "Anna")
    assert dialog.isVisible()
    assert dialog.busy
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()
    assert stand.desktop.window.isVisible()


@pytest.mark.parametrize("code", ["unreachable", "connection_refused", "name_unknown", "not_qtchat"])
def test_an_address_that_fails_leaves_the_dialog_open_and_nothing_running(stand: Stand, code: str) -> None:
    stand.desktop.start()
    stand.join()
    account = stand.account
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem(code, ""), 1.0))
    dialog = stand.desktop.joining.dialog
    stand.qtbot.waitUntil(lambda: not dialog.address_error.isHidden())
    assert dialog.isVisible()
    assert not dialog.busy
    stand.qtbot.waitUntil(lambda: not account.running)
    stand.join("office2")
    assert stand.account is not account
    assert stand.account.link == "office2"


@pytest.mark.parametrize("code", ["wrong_code", "bad_link", "version", "profile", "lost"])
def test_a_hard_stop_leaves_the_dialog_open(stand: Stand, code: str) -> None:
    stand.desktop.start()
    stand.join()
    stand.refuse(code)
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    assert not dialog.address_error.isHidden()


def test_a_taken_nick_is_tried_again_on_the_same_account(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    stand.refuse("nick_taken", "Anna2")
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    dialog.suggestion_button.click()
    assert stand.account.called("join_as") == [("Anna2",)]
    assert len(stand.accounts) == 1
    assert dialog.busy
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()


def test_a_compared_code_is_accepted_on_the_same_account(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    stand.refuse("unverified", "ABCD-EFGH")
    dialog = stand.desktop.joining.dialog
    assert dialog.code_label.text() == "ABCD-EFGH"
    dialog.accept_button.click()
    assert stand.account.called("accept_server") == [("ABCD-EFGH",)]
    assert dialog.busy


def test_an_attempt_can_be_given_up(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    account = stand.account
    dialog = stand.desktop.joining.dialog
    dialog.cancel_button.click()
    assert not dialog.busy
    stand.qtbot.waitUntil(lambda: not account.running)
    assert stand.desktop.controller.session is None


def test_leaving_the_first_dialog_leaves_the_program(stand: Stand) -> None:
    stand.desktop.start()
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        stand.desktop.joining.dialog.reject()


def test_a_server_that_changed_while_running_is_a_hard_stop(stand: Stand) -> None:
    stand.online()
    stand.refuse("server_changed")
    assert not stand.desktop.window.stop_page.isHidden()
    assert not stand.desktop.joining.dialog.isVisible()


def test_another_server_is_joined_beside_the_first(stand: Stand) -> None:
    first = stand.online()
    stand.desktop.joining.choose()
    dialog = stand.desktop.joining.dialog
    assert dialog.address_field.text() == ""
    stand.join("elsewhere")
    assert stand.desktop.controller.session is not None
    assert stand.desktop.controller.session.account is first
    assert dialog.busy
    first.hear(1, "from the first server")
    stand.account.go_online(server=OTHER)
    stand.settle()
    assert stand.desktop.controller.session.account is stand.account
    assert not dialog.isVisible()
    assert first.running
    assert stand.desktop.window.timeline.model.entries == []


def test_a_server_that_is_open_is_shown_instead_of_joined_twice(stand: Stand) -> None:
    first = stand.online()
    stand.join("elsewhere")
    stand.account.go_online(server=OTHER)
    stand.settle()
    for address in (f"qtchat://10.0.0.9/#{SERVER.code}", "127.0.0.1", "127.0.0.1:47300"):
        stand.desktop.sessions.show(stand.desktop.sessions.all[1])
        stand.desktop.joining.choose()
        stand.join(address, wait=False)
        assert len(stand.accounts) == 2
        assert stand.desktop.controller.session is stand.desktop.sessions.all[0]
        assert not stand.desktop.joining.dialog.isVisible()
    assert first.running


def test_a_server_that_turns_out_to_be_open_is_shown_instead(stand: Stand) -> None:
    first = stand.online()
    stand.desktop.joining.choose()
    stand.join("another-name-of-it")
    second = stand.account
    second.go_online()
    stand.settle()
    assert not stand.desktop.joining.dialog.isVisible()
    assert [session.account for session in stand.desktop.sessions.all] == [first]
    stand.qtbot.waitUntil(lambda: not second.running)


def lose(stand: Stand) -> FakeAccount:
    """A server that was joined is not there any more."""
    stand.desktop.start(f"qtchat://127.0.0.1:47300/#{CODE}", "Me")
    stand.account.go_online(server=replace(SERVER, code=CODE))
    stand.account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    stand.desktop.joining.choose()
    return stand.account


def test_a_lost_server_is_looked_for_where_a_fresh_link_leads(stand: Stand) -> None:
    account = lose(stand)
    stand.join(f"qtchat://10.0.0.9:1234/#{CODE}", wait=False)
    assert stand.accounts == [account]
    assert account.called("also_at") == [(("10.0.0.9", 1234),)]
    assert stand.desktop.sessions.all[0].way_back == f"qtchat://10.0.0.9:1234,127.0.0.1:47300/#{CODE}"
    assert not stand.desktop.joining.dialog.isVisible()


def test_a_lost_server_that_is_met_by_another_name_is_looked_for_there(stand: Stand) -> None:
    account = lose(stand)
    stand.join("another-name-of-it")
    second = stand.account
    second.go_online(server=replace(SERVER, code=CODE))
    stand.settle()
    assert [session.account for session in stand.desktop.sessions.all] == [account]
    assert account.called("also_at") == [(("another-name-of-it", 47300),)]
    stand.qtbot.waitUntil(lambda: not second.running)


def test_giving_up_leaves_the_server_that_is_open(stand: Stand) -> None:
    first = stand.online()
    stand.desktop.joining.choose()
    stand.join("elsewhere")
    stand.refuse("nick_taken", "Anna2")
    stand.desktop.joining.dialog.reject()
    assert [session.account for session in stand.desktop.sessions.all] == [first]
    assert stand.desktop.window.isVisible()


def test_what_stopped_a_server_in_the_background_opens_no_dialog(stand: Stand) -> None:
    first = stand.online()
    stand.desktop.joining.choose()
    stand.join("elsewhere")
    stand.account.go_online(server=OTHER)
    stand.settle()
    first.tell(ConnectionUpdate(Phase.REFUSED, Problem("server_changed", "")))
    stand.settle()
    assert not stand.desktop.joining.dialog.isVisible()
    assert stand.desktop.window.notice.label.text().startswith("Kitchen: Stop:")
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    assert not stand.desktop.window.stop_page.isHidden()
    stand.desktop.sessions.show(stand.desktop.sessions.all[1])
    assert stand.desktop.window.stop_page.isHidden()


def test_a_lost_connection_does_not_disturb_who_is_choosing_another_server(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.joining.choose()
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert stand.desktop.joining.dialog.isVisible()
    assert account.running


def test_no_account_begins_before_those_that_end_have_ended(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.desktop.start()
    stand.join()
    first, gate = stand.account, Event()
    monkeypatch.setattr(first, "stop", lambda _timeout: wait_for(gate))
    dialog = stand.desktop.joining.dialog
    dialog.cancel_button.click()
    assert not dialog.busy
    stand.join("third", wait=False)
    assert stand.account.called("start") == []
    gate.set()
    stand.qtbot.waitUntil(lambda: stand.account.running)
    assert stand.account.link == "third"


def test_what_was_given_up_before_it_began_never_begins(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.desktop.start()
    stand.join()
    gate = Event()
    monkeypatch.setattr(stand.account, "stop", lambda _timeout: wait_for(gate))
    stand.desktop.joining.dialog.cancel_button.click()
    stand.join("elsewhere", wait=False)
    stand.desktop.joining.dialog.cancel_button.click()
    gate.set()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert stand.account.called("start") == []
    assert stand.desktop.sessions.all == []


def test_a_chat_is_called_after_who_started_it(stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.nick_field.setText("Аня")
    dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.first_name == "Аня's chat"


def test_whoever_starts_a_chat_wants_no_more_of_the_server_that_refused(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    refused = stand.account
    stand.refuse("nick_taken", "Anna2")
    stand.desktop.joining.dialog.nick_field.setText("Carl")
    stand.desktop.joining.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: stand.account is not refused and stand.account.running)
    stand.account.go_online()
    stand.settle()
    assert [session.account for session in stand.desktop.sessions.all] == [stand.account]
    stand.qtbot.waitUntil(lambda: not refused.running)


def test_a_chat_that_cannot_be_started_says_why(stand: Stand) -> None:
    stand.server.trouble = "port 47300 is in use."
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.nick_field.setText("Anna")
    dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: not dialog.busy)
    assert "Port 47300 is in use." in dialog.error_label.text()
    assert stand.accounts == []


def test_starting_a_chat_here_can_be_given_up(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    start, gate = stand.server.start, Event()
    monkeypatch.setattr(stand.server, "start", lambda: (wait_for(gate), start()))
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.host_button.click()
    dialog.cancel_button.click()
    assert not dialog.busy
    gate.set()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-stop"]
    assert not stand.server.running
    assert stand.accounts == []
    assert not stand.desktop.file.settings.hosting


def test_a_chat_given_up_and_wanted_again_is_started(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, gate = stand.server.stop, Event()
    monkeypatch.setattr(stand.server, "stop", lambda: (wait_for(gate), stop()))
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.host_button.click()
    dialog.cancel_button.click()
    dialog.host_button.click()
    gate.set()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.running


@pytest.mark.parametrize("phase", [Phase.OFFLINE, Phase.REFUSED, Phase.ONLINE])
def test_a_chat_that_is_being_started_waits_for_no_other_server(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    stand.desktop.start("elsewhere", "Me")
    account, gate = stand.account, Event()
    account.go_online(server=OTHER)
    stand.settle()
    start = stand.server.start
    monkeypatch.setattr(stand.server, "start", lambda: (wait_for(gate), start()))
    dialog = stand.desktop.joining.dialog
    stand.desktop.joining.choose()
    dialog.host_button.click()
    account.tell(ConnectionUpdate(phase, None if phase is Phase.ONLINE else Problem("unreachable", "")))
    stand.settle()
    assert dialog.isVisible()
    assert dialog.busy
    assert dialog.address_error.isHidden()
    assert account.running
    gate.set()
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert stand.account.link == FakeServer.link


def test_a_changed_key_met_in_the_dialog_has_a_page(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    stand.refuse("server_changed")
    assert not stand.desktop.joining.dialog.isVisible()
    assert stand.desktop.window.isVisible()
    assert not stand.desktop.window.stop_page.isHidden()


def test_the_password_of_a_server_is_asked_for(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    stand.refuse("password_wrong")
    dialog = stand.desktop.joining.dialog
    assert dialog.password_field.isVisible()
    dialog.join_button.click()
    assert stand.account.called("password") == []
    dialog.password_field.setText("secret")
    dialog.join_button.click()
    assert stand.account.called("password") == [("secret",)]
    assert dialog.busy
    stand.refuse("password_wrong")
    assert "not the right one" in dialog.password_label.text()
    dialog.password_field.setText("right")
    dialog.join_button.click()
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()
    assert dialog.password_field.text() == ""


def test_a_newcomer_waits_calmly(stand: Stand) -> None:
    stand.desktop.start()
    stand.join()
    waiting = ConnectionUpdate(Phase.REFUSED, Problem("waiting", ""), 10.0)
    for _ in range(2):
        stand.account.tell(waiting)
        stand.settle()
    dialog = stand.desktop.joining.dialog
    assert dialog.busy
    assert "admin has to let you in" in dialog.waiting_label.text()
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()


def test_who_was_put_out_can_try_again(stand: Stand) -> None:
    account = stand.online()
    account.tell(ConnectionUpdate(Phase.REFUSED, Problem("kicked", "You were put out by Boss: spam")))
    stand.settle()
    dialog = stand.desktop.joining.dialog
    assert dialog.error_label.text().endswith("by Boss: spam")
    dialog.join_button.click()
    assert account.called("connect_now") == [()]
