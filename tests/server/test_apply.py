"""What each effect does to the state, to what is written, and to what will be said."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_EDITED, KIND_REACTED, MODERATOR, Ack, Error, Event, Post
from qtchat.server import effects
from qtchat.server.apply import apply
from qtchat.server.batch import Batch
from qtchat.server.records import EventRecord, MemberRecord, UserRecord
from qtchat.server.targets import Target
from tests.helpers.hubs import CountingCodec, FakeLoop, FakePeer, make_state
from tests.helpers.wire import new_id

REQUEST = Post(new_id(), 1, "x")


class Desk:
    """Ada, at a device, and the batch that her requests are in."""

    def __init__(self) -> None:
        self.state = make_state(heads={1: 4})
        self.peer = FakePeer(FakeLoop(), CountingCodec())
        self.state.attach(1, self.peer)
        self.batch = Batch()

    def apply(self, *wanted: effects.Effect) -> None:
        for effect in wanted:
            apply(self.state, self.batch, self.peer, 1, REQUEST, effect, 7000)


def test_append_gives_the_next_seq_and_keeps_what_it_is_about() -> None:
    desk = Desk()
    desk.apply(effects.Append(1, KIND_EDITED, REQUEST.id, "better", 3))
    assert desk.batch.writes.events == [EventRecord(1, 5, REQUEST.id, 1, 7000, KIND_EDITED, "better", 3)]
    assert desk.batch.events == {1: [Event(1, 5, REQUEST.id, 7000, 1, "Ada", KIND_EDITED, "better", 3)]}
    assert desk.batch.replies == {desk.peer: [Ack(REQUEST.id, 1, 5, 7000)]}
    assert (desk.state.rooms[1].head, desk.state.last_ts) == (5, 7000)


def test_a_message_that_the_batch_knows_follows() -> None:
    desk = Desk()
    target = desk.batch.targets[1, 3] = Target(2)
    desk.apply(effects.Append(1, KIND_REACTED, new_id(), "👍", 3), effects.Append(1, KIND_REACTED, new_id(), "👍", 2))
    assert target.reactions == {(1, "👍")}


def test_a_refusal_carries_its_suggestion() -> None:
    desk = Desk()
    desk.apply(effects.Refuse(ErrorCode.NICK_TAKEN, "No.", "Ada 2"))
    assert desk.batch.replies == {desk.peer: [Error(REQUEST.id, ErrorCode.NICK_TAKEN, "No.", suggestion="Ada 2")]}
    assert desk.batch.answered == {desk.peer: 1}


def test_a_new_member_has_read_what_was_said_before() -> None:
    desk = Desk()
    desk.apply(effects.RemoveMember(1, 2), effects.Append(1, "post", new_id(), "x"), effects.AddMember(1, 2))
    assert desk.state.rooms[1].members == {1: 0, 2: 5}
    assert desk.batch.writes.reads == {(1, 2): 5}
    assert not desk.batch.writes.members_removed
    desk.state.add_user(UserRecord(3, "Cy", None, 0))
    desk.apply(effects.AddMember(1, 3))
    assert desk.batch.writes.members_added == [MemberRecord(1, 3, 5)]


def test_reading_a_topic_and_erasing() -> None:
    desk = Desk()
    desk.apply(effects.MarkRead(1, 3), effects.SetTopic(1, "things"), effects.Erase(1, 2))
    assert desk.state.rooms[1].members[1] == 3
    assert desk.state.rooms[1].topic == "things"
    writes = desk.batch.writes
    assert (writes.reads, writes.topics, writes.erased) == ({(1, 1): 3}, [(1, "things")], [(1, 2)])
    assert desk.batch.reads == {1: {1}}


def test_who_could_lift_the_ban_of_an_address_is_not_put_out_there() -> None:
    desk = Desk()
    desk.state = make_state(("Ada", "Bob", "Max"), roles={3: MODERATOR})
    peers = [FakePeer(FakeLoop(), CountingCodec()) for _ in range(3)]
    for user, peer in enumerate(peers, 1):
        desk.state.attach(user, peer)
    peers[0].address = "192.0.2.8"
    desk.apply(effects.EndFrom(frozenset((peers[1].address,)), ErrorCode.BANNED, "Your address was banned."))
    assert desk.batch.ended == {peers[1]: (ErrorCode.BANNED, "Your address was banned.")}


def test_presence_belongs_to_the_device_and_the_status_to_the_user() -> None:
    desk = Desk()
    desk.apply(effects.SetPresence(True, "out"))
    user = desk.state.users[1]
    assert (user.away, user.status) == ({desk.peer}, "out")
    assert desk.batch.writes.statuses == {1: "out"}
    assert desk.batch.people == {1}
    desk.apply(effects.SetPresence(False, None))
    assert (not user.away, user.status) == (True, "out")
