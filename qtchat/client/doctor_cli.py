"""`qtchat-cli doctor`: says step by step why a server cannot be seen or reached, and what to do."""

import argparse
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from qtchat.client.doctor import Doctor
from qtchat.client.elsewhere import own_address
from qtchat.client.profile import default_profile
from qtchat.net.checks.findings import Finding, Outcome


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 nothing failed, 1 something did, 2 wrong usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    doctor = Doctor(options.profile, options.link, options.interface)

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        doctor.stop.set()

    before = signal.signal(signal.SIGINT, interrupt)
    worst = 0
    try:
        for finding in doctor.examine():
            print(_json(finding) if options.json else finding, flush=True)  # noqa: T201
            worst = worst or int(finding.outcome is Outcome.FAILED)
    finally:
        signal.signal(signal.SIGINT, before)
    return 130 if doctor.stop.is_set() else worst


def _json(finding: Finding) -> str:
    told = finding.told()
    return json.dumps(
        {
            "step": told.step,
            "outcome": finding.outcome,
            "sentence": told.sentence,
            "fix": told.fix,
            "command": finding.command,
        }
    )


def _parser() -> argparse.ArgumentParser:
    about = "Say step by step why a server cannot be seen or reached, and what to do."
    parser = argparse.ArgumentParser(prog="qtchat-cli doctor", description=about)
    parser.add_argument("link", nargs="?", default="", metavar="ADDRESS|LINK", help="The server that is missed.")
    parser.add_argument("--profile", type=Path, default=default_profile(), metavar="DIR", help="Whose known servers.")
    parser.add_argument(
        "--interface",
        default="",
        type=own_address,
        metavar="ADDRESS",
        help="Stay in the network where this computer has this address.",
    )
    parser.add_argument("--json", action="store_true", help="Print one JSON object a line.")
    return parser
