"""A program that looks around, and prints a line whenever the list of servers changes: when, and who is there."""

import json
import sys
import time

from qtchat.client.discovery import Discovery
from qtchat.client.found import Found


def _print(found: tuple[Found, ...]) -> None:
    servers = {server.code: [list(address) for address in server.addresses] for server in found}
    print(json.dumps({"at": time.monotonic(), "servers": servers}), flush=True)


if __name__ == "__main__":
    discovery = Discovery(_print)
    discovery.start()
    print(json.dumps({"at": time.monotonic(), "servers": {}}), flush=True)
    sys.stdin.read()
    discovery.stop()
