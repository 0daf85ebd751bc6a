"""`python -m qtchat` opens the desktop program."""

import sys

from qtchat.gui.app import main

if __name__ == "__main__":
    sys.exit(main())
