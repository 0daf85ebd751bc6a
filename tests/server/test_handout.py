"""The hand-out page: the files of one folder and nothing else, whatever is asked; no guest can hold it up."""

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from qtchat import __version__
from qtchat.server import handout as module
from qtchat.server.handout import MAX_GUESTS, Handout
from qtchat.server.listener import ListenError
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import PATIENCE

LINK = "qtchat://192.0.2.7:47300/#ABCDE-FGHIJ"
SECRET = "the key of the server"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "server.key").write_text(SECRET)
    folder = tmp_path / "bundles"
    folder.mkdir()
    (folder / "qtchat_0.1.0_amd64.deb").write_bytes(b"\0deb" * 50_000)
    return folder


@pytest.fixture
def handout(folder: Path) -> Iterator[Handout]:
    with no_thread_left():
        running = Handout(folder, "127.0.0.1", 0, name="Home", link=LINK)
        running.start()
        yield running
        assert running.stop(PATIENCE)


def ask(handout: Handout, path: str, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection("127.0.0.1", handout.port, timeout=PATIENCE)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()


def talk(handout: Handout, request: bytes) -> bytes:
    """Send these bytes as they are, and take what comes until the end."""
    with socket.create_connection(("127.0.0.1", handout.port), PATIENCE) as sock:
        sock.sendall(request)
        with suppress(OSError):  # it may have been cut off by now
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := sock.recv(65_536):
            answer += piece
        return answer


# -- the page -----------------------------------------------------------------------------------------


def test_page_lists_files_with_size_hash_and_invitation(handout: Handout, folder: Path) -> None:
    response, body = ask(handout, "/get")
    text = body.decode()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert hashlib.sha256((folder / "qtchat_0.1.0_amd64.deb").read_bytes()).hexdigest() in text
    assert "200.0 kB" in text
    assert f'href="{LINK}"' in text
    assert "<svg" in text
    assert "ABCDE-FGHIJ" in text


def test_each_system_finds_its_file_the_app_first(handout: Handout, folder: Path) -> None:
    names = ["SHA256SUMS", "qtchat-server_0.1.0_amd64.deb", "qtchat-0.1.0-linux-x86_64.tar.xz", "qtchat-setup.exe"]
    for name in names:
        (folder / name).touch()
    text = ask(handout, "/get")[1].decode()
    places = [text.index(f">{name}<") for name in reversed([*names[:3], "qtchat_0.1.0_amd64.deb", names[3]])]
    assert places == sorted(places)
    assert "Windows: double-click it" in text


def test_browser_may_do_nothing_but_show_it(handout: Handout) -> None:
    response, body = ask(handout, "/get")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(rb"<script|\son\w+=|\sstyle=|src=", body)
    assert response.headers["Server"] == f"qtchat/{__version__}"


def test_root_leads_to_the_page(handout: Handout) -> None:
    response, _ = ask(handout, "/")
    assert (response.status, response.headers["Location"]) == (302, "/get")


def test_head_has_no_body(handout: Handout) -> None:
    for path in ("/get", "/get/qtchat_0.1.0_amd64.deb", "/nothing"):
        response, body = ask(handout, path, "HEAD")
        assert int(response.headers["Content-Length"]) > 0
        assert body == b""


def test_names_are_plain_text(folder: Path) -> None:
    evil = '<b>&"x.deb'
    (folder / evil).write_bytes(b"x")
    with no_thread_left():
        running = Handout(folder, "127.0.0.1", 0, name="<script>alert(1)</script>", link=LINK)
        running.start()
        page = ask(running, "/get")[1].decode()
        found = re.search(r'href="(/get/[^"]*x\.deb)"', page)
        assert found
        response, body = ask(running, found[1])
        assert running.stop(PATIENCE)
    assert "<script>" not in page
    assert "&lt;b&gt;&amp;&quot;x.deb" in page
    assert body == b"x"
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%3Cb%3E%26%22x.deb"


def test_file_that_changes_gets_a_new_hash(handout: Handout, folder: Path) -> None:
    ask(handout, "/get")
    (folder / "qtchat_0.1.0_amd64.deb").write_bytes(b"another")
    assert hashlib.sha256(b"another").hexdigest() in ask(handout, "/get")[1].decode()


def test_empty_and_missing_folders_say_so(handout: Handout, folder: Path) -> None:
    (folder / "qtchat_0.1.0_amd64.deb").unlink()
    assert b"Nothing was put here yet" in ask(handout, "/get")[1]
    folder.rmdir()
    assert b"Nothing was put here yet" in ask(handout, "/get")[1]


# -- files --------------------------------------------------------------------------------------------


def test_file_comes_whole_and_as_a_download(handout: Handout, folder: Path) -> None:
    response, body = ask(handout, "/get/qtchat_0.1.0_amd64.deb?again=1")
    assert body == (folder / "qtchat_0.1.0_amd64.deb").read_bytes()
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    "path",
    [
        "/get/../server.key",
        "/get/..%2fserver.key",
        "/get/%2e%2e%2fserver.key",
        "/get/..%5cserver.key",
        "/get//etc/passwd",
        "/get/./qtchat_0.1.0_amd64.deb",
        "/get/qtchat_0.1.0_amd64.deb%00",
        "/get/..",
        "/get/.hidden",
        "/get/sub",
        "/get/sub/inner",
        "/get/link",
        "/../server.key",
        "/server.key",
        "/getqtchat_0.1.0_amd64.deb",
        "*",
        "http://elsewhere/get/../server.key",
        "/get/%ff%fe",
    ],
)
def test_nothing_else_can_be_had(handout: Handout, folder: Path, path: str) -> None:
    (folder / ".hidden").write_text(SECRET)
    (folder / "sub").mkdir()
    (folder / "sub" / "inner").write_text(SECRET)
    (folder / "link").symlink_to(folder.parent / "server.key")
    answer = talk(handout, f"GET {path} HTTP/1.0\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 404 ")
    assert SECRET.encode() not in answer


