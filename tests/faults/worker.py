"""A person in a process of their own, so that it can be killed: `python -m tests.faults.worker FOLDER NICK LINK`.

Each line of stdin is said in the lobby; `/retry` sends again what had failed. Each thing that happens is a line of
JSON on stdout: `pending`, `failed`, `acked`, `online`. The end of stdin ends the program in order.
"""

import json
import sys
from pathlib import Path
from typing import Any

from qtchat.client.updates import (
    AckedUpdate,
    ConnectionUpdate,
    FailedUpdate,
    PendingUpdate,
    Phase,
    StorageUpdate,
    Update,
)
from tests.faults.people import LOBBY, Talker


class Reporter(Talker):
    """Also tells it to whoever started the program."""

    def _note(self, update: Update) -> None:
        news = not isinstance(update, PendingUpdate) or update.id not in self.waiting  # they may be shown again
        super()._note(update)
        match update:
            case PendingUpdate() if news:
                tell(event="pending", id=update.id.hex(), text=update.text)
            case FailedUpdate():
                tell(event="failed", id=update.id.hex(), code=update.problem.code, text=update.problem.text)
            case AckedUpdate():
                tell(event="acked", id=update.id.hex(), seq=update.seq)
            case ConnectionUpdate(phase=Phase.ONLINE):
                tell(event="online")
            case ConnectionUpdate(phase=Phase.REFUSED, problem=problem) if problem is not None:
                tell(event="refused", code=problem.code, text=problem.text)
            case StorageUpdate(problem=problem) if problem is not None:
                tell(event="storage", code=problem.code, text=problem.text)


def tell(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def main(folder: str, nick: str, link: str) -> int:
    person = Reporter(Path(folder), nick, link)
    person.start()
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text == "/retry":
            for message_id in list(person.failed):
                del person.failed[message_id]
                person.account.retry(message_id, LOBBY)
        else:
            person.say(text)
    person.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
