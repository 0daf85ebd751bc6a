"""All servers side by side, each with the same number of clients in one room."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.bench import machine
from tests.bench.load import Load
from tests.bench.servers import RIVALS, MissingError, Running, furnish, qtchat

QTCHAT: Final = "qtchat"
RELAXED: Final = "qtchat, synchronous=NORMAL"
ACKED: Final = ", acked"
"""Ends the name of a server whose clients acknowledge all they get at once."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What all benchmarks with a stage let one choose."""
    parser.add_argument("--payload", type=int, default=64, help="bytes of text in a message (64)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round (2)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds of each measurement (3)")
    parser.add_argument("--rivals", nargs="*", default=list(RIVALS), choices=list(RIVALS))
    parser.add_argument("--io-loops", type=int, default=1, help="I/O loops of qtchat (1)")
    machine.add_folder(parser)


def keep_alive(loads: Mapping[str, tuple[Running, Load]]) -> None:
    """Let nobody be taken for dead while others have their turn."""
    for _, load in loads.values():
        load.keep_alive()


@contextmanager
def stage(options: argparse.Namespace, folder: Path, clients: int) -> Iterator[dict[str, tuple[Running, Load]]]:
    """The servers by name, and the loads that wait to begin. Servers that are not installed are named and left out."""
    with ExitStack() as stack:
        loads: dict[str, tuple[Running, Load]] = {}

        def add(running: Running, *, acked: bool = False) -> None:
            crowd = running.crowd(acknowledge_at_once=acked)
            stack.callback(crowd.close)
            crowd.connect(range(clients), at_once=100)  # InspIRCd looks at newcomers once a second
            load = Load(crowd)
            stack.callback(load.close)
            loads[running.name + ACKED * acked] = running, load
            keep_alive(loads)

        for durable in (True, False):
            home = folder / f"qtchat-{clients}-{durable}"
            furnish(home, clients)
            add(stack.enter_context(qtchat(home, durable=durable, io_loops=options.io_loops)))
        for name in options.rivals:
            try:
                for acked in (False, True):
                    home = folder / f"{name}-{clients}-{acked}"
                    add(stack.enter_context(RIVALS[name](home)), acked=acked)
            except MissingError as missing:
                print(missing, flush=True)
        yield loads
