"""What the doctors of client and server look at: this computer, its networks, and the way to another one.

Each check is a function that blocks for some seconds at most and returns what it saw. Nothing needs an administrator;
nothing is changed.
"""
