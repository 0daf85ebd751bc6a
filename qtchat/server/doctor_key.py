"""The key of the server's doctor. Whoever can read the data folder holds it, and owns the server anyway: so it comes in
without password and approval."""

import base64
import contextlib
from pathlib import Path
from typing import Final

from qtchat.net.files import create_file
from qtchat.net.signature import SigningKey

KEY_FILE: Final = "doctor.key"


def load_or_create_doctor_key(folder: Path) -> SigningKey:
    """The one in `folder`; made at the first time. Raises OSError, or ValueError if it is damaged."""
    path = folder / KEY_FILE
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # server and doctor may both be there for the first time
            create_file(path, base64.b64encode(SigningKey.generate().to_bytes()) + b"\n")
    try:
        return SigningKey.from_bytes(base64.b64decode(path.read_bytes().strip(), validate=True))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}. Remove it, and start the server again.") from error
