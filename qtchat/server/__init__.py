"""LAYER 2: the server. One thread, the hub, owns all live state; the commit comes before every answer.

app.py builds and starts everything; hub.py tells the write path. Imports net and protocol; never client or gui.
"""
