"""One account on one server: connect, authenticate, resume, reconnect; `post` only enqueues.

Two threads: the network loop, in which the Engine owns everything; and the storage thread, which owns the files of one
server. The Account is the line between them and the owner: whatever it is asked, it passes on.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtchat.client.engine import Engine
from qtchat.client.line import now_ms, request_id
from qtchat.client.outbox import OutboxItem, new_id
from qtchat.client.updates import Update
from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import (
    CAPABILITIES,
    AddMember,
    CreateRoom,
    Delete,
    Edit,
    JoinRoom,
    LeaveRoom,
    ListPeople,
    ListRooms,
    OpenDirect,
    Post,
    React,
    Request,
    SetNick,
    SetTopic,
)


class Account:
    """Talks to one server from threads of its own, and tells what happens by calling `on_update`.

    Every public method may be called from any thread and returns at once; what comes of it is told by updates.
    `on_update` is called from the account's loop thread, one call at a time, and must return quickly.
    """

    def __init__(
        self,
        profile: Path,
        link: str,
        nick: str,
        on_update: Callable[[Update], None],
        *,
        capabilities: frozenset[str] = CAPABILITIES,
        engine: type[Engine] = Engine,
    ) -> None:
        """`profile`: folder of key, known servers and history. `link`: an invitation or an address. `nick`: empty for
        the one that the profile had there last. `engine`: what goes on behind it."""
        self._loop = IoLoop("qtchat-network")
        self._engine = engine(self._loop, profile, link, nick, on_update, capabilities)

    # -- the connection -----------------------------------------------------------------------------------

    def start(self) -> None:
        self._loop.start()
        self._loop.call_soon(self._engine.begin)

    def stop(self, timeout: float = 5.0) -> bool:
        """Close in order and join the threads; what waits stays in the outbox. False if that took too long."""
        deadline = time.monotonic() + timeout
        self._loop.call_soon(self._engine.end)
        ended = self._loop.stop(timeout)
        return self._engine.end_storage(max(0.0, deadline - time.monotonic())) and ended

    def join_as(self, nick: str) -> None:
        """Try again under another nick, after Phase.REFUSED."""
        self._loop.call_soon(self._engine.join_as, nick)

    def accept_server(self) -> None:
        """The code that ProblemCode.UNVERIFIED told was compared, or is taken on trust: pin that key, and go on."""
        self._loop.call_soon(self._engine.accept_server)

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._loop.call_soon(self._engine.connect_now)

    # -- messages: they wait on the disk until the server has them ------------------------------------------

    def post(self, room: int, text: str, reply_to: int = 0) -> bytes:
        """Say something. Returns the message's id.

        `reply_to`: the seq of the message that it answers. ValueError if the text is longer than MAX_TEXT.
        """
        now = now_ms()
        post = Post(new_id(now), room, _whole(text), reply_to)
        item = OutboxItem(post.id, room, post.text, now, reply_to=reply_to)
        self._loop.call_soon(self._engine.post, item)
        return item.id

    def retry(self, message_id: bytes, _room: int) -> None:
        """Send a refused message again."""
        self._loop.call_soon(self._engine.postman.retry, message_id)

    def discard(self, message_id: bytes, room: int) -> None:
        """Take a message out of the outbox."""
        self._loop.call_soon(self._engine.postman.discard, message_id, room)

    # -- requests: RequestDoneUpdate with the returned id tells the outcome -----------------------------------

    def edit(self, room: int, seq: int, text: str) -> bytes:
        """Change what we said in message `seq`. ValueError if the text is longer than MAX_TEXT."""
        return self._ask(partial(Edit, room=room, seq=seq, text=_whole(text)))

    def delete(self, room: int, seq: int) -> bytes:
        """Take our message `seq` back."""
        return self._ask(partial(Delete, room=room, seq=seq))

    def react(self, room: int, seq: int, emoji: str, add: bool) -> bytes:
        """Put an emoji under message `seq`, or take it back (`add` = False)."""
        return self._ask(partial(React, room=room, seq=seq, emoji=emoji, add=add))

    def create_room(self, name: str, topic: str = "", private: bool = False) -> bytes:
        return self._ask(partial(CreateRoom, name=name, topic=topic, private=private))

    def open_direct(self, user: int) -> bytes:
        """RequestDoneUpdate.room is the room of the two of us, new or not."""
        return self._ask(partial(OpenDirect, user=user))

    def join_room(self, room: int) -> bytes:
        return self._ask(partial(JoinRoom, room=room))

    def leave_room(self, room: int) -> bytes:
        return self._ask(partial(LeaveRoom, room=room))

    def add_member(self, room: int, user: int) -> bytes:
        return self._ask(partial(AddMember, room=room, user=user))

    def set_topic(self, room: int, topic: str) -> bytes:
        return self._ask(partial(SetTopic, room=room, topic=topic))

    def change_nick(self, nick: str) -> bytes:
        """ServerUpdate tells the new one, which this profile then keeps."""
        return self._ask(partial(SetNick, nick=nick))

    def search(self, room: int | None, text: str) -> bytes:
        """Look for posts with all words of `text` in the local history, of one room or of all. SearchUpdate answers."""
        search_id = request_id()
        self._loop.call_soon(self._engine.search, search_id, room, text)
        return search_id

    # -- what is answered by an update of its own, or not at all ----------------------------------------------

    def list_rooms(self) -> None:
        """DirectoryUpdate answers."""
        self._ask(ListRooms)

    def load_people(self, room: int) -> None:
        """MembersUpdate answers."""
        self._ask(partial(ListPeople, room=room))

    def load_older(self, room: int, before: int) -> None:
        """OlderUpdate answers with the events right below seq `before`; with several, if the first had no row."""
        self._loop.call_soon(self._engine.follower.older.load, room, before)

    def load_around(self, room: int, seq: int) -> None:
        """OlderUpdates bring all events down to `seq` and some more; one without events tells that it cannot be had."""
        self._loop.call_soon(self._engine.follower.older.load_around, room, seq)

    def mark_read(self, room: int, seq: int) -> None:
        """Everything up to `seq` was on the screen. The server is told, at most once a second for each room."""
        self._loop.call_soon(self._engine.marks.mark, room, seq)

    def typing(self, room: int) -> None:
        """The user is writing in this room; to be called as often as a key is pressed."""
        self._loop.call_soon(self._engine.presence.typing, room)

    def set_presence(self, away: bool, status: str) -> None:
        """Whether this device is left alone, and what the user says of himself, cut to MAX_STATUS characters. It is
        said again after each reconnect."""
        self._loop.call_soon(self._engine.presence.set, away, status)

    def _ask(self, make: Callable[[bytes], Request]) -> bytes:
        request = make(request_id())
        self._loop.call_soon(self._engine.requests.submit, request)
        return request.id


def _whole(text: str) -> str:
    """Half a surrogate pair, as a paste can leave behind, is no text that could be stored or sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
