"""Every message of the protocol as a hypothesis strategy, made from its type, so that whatever is added is in it.

Numbers are mostly such as mean something, words mostly such as somebody knows; times are of the whole range.
"""

import functools
from types import UnionType
from typing import Any, Final, get_args

from hypothesis import strategies as st
from msgspec import inspect

from qtchat.protocol.messages import (
    CAPABILITIES,
    DIRECT,
    MAX_TIME,
    PRIVATE,
    PUBLIC,
    ROOM_ROLES,
    SERVER_ROLES,
    SETTINGS,
    ClientMessage,
    Message,
    ServerMessage,
)

WORDS: Final = (*SERVER_ROLES, *ROOM_ROLES, *SETTINGS, *sorted(CAPABILITIES), PUBLIC, PRIVATE, DIRECT)
TEXTS: Final = ("0", "1", "3600000", "👍", "❤️", "fuzz", "victim", "room 1")
"""What is a setting's value, a reaction, or a name that exists."""
SMALL: Final = 9
"""Rooms, users and messages up to here are likely to exist."""
MOST: Final = 3
"""Items in a list."""
LONGEST: Final = 100
"""Characters in a text whose length has no limit, or a higher one; the limits themselves are tried as well."""


def every(kinds: UnionType) -> st.SearchStrategy[Message]:
    """Any message of this union, each kind as likely as any other."""
    return st.sampled_from(get_args(kinds)).flatmap(any_of)


@functools.cache
def any_of(kind: type[Message]) -> st.SearchStrategy[Any]:
    """Any message of one kind that is valid."""
    return _strategy(inspect.type_info(kind))


def _strategy(wanted: inspect.Type) -> st.SearchStrategy[Any]:
    match wanted:
        case inspect.StructType():
            return st.builds(wanted.cls, *(_strategy(field.type) for field in wanted.fields))
        case inspect.UnionType():
            return st.one_of(*(_strategy(one) for one in wanted.types))
        case inspect.VarTupleType():
            return st.lists(_strategy(wanted.item_type), max_size=MOST).map(tuple)
        case inspect.TupleType():
            return st.tuples(*(_strategy(one) for one in wanted.item_types))
        case inspect.IntType():
            return _number(wanted.ge or 0, wanted.le)
        case inspect.StrType():
            return _text(wanted.min_length or 0, wanted.max_length)
        case inspect.BytesType():
            least, most = wanted.min_length or 0, wanted.max_length
            return st.binary(min_size=least, max_size=most) if least == most else st.sampled_from([b"", bytes(16)])
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
    raise TypeError(f"no message has had such a field before: {wanted}")


def _number(least: int, most: int | None) -> st.SearchStrategy[int]:
    assert most is not None, "every number has a limit"
    if most == MAX_TIME:
        return st.sampled_from([0, 1, MAX_TIME]) | st.integers(0, MAX_TIME)
    return st.integers(least, min(SMALL, most)) | st.integers(least, most)


def _text(least: int, most: int | None) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"])
    free = st.text(characters, min_size=least, max_size=min(most or LONGEST, LONGEST))
    known = st.sampled_from([text for text in (*WORDS, *TEXTS) if most is None or len(text) <= most])
    full = st.just("ß" * (most or LONGEST))
    return free | known | full


CLIENT: Final = every(ClientMessage)
SERVER: Final = every(ServerMessage)
TAGS: Final = sorted({str(kind.__struct_config__.tag) for kind in (*get_args(ClientMessage), *get_args(ServerMessage))})
