"""Takes the pictures of README.md: `python3 -m tests.screenshots.readme DIR`, with the .venv's Python, in a checkout.

A real server and the real program, as in run.py; only that these people talk as one does, and break nothing.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from qtchat.gui.theme.theme import Mode
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.server_rows import FoundServer
from tests.helpers.accounts import LOBBY
from tests.screenshots.camera import until
from tests.screenshots.play import Play
from tests.screenshots.run import SCREEN
from tests.screenshots.stage import Stage

SIZE = (1024, 720)
NAME = "Physics lab"
OURS = "Eeva"


def talk(play: Play) -> None:
    """What was said in the morning."""
    say = play.say
    lunch = play.room("Anna", "lunch", "Who cooks today?")
    say("Anna", "Soup! With bread, if somebody brings some.", lunch)
    release = play.room("Ben", "release", "Version 2 on Friday")
    say("Ben", "The tests are green again.", release)
    say("Anna", "Good morning! The printer is back 🎉")
    who = say("Ben", "Finally. Who repaired it?")
    paper = say("Дмитрий", "Я. Там застряла **бумага**, ничего страшного.", LOBBY, who)
    for nick, emoji in (("Anna", "❤️"), ("Ben", "👍"), ("Carla Gómez", "👍")):
        play.person(nick).account.react(LOBBY, paper, emoji, True)
    say("Anna", "And please close the window in the server room, the log says it is 14 °C in there:")
    say("Anna", "```\n09:12 temp0 14.2\n09:13 temp0 14.1\n```")
    say("Carla Gómez", "I'll do it")


def answer(stage: Stage) -> None:
    """What we say ourselves."""
    stage.open("lobby")
    for text in ("Thank you! Then the handouts can still be ready for ten o'clock.", "Who carries 24 copies upstairs?"):
        stage.account.post(LOBBY, text, 0)
    until(lambda: any("24 copies" in entry.text for entry in stage.window.timeline.model.entries), "our words")
    stage.play.say("Carla Gómez", "👍")
    stage.settle()


def save(window: QWidget, target: Path, name: str) -> None:
    """One window alone."""
    window.grab().save(str(target / f"{name}.png"), "PNG", 0)  # 0: packed as small as it goes


def main(arguments: Sequence[str] | None = None) -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="tests.screenshots.readme", description="Takes the pictures of README.md.")
    parser.add_argument("target", type=Path, metavar="DIR", help="where the pictures go")
    target: Path = parser.parse_args(arguments).target
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        screen = Path(folder) / "screen.json"
        screen.write_text(json.dumps({"screens": [SCREEN]}), encoding="utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
        application = QApplication(sys.argv[:1])
        application.setQuitOnLastWindowClosed(False)
        with Play(Path(folder), name=NAME) as play:
            talk(play)
            first = Stage(application, Path(folder) / "first", play)
            _find(first, target)
            first.quit()
            stage = Stage(application, Path(folder) / "later", play)
            _chat(stage, target)
            _host(stage, target)
            stage.quit()
    return 0


def _find(stage: Stage, target: Path) -> None:
    """The first window: who is hosting here."""
    stage.look(Mode.LIGHT, 1.0)
    stage.desktop.start("", OURS)
    dialog = stage.desktop.joining.dialog
    codes = ("RM34I-PRC4F-IC7ZB-QXWDG-TB6LK", "VJ5XR-2NKWQ-OGB7D-MH4TE-YPC3A")
    link = "qtchat://192.168.1.5:47300/#RM34I-PRC4F-IC7ZB-QXWDG-TB6LK"
    dialog.set_found([FoundServer(NAME, link, codes[0], 5), FoundServer("Kitchen", link, codes[1], 2)])
    stage.settle()
    save(dialog, target, "find")


def _chat(stage: Stage, target: Path) -> None:
    """The main window in both themes."""
    stage.join(stage.play.link, OURS)
    for number in set(stage.play.rooms.values()) - {LOBBY}:
        stage.account.join_room(number)
    session = stage.desktop.sessions.current
    assert session is not None
    until(lambda: set(stage.play.rooms.values()) <= set(session.state.rooms), "all rooms")
    answer(stage)
    stage.play.say("Ben", "So everybody can go home on time 🙂", stage.play.rooms["release"])
    stage.size(*SIZE)
    stage.turn_to(Page.CHAT)
    for mode in (Mode.DARK, Mode.LIGHT):
        stage.look(mode, 1.0)
        stage.settle()
        save(stage.window, target, f"main-{mode.value}")


def _host(stage: Stage, target: Path) -> None:
    """The invitation of a chat that was started here."""
    servers = stage.desktop.servers
    stage.desktop.joining.choose()
    stage.desktop.joining.dialog.host_button.click()
    until(lambda: servers.hosted is not None and servers.hosted.was_online, "the chat that is started here")
    until(lambda: servers.invitation is not None and servers.invitation.isVisible(), "its invitation")
    stage.settle()
    assert servers.invitation is not None
    save(servers.invitation, target, "invite")


if __name__ == "__main__":
    sys.exit(main())
