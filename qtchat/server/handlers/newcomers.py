"""Letting in who waits."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_JOINED, LOBBY, MAX_PAGE, Approve, Done, ListWaiting, People
from qtchat.server.effects import (
    AddMember,
    Append,
    Effect,
    LogAct,
    Refuse,
    ReleaseNick,
    Reply,
    SetBan,
    SetRole,
    TellWaiting,
)
from qtchat.server.handlers.pages import fit
from qtchat.server.records import EVERYWHERE, WAITING, BanRecord
from qtchat.server.state import State, User


def approve(state: State, sender: User, request: Approve, now: int) -> Iterable[Effect]:
    newcomer = state.users.get(request.user)
    if newcomer is None or newcomer.role != WAITING or state.ban_of(newcomer.id) is not None:
        return (Refuse(ErrorCode.FORBIDDEN, "Nobody with this number waits to be let in."),)
    act = LogAct("approve", user=newcomer.id, detail="let in" if request.accept else "turned away")
    if request.accept:
        return (act, *let_in(state, newcomer.id, request.id), TellWaiting(), Reply(Done(request.id)))
    return (
        act,
        SetBan(BanRecord(newcomer.id, sender.id, "You were not let in.", now, 0)),
        *(ReleaseNick(key) for key in state.nicks_of(newcomer.id)),
        TellWaiting(),
        Reply(Done(request.id)),
    )


def let_in(state: State, user: int, event_id: bytes) -> Iterable[Effect]:
    """A newcomer becomes somebody, and comes into the lobby."""
    return (
        SetRole(EVERYWHERE, user, state.rules.newcomer_role),
        AddMember(LOBBY, user),
        Append(LOBBY, KIND_JOINED, event_id, acknowledge=False, author=user),
    )


def list_waiting(state: State, _sender: User, request: ListWaiting, _now: int) -> Iterable[Effect]:
    waiting = [user.person for user in state.waiting if user.id > request.after]
    page, more = fit(waiting, MAX_PAGE)
    return (Reply(People(request.id, 0, page, more)),)
