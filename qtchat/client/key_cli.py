"""`qtchat-cli export-key` and `import-key`: a profile's key to a file that a passphrase protects, and back."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Final

from qtchat.client.errors import ProfileError
from qtchat.client.housekeeping import key_fingerprint
from qtchat.client.keyfile import MIN_PASSPHRASE, export_key, import_key
from qtchat.client.profile import default_profile
from qtchat.client.profile_lock import profile_lock

EXPORT: Final = "export-key"
IMPORT: Final = "import-key"


def main(command: str, arguments: Sequence[str]) -> int:
    """`command`: EXPORT or IMPORT. Exit status: 0 done, 1 not done, 2 wrong usage."""
    options = _parser(command).parse_args(arguments)
    try:
        passphrase = _passphrase(options.passphrase_file, twice=command == EXPORT)
        if command == EXPORT:
            export_key(options.profile, options.file, passphrase)
            _say(f"The key is in {options.file}. Keep it and the passphrase apart.")
        else:
            with profile_lock(options.profile):
                aside = import_key(options.profile, options.file, passphrase)
            if aside is not None:
                _say(f"The key that this profile had is now {aside}.")
            _say("The profile has the key.")
        _say(f"Fingerprint: {key_fingerprint(options.profile)}")
    except ProfileError as error:
        print(f"qtchat-cli: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except (EOFError, KeyboardInterrupt):
        print("qtchat-cli: Interrupted.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _passphrase(file: Path | None, *, twice: bool) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileError(f"The passphrase cannot be read from {file}: {error}.") from error
    hint = f" (at least {MIN_PASSPHRASE} characters)" if twice else ""
    try:
        with warnings.catch_warnings(action="error", category=GetPassWarning):  # it would be shown while it is typed
            passphrase = getpass(f"Passphrase{hint}: ")
            again = getpass("The same again: ") if twice else passphrase
    except GetPassWarning as warning:
        text = "There is no terminal to ask for the passphrase: give it by --passphrase-file FILE."
        raise ProfileError(text) from warning
    if again != passphrase:
        raise ProfileError("These were two different passphrases.")
    return passphrase


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _parser(command: str) -> argparse.ArgumentParser:
    about = {
        EXPORT: "Write the key of this profile to a file, sealed with a passphrase: whoever has both is you.",
        IMPORT: "Take the key from such a file for this profile. The key that it had is kept aside.",
    }
    parser = argparse.ArgumentParser(prog=f"qtchat-cli {command}", description=about[command])
    parser.add_argument("file", type=Path, metavar="FILE", help="The sealed key.")
    parser.add_argument("--profile", type=Path, default=default_profile(), metavar="DIR", help="Whose key.")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="Read the passphrase here (default: you are asked)."
    )
    return parser
