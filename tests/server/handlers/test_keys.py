"""Newcomers, released nicks, revoked keys, and the audit log."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    KIND_JOINED,
    KIND_KICKED,
    LOBBY,
    MEMBER,
    Approve,
    Done,
    GetAudit,
    ListWaiting,
    People,
    ReleaseNick,
    RevokeKey,
    Sanction,
)
from qtchat.server import effects
from qtchat.server.effects import (
    AddMember,
    Append,
    ClaimNick,
    End,
    LogAct,
    ReadPage,
    Reply,
    SetBan,
    TellWaiting,
)
from qtchat.server.records import REVOKED, BanRecord
from tests.helpers.acts import ADA, BOB, DAN, ID, LAB, NOW, ask, refusal, unheard, world
from tests.helpers.wire import new_id


def test_letting_in_and_turning_away() -> None:
    state = world()
    assert ask(state, Approve(ID, DAN)) == [
        LogAct("approve", 0, DAN, "let in"),
        effects.SetRole(0, DAN, MEMBER),
        AddMember(LOBBY, DAN),
        Append(LOBBY, KIND_JOINED, ID, acknowledge=False, author=DAN),
        TellWaiting(),
        Reply(Done(ID)),
    ]
    assert ask(state, Approve(ID, DAN, accept=False)) == [
        LogAct("approve", 0, DAN, "turned away"),
        SetBan(BanRecord(DAN, ADA, "You were not let in.", NOW, 0)),
        effects.ReleaseNick("dan"),
        TellWaiting(),
        Reply(Done(ID)),
    ]
    assert "Nobody with this number waits" in refusal(state, Approve(ID, BOB)).text
    (reply,) = ask(state, ListWaiting(ID))
    assert isinstance(reply, Reply)
    assert isinstance(reply.message, People)
    assert [person.nick for person in reply.message.people] == ["Dan"]


def test_who_is_called_by_a_released_nick_is_called_otherwise() -> None:
    state = world()
    assert ask(state, ReleaseNick(ID, "BOB")) == [
        ClaimNick(BOB, "Bob 2"),
        effects.ReleaseNick("bob", lost=True),
        LogAct("release_nick", 0, BOB, "Bob 2"),
        *unheard(Sanction("release_nick", 0, "Ada", "", 0, "Bob 2")),
        Reply(Done(ID)),
    ]
    state.claim_nick(BOB, "Robert")
    assert ask(state, ReleaseNick(ID, "bob"))[0] == effects.ReleaseNick("bob", lost=True)
    state.claim_nick(ADA, "Countess")
    assert ask(state, ReleaseNick(ID, "ada"))[0] == effects.ReleaseNick("ada"), "what is one's own is not lost"
    assert "Nobody owns" in refusal(state, ReleaseNick(ID, "Zoe")).text


def test_a_revoked_key_leaves_everything() -> None:
    outcome = ask(world(), RevokeKey(ID, BOB, "stolen"))
    kicked = [effect for effect in outcome if isinstance(effect, Append)]
    assert [(effect.room, effect.kind, effect.about) for effect in kicked] == [
        (LOBBY, KIND_KICKED, BOB),
        (LAB, KIND_KICKED, BOB),
    ]
    assert len({effect.id for effect in kicked}) == 2
    assert outcome[4:] == [
        ClaimNick(BOB, "Bob 2"),
        effects.ReleaseNick("bob"),
        effects.SetRole(0, BOB, REVOKED),
        LogAct("revoke_key", 0, BOB, "stolen"),
        *unheard(Sanction("revoke_key", 0, "Ada", "stolen")),
        End(BOB, ErrorCode.REVOKED, "This key was revoked by Ada: stolen"),
        Reply(Done(ID)),
    ]


def test_the_audit_log_is_read_by_a_reader() -> None:
    request = GetAudit(new_id())
    state = world()
    state.last_act = 9
    assert ask(state, request) == [ReadPage(request, 9)]
