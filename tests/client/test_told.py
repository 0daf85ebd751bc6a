"""What was done to us is told exactly once, wherever the connection breaks that tells it."""

from pathlib import Path

from qtchat.client.updates import ConnectionUpdate, MembersUpdate, Phase, RequestDoneUpdate, SanctionUpdate
from qtchat.protocol.messages import ADMIN, MEMBER, MODERATOR, OWNER, Sanction
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, User
from tests.helpers.fakes import Guest, fake_server
from tests.helpers.proxy import CuttingProxy


def sanctions(user: User) -> list[Sanction]:
    return [update.sanction for update in user.updates if isinstance(update, SanctionUpdate)]


def breaks(user: User) -> int:
    return sum(isinstance(update, ConnectionUpdate) and update.phase is Phase.OFFLINE for update in user.updates)


def all_heard(user: User) -> None:
    """Whoever has the answer has heard all before it, and said so."""
    user.account.load_people(LOBBY)
    user.wait_for(MembersUpdate)


def test_a_login_that_is_cut_anywhere_is_told_once(server: Server, enter: Enter) -> None:
    ada = enter("Ada").online()
    ada.account.claim(server.claim_token)
    ada.wait(lambda: ada.state.role == OWNER)
    link = f"qtchat://127.0.0.1:%d/#{server.code}"
    with CuttingProxy(server.port, []) as proxy:
        for _ in range(2):  # how long is an answer that tells nothing of that kind, and nothing new?
            bob = enter("Bob", link % proxy.port).online()
            number, quiet = bob.state.own, proxy.passed[-1]
            bob.stop()
    roles = [ADMIN, MODERATOR, MEMBER]
    for role in roles:
        request = ada.account.set_role(0, number, role)
        ada.wait_for(RequestDoneUpdate, lambda update, request=request: update.id == request)  # type: ignore[misc]
    # From before the answer until behind it, where all is read and nothing goes back.
    cuts: list[int | None] = [quiet - 300, quiet - 100, quiet, quiet + 50, quiet + 100, quiet + 150]
    with CuttingProxy(server.port, list(cuts)) as proxy:
        bob = enter("Bob", link % proxy.port)
        for count in range(len(cuts)):
            bob.wait(lambda count=count: breaks(bob) > count)  # type: ignore[misc]
            bob.account.connect_now()
        bob.online()
        all_heard(bob)
        bob.stop()
    assert [told.detail for told in sanctions(bob)] == roles
    again = enter("Bob").online()
    all_heard(again)
    assert sanctions(again) == []


def test_a_server_that_does_not_know_what_was_read_tells_it_again_and_it_is_shown_once(tmp_path: Path) -> None:
    first, second = (Sanction("set_role", 1, "Bob", "", 0, role, 0, act) for act, role in ((4, ADMIN), (9, MODERATOR)))
    muted = Sanction("mute", 1, "Bob", "Enough.")
    from_backup = Sanction("set_role", 1, "Bob", "", 0, MEMBER, 0, 4)

    def script(guest: Guest, number: int) -> None:
        guest.login(epoch=1 if number < 2 else 2)
        told = ((first, muted), (first, second, muted), (from_backup,))
        guest.send(*told[number])
        if number == 2:
            guest.stay()

    with fake_server(tmp_path / "fake", script) as link, User(tmp_path / "Ada", link, "Ada") as ada:
        ada.wait(lambda: from_backup in sanctions(ada))
        assert sanctions(ada) == [first, muted, second, muted, from_backup]
