"""Servers that are open at once: which link leads where, answers to requests, and the order in which they end."""

import time

import pytest
from msgspec.structs import replace

from qtchat.client.state import RequestDone
from qtchat.client.updates import AuditUpdate, BansUpdate, WaitingUpdate
from qtchat.protocol.messages import MAX_TIME
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, SERVER


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("qtchat://127.0.0.1:47300/#ABCD", True),  # its own
        (f"qtchat://10.9.9.9:1/#{SERVER.code}", True),
        (f"qtchat://10.9.9.9:1/#{SERVER.code.replace('-', '').lower()}", True),
        ("127.0.0.1", True),
        ("127.0.0.1:47300", True),
        ("127.0.0.1:47301", False),
        (f"qtchat://127.0.0.1:47300/#{OTHER.code}", False),  # another server at the same address
        ("kitchen-pc", False),
    ],
)
def test_which_link_leads_to_an_open_server(stand: Stand, link: str, found: bool) -> None:
    stand.online()
    assert (stand.desktop.sessions.find(link) is not None) is found


def test_a_request_is_answered_once_and_after_the_news(stand: Stand) -> None:
    account = stand.online()
    session = stand.desktop.sessions.all[0]
    heard: list[object] = []
    session.changed.connect(lambda _session, changes: heard.extend(changes))
    session.ask(account.join_room(9), heard.append)
    stand.answer(9)
    assert heard == [RequestDone(account.last_request, 9, None)] * 2
    stand.answer(9)
    assert len(heard) == 3


def test_nobody_waits_for_a_list_that_came(stand: Stand) -> None:
    account = stand.online()
    session = stand.desktop.sessions.all[0]
    heard: list[object] = []
    for update in (WaitingUpdate, BansUpdate):
        session.ask(account.list_bans(), heard.append)
        account.tell(update(account.last_request, ()))
    session.ask(account.get_audit(), heard.append)
    account.tell(AuditUpdate(account.last_request, (), False))
    stand.settle()
    assert heard == []
    assert session._waiting == {}


def test_nothing_is_heard_of_a_closed_server(stand: Stand) -> None:
    account = stand.online()
    session = stand.desktop.sessions.all[0]
    heard: list[object] = []
    session.ask(account.join_room(9), heard.append)
    stand.desktop.sessions.close(session)
    stand.desktop.sessions.close(session)  # once more is nothing
    stand.qtbot.waitUntil(lambda: not account.running)
    stand.answer(9)
    assert heard == []
    assert stand.desktop.sessions.current is None
    assert stand.desktop.window.empty.title.text() == "Not connected"


def test_the_neighbour_is_shown_when_a_server_is_closed(stand: Stand) -> None:
    first = stand.online()
    stand.join_other()
    sessions = stand.desktop.sessions
    sessions.close(sessions.all[1])
    assert sessions.current is not None
    assert sessions.current.account is first


def test_a_server_is_known_by_its_link_until_it_told_its_name(stand: Stand) -> None:
    stand.desktop.start("kitchen-pc", "Me")
    session = stand.desktop.sessions.all[0]
    assert (session.key, session.name, session.own_nick, session.user) == ("kitchen-pc", "kitchen-pc", "Me", 0)
    assert session.way_back == "kitchen-pc"
    stand.account.go_online()
    stand.settle()
    assert (session.key, session.name) == (SERVER.server_id.hex(), "Kitchen")
    assert session.way_back == SERVER.link
    assert stand.desktop.sessions.by_key("kitchen-pc") is session


@pytest.mark.parametrize("ahead", [0, 3_600_000, -3_600_000, MAX_TIME])
def test_ends_are_meant_by_the_clock_of_the_server(stand: Stand, ahead: int) -> None:
    stand.online().tell(replace(SERVER, ahead=ahead))
    stand.settle()
    session = stand.desktop.sessions.all[0]
    assert session.server_time == pytest.approx(time.time() * 1000 + ahead, abs=60_000)
    assert session.end_after(600) == pytest.approx(min(session.server_time + 600_000, MAX_TIME), abs=60_000)
    assert session.end_after(0) == 0
    assert session.end_after(10**9) <= MAX_TIME, "else the server could not even read it"


def test_the_clock_of_a_server_that_was_not_met_is_ours(stand: Stand) -> None:
    session = stand.desktop.sessions.open("office", "Me")
    assert session.server_time == pytest.approx(time.time() * 1000, abs=60_000)


@pytest.mark.parametrize("first_known", [0, 1])
def test_of_two_ways_to_one_server_the_first_stays_whichever_knows_it_first(stand: Stand, first_known: int) -> None:
    stand.desktop.start("kitchen-pc", "Me")
    sessions = stand.desktop.sessions
    kept, other = sessions.all[0], sessions.open("10.0.0.7", "Me")
    sessions.show(other)
    for place in (first_known, 1 - first_known):
        stand.accounts[place].go_online()
        stand.settle()
    assert sessions.all == [kept] == [sessions.current]


def test_who_was_closed_before_it_began_does_not_begin(stand: Stand) -> None:
    stand.online()
    sessions = stand.desktop.sessions
    sessions.close(sessions.all[0])  # it takes a moment, and others wait for that
    for link in ("qtchat://127.0.0.1:47301/#ABCD", "qtchat://127.0.0.1:47302/#ABCD"):
        sessions.open(link, "Me")
    _, unwanted, wanted = stand.accounts
    sessions.close(sessions.all[0])
    stand.qtbot.waitUntil(lambda: wanted.running)
    assert unwanted.called("start") == []
