"""A server that is met where nobody had met it yet, by an address without a code."""

from pathlib import Path

from qtchat.client.trust import KnownServers
from qtchat.client.updates import ConnectionUpdate, Phase, ProblemCode, ServerUpdate
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


def test_what_waits_is_shown_before_the_login_and_sent(server: Server, enter: Enter) -> None:
    first = enter("Ada").online()
    first.account.post(LOBBY, "said before")
    first.wait_texts(["said before"])
    server.stop()
    first.wait_phase(Phase.OFFLINE)
    first.account.post(LOBBY, "waits")
    first.wait(lambda: first.waiting() == ["waits"])
    first.stop()
    port, folder = server.port, Path(server.settings.data)
    with running_server(folder, port=port, messages_per_second=0):
        again = enter("Ada", f"localhost:{port}")
        again.wait_texts(["said before", "waits"])
        told = [type(update) for update in again.updates]
        assert told.index(ServerUpdate) < len(told) - told[::-1].index(ConnectionUpdate) - 1, "it is known first"
        again.stop()


def test_it_is_joined_under_the_nick_of_the_last_time(server: Server, enter: Enter, tmp_path: Path) -> None:
    enter("Ada").online().stop()
    with User(tmp_path / "Ada", f"localhost:{server.port}", "") as again:
        assert again.online().state.server is not None
        assert again.state.server.nick == "Ada"


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
