"""Looking after a hub with a real store: coming in, asking, and reading the audit log."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from msgspec.structs import replace

from qtchat.protocol.messages import (
    MODERATION,
    PRESENCE,
    Audit,
    Claim,
    Done,
    Error,
    GetAudit,
    Message,
    Request,
    Sanction,
)
from qtchat.server.handlers.login import Login
from tests.helpers.hubs import Bench, FakePeer, key_of
from tests.helpers.wire import new_id

ADA, BOB, CY = 1, 2, 3
TOKEN: Final = "AAAAA-BBBBB-CCCCC-DDDDD"
"""It makes the owner of a server without rules of its own."""
Serve = Callable[..., AbstractContextManager[Bench]]
"""serve(rules, locks) runs a hub on the same folder each time."""


class Time:
    """The wall clock of a server: seconds since 1970, UTC."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def come(bench: Bench, nick: str, number: int) -> FakePeer:
    """Logged in; what it was told is forgotten."""
    return bench.login(nick, number, PRESENCE, MODERATION)


def own(bench: Bench) -> FakePeer:
    """Ada, who owns the server."""
    ada = come(bench, "Ada", ADA)
    assert isinstance(ask(bench, ada, Claim(new_id(), TOKEN)), Done)
    return ada


def ask(bench: Bench, peer: FakePeer, request: Request) -> Message:
    """The answer; what else was told is forgotten."""
    bench.post((peer, request))
    told = peer.told()
    (answer,) = [message for message in told if getattr(message, "re", None) == request.id]
    return answer


def refused(bench: Bench, peer: FakePeer, request: Request) -> str:
    """The code of the refusal, which also says a sentence."""
    answer = ask(bench, peer, request)
    assert isinstance(answer, Error), answer
    assert answer.text
    return answer.code


def tries(bench: Bench, number: int, nick: str, **more: object) -> FakePeer:
    """Somebody who may be refused."""
    peer = bench.peer(PRESENCE, MODERATION)
    bench.post((peer, Login(nick, key_of(number), new_id(), **more)))  # type: ignore[arg-type]
    return peer


def unnumbered(peer: FakePeer) -> list[Message]:
    """What the peer was told since the last look, without the numbers of the acts."""
    return [replace(told, number=0) if isinstance(told, Sanction) else told for told in peer.told()]


def audit(bench: Bench, peer: FakePeer) -> list[tuple[str, str, str, int, str, int]]:
    """(by, act, nick, room, detail, until), the oldest first."""
    peer.told()
    bench.post_and_wait_for_a_call((peer, GetAudit(new_id())))
    (page,) = peer.told()
    assert isinstance(page, Audit)
    return [(act.by, act.act, act.nick, act.room, act.detail, act.until) for act in reversed(page.entries)]
