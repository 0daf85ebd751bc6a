"""From double-click to talking, as two new users do it: two programs on two screens, seen by another program's eyes and
driven by its hands, as clicks and keys of the X server."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

if sys.platform != "linux":
    pytest.skip("its eyes and hands are those of Linux", allow_module_level=True)

from tests.helpers.quiet_network import free_network
from tests.helpers.screen import Screen, app_log, missing
from tests.helpers.screen_reader import Element, ScreenReader

lacking = missing() + [tool for tool in ("xdotool",) if shutil.which(tool) is None]
if lacking:
    pytest.skip(f"screens of the test's own need: {', '.join(lacking)}", allow_module_level=True)

ON_SCREEN: Final = 0
"""Of AT-SPI: where something is on the screen, not in its window."""
PATIENCE: Final = 30.0


class User:
    """Somebody in front of a screen of their own, with a profile that was never used. `clicks` and `keys` are what it
    took besides the name and the messages."""

    def __init__(self, screen: Screen, reader: ScreenReader) -> None:
        self._screen, self._reader = screen, reader
        self.clicks = self.keys = 0

    @property
    def program(self) -> Element:
        return self._reader.program("qtchat")

    def until(self, look: Callable[[], object]) -> None:
        self._reader.until(look)

    def click(self, name: str) -> None:
        """The button of this name."""
        button = self._reader.until(lambda: self.program.find("push button", name))
        left, top, width, height = button.ask("GetExtents", "u", (ON_SCREEN,), of="Component")
        self._do("mousemove", "--sync", str(left + width // 2), str(top + height // 2), "click", "1")
        self.clicks += 1

    def press(self, key: str) -> None:
        self._do("key", key)
        self.keys += 1

    def type(self, text: str) -> None:
        """Where the keyboard is; not counted."""
        self._do("type", "--delay", "20", text)

    def say(self, text: str) -> None:
        """A message, with the key that sends it; not counted."""
        self.type(text)
        self._do("key", "Return")

    def heard(self) -> list[str]:
        """The messages that the window shows, as "sender: text"."""
        said = (item.split(", ") for item in self.program.items("Messages") if "joined" not in item)
        return [f"{parts[0]}: {parts[2]}" for parts in said]

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._screen.environment, check=True, timeout=PATIENCE)


@contextmanager
def new_user(profile: Path, network: tuple[int, str]) -> Iterator[User]:
    """Who has just started the program."""
    port, service = network
    command = [sys.executable, "-m", "tests.helpers.quiet_app", str(port), service, "--profile", str(profile)]
    with Screen() as screen, ScreenReader(screen.bus) as reader, app_log(profile).open("wb") as log:
        accessible = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_QPA_PLATFORM": "xcb"}
        process = subprocess.Popen(command, env=screen.environment | accessible, stdout=log, stderr=log)
        try:
            yield User(screen, reader)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
                process.wait()
    said = app_log(profile).read_text("utf-8")
    assert "Traceback" not in said, said


def test_one_starts_a_chat_another_presses_enter_and_both_talk(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    network = free_network()
    began = time.monotonic()
    with new_user(tmp_path / "anna", network) as anna, new_user(tmp_path / "ben", network) as ben:
        anna.until(lambda: anna.program.find("dialog", "qtchat"))
        anna.type("Anna")
        anna.click("Start a chat here")
        anna.click("Done")
        ben.until(lambda: ben.program.find("push button", "Anna's chat"))
        ben.type("Ben")
        ben.press("Return")
        anna.until(lambda: "Ben joined" in " ".join(anna.program.items("Messages")))
        anna.say("hello")
        ben.until(lambda: ben.heard() == ["Anna: hello"])
        ben.say("hello Anna")
        for user in (anna, ben):
            user.until(lambda: user.heard() == ["Anna: hello", "Ben: hello Anna"])  # noqa: B023 (it is called here)
        seconds = time.monotonic() - began
    record_property("seconds", round(seconds, 1))
    print(f"{anna.clicks} clicks and {anna.keys} keys to host, {ben.clicks} and {ben.keys} to join, {seconds:.1f} s")
    assert anna.clicks + anna.keys <= 3
    assert ben.clicks + ben.keys <= 2
