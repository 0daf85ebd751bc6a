"""What people say and read back, and what a profile and a server keep of it."""

from pathlib import Path

from qtchat.client.updates import (
    OlderUpdate,
)
from qtchat.net.tls import CERTIFICATE_FILE, KEY_FILE
from qtchat.protocol.messages import Ack, Post
from tests.helpers.accounts import LOBBY, User
from tests.helpers.wire import WireClient, new_id


def texts(count: int, first: int = 0) -> list[str]:
    return [f"message {number}" for number in range(first, first + count)]


def say(user: User, *said: str, room: int = LOBBY) -> None:
    for text in said:
        user.account.post(room, text)


def forget_history(folder: Path) -> None:
    """Of a server that does not run: its key stays, its history will be another one."""
    for path in folder.iterdir():
        if path.name not in (KEY_FILE, CERTIFICATE_FILE):
            path.unlink()


def database(profile: Path) -> Path:
    (found,) = profile.glob("servers/*/chat.sqlite3")
    return found


def fill(port: int, count: int) -> None:
    """Somebody else says `count` things."""
    with WireClient(port) as client:
        client.login("Filler", capabilities=())
        for start in range(0, count, 25):
            posts = [Post(new_id(), LOBBY, f"message {n}") for n in range(start, min(start + 25, count))]
            client.send(*posts)
            for _ in posts:
                client.expect(Ack)


def read_back(user: User) -> None:
    """Down to the first event of the lobby; each page is asked for twice, as an impatient person does."""
    user.wait(lambda: user.lobby.numbered > 0)
    while not user.lobby.at_start:
        answers = user.counted(OlderUpdate) + 2
        for _ in range(2):
            user.account.load_older(LOBBY, user.lobby.oldest)
        user.wait(lambda answers=answers: user.counted(OlderUpdate) >= answers)  # type: ignore[misc]
    assert user.lobby.oldest == 1
