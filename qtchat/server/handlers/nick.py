"""What somebody is called: the first key to take a nick owns it, and keeps it when it takes another one."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Done, SetNick
from qtchat.protocol.names import NameProblemError, clean_nick, fold, free_nick
from qtchat.server.effects import ClaimNick, Effect, Refuse, Reply
from qtchat.server.handlers.direct import shown_again
from qtchat.server.handlers.voice import muted
from qtchat.server.state import State, User


def allowed_nick(state: State, wanted: str, user: int | None) -> str | Refuse:
    """The nick as it will be shown, or why `user` (None: a new one) cannot have it."""
    try:
        nick = clean_nick(wanted)
    except NameProblemError as problem:
        return Refuse(ErrorCode.NICK_INVALID, str(problem))
    if user is not None and state.owns(user, nick):  # whatever looks like it since then
        return nick
    owner = state.nicks.get(fold(nick))
    if owner not in (None, user):
        text = f"The name {nick} belongs to somebody else here."
        return Refuse(ErrorCode.NICK_TAKEN, text, free_nick(nick, state.looks_taken))
    if state.looks_taken(nick, user):
        text = f"The name {nick} looks like one that belongs to somebody else here."
        return Refuse(ErrorCode.NICK_TAKEN, text, free_nick(nick, state.looks_taken))
    if user is not None and state.lost(user, nick):
        text = f"The name {nick} was taken from you: somebody else is to have it."
        return Refuse(ErrorCode.NICK_TAKEN, text, free_nick(nick, state.looks_taken))
    if user is not None and owner is None and len(state.nicks_of(user)) >= state.rules.max_nicks:
        text = (
            f"You own {state.rules.max_nicks} names already: go on under one of them, such as {state.users[user].nick}."
        )
        return Refuse(ErrorCode.NICK_INVALID, text)
    return nick


def rename(state: State, user: User, nick: str) -> Iterable[Effect]:
    """What happens when `user` goes on as `nick`: nothing if it is what they are called, and theirs. That of a newcomer
    who was turned away is not."""
    if nick == user.nick and state.owns(user.id, nick):
        return ()
    return (ClaimNick(user.id, nick), *shown_again(state, user.id))


def set_nick(state: State, sender: User, request: SetNick, _now: int) -> Iterable[Effect]:
    refusal = muted(state, sender)
    if refusal is not None:
        return (refusal,)
    nick = allowed_nick(state, request.nick, sender.id)
    if isinstance(nick, Refuse):
        return (nick,)
    return (*rename(state, sender, nick), Reply(Done(request.id)))
