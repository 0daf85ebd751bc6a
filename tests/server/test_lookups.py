"""What is looked up in the log for a batch, and what is not."""

from collections.abc import Collection, Sequence
from typing import cast

from qtchat.protocol.messages import Ban, Delete, Edit, GetHistory, Kick, Post
from qtchat.server.batch import Batch
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Overrun, Typed
from qtchat.server.lookups import look_up
from qtchat.server.store import RoomLog
from tests.helpers.hubs import CountingCodec, FakeLoop, FakePeer, key_of
from tests.helpers.wire import new_id


class AskedLog:
    """Writes down what it is asked."""

    def find(self, requests: Sequence[tuple[int, bytes]]) -> dict[object, object]:
        self.found = list(requests)
        return {}

    def acted(self, requests: Sequence[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        self.acts = list(requests)
        return set(requests)

    def targets(self, places: Collection[tuple[int, int]]) -> dict[object, object]:
        self.places = set(places)
        return {}


def test_each_request_is_looked_for_where_it_may_stand() -> None:
    ada, stranger = (FakePeer(FakeLoop(), CountingCodec()) for _ in range(2))
    ada.user = 7
    post, ban, kick = Post(new_id(), 1, "x"), Ban(new_id(), 2), Kick(new_id(), 1, 2)
    edit, delete = Edit(new_id(), 1, 5, "y"), Delete(new_id(), 2, 5)
    log, batch = AskedLog(), Batch()
    others = (GetHistory(new_id(), 1), Typed(ada, 1), Overrun(post), Login("Ada", key_of(1), new_id()))
    asked = [(ada, request) for request in (post, ban, kick, edit, delete, *others)]
    look_up(cast(RoomLog, log), batch, [*asked, (stranger, Post(new_id(), 1, "z"))])
    assert log.found == [(7, request.id) for request in (post, kick, edit, delete)]
    assert log.acts == [(7, request.id) for request in (ban, kick, delete)]
    assert log.places == {(1, 5), (2, 5)}
    assert batch.acted == set(log.acts)
