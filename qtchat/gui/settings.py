"""What the desktop program remembers between runs: typed fields in one small JSON file, saved atomically."""

import logging
import os
import threading
import time
from collections.abc import Collection
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from qtchat.client.profile import private
from qtchat.gui.theme.theme import MAX_TEXT_SCALE, MIN_TEXT_SCALE, Mode
from qtchat.protocol.messages import MAX_COLOR, MAX_STATUS

logger = logging.getLogger(__name__)

MAX_RECENT: Final = 6
"""Servers remembered for the nick dialog."""
MAX_RECENT_EMOJI: Final = 24
MAX_AWAY_MINUTES: Final = 240
FOREVER: Final = 253_402_300_799
"""A `dnd_until` that never comes: the end of the year 9999."""
MORNING: Final = 8
"""The hour at which "until tomorrow" ends."""
FILE_NAME: Final = "settings.json"


class Level(Enum):
    """What a room may tell of. Direct messages and mentions are told of unless it is NOTHING."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


class Quiet(Enum):
    """For how long nobody wants to be disturbed."""

    OFF = "off"
    HOUR = "hour"
    TOMORROW = "tomorrow"
    FOREVER = "forever"

    def until(self, now: float) -> int:
        """The `dnd_until` of this choice; `now` in seconds since 1970."""
        match self:
            case Quiet.OFF:
                return 0
            case Quiet.HOUR:
                return int(now) + 3600
            case Quiet.TOMORROW:
                day = time.localtime(now)
                # mktime counts the days beyond a month's end, and knows when the clocks change.
                return int(time.mktime((day.tm_year, day.tm_mon, day.tm_mday + 1, MORNING, 0, 0, 0, 0, -1)))
            case Quiet.FOREVER:
                return FOREVER


class RecentServer(msgspec.Struct, frozen=True):
    """A server that was joined. `link` brings us back; `code` is its server code, to compare by eye."""

    server_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]*$")]
    name: str
    link: str
    code: str
    nick: str


class OpenServer(msgspec.Struct, frozen=True):
    """A server that was open when the program was closed, and what we are called there."""

    link: str
    nick: str


class RoomPrefs(msgspec.Struct, frozen=True):
    """How one room is treated here. `muted`: only mentions are told of, and it counts for no badge. `hidden`: it is not
    listed until something with a higher seq than this is said there; None: it is listed. `marked`: as unread, by hand.
    """

    muted: bool = False
    pinned: bool = False
    level: Level = Level.ALL
    hidden: int | None = None
    marked: bool = False


class Settings(msgspec.Struct):
    """Every setting once, with its default. Fields that a file lacks get theirs; unknown ones are skipped."""

    nick: str = ""
    status: Annotated[str, msgspec.Meta(max_length=MAX_STATUS)] = ""
    color: Annotated[int, msgspec.Meta(ge=0, le=MAX_COLOR)] = 0
    theme: Mode = Mode.SYSTEM
    text_scale: Annotated[float, msgspec.Meta(ge=MIN_TEXT_SCALE, le=MAX_TEXT_SCALE)] = 1.0
    compact: bool = False
    """Messages over the full width, without bubbles."""
    unread_first: bool = False
    enter_sends: bool = True
    """Else Enter breaks the line and Ctrl+Enter sends."""
    recent_emoji: Annotated[list[str], msgspec.Meta(max_length=MAX_RECENT_EMOJI)] = []
    """The last used first."""

    notify: bool = True
    notify_hide_text: bool = False
    """Notifications tell who wrote, not what."""
    notify_sound: bool = False
    dnd_until: Annotated[int, msgspec.Meta(ge=0, le=FOREVER)] = 0
    """Do not disturb until then: seconds since 1970, UTC. 0: it is off."""
    rooms: dict[str, dict[int, RoomPrefs]] = {}
    """By server_id and room number; what is not there has the defaults."""

    geometry: bytes = b""
    """Qt's own form of the window's place and size."""
    side_width: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 300
    details_shown: bool = False
    close_to_tray: bool = True
    told_about_tray: bool = False
    """It was said that closing the window does not quit."""
    away_minutes: Annotated[int, msgspec.Meta(ge=0, le=MAX_AWAY_MINUTES)] = 10
    """Without input for so long means away; 0: never."""

    elsewhere: str = ""
    """Where else to look for chats: addresses in other networks as they were written, one a line."""
    hosting: bool = False
    """A chat was being hosted here when the program was closed."""
    start_hosting: bool = True
    """Then host it again at the next start."""
    host_doors: list[str] = []
    """Its plain-text doors, as "dialect:port"."""
    host_newcomers_wait: bool = False
    """Whoever comes for the first time waits to be let in."""
    host_newcomers_only_read: bool = False
    """Whoever comes for the first time is a guest, who only reads."""
    host_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Where it was the last time, so where its members look for it; 0: nowhere yet."""
    recent: list[RecentServer] = []
    """The last joined first."""
    open_servers: list[OpenServer] = []
    """In the order in which they are shown."""
    shown_server: str = ""
    """The link of the one whose rooms were shown."""
    last_room: dict[str, int] = {}
    """Room number by server_id."""
    drafts: dict[str, dict[int, str]] = {}
    """What was written and not sent, by server_id and room number."""

    def remember(self, server: RecentServer) -> None:
        """Put `server` in front of the recent ones."""
        others = [known for known in self.recent if known.server_id != server.server_id]
        self.recent = [server, *others][:MAX_RECENT]

    def forget_server(self, server_id: str) -> None:
        """Drop everything that belongs to this server."""
        links = {known.link for known in self.recent if known.server_id == server_id}
        self.recent = [known for known in self.recent if known.server_id != server_id]
        self.open_servers = [server for server in self.open_servers if server.link not in links]
        self.last_room.pop(server_id, None)
        self.drafts.pop(server_id, None)
        self.rooms.pop(server_id, None)

    def remember_emoji(self, emoji: str) -> None:
        """Put `emoji` in front of the recent ones."""
        self.recent_emoji = [emoji, *(known for known in self.recent_emoji if known != emoji)][:MAX_RECENT_EMOJI]

    def quiet(self, now: float) -> bool:
        """Does nobody want to be disturbed at `now` (seconds since 1970)?"""
        return now < self.dnd_until

    def room_prefs(self, server_id: str, room: int) -> RoomPrefs:
        return self.rooms.get(server_id, {}).get(room, RoomPrefs())

    def set_room_prefs(self, server_id: str, room: int, prefs: RoomPrefs) -> None:
        """What is like the defaults is not kept."""
        rooms = self.rooms.setdefault(server_id, {})
        rooms.pop(room, None)
        if prefs != RoomPrefs():
            rooms[room] = prefs

    def purge_drafts(self, server_id: str, rooms: Collection[int]) -> None:
        """Drop drafts for rooms that are gone; `rooms`: all those that we are in on this server."""
        drafts = self.drafts.get(server_id, {})
        for room in [room for room in drafts if room not in rooms]:
            del drafts[room]


