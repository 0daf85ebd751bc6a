"""The desktop program as it is, but for the network on which it looks for others: PORT SERVICE, then its own options.

On 127.0.0.1, so that nothing leaves this computer, and nobody else there is found; see quiet_network.free_network.
"""

import sys

from qtchat.gui.app import main
from tests.helpers.quiet_network import LOOPBACK, confine

if __name__ == "__main__":
    port, service, *options = sys.argv[1:]
    confine(int(port), service)
    sys.exit(main(["--interface", LOOPBACK, *options]))
