"""Rows 7, 9, 11 and 12 of the fault matrix: slow readers, resets, cuts at every byte, and strange packets."""

import random
import statistics
import subprocess
import time
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    Ack,
    Error,
    Event,
    GetHistory,
    History,
    ListPeople,
    ListRooms,
    Message,
    Ping,
    Pong,
    Post,
    Room,
)
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import LOBBY, Crowd, stored_heads
from tests.faults.processes import ServerProcess
from tests.faults.proxy import TO_CLIENT, TO_SERVER, Proxy
from tests.faults.raw import TOGETHER, Lost, RawSender
from tests.faults.tools import need, need_root
from tests.helpers.wire import WireClient, new_id

RECONNECT_LIMIT = 1.0
"""Seconds within which a client is back after a mere reset."""
MEMORY_LIMIT = 2 * 1024 * 1024
"""Bytes that one stalled client may cost the server."""


def slow_readers(folder: Path, *, stalled: int = 1, others: int = 5, messages: int = 400, size: int = 8000) -> Outcome:
    """Row 7: clients with a tiny window read nothing while others talk; nobody else notices, each costs little memory,
    and they are caught up from the log."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(folder / "people", server.link, others) as crowd, ExitStack() as clients:
            crowd.wait_online()
            _chatter(crowd, server.database, messages, size)  # what that costs by itself is in `memory` already
            slow = [clients.enter_context(WireClient(server.port, receive_buffer=4096)) for _ in range(stalled)]
            for number, client in enumerate(slow):
                client.login(f"slow {number}")
            memory = server.memory()
            began = time.monotonic()
            _chatter(crowd, server.database, messages, size)
            outcome.note(f"{messages} messages of {size} bytes in {time.monotonic() - began:.1f} s")
            each = (server.memory() - memory) / stalled
            head = stored_heads(server.database)[LOBBY]
            for client in slow:
                outcome.count("missed and fetched", _catch_up(outcome, client, head))
            outcome.note(f"server memory {each / 2**20:+.1f} MiB for each of {stalled} stalled clients")
            if stalled >= 10:  # with fewer, the server's own ups and downs are larger than what is measured
                outcome.expect(each < MEMORY_LIMIT, f"{each / 2**20:.1f} MiB for each stalled client")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(crowd.judge(server.database))
    return outcome


def _chatter(crowd: Crowd, database: Path, messages: int, size: int) -> None:
    for number in range(messages):
        talker = crowd.talkers[number % len(crowd.talkers)]
        talker.say(f"{talker.nick} {number} " + "x" * size)
    crowd.settle(database)


def _catch_up(outcome: Outcome, slow: WireClient, head: int) -> int:
    """Read at last: the news that had been sent, without a hole; then a sign of how far the log goes; then the rest."""
    seen = slow.rooms[LOBBY].head
    while True:
        message = slow.next()
        if isinstance(message, Event) and message.seq > seen:
            if message.seq != seen + 1:
                break  # news after a hole: a client asks the log from here on
            seen += 1
        if isinstance(message, Ping) and dict(message.heads).get(LOBBY, 0) > seen:
            break
        if seen == head:
            return 0
    first = seen
    while seen < head:
        page = slow.ask(GetHistory(new_id(), LOBBY, after=seen, limit=100), History)
        seqs = [event.seq for event in page.events]
        outcome.expect(seqs == list(range(seen + 1, seen + 1 + len(seqs))), f"after {seen} came {seqs[:5]}...")
        if not seqs:
            outcome.faults.append(f"the log ends at {seen}, not at {head}")
            break
        seen = seqs[-1]
    return head - first


def resets(folder: Path, *, times: int = 5, people: int = 8, limit: float = RECONNECT_LIMIT) -> Outcome:
    """Row 9: all connections are reset under load, again and again. Everybody is back within a second, not all at
    once, and everything arrives once."""
    outcome = Outcome()
    back: list[float] = []
    with ServerProcess(folder) as server:
        server.start()
        with Proxy(server.port) as proxy:
            with Crowd(folder / "people", proxy.link(server.link, server.port), people) as crowd:
                crowd.wait_online()
                crowd.talk(4)
                for _ in range(times):
                    goal = crowd.acked + 5 * people
                    crowd.board.wait("people talk", lambda goal=goal: crowd.acked >= goal)  # type: ignore[misc]
                    before = [len(talker.phases) for talker in crowd.talkers]
                    proxy.break_all()
                    outcome.count("resets")
                    crowd.board.wait(
                        "everybody noticed",
                        lambda before=before: all(  # type: ignore[misc]
                            len(talker.phases) > count for talker, count in zip(crowd.talkers, before, strict=True)
                        ),
                    )
                    crowd.wait_online()
                    for talker, count in zip(crowd.talkers, before, strict=True):
                        back.append(talker.phases[-1][0] - talker.phases[count][0])
                crowd.settle(server.database)
            outcome.add(crowd.judge(server.database))
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    median = statistics.median(back)
    outcome.note(f"back in {min(back):.2f} to {max(back):.2f} s, median {median:.2f} s")
    outcome.expect(median < limit, f"back after {median:.2f} s (median), the limit is {limit} s")
    spread = statistics.pstdev(back)
    outcome.expect(spread > 0.03, f"everybody came back at the same moment, give or take {spread:.3f} s")
    return outcome


def killed_sockets(folder: Path, *, people: int = 8) -> Outcome:
    """Row 9 with the system's own means: `ss -K` destroys the sockets."""
    need_root()
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(folder / "people", server.link, people) as crowd:
            crowd.wait_online()
            crowd.talk(4)
            before = [len(talker.phases) for talker in crowd.talkers]
            command = [need("ss", "iproute2"), "-K", "-t", "dst", "127.0.0.1", "dport", "=", f":{server.port}"]
            subprocess.run(command, check=True, capture_output=True)
            gone = crowd.board.watch(
                lambda: all(len(talker.phases) > count for talker, count in zip(crowd.talkers, before, strict=True)), 5
            )
            if not gone:
                raise CannotRunError("this kernel cannot destroy sockets (INET_DIAG_DESTROY)")
            crowd.wait_online()
            crowd.settle(server.database)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(crowd.judge(server.database))
    return outcome


