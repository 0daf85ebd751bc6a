"""Looking after a real server: roles, rooms, people put out, muted, banned, let in, and what they are told."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from qtchat.client import engine
from qtchat.client.line import now_ms
from qtchat.client.state import Delivery, Power, Silence, changed_setting
from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    FailedUpdate,
    MembersUpdate,
    NewcomersUpdate,
    Phase,
    ProblemCode,
    RequestDoneUpdate,
    SanctionUpdate,
    UnsentUpdate,
    WaitingUpdate,
)
from qtchat.protocol.messages import ADMIN, GUEST, KIND_CHANGED, KIND_KICKED, MODERATOR, OWNER
from qtchat.server.app import Server
from qtchat.server.passwords import write_password
from tests.helpers.accounts import LOBBY, User
from tests.helpers.fakes import Guest, fake_server
from tests.helpers.servers import running_server

Enter = Callable[[str], User]
HOUR = 3_600_000


@contextmanager
def looked_after(folder: Path, **options: object) -> Iterator[tuple[User, Enter]]:
    """A server whose owner is Ada, and a way for others to come."""
    with running_server(folder / "server", messages_per_second=0, **options) as server, ExitStack() as users:

        def enter(nick: str) -> User:
            return users.enter_context(User(folder / nick, server.link, nick))

        ada = enter("Ada").online()
        assert ada.state.role != OWNER
        done(ada, ada.account.claim(server.claim_token.lower()))
        ada.wait(lambda: ada.state.role == OWNER)
        yield ada, enter


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[User, Enter]]:
    with looked_after(tmp_path) as found:
        yield found


def answer(user: User, request: bytes) -> str:
    """The code of the problem, "" if it was done."""
    problem = user.wait_for(RequestDoneUpdate, lambda update: update.id == request).problem
    return problem.code if problem is not None else ""


def done(user: User, request: bytes) -> None:
    assert answer(user, request) == ""


def number(user: User) -> int:
    return user.state.own


def told(user: User, act: str) -> SanctionUpdate:
    return user.wait_for(SanctionUpdate, lambda update: update.sanction.act == act)


def meet(user: User, *others: User) -> None:
    """Know the others, as whoever looks at the list of people does."""
    wanted = {number(other) for other in others}
    user.account.load_people(LOBBY)
    user.wait_for(MembersUpdate, lambda update: wanted <= {person.user for person in update.people})


def test_a_role_on_the_server_is_given_told_and_counts(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob, eve = enter("Bob").online(), enter("Eve").online()
    assert answer(bob, bob.account.list_bans()) == "forbidden"
    assert answer(bob, bob.account.claim("nonsense")) == "forbidden"
    done(ada, ada.account.set_role(0, number(bob), MODERATOR))
    bob.wait(lambda: bob.state.role == MODERATOR)
    assert told(bob, "set_role").sanction.detail == MODERATOR
    meet(bob, ada, eve)
    bob.wait(lambda: bob.state.people[number(ada)].role == OWNER)
    assert bob.state.power() is Power.MODERATOR
    assert bob.state.may_act_on(number(eve))
    assert not bob.state.may_act_on(number(ada))
    request = bob.account.list_bans()
    assert bob.wait_for(BansUpdate, lambda update: update.id == request).bans == ()


def test_a_kick_in_a_room_and_off_the_server(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob = enter("Bob").online()
    ada.account.create_room("tea")
    tea = ada.wait_room("tea").number
    ada.wait(lambda: ada.state.rooms[tea].role == OWNER)
    bob.account.join_room(tea)
    bob.wait_room("tea")
    ada.account.load_people(tea)
    ada.wait(lambda: len(ada.state.rooms[tea].members) == 2)
    assert ada.state.rooms[tea].role_of(number(ada)) == OWNER
    done(ada, ada.account.kick(tea, number(bob), "Enough."))
    bob.wait(lambda: tea not in bob.state.rooms)
    assert told(bob, "kick").sanction.reason == "Enough."
    ada.wait(lambda: ada.state.rooms[tea].entries[-1].kind == KIND_KICKED)
    row = ada.state.rooms[tea].entries[-1]
    assert (row.nick, row.text, row.about) == ("Ada", "Bob", number(bob))
    assert list(ada.state.rooms[tea].members) == [number(ada)]
    done(ada, ada.account.kick(0, number(bob)))
    bob.wait(lambda: bob.state.phase is Phase.REFUSED)
    assert bob.state.problem is not None
    assert bob.state.problem.code == "kicked"
    bob.account.connect_now()
    bob.online()


def test_a_ban_keeps_away_until_it_is_lifted(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob = enter("Bob").online()
    user = number(bob)
    done(ada, ada.account.ban(user, now_ms() + HOUR, "Spam."))
    bob.wait_phase(Phase.REFUSED)
    assert bob.state.problem is not None
    assert bob.state.problem.code == "banned"
    assert "Spam." in bob.state.problem.text
    request = ada.account.list_bans()
    (entry,) = ada.wait_for(BansUpdate, lambda update: update.id == request).bans
    assert (entry.user, entry.nick, entry.by, entry.reason) == (user, "Bob", "Ada", "Spam.")
    done(ada, ada.account.unban(user))
    bob.account.connect_now()
    bob.online()
    request = ada.account.get_audit()
    audit = ada.wait_for(AuditUpdate, lambda update: update.id == request)
    assert [entry.act for entry in audit.entries] == ["unban", "ban", "claim"]
    assert not audit.more


def test_who_was_not_there_is_told_at_the_next_login_once(tmp_path: Path) -> None:
    with looked_after(tmp_path) as (ada, enter):
        bob = enter("Bob").online()
        ada.account.create_room("tea")
        tea = ada.wait_room("tea").number
        bob.account.join_room(tea)
        bob.wait_room("tea")
        user = number(bob)
        meet(ada, bob)
        bob.stop()
        ada.wait(lambda: not ada.state.people[user].online)
        done(ada, ada.account.kick(tea, user, "Enough."))
        done(ada, ada.account.set_role(0, user, MODERATOR))
    with running_server(tmp_path / "server", messages_per_second=0) as server:
        with User(tmp_path / "Bob", server.link, "Bob") as bob:
            kick, role = told(bob, "kick").sanction, told(bob, "set_role").sanction
            assert (kick.room, kick.by, kick.reason, kick.detail) == (tea, "Ada", "Enough.", "tea")
            assert (role.detail, bob.state.role) == (MODERATOR, MODERATOR)
            assert 0 < kick.ts <= role.ts <= now_ms()
            assert tea not in bob.state.rooms
        with User(tmp_path / "Bob", server.link, "Bob") as bob:
            bob.online()
            request = bob.account.list_bans()
            assert answer(bob, request) == "", "whatever is told at the login was told before this"
            assert not bob.counted(SanctionUpdate)


def test_who_is_muted_only_reads(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob = enter("Bob").online()
    assert bob.state.silence(LOBBY, now_ms()) is None
    done(ada, ada.account.mute(LOBBY, number(bob), now_ms() + HOUR, "Calm down."))
    bob.wait(lambda: bob.state.silence(LOBBY, now_ms()) is Silence.MUTED)
    assert told(bob, "mute").sanction.reason == "Calm down."
    assert bob.state.silence(LOBBY, now_ms() + 2 * HOUR) is None
    bob.account.post(LOBBY, "but")
    assert bob.wait_for(FailedUpdate).problem.code == "muted"
    done(ada, ada.account.unmute(LOBBY, number(bob)))
    bob.wait(lambda: bob.state.silence(LOBBY, now_ms()) is None)
    done(ada, ada.account.set_role(0, number(bob), GUEST))
    bob.wait(lambda: bob.state.silence(LOBBY, now_ms()) is Silence.GUEST)


def test_what_a_room_is_changes_for_all_in_it(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob = enter("Bob").online()
    ada.account.create_room("tea")
    tea = ada.wait_room("tea").number
    bob.account.join_room(tea)
    bob.wait_room("tea")
    for setting, value in (("name", "coffee"), ("private", "1"), ("announcement", "1"), ("slow_ms", "5000")):
        done(ada, ada.account.set_room(tea, setting, value))
    bob.wait(lambda: bob.state.rooms[tea].slow_ms == 5000)
    room = bob.state.rooms[tea]
    assert (room.name, room.kind, room.announcement) == ("coffee", "private", True)
    bob.wait(lambda: room.numbered > 0 and room.entries[-1].text == "slow_ms 5000")
    rows = [entry.text for entry in room.entries if entry.kind == KIND_CHANGED]
    assert changed_setting(rows[0]) == ("name", "coffee")
    assert bob.state.silence(tea, now_ms()) is Silence.ANNOUNCEMENT
    assert ada.state.silence(tea, now_ms()) is None
    bob.account.load_people(tea)
    bob.wait(lambda: bool(room.members))
    done(ada, ada.account.set_role(tea, number(bob), MODERATOR))
    bob.wait(lambda: room.role == MODERATOR and room.role_of(number(bob)) == MODERATOR)
    assert bob.state.silence(tea, now_ms()) is None
    assert bob.state.power(tea) is Power.ROOM_MODERATOR
    done(ada, ada.account.set_room(tea, "frozen", "1"))
    ada.wait(lambda: ada.state.silence(tea, now_ms()) is Silence.FROZEN)
    assert answer(bob, bob.account.set_room(tea, "slow_ms", "quick")) == "forbidden"


def test_what_waits_for_its_turn_in_a_room_that_one_is_put_out_of_is_not_lost_without_a_word(
    place: tuple[User, Enter],
) -> None:
    ada, enter = place
    done(ada, ada.account.create_room("tea"))
    tea = ada.wait_room("tea").number
    done(ada, ada.account.set_room(tea, "slow_ms", "3600000"))
    bob = enter("Bob").online()
    done(bob, bob.account.join_room(tea))
    room = bob.wait_room("tea")
    bob.account.post(tea, "first")
    bob.wait(lambda: bob.texts(tea) == ["first"])
    bob.account.post(tea, "second")
    bob.wait(lambda: len(room.entries) > room.numbered)
    done(ada, ada.account.kick(tea, number(bob)))
    assert bob.wait_for(UnsentUpdate) == UnsentUpdate("tea", ("second",))
    # If the server had refused it before, it wants that before all else of his there: he connects anew.
    while (code := answer(bob, bob.account.join_room(tea))) == ProblemCode.OFFLINE:
        bob.online()
    assert code == ""
    bob.wait(lambda: tea in bob.state.rooms and bob.waiting(tea) == ["second"])
    bob.wait(lambda: bob.state.rooms[tea].entries[-1].delivery is Delivery.FAILED)


def test_a_newcomer_waits_is_counted_and_let_in(tmp_path: Path) -> None:
    with looked_after(tmp_path, approve_newcomers=False) as (ada, _):
        done(ada, ada.account.set_role(0, number(ada), OWNER))
        ada.stop()
    with running_server(tmp_path / "server", messages_per_second=0, approve_newcomers=True) as server:
        ada = User(tmp_path / "Ada", server.link, "Ada")
        bob = User(tmp_path / "Bob", server.link, "Bob")
        with ada, bob:
            ada.online()
            bob.wait_phase(Phase.REFUSED)
            assert bob.state.problem is not None
            assert (bob.state.problem.code, bob.state.retry_in) == ("waiting", 10.0)
            ada.wait_for(NewcomersUpdate, lambda update: update.count == 1)
            assert ada.state.waiting == 1
            request = ada.account.list_waiting()
            (person,) = ada.wait_for(WaitingUpdate, lambda update: update.id == request).people
            assert person.nick == "Bob"
            done(ada, ada.account.approve(person.user))
            bob.account.connect_now()
            bob.online()
            ada.wait(lambda: ada.state.waiting == 0)


def test_a_newcomer_needs_the_password_once(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    write_password(tmp_path / "server", "open sesame")
    with running_server(tmp_path / "server", messages_per_second=0) as server:
        _come_with_password(tmp_path, server)


def _come_with_password(folder: Path, server: Server) -> None:
    with User(folder / "Bob", server.link, "Bob") as bob:
        bob.wait_phase(Phase.REFUSED)
        assert bob.state.problem is not None
        assert bob.state.problem.code == "password_wrong"
        bob.account.password("open sesame")
        bob.online()
    with User(folder / "Bob", server.link, "Bob") as bob:
        bob.online()


def test_a_revoked_key_and_a_released_nick(place: tuple[User, Enter]) -> None:
    ada, enter = place
    bob, eve = enter("Bob").online(), enter("Eve").online()
    done(ada, ada.account.revoke_key(number(bob), "Stolen."))
    bob.wait_phase(Phase.REFUSED)
    assert bob.state.problem is not None
    assert bob.state.problem.code == "revoked"
    done(ada, ada.account.release_nick("Eve"))
    eve.wait(lambda: eve.state.server is not None and eve.state.server.nick != "Eve")
    done(ada, ada.account.set_role(0, number(eve), ADMIN))
    eve.wait(lambda: eve.state.role == ADMIN)
    assert answer(ada, ada.account.release_nick("Nobody")) == "forbidden"


@pytest.mark.parametrize("ahead", [0, HOUR, -HOUR])
def test_how_far_the_clock_of_the_server_is_ahead_is_known_from_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(engine, "now_ms", lambda: now_ms() - ahead)
    with looked_after(tmp_path) as (ada, enter):
        bob = enter("Bob").online()
        server = ada.state.server
        assert server is not None
        assert server.ahead == pytest.approx(ahead, abs=60_000)
        meet(ada, bob)
        done(ada, ada.account.mute(LOBBY, number(bob), now_ms() - ahead + server.ahead + 600_000))
        assert told(bob, "mute").sanction.until == pytest.approx(now_ms() + 600_000, abs=60_000)


def test_a_server_that_does_not_tell_the_time_has_ours(tmp_path: Path) -> None:
    def script(guest: Guest, _number: int) -> None:
        guest.login()
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link, User(tmp_path / "Ada", link, "Ada") as ada:
        ada.wait_phase(Phase.ONLINE)
        assert ada.state.server is not None
        assert ada.state.server.ahead == 0
