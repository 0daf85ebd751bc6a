"""A second start hands its link over; who says something else is dropped; what a killed program left is no trouble."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QThread, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.profile_lock import ProfileInUseError, profile_lock
from qtchat.gui import single_instance
from qtchat.gui.app import links_heard
from qtchat.gui.single_instance import (
    GREETING,
    MAX_LINK,
    MAX_MESSAGE,
    MAX_WAITING,
    TAKEN,
    SingleInstance,
    hand_over,
    only_start,
    socket_names,
)
from tests.helpers.desktop import Stand

LINK = "qtchat://127.0.0.1:47300/#Z6NDT-SHRWB-NGHSU-RP2IA-KML7Q"
PATIENCE = 20.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="a named pipe there")


@pytest.fixture
def heard(qtbot: QtBot, tmp_path: Path) -> Iterator[list[str]]:
    links: list[str] = []
    instance = SingleInstance(tmp_path)
    instance.link_received.connect(links.append)
    yield links
    instance.close()
    instance.deleteLater()


def in_thread(qtbot: QtBot, work: Callable[[], object]) -> object:
    """What `work` returns, done on another thread while the GUI goes on."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=int(PATIENCE * 1000))
    thread.join()
    return results[0]


HAND_OVER = """
import sys
from pathlib import Path
from qtchat.gui.single_instance import hand_over
sys.exit(not hand_over(Path(sys.argv[1]), sys.argv[2]))
"""


def handed(qtbot: QtBot, profile: Path, link: str) -> bool:
    """`hand_over` in a process of its own: Qt's waiting lets no other Python thread run."""
    command = [sys.executable, "-c", HAND_OVER, str(profile), link]
    return in_thread(qtbot, lambda: subprocess.run(command, timeout=60, check=False).returncode) == 0


def say(place: str, data: bytes) -> bytes:
    """Everything that is answered, until the other side closes."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(place)
        answer = b""
        with contextlib.suppress(ConnectionError):  # it need not read all that we say
            sock.sendall(data)
            while piece := sock.recv(4096):
                answer += piece
        return answer


@pytest.mark.parametrize("link", [LINK, "", "küche.local"])
def test_a_link_is_handed_over(qtbot: QtBot, tmp_path: Path, heard: list[str], link: str) -> None:
    assert handed(qtbot, tmp_path, link)
    assert heard == [link]


def test_nobody_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    assert not hand_over(tmp_path, LINK)


def test_a_start_while_the_other_quits_waits_for_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens no more, and has the profile still."""
    with ExitStack() as other:
        other.enter_context(profile_lock(tmp_path))
        monkeypatch.setattr(QThread, "msleep", lambda _: other.close())
        with only_start(tmp_path, LINK) as ours:
            assert ours
            with pytest.raises(ProfileInUseError), profile_lock(tmp_path):
                pass


def test_who_does_not_answer_is_not_waited_for_without_end(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "QUIT_PATIENCE_MS", 100)
    with profile_lock(tmp_path), pytest.raises(ProfileInUseError), only_start(tmp_path, LINK):
        pass


def test_a_program_that_quits_takes_nothing_more(qapp: QApplication, stand: Stand, qtbot: QtBot) -> None:
    stand.online()
    with links_heard(qapp, stand.profile, stand.desktop):
        assert handed(qtbot, stand.profile, "")
        with qtbot.waitSignal(stand.desktop.leaving.finished):
            stand.desktop.leaving.quit_now()
            assert not handed(qtbot, stand.profile, LINK)
            stand.desktop.take_link(LINK)
    assert not stand.desktop.window.isVisible()
    assert not stand.desktop.joining.dialog.isVisible()
    assert len(stand.accounts) == 1


