"""Who may speak where: mutes, guests, frozen and announcement rooms, slow mode; and deleting what others said."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    GUEST,
    KIND_DELETED,
    LOBBY,
    MEMBER,
    MODERATOR,
    OWNER,
    Delete,
    Done,
    Edit,
    Mute,
    Post,
    Sanction,
    SetTopic,
    Unmute,
)
from qtchat.server.effects import (
    Append,
    Erase,
    LiftMute,
    LogAct,
    Refuse,
    Reply,
    SetMute,
    ShowRoom,
)
from qtchat.server.handlers import COMMANDS
from qtchat.server.handlers.voice import slow_wait
from qtchat.server.records import EVERYWHERE, MuteRecord
from qtchat.server.targets import Target
from tests.helpers.acts import ADA, BOB, CY, ID, LAB, NOW, ask, refusal, unheard, world
from tests.helpers.hubs import make_state


def test_a_mute_in_a_room_and_its_end() -> None:
    state = world(MEMBER, MODERATOR)
    mute = MuteRecord(LAB, BOB, ADA, "spam", NOW, NOW + 5)
    assert ask(state, Mute(ID, LAB, BOB, NOW + 5, "spam")) == [
        SetMute(mute),
        LogAct("mute", LAB, BOB, "spam", NOW + 5),
        *unheard(Sanction("mute", LAB, "Ada", "spam", NOW + 5)),
        ShowRoom(LAB, BOB),
        Reply(Done(ID)),
    ]
    state.mutes[LAB, BOB], state.clock = mute, NOW
    said = refusal(state, Post(ID, LAB, "hello"), BOB)
    assert said == Refuse(ErrorCode.MUTED, "You were muted in Lab by Ada until 1970-01-01 00:16 UTC: spam")
    assert state.describe(state.rooms[LAB], BOB).muted_until == NOW + 5
    assert isinstance(ask(state, Post(ID, LOBBY, "hello"), BOB)[0], Append)
    state.clock = NOW + 5
    assert isinstance(ask(state, Post(ID, LAB, "hello"), BOB)[0], Append)
    assert state.describe(state.rooms[LAB], BOB).muted_until is None
    assert ask(state, Unmute(ID, LAB, BOB))[0] == LiftMute(LAB, BOB)


VOICED = [kind for kind, command in COMMANDS.items() if command.voice]


def test_what_a_mute_everywhere_holds_for() -> None:
    assert {kind.__name__ for kind in VOICED} == {
        *("Post", "Edit", "React", "SetTopic", "AddMember", "CreateRoom", "OpenDirect")
    }
    state = world()
    state.mutes[EVERYWHERE, BOB] = MuteRecord(EVERYWHERE, BOB, ADA, "", NOW, 0)
    assert refusal(state, Post(ID, LAB, "hello"), BOB).text == "You were muted by Ada."
    assert state.describe(state.rooms[LOBBY], BOB).muted_until == 0


def test_a_guest_reads() -> None:
    state = world(GUEST)
    assert refusal(state, Post(ID, LAB, "hello")).code is ErrorCode.MUTED


def test_in_a_frozen_room_nobody_speaks_and_in_an_announcement_room_moderators_do() -> None:
    state = world(MEMBER, MODERATOR)
    state.rooms[LAB].announcement = True
    assert "for announcements" in refusal(state, Post(ID, LAB, "hello"), BOB).text
    assert isinstance(ask(state, Post(ID, LAB, "hello"))[0], Append)
    state.rooms[LAB].frozen = True
    for user in (ADA, BOB):
        assert "is frozen" in refusal(state, Post(ID, LAB, "hello"), user).text


def test_slow_mode_is_for_members() -> None:
    state = world(MEMBER, MODERATOR)
    room = state.rooms[LAB]
    room.slow_ms, room.posted, state.uptime = 5000, {ADA: 7, BOB: 7}, 1007
    said = Post(ID, LAB, "hello")
    assert (slow_wait(state, state.users[ADA], said), slow_wait(state, state.users[BOB], said)) == (0, 4000)
    for otherwise in (Edit(ID, LAB, 7, "more"), SetTopic(ID, LAB, "more")):
        assert slow_wait(state, state.users[BOB], otherwise) == 4000
    assert slow_wait(state, state.users[BOB], Delete(ID, LAB, 7)) == 0, "it says nothing"
    assert slow_wait(state, state.users[CY], said) == slow_wait(state, state.users[BOB], Post(ID, 99, "")) == 0
    state.uptime += 4000
    assert slow_wait(state, state.users[BOB], said) == 0


def test_a_moderator_deletes_what_others_said() -> None:
    state = world(MEMBER, MODERATOR)
    assert ask(state, Delete(ID, LAB, 7), target=Target(BOB)) == [
        Erase(LAB, 7),
        Append(LAB, KIND_DELETED, ID, about=7),
        LogAct("delete", LAB, BOB, "7"),
        *unheard(Sanction("delete", LAB, "Ada", "", 0, "7")),
    ]
    assert "somebody else's" in refusal(state, Delete(ID, LAB, 7), BOB, Target(CY)).text
    assert "somebody else's" in refusal(world(MODERATOR, roles={BOB: ADMIN}), Delete(ID, LAB, 7), ADA, Target(BOB)).text


def test_nobody_is_more_than_the_other_in_a_room_of_two() -> None:
    state = make_state(rooms={"lobby": (1, 2), "": (1, 2)}, kinds={2: DIRECT}, roles={1: OWNER})
    assert "somebody else's" in refusal(state, Delete(ID, 2, 1), ADA, Target(BOB)).text