def test_a_link_is_not_on_the_page(handout: Handout, folder: Path) -> None:
    (folder / "shadow.deb").symlink_to(folder.parent / "server.key")
    page = ask(handout, "/get")[1]
    assert b"qtchat_0.1.0_amd64.deb" in page
    assert b"shadow.deb" not in page
    assert hashlib.sha256(SECRET.encode()).hexdigest().encode() not in page


def test_file_that_became_a_link_is_not_followed(handout: Handout, folder: Path) -> None:
    bundle = folder / "qtchat_0.1.0_amd64.deb"
    bundle.unlink()
    bundle.symlink_to(folder.parent / "server.key")
    assert ask(handout, "/get/qtchat_0.1.0_amd64.deb")[0].status == 404


# -- those who mean ill -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_only_reading_is_allowed(handout: Handout, method: str) -> None:
    response, body = ask(handout, "/get/qtchat_0.1.0_amd64.deb", method)
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert method.encode() not in body


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET\r\n\r\n", b"400"),
        (b"GET /get HTTP/9.9\r\n\r\n", b"505"),
        (b"GET /get HTTP/x\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", b"400"),
        (b"GET /get HTTP/1.0\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
        (b"GET <script> HTTP/1.0\r\n\r\n", b"404"),
    ],
)
def test_bad_request_gets_one_line(handout: Handout, request_: bytes, status: bytes) -> None:
    answer = talk(handout, request_)
    assert answer.split(b"\r\n")[0].split()[1:2] == [status] or answer.startswith(status)
    assert b"<script>" not in answer
    assert ask(handout, "/get")[0].status == 200


@pytest.mark.parametrize("request_", [b"", b"GET /get", b"GET /" + b"x" * 20_000, b"\0" * 20_000])
def test_what_is_no_request_gets_nothing(handout: Handout, request_: bytes) -> None:
    with suppress(ConnectionError):  # it was cut off while it was still talking
        assert talk(handout, request_) == b""
    assert ask(handout, "/get")[0].status == 200


def test_request_must_arrive_in_time(handout: Handout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUEST_TIMEOUT", 0.1)
    with socket.create_connection(("127.0.0.1", handout.port), PATIENCE) as sock:
        sock.sendall(b"GET /get HTTP/1.0\r\n")
        assert sock.recv(1) == b""


def test_guest_who_takes_nothing_is_let_go(handout: Handout, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr(module, "CHUNK_TIMEOUT", 0.1)
    monkeypatch.setattr(handout._crowd, "leave", lambda address: gone.set())
    size = 64 * 1024 * 1024
    with (folder / "big").open("wb") as file:
        file.truncate(size)
    with socket.create_connection(("127.0.0.1", handout.port), PATIENCE) as sock:
        sock.sendall(b"GET /get/big HTTP/1.0\r\n\r\n")
        assert gone.wait(PATIENCE)
        received = 0
        while piece := sock.recv(1 << 20):
            received += len(piece)
    assert received < size


def test_more_guests_than_places_are_turned_away(handout: Handout) -> None:
    waiting = [socket.create_connection(("127.0.0.1", handout.port), PATIENCE) for _ in range(MAX_GUESTS)]
    try:
        with socket.create_connection(("127.0.0.1", handout.port), PATIENCE) as sock, suppress(ConnectionError):
            assert sock.recv(1) == b""
    finally:
        for sock in waiting:
            sock.close()


def test_stopping_cuts_off_whoever_is_there(folder: Path) -> None:
    with no_thread_left():
        running = Handout(folder, "127.0.0.1", 0, name="Home", link=LINK)
        running.start()
        with socket.create_connection(("127.0.0.1", running.port), PATIENCE) as sock:
            sock.sendall(b"GET /get HTTP/1.0\r\n")
            assert running.stop(PATIENCE)
            with suppress(ConnectionError):  # it may not even have been accepted yet
                assert sock.recv(1) == b""


# -- the server ---------------------------------------------------------------------------------------


def test_server_has_no_page_unless_told(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert server.handout_link == ""


def test_server_hands_out_with_its_own_invitation(tmp_path: Path, folder: Path) -> None:
    with running_server(tmp_path / "data", handout_folder=str(folder), handout_port=0) as server:
        assert server._handout is not None
        assert server.handout_link == f"http://127.0.0.1:{server._handout.port}/get"
        assert server.link.encode() in ask(server._handout, "/get")[1]


def test_taken_port_is_said_at_the_start(tmp_path: Path, folder: Path, handout: Handout) -> None:
    with (
        pytest.raises(ListenError, match="another program listens there already"),
        running_server(tmp_path / "data", handout_folder=str(folder), handout_port=handout.port),
    ):
        pass
