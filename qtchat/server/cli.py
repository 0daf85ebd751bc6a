"""`qtchat-server`: runs a chat server in the foreground. Needs no configuration."""

import argparse
import getpass
import hashlib
import io
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType

from qtchat import __version__
from qtchat.net.checks.findings import Outcome
from qtchat.net.invitation import Invitation
from qtchat.net.tls import CERTIFICATE_FILE, KEY_FILE, IdentityError, load_or_create_identity
from qtchat.protocol.messages import DEFAULT_PORT, MAX_PASSWORD
from qtchat.server.addresses import reachable_addresses
from qtchat.server.app import Server
from qtchat.server.backup import BackupError, back_up
from qtchat.server.config import ConfigError, ServerSettings, make_settings, sample
from qtchat.server.doctor import Doctor
from qtchat.server.listener import ListenError
from qtchat.server.passwords import write_password
from qtchat.server.qr import qr_text
from qtchat.server.running import is_running, read_running
from qtchat.server.service import notify
from qtchat.server.store import StoreError

FLAGS = ("name", "host", "interface", "port", "data", "classic")
"""Options of ServerSettings that have a flag of their own; the others are set in the file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 stopped in order, 1 could not start or did not stop in time, 2 wrong usage or configuration."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what is printed may be read back, and names are in any script
            stream.reconfigure(encoding="utf-8")
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = make_settings(options.config, {name: getattr(options, name) for name in FLAGS})
    except ConfigError as error:
        print(f"qtchat-server: {error}", file=sys.stderr)
        return 2
    if options.print_config:
        print(sample(settings))
        return 0
    if options.check_config:
        print("The configuration is correct.")
        return 0
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # its progress says nothing to whoever runs a chat
    if options.command == "doctor":
        try:
            return _examine(settings)
        except BrokenPipeError:
            # Whoever read our output has had enough; keep the interpreter from complaining when it flushes at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    if options.command in ("identity", "invite"):
        return _show_identity(settings, as_json=options.json, picture=options.command == "invite")
    if options.command == "set-password":
        return _set_password(settings)
    if options.command == "backup":
        return _back_up(settings, options.into)
    return _serve(Server(settings, restored=options.restored), as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qtchat-server", description="A chat server for the people in one place. Ctrl+C stops it."
    )
    meanings = {name: ServerSettings.__dataclass_fields__[name].metadata["meaning"] for name in FLAGS}
    parser.add_argument(
        "command",
        nargs="?",
        choices=["backup", "doctor", "identity", "invite", "set-password"],
        help="backup: copy the data, also while the server runs; doctor: say whether the server works and others can "
        "find it; identity: show code and invitation, and start nothing; invite: show the invitation, also as a QR "
        "code; set-password: ask for the password that newcomers need from the next start on, or take it from the "
        "standard input; an empty one removes it.",
    )
    parser.add_argument("--name", metavar="NAME", help=meanings["name"])
    parser.add_argument("--host", metavar="ADDRESS", help=meanings["host"])
    parser.add_argument("--interface", metavar="ADDRESS", help=meanings["interface"])
    parser.add_argument("--port", metavar="PORT", type=int, help=meanings["port"])
    parser.add_argument("--data", metavar="FOLDER", help=meanings["data"])
    parser.add_argument("--classic", metavar="DOOR", action="append", help=f"{meanings['classic']} Repeatable.")
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, default=Path(), help="Where backup puts its copy; else in this folder."
    )
    parser.add_argument("--config", metavar="FILE.toml", type=Path, help="Read options from this file; flags win.")
    parser.add_argument("--print-config", action="store_true", help="Print every option with its meaning, and exit.")
    parser.add_argument("--check-config", action="store_true", help="Only say whether the options are correct.")
    parser.add_argument("--json", action="store_true", help="Say that it is ready by one line of JSON.")
    parser.add_argument(
        "--restored", action="store_true", help="The database was restored from a backup: let everybody fetch it anew."
    )
    parser.add_argument("--version", action="version", version=f"qtchat-server {__version__}")
    return parser


def _serve(server: Server, *, as_json: bool) -> int:
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    try:
        server.start()
    except (StoreError, IdentityError, ListenError) as error:
        print(f"qtchat-server: {error}", file=sys.stderr)
        return 1
    print(_ready_json(server) if as_json else _ready_text(server), flush=True)
    if not as_json and _has_colours():
        print(qr_text(server.link, colours=True), flush=True)
    notify("READY=1", f"STATUS={server.name} is open at port {server.port}.")
    while not stop.wait(0.5):  # on Windows a wait without end would not notice Ctrl+C
        pass
    notify("STOPPING=1", "STATUS=Storing what was sent, and closing.")
    return 0 if server.stop() else 1


def _examine(settings: ServerSettings) -> int:
    logging.getLogger().setLevel(logging.ERROR)  # what is worth a warning is a finding
    worst = 0
    with closing(Doctor(settings).examine()) as findings:  # a server that it started has to stop in any case
        for finding in findings:
            print(finding, flush=True)
            worst = worst or int(finding.outcome is Outcome.FAILED)
    return worst


def _show_identity(settings: ServerSettings, *, as_json: bool, picture: bool) -> int:
    """`picture`: a QR code, too."""
    folder = settings.folder
    if not any((folder / name).exists() for name in (KEY_FILE, CERTIFICATE_FILE)):
        text = f"there is no server key in {folder} yet: the first start of the server makes it. Is --data right?"
        print(f"qtchat-server: {text}", file=sys.stderr)
        return 1
    try:
        identity = load_or_create_identity(folder)
        runs = is_running(folder)
    except (IdentityError, StoreError) as error:
        print(f"qtchat-server: {error}", file=sys.stderr)
        return 1
    fingerprint = hashlib.sha256(identity.public_key).hexdigest()
    told = read_running(folder) if runs else None
    if told is not None:
        link, port = told.link, told.port
        where = ", ".join(f"{address} port {port}" for address in told.addresses) + " (the server is running)"
    else:
        places = ((address, settings.port or DEFAULT_PORT) for address in reachable_addresses(settings.listen_on)[:4])
        link = str(Invitation(tuple(places), identity.code))
        where = f"computed from the options; {'it is not known where the server' if runs else 'the server is not'} "
        where += "listens" if runs else "running"
    if as_json:
        facts = {"code": identity.code, "link": link, "sha256": fingerprint, "data": str(folder), "running": runs}
        print(json.dumps(facts))
    else:
        print(f"Server code  {identity.code}\nInvitation   {link}\nKey, SHA-256 {fingerprint}")
        print(f"Data         {folder}\nAddresses    {where}")
        if picture:
            print(qr_text(link, colours=_has_colours()))
    return 0


def _back_up(settings: ServerSettings, into: Path) -> int:
    try:
        copy = back_up(settings.folder, into)
    except BackupError as error:
        print(f"qtchat-server: {error}", file=sys.stderr)
        return 1
    print(f"{copy.absolute()} is a copy of the chat and of its key: keep it as safe as the server itself.")
    print(f"To go on with it:  qtchat-server --data {copy} --restored  (--restored is needed the first time only)")
    return 0


def _set_password(settings: ServerSettings) -> int:
    if sys.stdin.isatty():
        password = getpass.getpass("Password for newcomers, empty for none: ")
        if password != getpass.getpass("Once more: "):
            print("qtchat-server: these are two different passwords", file=sys.stderr)
            return 1
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) > MAX_PASSWORD:
        print(f"qtchat-server: a password can have at most {MAX_PASSWORD} characters", file=sys.stderr)
        return 1
    try:
        write_password(settings.folder, password)
    except OSError as error:
        print(f"qtchat-server: {settings.folder} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    says = "Newcomers need this password" if password else "Newcomers need no password"
    print(f"{says} from the next start of the server on. Who was here before needs none.")
    return 0


def _has_colours() -> bool:
    """Is it a terminal, and one that knows escape sequences? The old console of Windows does not."""
    return sys.stdout.isatty() and (sys.platform != "win32" or "WT_SESSION" in os.environ)


def _ready_json(server: Server) -> str:
    host = f"[{server.host}]" if ":" in server.host else server.host
    return json.dumps(
        {
            "event": "ready",
            "native": f"{host}:{server.port}",
            "code": server.code,
            "link": server.link,
            "name": server.name,
            "data": str(server.settings.folder),
            "classic": [str(entrance) for entrance in server.entrances],
            "handout": server.handout_link,
            "claim": server.claim_token,
        }
    )


def _ready_text(server: Server) -> str:
    addresses = ", ".join(f"{address} port {server.port}" for address in server.addresses)
    doors = ", ".join(str(entrance) for entrance in server.entrances)
    return "\n".join(
        (
            f"qtchat-server: {server.name} is open.",
            f"  Addresses    {addresses}",
            f"  Server code  {server.code}",
            f"  Invitation   {server.link}",
            f"  Data         {server.settings.folder}",
            *(
                [f"  Owner token  {server.claim_token} (say /claim TOKEN in the app, or qtchat-cli LINK claim TOKEN)"]
                if server.claim_token
                else []
            ),
            *([f"  Plain text   {doors} (not encrypted)"] if doors else []),
            *([f"  Get the app  {server.handout_link}"] if server.handout_link else []),
            "Give people the invitation. Ctrl+C stops the server.",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
