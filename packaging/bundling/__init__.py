"""What makes bundles of qtchat: a folder with programs that need no Python, and packages and archives of it.

Run by `python3 dev.py bundle` (bundle.py) and by PyInstaller (qtchat.spec). No part of the program.
"""
