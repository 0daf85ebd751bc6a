"""What the program `qtchat-server` runs."""

import sys

from qtchat.server.cli import main

sys.exit(main())