def delays(folder: Path, *, people: int = 6, seed: int = 1) -> Outcome:
    """Row 11: every piece takes 0 to 200 ms, in each direction."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        with Proxy(server.port, seed=seed) as proxy:
            proxy.delay = (0.0, 0.2)
            with Crowd(folder / "people", proxy.link(server.link, server.port), people) as crowd:
                crowd.wait_online()
                crowd.talk(4)
                crowd.board.wait("people talk", lambda: crowd.acked >= 20 * people)
                crowd.settle(server.database)
            outcome.add(crowd.judge(server.database))
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


def cuts(folder: Path, *, share: float = 1.0, seed: int = 1) -> Outcome:
    """Row 11: a login and three posts, cut after byte k, for every k in each direction (or a `share` of them). Then
    the same posts come again over a whole connection. Nothing may be applied by half, nothing twice."""
    chance = random.Random(seed)
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        log = folder / "raw.sent"
        with RawSender(server.port, log) as again, Proxy(server.port) as proxy:
            _cut_one(proxy, log, again)
            whole = list(proxy.passed)
            for direction in (TO_SERVER, TO_CLIENT):
                for place in range(whole[direction]):
                    if chance.random() >= share:
                        continue
                    proxy.cut = (direction, place)
                    proxy.reset = place % 2 == 0
                    _cut_one(proxy, log, again)
                    outcome.count("cuts")
            outcome.note(f"the transcript has {whole[TO_SERVER]} bytes to the server and {whole[TO_CLIENT]} back")
            outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(again.judge(server.database))
    return outcome


def _cut_one(proxy: Proxy, log: Path, again: RawSender) -> None:
    posts = again.compose(3)
    try:
        with RawSender(proxy.port, log, again=again, patience=10) as cut:
            cut.deliver(posts)
    except Lost:
        pass
    again.deliver(posts)


# -- row 12 -------------------------------------------------------------------------------------------------


def strange_packets(folder: Path, *, frames: int = 1000) -> Outcome:
    """Row 12: the same requests in one write, in writes of one byte each, and cut in two at every byte: the same
    answers. And a thousand frames in one write."""
    outcome = Outcome()
    with ServerProcess(folder, lists_per_second=0) as server:
        server.start()
        with WireClient(server.port) as client:
            client.login("raw", capabilities=())
            client.expect(Event)  # our own arrival
            requests = _requests()
            data = b"".join(map(encode_frame, requests))
            expected = _answers(client, [data])
            outcome.expect(len(expected) == len(requests), f"{len(requests)} requests had {len(expected)} answers")
            transcripts = {"one byte at a time": _answers(client, [data[at : at + 1] for at in range(len(data))])}
            for at in range(1, len(data)):
                transcripts[f"cut at {at}"] = _answers(client, [data[:at], data[at:]])
            for name, answers in transcripts.items():
                outcome.count("transcripts")
                outcome.expect(answers == expected, f"{name}: {answers} instead of {expected}")
            _many_frames(outcome, client, frames)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


def _requests() -> list[Message]:
    ids = [number.to_bytes(16, "big") for number in range(1, 6)]
    return [
        Ping(),
        ListRooms(ids[0]),
        Post(ids[1], LOBBY, "once, however often it is sent"),
        ListPeople(ids[2], LOBBY),
        GetHistory(ids[3], LOBBY, after=0, limit=2),
        Post(ids[4], 4711, "into a room that is not there"),
    ]


def _answers(client: WireClient, pieces: Iterable[bytes]) -> list[tuple[str, bytes, int]]:
    """What is answered, in a form that is the same each time: type, request, and seq or number of items. Sorted: pages
    of history come from another thread."""
    for piece in pieces:
        client.send_raw(piece)
    answers: list[tuple[str, bytes, int]] = []
    while len(answers) < 6:
        message = client.next()
        match message:
            case Pong():
                answers.append(("pong", b"", 0))
            case Ack():
                answers.append(("ack", message.re, message.seq))
            case Error():
                answers.append((message.code, message.re, 0))
            case History():
                answers.append(("history", message.re, len(message.events)))
            case Event() | Room() | Ping():
                pass
            case _:
                answers.append((type(message).__name__, getattr(message, "re", b""), 0))
    return sorted(answers)


def _many_frames(outcome: Outcome, client: WireClient, frames: int) -> None:
    """Every fifth is a post, which is more than a client may have under way: a beginning is taken, in order, and the
    rest is asked to wait."""
    posts = [Post(new_id(), LOBBY, f"number {number}") for number in range(frames // 5)]
    client.send_raw(b"".join(encode_frame(message) for post in posts for message in (post, *[Ping()] * 4)))
    replies: dict[bytes, Ack | Error] = {}
    pongs = 0
    while len(replies) < len(posts) or pongs < 4 * len(posts):
        message = client.next()
        pongs += isinstance(message, Pong)
        if isinstance(message, Ack | Error):
            replies[message.re] = message
    acked = [isinstance(replies[post.id], Ack) for post in posts]
    taken = sum(acked)
    outcome.count("frames in one write", frames)
    outcome.count("acked", taken)
    reasons = {reply.text for reply in replies.values() if isinstance(reply, Error)}
    outcome.expect(taken >= TOGETHER, f"only {taken} were taken, the others: {reasons}")
    outcome.expect(
        acked == [True] * taken + [False] * (len(posts) - taken), "a later one was taken before an earlier one"
    )
    seqs = [reply.seq for post in posts if isinstance(reply := replies[post.id], Ack)]
    rising = all(after - before == 1 for before, after in pairwise(seqs))
    outcome.expect(rising, f"they stand as {seqs[:20]}")
    retries = [reply.retry_after_ms for reply in replies.values() if isinstance(reply, Error)]
    outcome.expect(None not in retries, "somebody was refused for good")
