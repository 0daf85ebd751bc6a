"""LAYER 3: the desktop program, and the only place where PySide6 may be imported.

app.py builds everything. News runs one way: an account's thread -> bridge -> client.state -> chat.py and rooms.py ->
models -> views. Wishes run back: a view's signal -> controller.py, chat.py or rooms.py -> a method of the account,
which only enqueues. So views know no account, and the account knows no view.
"""
