"""Every message on the wire: one frozen struct each, in one tagged union, and the limits they keep.

A message travels as a MessagePack array: its tag, then its fields in the order written here. Arrays, not
maps: an event of 64 bytes of text is 125 bytes instead of 167, and encodes and decodes faster. So a later
version may only append fields, each with a default; a receiver skips what it does not know.
Units: times are integer milliseconds since 1970-01-01 UTC, durations integer milliseconds, sizes bytes.

values.py is the limits, and types that keep them; base.py what all messages are, replies to any request, and the
heartbeat. Then one file for each thing that is spoken of: login.py, talk.py, rooms.py, people.py, moderation.py.
registry.py says who may send which. Whoever needs a message imports it from here, where all of them are.
"""

# By asterisk, for a new message is written once and listed once, in the registry; mypy sees through it.
from qtchat.protocol.messages.base import *  # noqa: F403
from qtchat.protocol.messages.login import *  # noqa: F403
from qtchat.protocol.messages.moderation import *  # noqa: F403
from qtchat.protocol.messages.people import *  # noqa: F403
from qtchat.protocol.messages.registry import *  # noqa: F403
from qtchat.protocol.messages.rooms import *  # noqa: F403
from qtchat.protocol.messages.talk import *  # noqa: F403
from qtchat.protocol.messages.values import *  # noqa: F403
