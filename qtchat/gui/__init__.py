"""LAYER 3: the desktop program, and the only place where PySide6 may be imported.

app.py is the command line and the composition root; program.py makes the parts and connects them. News runs one way:
an account's thread -> bridge.py -> client.state -> session.py -> the parts -> models -> views. Wishes run back: a
view's signal -> a part -> a method of the account, which only enqueues. So views know no account, and the account knows
no view. The parts, each for one thing that somebody can do:

joining.py, hosting.py         getting onto a server           servers.py, switching.py  several of them
connection.py                  what is said of the connection  conversations.py          the list of rooms
chat.py, details.py            the open room                   messages.py, search.py    what is said in it
rooms.py, people.py            making and finding              drafts.py                 what is being written
commands/, command_runner.py   what is typed with a /          preferences.py, choices.py  the settings
moderation.py, overseeing.py   what not everybody may          voice.py, pace.py         who may write, how often
full_stop.py, key_transfer.py  keys: the server's, ours        pause.py                  nobody connected for a moment
attention.py, desktop/         who does not look               presence.py               typing, being away
leaving.py                     closing, quitting, saving       garbage.py                Python's collector
"""

import builtins

import PySide6.QtCore  # noqa: F401

# WORKAROUND PYSIDE-1019: PySide6 puts an `__import__` of its own into the place of Python's, for those who write `from
# __feature__ import snake_case`. Nobody does here, and the two functions it runs for each of our imports took 35 ms of
# the time to the first window.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
