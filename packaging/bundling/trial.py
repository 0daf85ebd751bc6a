"""The packages used as people use them: on a Debian without Python, windows that talk through the bundled server, one
that hosts and one that finds it, a link that is opened, the archive that runs from any folder. See stand.py.
"""

import contextlib
import hashlib
import json
import re
import shutil
import subprocess
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any, Final

from bundling.stand import HOME, Place, TrialError, check_tools, install, make_root, say, screen, until

LOOPBACK: Final = ("--interface", "127.0.0.1")


def try_out(dist: Path, build: Path) -> None:
    """Install what is in `dist` and use it. Raises TrialError; a picture of the windows is left in `build`."""
    check_tools()
    packages = sorted(dist.glob("*.deb"))
    archives = sorted(dist.glob("qtchat-[0-9]*.tar.xz"))
    if not packages or not archives:
        raise TrialError("There are no packages in dist/. Make them first: python3 dev.py bundle")
    root = make_root(build.parent / "debian")  # it outlasts the next build
    install(root, packages)
    with screen() as display, contextlib.ExitStack() as running:
        place = Place(root, display, running)
        _unpack(place, archives[0])
        place.run("qtchat", "--smoke-test")
        say("the window is painted")
        try:
            link = _serve(place, packages)
            _talk(place, link)
            _examine(place, link)
            _follow(place, link, _host(place))
        finally:
            picture = build / "trial.png"
            place.desktop("import", "-window", "root", str(picture))
            say(f"look at {picture}")


def _unpack(place: Place, archive: Path) -> None:
    """The archive runs from any folder, and with a file `portable` beside the programs it keeps all data there."""
    folder = place.root / "tmp" / "a stick"
    folder.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
    (folder / "qtchat" / "portable").touch()
    place.run("/tmp/a stick/qtchat/qtchat", "--smoke-test")
    elsewhere = list((place.root / HOME.lstrip("/")).iterdir())
    if elsewhere or not (folder / "qtchat" / "data").is_dir():
        raise TrialError("the archive did not keep its data beside its programs")
    say("the archive runs from a folder, and is portable")


def _serve(place: Place, packages: list[Path]) -> str:
    """Start the server, which also hands out the packages; returns the invitation."""
    shutil.copytree(packages[0].parent, place.root / "tmp" / "handout", ignore=lambda *_: {"qtchat", "qtchat-server"})
    config = place.root / "tmp" / "server.toml"
    config.write_text('handout_folder = "/tmp/handout"\nhandout_port = 0\n')
    command = ("--config", "/tmp/server.toml", "--host", "127.0.0.1", "--port", "0", "--data", "/tmp/server", "--json")
    server = place.start("qtchat-server", *command)
    assert server.stdout is not None
    ready = server.stdout.readline()
    if not ready:
        raise TrialError("the server did not start")
    facts = json.loads(ready)
    say(f"the server is ready: {facts['link']}")
    with urllib.request.urlopen(facts["handout"]) as answer:
        page = answer.read().decode()
    for package in packages:
        (number,) = (hashlib.sha256(package.read_bytes()).hexdigest(),)
        if package.name not in page or number not in re.sub(r"<[^>]*>|\s", "", page):
            raise TrialError(f"the page of the server does not offer {package.name} with its hash")
    if facts["link"] not in page.replace("&amp;", "&"):
        raise TrialError("the page of the server lacks the invitation")
    say(f"it hands out {len(packages)} packages at {facts['handout']}")
    return str(facts["link"])


def _talk(place: Place, link: str) -> None:
    """Two windows say something to each other."""
    for nick in ("Anna", "Boris"):
        _open(place, nick, link)
        until(partial(_is_there, place, link, nick), f"{nick} among the people who are there")
    say("two windows are in the lobby")
    for nick, window in place.windows.items():
        text = f"hello from {nick}"
        place.desktop("xdotool", "windowfocus", "--sync", window)
        place.desktop("xdotool", "type", "--delay", "20", text)
        place.desktop("xdotool", "key", "Return")
        until(partial(_was_said, place, link, nick, text), f"what {nick} said")
    say("they have talked")


def _examine(place: Place, link: str) -> None:
    """Both doctors look, each with all that it needs; what they think of a network with one address does not matter."""
    for command in (("qtchat-cli", "doctor", link), ("qtchat-server", "doctor", "--data", "/tmp/other")):
        status, said, complaint = place.ask(*command, *LOOPBACK)
        findings = [line for line in said.splitlines() if line.startswith("[")]
        if status not in (0, 1) or not findings or "Traceback" in complaint:
            raise TrialError(f"{' '.join(command)}: {said}{complaint}")
        say(f"{command[0]} doctor has looked at {len(findings)} things")


