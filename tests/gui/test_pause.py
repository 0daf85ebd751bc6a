"""Nowhere for a moment, and then everywhere again."""

from collections.abc import Callable

from tests.helpers.desktop import Stand

Back = Callable[[], None]


def test_work_is_done_while_no_account_runs(stand: Stand) -> None:
    stand.online()
    stand.join_other()
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    before, begun, seen = list(stand.accounts), [0], []
    stand.desktop.pause.begins.connect(lambda: begun.append(len(stand.desktop.sessions.all)))

    def work(back: Back) -> None:
        seen.append([account.running for account in before])
        assert stand.desktop.pause.active
        back()

    stand.desktop.pause.run(work)
    stand.qtbot.waitUntil(lambda: bool(seen))
    assert begun == [0, 2], "whoever wants to see what is open is told while it is"
    assert seen == [[False, False]]
    assert not stand.desktop.pause.active
    stand.qtbot.waitUntil(lambda: [account.running for account in stand.accounts[2:]] == [True, True])
    again = stand.desktop.sessions.all
    assert [account.link for account in stand.accounts[2:]] == [session.link for session in again]
    assert stand.desktop.sessions.current is again[0]
    assert all(session.restored for session in again), "they are kept, whether they are reached or not"


def test_without_a_server_it_is_done_at_once(stand: Stand) -> None:
    done: list[Back] = []
    stand.desktop.pause.run(done.append)
    assert len(done) == 1
    stand.desktop.pause.run(done.append)
    assert len(done) == 1, "not while the first is under way"
    done[0]()
    stand.desktop.pause.run(done.append)
    assert len(done) == 2
    done[1]()
    assert stand.accounts == []


def test_the_end_of_the_program_comes_back_to_nothing(stand: Stand) -> None:
    stand.online()
    done: list[Back] = []
    stand.desktop.pause.run(done.append)
    stand.qtbot.waitUntil(lambda: bool(done))
    stand.desktop.pause.cancel()
    done[0]()
    assert stand.desktop.sessions.all == []
    assert not stand.desktop.pause.active
