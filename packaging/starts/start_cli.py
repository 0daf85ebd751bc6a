"""What the program `qtchat-cli` runs."""

import sys

from qtchat.client.cli import main

sys.exit(main())
