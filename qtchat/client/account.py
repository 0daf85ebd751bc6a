"""One account on one server: connect, authenticate, resume, reconnect; `post` only enqueues.

Two threads: the network loop, in which the Engine owns everything; and the storage thread, which owns the files of one
server. The Account is the line between them and the owner: whatever it is asked, it passes on.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from qtchat.client.engine import Engine
from qtchat.client.line import now_ms, request_id
from qtchat.client.outbox import OutboxItem, new_id
from qtchat.client.updates import Update
from qtchat.net.dial import Address
from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import (
    CAPABILITIES,
    MAX_EMOJI,
    MAX_NICK,
    MAX_PASSWORD,
    MAX_REASON,
    MAX_ROOM_NAME,
    MAX_TOKEN,
    MAX_TOPIC,
    AddMember,
    Approve,
    Ban,
    Claim,
    CreateRoom,
    Delete,
    Edit,
    GetAudit,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    Mute,
    OpenDirect,
    Post,
    React,
    ReleaseNick,
    Request,
    RevokeKey,
    SetNick,
    SetRole,
    SetRoom,
    SetTopic,
    Unban,
    Unmute,
)


class Account:
    """Talks to one server from threads of its own, and tells what happens by calling `on_update`.

    Every public method may be called from any thread and returns at once; what comes of it is told by updates.
    `on_update` is called from the account's loop thread, one call at a time, and must return quickly.
    Whatever text is longer than the protocol allows, or empty where it must not be, is a ValueError with a sentence for
    people; half a character, as a paste can leave behind, is replaced.
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

    def password(self, text: str) -> None:
        """Try again with the server's password, after ErrorCode.PASSWORD_WRONG. It is kept until the login, and never
        written down: nobody is asked for it twice."""
        self._loop.call_soon(self._engine.password, _fitting(text, MAX_PASSWORD, "password"))

    def accept_server(self, code: str) -> None:
        """`code`, which ProblemCode.UNVERIFIED told, was compared, or is taken on trust: pin its key, and go on. If
        another key was met since, the question is asked again."""
        self._loop.call_soon(self._engine.accept_server, code)

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._loop.call_soon(self._engine.connect_now)

    def also_at(self, addresses: Sequence[Address]) -> None:
        """The server is said to be at these addresses now: unless it is connected, try there first, and at once. What
        answers there has to be the same server. A plain chat is its address, so there it does nothing."""
        self._loop.call_soon(self._engine.also_at, tuple(addresses))

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
        return self._ask(partial(React, room=room, seq=seq, emoji=_filled(emoji, MAX_EMOJI, "reaction"), add=add))

    def create_room(self, name: str, topic: str = "", private: bool = False) -> bytes:
        name, topic = _filled(name, MAX_ROOM_NAME, "room name"), _fitting(topic, MAX_TOPIC, "topic")
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
        return self._ask(partial(SetTopic, room=room, topic=_fitting(topic, MAX_TOPIC, "topic")))

    def change_nick(self, nick: str) -> bytes:
        """ServerUpdate tells the new one, which this profile then keeps."""
        return self._ask(partial(SetNick, nick=_filled(nick, MAX_NICK, "name")))

    def search(self, room: int | None, text: str, deeper: int = 0) -> bytes:
        """Look for posts with all words of `text` in the local history, of one room or of all (None). SearchUpdate
        answers. `deeper`: how many older messages of each room to fetch first, as far as the server can be reached."""
        search_id = request_id()
        self._loop.call_soon(self._engine.search, search_id, room, text, deeper)
        return search_id

    # -- requests of those who look after a server or a room ---------------------------------------------------
    # `room` 0 is the whole server; `until`: ms since 1970, UTC, 0: until somebody lifts it.

    def set_role(self, room: int, user: int, role: str) -> bytes:
        """Give somebody one of messages.ROOM_ROLES in a room, or of SERVER_ROLES on the server."""
        return self._ask(partial(SetRole, room=room, user=user, role=role))

    def set_room(self, room: int, setting: str, value: str) -> bytes:
        """Change one of messages.SETTINGS; the value as it is written there."""
        return self._ask(partial(SetRoom, room=room, setting=setting, value=_fitting(value, MAX_ROOM_NAME, "name")))

    def kick(self, room: int, user: int, reason: str = "") -> bytes:
        """Put somebody out of a room, or end all connections."""
        return self._ask(partial(Kick, room=room, user=user, reason=_reason(reason)))

    def ban(self, user: int, until: int = 0, reason: str = "", address: bool = False) -> bytes:
        """Keep somebody away; with `address` everybody at the addresses where they are now."""
        return self._ask(partial(Ban, user=user, until=until, reason=_reason(reason), address=address))

    def unban(self, user: int) -> bytes:
        return self._ask(partial(Unban, user=user))

    def mute(self, room: int, user: int, until: int = 0, reason: str = "") -> bytes:
        """Let somebody read only."""
        return self._ask(partial(Mute, room=room, user=user, until=until, reason=_reason(reason)))

    def unmute(self, room: int, user: int) -> bytes:
        return self._ask(partial(Unmute, room=room, user=user))

    def approve(self, user: int, accept: bool = True) -> bytes:
        """Let a newcomer in who waits, or turn them away."""
        return self._ask(partial(Approve, user=user, accept=accept))

    def release_nick(self, nick: str) -> bytes:
        """Let anybody take this nick."""
        return self._ask(partial(ReleaseNick, nick=_filled(nick, MAX_NICK, "name")))

    def revoke_key(self, user: int, reason: str = "") -> bytes:
        """Never accept somebody's key again. It cannot be undone."""
        return self._ask(partial(RevokeKey, user=user, reason=_reason(reason)))

    def claim(self, token: str) -> bytes:
        """Become the server's owner, by the token that it shows to whoever runs it."""
        return self._ask(partial(Claim, token=_filled(token.strip(), MAX_TOKEN, "token")))

    def list_bans(self) -> bytes:
        """BansUpdate answers before RequestDoneUpdate, unless that has a problem."""
        return self._ask(ListBans)

    def list_waiting(self) -> bytes:
        """WaitingUpdate answers before RequestDoneUpdate, unless that has a problem."""
        return self._ask(ListWaiting)

    def get_audit(self, before: int = 0, limit: int = 100) -> bytes:
        """The newest acts below number `before` (0: of all), at most `limit` (1 to MAX_PAGE). AuditUpdate answers
        before RequestDoneUpdate, unless that has a problem."""
        return self._ask(partial(GetAudit, before=before, limit=limit))

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

    def set_presence(self, away: bool, status: str | None = None, color: int | None = None) -> None:
        """Whether this device is left alone, which is said again after each reconnect; what the user says of himself,
        cut to MAX_STATUS characters; and the colour of name and avatar, 1 to MAX_COLOR, 0: none. None: that stays what
        it is, whichever device said it."""
        self._loop.call_soon(self._engine.presence.set, away, status, color)

    def _ask(self, make: Callable[[bytes], Request]) -> bytes:
        request = make(request_id())
        self._loop.call_soon(self._engine.requests.submit, request)
        return request.id


def _reason(text: str) -> str:
    return _fitting(text, MAX_REASON, "reason")


def _filled(text: str, longest: int, what: str) -> str:
    if not text:
        raise ValueError(f"A {what} cannot be empty.")
    return _fitting(text, longest, what)


def _fitting(text: str, longest: int, what: str) -> str:
    """What would be a malformed message ends the connection, so it is not even asked."""
    whole = _whole(text)
    if len(whole) > longest:
        raise ValueError(f"A {what} can have at most {longest} characters; this has {len(whole)}.")
    return whole


def _whole(text: str) -> str:
    """Half a surrogate pair, as a paste can leave behind, is no text that could be stored or sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
