"""Looking for messages, and going to what was found."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import ConnectionUpdate, Phase, RoomUpdate, SearchUpdate
from qtchat.gui.models.search import SearchRole
from qtchat.gui.search import DEEPER
from qtchat.protocol.messages import PRIVATE
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import room


def test_what_was_said_is_found_and_gone_to(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    found = account.event(2, "the projector is free")
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 60.0))
    stand.settle()
    bar = stand.desktop.window.search_bar
    QTest.keyClick(stand.desktop.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.is_open
    bar.search_wanted.emit("projector", False)
    assert account.called("search")[-1] == (1, "projector")
    bar.search_wanted.emit("projector", True)
    assert account.called("search")[-1] == (None, "projector")
    account.tell(SearchUpdate(account.last_request, (found,), complete=True))
    stand.settle()
    bar.result_chosen.emit(2, 1)
    assert stand.desktop.chat.name == "# news"


def test_what_was_found_elsewhere_is_told_with_its_room(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0), RoomUpdate(room(3, "plans", kind=PRIVATE), 0))
    stand.settle()
    stand.desktop.search.open()
    bar = stand.desktop.window.search_bar
    bar.everywhere.setChecked(True)
    bar.field.setText("projector")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    found = (account.event(2, "a projector"), account.event(3, "the projector"))
    account.tell(SearchUpdate(account.last_request, found, complete=True))
    stand.settle()
    hits = [bar.view.model().index(row, 0).data(SearchRole.HIT) for row in range(2)]
    assert [hit.where for hit in hits] == ["# news", "plans"]


def test_older_messages_are_fetched_for_it(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.search.open()
    bar = stand.desktop.window.search_bar
    bar.field.setText("projector")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    account.tell(SearchUpdate(account.last_request, (), complete=False))
    stand.settle()
    assert account.called("search") == [(1, "projector"), (1, "projector", DEEPER)]
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 60.0))
    account.tell(SearchUpdate(account.last_request, (account.event(1, "the projector"),), complete=False))
    stand.settle()
    assert "with a connection" in bar.remark.text()
    assert bar.count_label.text() == "1 of 1"


def test_a_stale_answer_is_not_shown(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.search.open()
    bar = stand.desktop.window.search_bar
    bar.search_wanted.emit("first", False)
    stale = account.last_request
    bar.search_wanted.emit("second", False)
    account.tell(SearchUpdate(stale, (account.event(1, "first"),), complete=True))
    stand.settle()
    assert stand.desktop.window.search_bar.is_open


def test_the_bar_goes_with_its_server(stand: Stand) -> None:
    stand.online()
    stand.desktop.search.open()
    stand.join_other()
    assert not stand.desktop.window.search_bar.is_open


def test_without_a_room_there_is_nothing_to_search(stand: Stand) -> None:
    stand.desktop.search.open()
    assert not stand.desktop.window.search_bar.is_open
