"""A sender without outbox, reconnect or mercy: what it says, it can say again with the same ids."""

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import Ack, Error, Post
from tests.faults.judge import Verdict, judge, text_hash
from tests.faults.people import LOBBY
from tests.helpers.wire import ClosedByServerError, WireClient, new_id

TOGETHER: Final = 16
"""Requests under way at one time, well below what the server allows."""
Lost = (ClosedByServerError, OSError)
"""What a broken connection looks like. A time-out is an OSError too."""


class RawSender:
    """Posts over one connection and logs as the judge wants it. `composed`: all that was said, by id, in order."""

    def __init__(
        self,
        port: int,
        log: Path,
        *,
        nick: str = "raw",
        again: "RawSender | None" = None,
        patience: float = 60.0,
    ) -> None:
        """`again`: go on as this one, after its connection was lost."""
        self.log = log
        self.nick: str = again.nick if again else nick
        self.key: SigningKey = again.key if again else SigningKey.generate()
        self.composed: dict[bytes, str] = again.composed if again else {}
        self.acked: dict[bytes, int] = dict(again.acked) if again else {}
        self.refused = 0
        """Answers that asked for patience."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
        self.client = WireClient(port, self.key)
        self.client.sock.settimeout(patience)
        try:
            self.client.login(self.nick)
        except BaseException:
            self.client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def compose(self, count: int) -> list[Post]:
        """New messages, logged and not sent yet."""
        posts = []
        for _ in range(count):
            text = f"{self.nick} says {len(self.composed) + 1}"
            post = Post(new_id(), LOBBY, text)
            self.composed[post.id] = text
            self._write(event="composed", room=LOBBY, id=post.id.hex(), hash=text_hash(text))
            posts.append(post)
        return posts

    def say(self, count: int) -> None:
        """Say something new, and wait until all of it is acknowledged."""
        self.deliver(self.compose(count))

    def say_until_lost(self, together: int, most: int) -> bool:
        """Say up to `most` messages; True if the connection broke meanwhile."""
        try:
            for _ in range(most // together):
                self.deliver(self.compose(together))
        except Lost:
            return True
        return False

    def resend_all(self) -> set[bytes]:
        """Everything once more, in order. Returns the ids of those that the server knew already."""
        return self.deliver(Post(id, LOBBY, text) for id, text in self.composed.items())  # noqa: A001

    def deliver(self, posts: Iterable[Post]) -> set[bytes]:
        """Send, await the ack of each, and return the ids that the server knew already.

        What is refused for a while goes out again after that time, and with it all that was behind it.
        """
        duplicates: set[bytes] = set()
        left = list(posts)
        while left:
            turn = left[:TOGETHER]
            self.client.send(*turn)
            answers = self._answers({post.id for post in turn})
            duplicates |= {ack.re for ack in answers if isinstance(ack, Ack) and ack.duplicate}
            refused = {error.re: error for error in answers if isinstance(error, Error)}
            pauses = [error.retry_after_ms for error in refused.values()]
            assert None not in pauses, refused
            left = [post for post in turn if post.id in refused] + left[TOGETHER:]
            self.refused += len(refused)
            if refused:
                threading.Event().wait(max(pause or 0 for pause in pauses) / 1000)
        return duplicates

    def _answers(self, expected: set[bytes]) -> list[Ack | Error]:
        answers: list[Ack | Error] = []
        while expected:
            message = self.client.next()
            if isinstance(message, Ack | Error) and message.re in expected:
                expected.discard(message.re)
                answers.append(message)
                if isinstance(message, Ack):
                    self.acked[message.re] = message.seq
                    self._write(event="acked", room=message.room, id=message.re.hex(), seq=message.seq)
            assert not isinstance(message, Error) or message.re, message
        return answers

    def _write(self, **line: object) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def judge(self, database: Path) -> Verdict:
        return judge(database, [self.log], [], all_sent=True)
