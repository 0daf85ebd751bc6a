"""What the program `qtchat` runs."""

import sys

from qtchat.__main__ import main

sys.exit(main())
