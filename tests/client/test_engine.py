"""A server that is met where nobody had met it yet, by an address without a code."""

from collections.abc import Callable
from pathlib import Path

from qtchat.client.trust import KnownServers
from qtchat.client.updates import ConnectionUpdate, EventsUpdate, PendingUpdate, Phase, ProblemCode, ServerUpdate
from qtchat.net.dial import Address
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, User


def places(profile: Path) -> set[Address]:
    return {known.address for known in KnownServers(profile).known()}


def phases(user: User) -> list[Phase]:
    return [update.phase for update in user.updates if isinstance(update, ConnectionUpdate)]


def test_a_known_server_is_joined_by_another_address_with_its_history(
    server: Server, enter: Enter, tmp_path: Path
) -> None:
    first = enter("Ada").online()
    first.account.post(LOBBY, "said before")
    first.wait_texts(["said before"])
    number = first.state.own
    first.stop()
    again = enter("Ada", f"localhost:{server.port}").online()
    assert phases(again) == [Phase.CONNECTING, Phase.ONLINE]
    again.wait_texts(["said before"])
    assert again.state.own == number
    assert again.state.server is not None
    assert (again.state.server.code, again.state.server.host) == (server.code, "localhost")
    again.stop()
    assert places(tmp_path / "Ada") == {("127.0.0.1", server.port), ("localhost", server.port)}


def test_what_waits_is_shown_before_the_login_and_sent(two_servers: Callable[..., Server], enter: Enter) -> None:
    server = two_servers("kitchen")
    first = enter("Ada", server.link).online()
    first.account.post(LOBBY, "said before")
    first.wait_texts(["said before"])
    server.stop()
    first.wait_phase(Phase.OFFLINE)
    first.account.post(LOBBY, "waits")
    first.wait(lambda: first.waiting() == ["waits"])
    first.stop()
    two_servers("kitchen", server.port)
    again = enter("Ada", f"localhost:{server.port}")
    again.wait_texts(["said before", "waits"])
    kinds = [type(update) for update in again.online().updates]
    online = again.updates.index(ConnectionUpdate(Phase.ONLINE, None, None))
    assert {ServerUpdate, EventsUpdate, PendingUpdate} <= set(kinds[:online])
    again.stop()


def test_it_is_joined_under_the_nick_of_the_last_time(server: Server, enter: Enter, tmp_path: Path) -> None:
    enter("Ada").online().stop()
    with User(tmp_path / "Ada", f"localhost:{server.port}", "") as again:
        again.online()
        assert (again.state.server.nick if again.state.server else "") == "Ada"


def test_a_file_that_cannot_be_read_is_told_and_tried_again(server: Server, enter: Enter, tmp_path: Path) -> None:
    enter("Ada").online().stop()
    folder = next((tmp_path / "Ada" / "servers").iterdir())
    away = folder.rename(folder.with_suffix(".away"))
    folder.write_text("in the way")
    again = enter("Ada", f"localhost:{server.port}")
    again.wait_phase(Phase.REFUSED)
    assert again.state.problem is not None
    assert again.state.problem.code == ProblemCode.PROFILE
    folder.unlink()
    away.rename(folder)
    again.account.connect_now()
    again.online()
