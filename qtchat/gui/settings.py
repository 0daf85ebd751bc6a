"""What the desktop program remembers between runs: typed fields in one small JSON file, saved atomically."""

import os
import threading
from pathlib import Path
from typing import Annotated, Final

import msgspec

from qtchat.gui.theme.theme import Mode

MAX_RECENT: Final = 6
"""Servers remembered for the nick dialog."""
FILE_NAME: Final = "settings.json"


class RecentServer(msgspec.Struct, frozen=True):
    """A server that was joined. `link` brings us back; `code` is its server code, to compare by eye."""

    server_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]*$")]
    name: str
    link: str
    code: str
    nick: str


class Settings(msgspec.Struct):
    """Every setting once, with its default. Fields that a file lacks get theirs; unknown ones are skipped."""

    nick: str = ""
    theme: Mode = Mode.SYSTEM
    text_scale: float = 1.0
    geometry: bytes = b""
    """Qt's own form of the window's place and size."""
    side_width: int = 300
    details_shown: bool = False
    hosting: bool = False
    """A chat was being hosted here when the program was closed."""
    recent: list[RecentServer] = []
    """The last joined first."""
    last_room: dict[str, int] = {}
    """Room number by server_id."""
    drafts: dict[str, dict[int, str]] = {}
    """What was written and not sent, by server_id and room number."""

    def remember(self, server: RecentServer) -> None:
        """Put `server` in front of the recent ones."""
        others = [known for known in self.recent if known.server_id != server.server_id]
        self.recent = [server, *others][:MAX_RECENT]


class SettingsFile:
    """The file behind a Settings. `trouble`: why it could not be read, "" if it could; nothing of it is lost."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._writing = threading.Lock()
        self.trouble = ""
        self.moved_to: Path | None = None
        self.settings = self._load()

    def _load(self) -> Settings:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return Settings()
        except (msgspec.DecodeError, OSError) as error:
            self.trouble = str(error)
        self.moved_to = self._move_aside()
        return Settings()

    def _move_aside(self) -> Path | None:
        """Keep what could not be read, under a name nobody uses yet. None if even that does not work."""
        for number in range(1, 100):
            kept = self._path.with_name(f"settings.damaged-{number}.json")
            if not kept.exists():
                try:
                    self._path.rename(kept)
                except OSError as error:
                    self.trouble += f"; {error}"
                    return None
                return kept
        return None

    def encoded(self) -> bytes:
        """The file's content now. Take it on the GUI thread; `write` it anywhere."""
        return msgspec.json.format(msgspec.json.encode(self.settings))

    def write(self, content: bytes) -> None:
        """Replace the file in one step, so that a power cut leaves the old one or the new one.

        Safe from any thread. Raises OSError.
        """
        with self._writing:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
