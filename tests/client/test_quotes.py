"""Looking up what messages answer."""

from contextlib import closing
from pathlib import Path

from qtchat.client.errors import ProfileError
from qtchat.client.quotes import answered_by, tell_quoted
from qtchat.client.updates import QuotedUpdate
from qtchat.protocol.messages import KIND_ADDED, KIND_POST, Event
from tests.helpers.lines import FakeLine


def event(seq: int, about: int = 0, kind: str = KIND_POST) -> Event:
    return Event(1, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", kind, "text", about)


def test_only_answers_to_what_did_not_come_with_them_are_looked_up() -> None:
    assert answered_by((event(5), event(6, 5), event(7, 2), event(8, 3, KIND_ADDED), event(9, 2))) == {2}


def test_what_the_disk_knows_is_told(tmp_path: Path) -> None:
    with closing(FakeLine(tmp_path)) as line:
        line.disk.cache.append(1, [event(1), event(2, kind="joined")])
        tell_quoted(line, 1, (1, 2, 3))
        tell_quoted(line, 1, (2, 3))
        tell_quoted(line, 1, ())
        line.run_disk()
        assert line.told == [QuotedUpdate(1, (event(1),))]
        line.broken = ProfileError("The disk is broken.")
        tell_quoted(line, 1, (1,))
        line.run_disk()
        assert len(line.told) == 1
