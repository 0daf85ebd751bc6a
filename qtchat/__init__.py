"""qtchat: the chat for the people in one place.

The map. Folders are the layers, and imports run one way::

    protocol/   LAYER 0  what is said on the wire. msgspec and the standard library; no socket, thread,
                         clock, file, database or Qt. protocol/README.md is the wire specification.
    net/        LAYER 1  sockets, TLS and threads; no chat rules, no Qt. Shared by server and client.
    server/     LAYER 2  one thread (the hub) owns all live state; the commit comes before every answer.
    client/     LAYER 2  one account on one server: outbox, local history, state. No Qt: bots and
                         `qtchat-cli` use it too.
    gui/        LAYER 3  the only place where PySide6 may be imported.

    gui -> client -> net -> protocol        server -> net -> protocol

gui may name protocol messages. gui and server meet in one place only: the desktop program's composition
root (gui/app.py) may start a server.app. tests/test_architecture.py enforces all of this.

A feature runs in one direction and touches each layer once: a message in protocol/messages/, columns in
server/store/, a handler and its line in the COMMANDS table in server/handlers/, an update applied in
client/state.py, a role in gui/models/, pixels in gui/views/. If a feature must edit framing, session, net,
hub, bridge, either app.py or the main window, the design leaked.

Who owns what (one owner each, so hardly anything needs a lock):

    thread              owns                                           may call
    server listener     listening sockets                              hands an accepted socket to a loop
    server loop, N      its connections: socket, TLS, session, outbox  hub.post
    server hub          state.py, the write side of the store          loop.call_soon with ready bytes
    server readers, 2   their read-only database connections           loop.call_soon
    client network      its connection and session                     the storage thread, the callback
    client storage      the outbox and the local history on disk       loop.call_soon
    GUI                 client/state.py, models, every widget          account methods, which only enqueue
"""

__version__ = "0.1.0"