def _host(place: Place) -> str:
    """Somebody starts a chat in the app; the shell and another window find it there. Returns its invitation."""
    _open(place, "Carla", *LOOPBACK)
    link = until(partial(_hosts, place, "Carla"), "a chat that is hosted in the app, found from the shell")
    until(partial(_is_there, place, link, "Carla"), "Carla in the chat that she hosts")
    say(f"a chat is hosted in the app, and found: {link}")
    _open(place, "Dora", *LOOPBACK)
    until(partial(_joins, place, "Dora", link), "Dora in the chat that she found")
    say("another window has found it, and joined by one key")
    return link


def _follow(place: Place, link: str, hosted: str) -> None:
    """A link goes to the program that runs already, which asks whether to join: also one that the desktop opens."""
    before = _windows(place)
    place.run("qtchat", "--profile", "/tmp/Anna", hosted)
    place.windows["Anna"] = until(partial(_new_window, place, before), "the question in the program that runs")
    until(partial(_joins, place, "Anna", hosted), "Anna where the link leads")
    say("a link was handed to the program that runs")
    before = _windows(place)
    place.start("qtchat", "--nick", "Erik", "--theme", "light", *LOOPBACK)  # in the profile that the desktop means
    place.windows["Erik"] = until(partial(_new_window, place, before), "the window of Erik")
    place.run("xdg-open", link)
    until(partial(_joins, place, "Erik", link), "Erik where the link leads that the desktop opened")
    say("the desktop opens links with it")


def _open(place: Place, nick: str, *words: str) -> None:
    """Start the app in a profile of its own, and place its window."""
    before = _windows(place)
    program = place.start("qtchat", "--profile", f"/tmp/{nick}", "--nick", nick, "--theme", "light", *words)
    window = place.windows[nick] = until(partial(_new_window, place, before), f"the window of {nick}")
    number = len(place.windows) - 1
    if not words[0].startswith("-"):
        place.desktop("xdotool", "windowsize", window, "1000", "600")
    place.desktop("xdotool", "windowmove", window, str(1024 * (number % 2)), str(20 + 640 * (number // 2)))
    if program.poll() is not None:
        raise TrialError(f"the app of {nick} ended")


def _cli(place: Place, link: str, *command: str) -> list[dict[str, Any]]:
    said = place.run("qtchat-cli", "--profile", "/tmp/watcher", "--nick", "Watcher", link, *command, "--json")
    return [json.loads(line) for line in said.splitlines()]


def _is_there(place: Place, link: str, nick: str) -> bool:
    return nick in {person["nick"] for person in _cli(place, link, "people") if person["online"]}


def _was_said(place: Place, link: str, nick: str, text: str) -> bool:
    return (nick, text) in {(entry["nick"], entry["text"]) for entry in _cli(place, link, "history", "lobby")}


def _press(place: Place, nick: str, *keys: str) -> None:
    """Press keys in somebody's first window, unless that is gone. A program that has just begun may miss them."""
    if place.windows[nick] in _windows(place):
        place.desktop("xdotool", "windowfocus", "--sync", place.windows[nick])
        place.desktop("xdotool", "key", *keys)


def _hosts(place: Place, nick: str) -> str:
    """Press *Start a chat here*, the last in the dialog; returns the invitation to whoever is found on the network
    then, empty if nobody is yet."""
    _press(place, nick, "shift+Tab", "space")
    _, said, complaint = place.ask("qtchat-cli", "find", *LOOPBACK, "--json")
    if "Traceback" in complaint:
        raise TrialError(complaint)
    found = next((json.loads(line) for line in said.splitlines()), None)
    return f"{found['link']}#{found['code']}" if found else ""


def _joins(place: Place, nick: str, link: str) -> bool:
    """Press Enter in the dialog, which goes to the address there, or else to the only server that it found; returns
    whether that worked."""
    _press(place, nick, "Return")
    return _is_there(place, link, nick)


def _windows(place: Place) -> list[str]:
    return place.desktop("xdotool", "search", "--onlyvisible", "--class", "qtchat").split()


def _new_window(place: Place, before: list[str]) -> str:
    return next((window for window in _windows(place) if window not in before), "")