class Content(NamedTuple):
    """Of the settings file. `number`: the higher, the newer."""

    number: int
    data: bytes


class SettingsFile:
    """The file behind a Settings. Nothing of it is lost, whatever it holds.

    `trouble`: why it could not be read, "" if it could. `wrong`: the fields that had no sensible value, and have their
    default again. In both cases `moved_to` is what was there, None if it could not be kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._writing = threading.Lock()
        self._taken = self._written = 0
        self.trouble = ""
        self.wrong: tuple[str, ...] = ()
        self.moved_to: Path | None = None
        self.settings = self._load()

    def _load(self) -> Settings:
        try:
            content = self._path.read_bytes()
            settings, self.wrong = _decoded(content)
        except FileNotFoundError:
            return Settings()
        except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
            self.trouble = str(error)
            self.moved_to = self._move_aside()
            return Settings()
        if self.wrong:
            logger.warning("these settings have their default again: %s", ", ".join(self.wrong))
            self.moved_to = self._copy_aside(content)
        return settings

    def _move_aside(self) -> Path | None:
        """Keep what could not be read, under a name nobody uses yet. None if even that does not work."""
        kept = self._free_name()
        try:
            self._path.rename(kept)
        except OSError as error:
            self.trouble += f"; {error}"
            return None
        return kept

    def _copy_aside(self, content: bytes) -> Path | None:
        kept = self._free_name()
        try:
            with kept.open("xb") as file:
                file.write(content)
        except OSError as error:
            logger.warning("no copy of the settings could be kept: %s", error)
            return None
        return kept

    def _free_name(self) -> Path:
        number = 1
        while (kept := self._path.with_name(f"settings.damaged-{number}.json")).exists():
            number += 1
        return kept

    def content(self) -> Content:
        """What the file should hold now. Take it on the GUI thread; `write` it anywhere."""
        self._taken += 1
        return Content(self._taken, msgspec.json.format(msgspec.json.encode(self.settings)))

    def write(self, content: Content) -> None:
        """Replace the file in one step, so that a power cut leaves the old one or the new one. Nothing is done if it
        holds newer content already.

        Safe from any thread. Raises OSError.
        """
        with self._writing:
            if content.number < self._written:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            with open(fresh, "wb", opener=private) as file:
                file.write(content.data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            self._written = content.number


def _decoded(content: bytes) -> tuple[Settings, tuple[str, ...]]:
    """The settings in `content`, and the fields whose value there is wrong. Raises what msgspec raises."""
    told = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    values: dict[str, Any] = {}
    wrong = []
    for field in msgspec.structs.fields(Settings):
        if field.name in told:
            try:
                values[field.name] = msgspec.json.decode(told[field.name], type=field.type)
            except (msgspec.DecodeError, UnicodeDecodeError):
                wrong.append(field.name)
    return Settings(**values), tuple(wrong)
