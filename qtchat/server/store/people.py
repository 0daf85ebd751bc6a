"""Storing what changes seldom: people, rooms, who is in them, and who may do what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import asdict
from sqlalchemy import Connection, Table, Update, bindparam, delete, insert, update

from qtchat.server.records import Record
from qtchat.server.store import schema
from qtchat.server.store.writes import Writes

SETTINGS: Final = ("name", "name_key", "kind", "announcement", "frozen", "slow_ms")
"""Columns of a room that may change, besides the topic."""


def _set_user(column: str) -> Update:
    return update(schema.users).where(schema.users.c.id == bindparam("key_id")).values({column: bindparam("new")})


_RENAME = _set_user("nick")
_STATUS = _set_user("status")
_SEEN = _set_user("seen")
_ROLE = _set_user("role")
_COLOR = _set_user("color")
_DROP_USER = (
    *(
        delete(table).where(table.c.user == bindparam("old_id"))
        for table in (schema.nicks, schema.bans, schema.notices)
    ),
    delete(schema.users).where(schema.users.c.id == bindparam("old_id")),
)
_FOUND_NICK = delete(schema.lost_nicks).where(schema.lost_nicks.c.key == bindparam("old_key"))
_RELEASE = delete(schema.nicks).where(schema.nicks.c.key == bindparam("old_key"))
_TOPIC = update(schema.rooms).where(schema.rooms.c.id == bindparam("key_id")).values(topic=bindparam("new"))
_REMOVE_MEMBER = delete(schema.members).where(
    schema.members.c.room == bindparam("old_room"), schema.members.c.user == bindparam("old_user")
)
_MEMBER_ROLE = (
    update(schema.members)
    .where(schema.members.c.room == bindparam("in_room"), schema.members.c.user == bindparam("of_user"))
    .values(role=bindparam("new"))
)
_LIFT_BAN = delete(schema.bans).where(schema.bans.c.user == bindparam("old_user"))
_LIFT_MUTE = delete(schema.mutes).where(
    schema.mutes.c.room == bindparam("old_room"), schema.mutes.c.user == bindparam("old_user")
)
_DROP_NOTICE = delete(schema.notices).where(
    schema.notices.c.user == bindparam("of_user"), schema.notices.c.number == bindparam("old_number")
)


def write_people(connection: Connection, writes: Writes) -> None:
    """All of `writes` but the conversation. In the transaction of whoever calls."""
    _add(connection, schema.users, writes.users)
    _run(connection, _RELEASE, [{"old_key": key} for key in writes.released])
    for drop in _DROP_USER:
        _run(connection, drop, [{"old_id": user} for user in writes.users_dropped])
    _add(connection, schema.nicks, writes.nicks)
    _run(connection, _FOUND_NICK, [{"old_key": key} for key in writes.lost_nicks])
    _add(connection, schema.lost_nicks, [nick for nick in writes.lost_nicks.values() if nick is not None])
    _run(connection, _RENAME, [{"key_id": user, "new": nick} for user, nick in writes.renames])
    for room in writes.settings:
        values = {column: getattr(room, column) for column in SETTINGS}
        connection.execute(update(schema.rooms).where(schema.rooms.c.id == room.id).values(values))
    _run(connection, insert(schema.rooms), [asdict(room) | {"head": 0} for room in writes.rooms])
    _run(connection, _TOPIC, [{"key_id": room, "new": topic} for room, topic in writes.topics])
    _add(connection, schema.members, writes.members_added)
    _run(connection, _REMOVE_MEMBER, [{"old_room": room, "old_user": user} for room, user in writes.members_removed])
    roles = writes.member_roles.items()
    _run(connection, _MEMBER_ROLE, [{"in_room": room, "of_user": user, "new": role} for (room, user), role in roles])
    columns: tuple[tuple[Update, Mapping[int, str | int]], ...] = (
        (_STATUS, writes.statuses),
        (_SEEN, writes.seen),
        (_ROLE, writes.roles),
        (_COLOR, writes.colors),
    )
    for statement, values_of_users in columns:
        _run(connection, statement, [{"key_id": user, "new": value} for user, value in values_of_users.items()])
    _run(connection, _LIFT_BAN, [{"old_user": user} for user in writes.bans])
    _add(connection, schema.bans, [ban for ban in writes.bans.values() if ban is not None])
    _run(connection, _LIFT_MUTE, [{"old_room": room, "old_user": user} for room, user in writes.mutes])
    _add(connection, schema.mutes, [mute for mute in writes.mutes.values() if mute is not None])
    _run(connection, _DROP_NOTICE, [{"of_user": user, "old_number": number} for user, number in writes.notices])
    _add(connection, schema.notices, [notice for notice in writes.notices.values() if notice is not None])
    _add(connection, schema.acts, writes.acts)


def _add(connection: Connection, table: Table, records: Sequence[Record]) -> None:
    _run(connection, insert(table), [asdict(record) for record in records])


def _run(connection: Connection, statement: Any, parameters: Sequence[dict[str, Any]]) -> None:
    if parameters:
        connection.execute(statement, parameters)