@posix
@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"qtchat window 2\nqtchat://x/\n",
        GREETING + b"x" * MAX_MESSAGE,
        GREETING + b"qtchat://x/\x1b[2J\n",
        GREETING + b"\xff\xfe\n",
        GREETING + b"one\ntwo\n",
    ],
)
def test_whoever_says_something_else_is_dropped(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: list[str], data: bytes
) -> None:
    monkeypatch.setattr(single_instance, "PATIENCE_MS", 10 * int(PATIENCE * 1000))  # at once, not after a while
    assert in_thread(qtbot, lambda: say(socket_names(tmp_path)[0], data)) == b""
    assert heard == []
    assert handed(qtbot, tmp_path, LINK)


@posix
def test_a_link_of_the_greatest_length_in_many_pieces(qtbot: QtBot, tmp_path: Path, heard: list[str]) -> None:
    link = "x" * MAX_LINK

    def slowly() -> bytes:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(socket_names(tmp_path)[0])
            for byte in GREETING:
                sock.sendall(bytes([byte]))
            sock.sendall(link.encode() + b"\n")
            return sock.recv(4096)

    assert in_thread(qtbot, slowly) == TAKEN
    assert heard == [link]


@posix
def test_somebody_who_says_nothing_is_dropped(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: list[str]
) -> None:
    monkeypatch.setattr(single_instance, "PATIENCE_MS", 50)
    assert in_thread(qtbot, lambda: say(socket_names(tmp_path)[0], b"")) == b""
    assert heard == []


@posix
def test_a_crowd_is_turned_away(qtbot: QtBot, tmp_path: Path, heard: list[str]) -> None:
    sockets = [socket.socket(socket.AF_UNIX) for _ in range(3 * MAX_WAITING)]
    for sock in sockets:
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # the queue is full
            sock.connect(socket_names(tmp_path)[0])
    qtbot.wait(0)
    for sock in sockets:
        sock.close()
    qtbot.waitUntil(lambda: handed(qtbot, tmp_path, LINK), timeout=int(PATIENCE * 1000))


@posix
def test_what_a_killed_program_left_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(socket_names(tmp_path)[0])
    instance = SingleInstance(tmp_path)
    with qtbot.waitSignal(instance.link_received):
        assert handed(qtbot, tmp_path, LINK)
    instance.close()


@posix
def test_only_this_user_may_speak_to_it(tmp_path: Path, heard: list[str]) -> None:
    assert heard == []
    assert Path(socket_names(tmp_path)[0]).stat().st_mode & 0o077 == 0


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of this user for sockets."""
    with tempfile.TemporaryDirectory() as short:  # the test's own folder may be too deep for a socket
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        yield Path(short)


def test_each_profile_has_its_own_place(runtime: Path) -> None:
    profiles = (runtime, runtime / "other", runtime / ("x" * 120))
    assert len({socket_names(profile)[0] for profile in profiles}) == 3


@posix
def test_where_the_profile_takes_no_socket_another_place_does(qtbot: QtBot, tmp_path: Path, runtime: Path) -> None:
    Path(socket_names(tmp_path)[0], "in the way").mkdir(parents=True)
    instance = SingleInstance(tmp_path)
    with qtbot.waitSignal(instance.link_received):
        assert handed(qtbot, tmp_path, LINK)
    instance.close()
    assert runtime in Path(socket_names(tmp_path)[1]).parents


def test_macos_tells_of_a_clicked_link(
    stand: Stand, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    links: list[str] = []
    monkeypatch.setattr(stand.desktop, "take_link", links.append)
    with links_heard(qapp, tmp_path, stand.desktop):
        QApplication.sendEvent(qapp, QFileOpenEvent(QUrl(LINK)))
        QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.org/")))
        QApplication.sendEvent(qapp, QFileOpenEvent("/etc/passwd"))
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl(LINK)))
    assert links == [LINK]


def test_a_second_start_ends_with_the_first_ones_blessing(qtbot: QtBot, tmp_path: Path, heard: list[str]) -> None:
    def start() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "qtchat", "--profile", str(tmp_path), LINK]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    with profile_lock(tmp_path):
        done = in_thread(qtbot, start)
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, done.stderr
    assert heard == [LINK]
