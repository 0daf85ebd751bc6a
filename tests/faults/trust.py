"""Row 23 of the fault matrix: certificates, keys, old TLS, and those who listen or stand in the middle."""

import contextlib
import select
import socket
import ssl
import threading
from pathlib import Path

from qtchat.client.updates import Phase, ProblemCode
from qtchat.net.tls import CERTIFICATE_FILE, KEY_FILE, load_or_create_identity, server_context
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Ack, CreateRoom, Error, JoinRoom, Post
from tests.faults.outcome import Outcome
from tests.faults.people import Talker
from tests.faults.processes import PATIENCE, ServerProcess
from tests.faults.proxy import Proxy
from tests.helpers.wire import WireClient, new_id


def renewed_certificate(folder: Path) -> Outcome:
    """The same key in a new certificate is the same server: nobody is asked anything."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        anna = _meet(folder, server.link)
        old = (server.data / CERTIFICATE_FILE).read_bytes()
        server.stop()
        (server.data / CERTIFICATE_FILE).unlink()
        server.start()
        outcome.expect((server.data / CERTIFICATE_FILE).read_bytes() != old, "the certificate was not renewed")
        for link in (server.link, f"127.0.0.1:{server.port}"):
            anna = Talker(folder, "anna", link)
            anna.start()
            anna.board.watch(lambda anna=anna: anna.phase in (Phase.ONLINE, Phase.REFUSED), PATIENCE)  # type: ignore[misc]
            outcome.expect(anna.online, f"{link}: {anna.phase} {anna.problem}")
            anna.stop()
    return outcome


def another_key(folder: Path) -> Outcome:
    """Another key at a known address is a hard stop with its reason in words, by a link and by a pin alike; and nothing
    that waits is said to it."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        old_link = server.link
        _meet(folder, old_link)
        server.stop()
        for name in (CERTIFICATE_FILE, KEY_FILE):
            (server.data / name).unlink()
        server.start()
        expected = {old_link: ProblemCode.WRONG_CODE, f"127.0.0.1:{server.port}": ProblemCode.SERVER_CHANGED}
        for link, code in expected.items():
            anna = Talker(folder, "anna", link)
            anna.start()
            anna.board.watch(lambda anna=anna: anna.phase in (Phase.ONLINE, Phase.REFUSED), PATIENCE)  # type: ignore[misc]
            outcome.expect(anna.phase is Phase.REFUSED, f"{link}: {anna.phase}")
            outcome.expect(anna.problem is not None and anna.problem.code == code, f"{link}: {anna.problem}")
            outcome.expect(anna.problem is not None and anna.problem.text.endswith("."), f"no words: {anna.problem}")
            anna.stop()
        outcome.expect("joined" not in server.said.rpartition("listening")[2], "the client logged in")
    return outcome


def old_tls(folder: Path) -> Outcome:
    """TLS 1.2, plain text and a web browser: refused, one clear line in the log each, and nobody else notices."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        anna = Talker(folder, "anna", server.link)
        anna.start()
        anna.board.wait("anna is online", lambda: anna.online)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        lines = len(server.said.splitlines())
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
            try:
                context.wrap_socket(sock).close()
                outcome.faults.append("TLS 1.2 was accepted")
            except ssl.SSLError as error:
                outcome.note(f"TLS 1.2: the client hears {error.reason}")
            except ConnectionError as error:
                outcome.faults.append(f"TLS 1.2: the client hears no reason, only {error}")
        for words in (b"NICK anna\r\n" * 3, b"GET / HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as sock:
                sock.sendall(words)
                with contextlib.suppress(ConnectionError):
                    while sock.recv(4096):
                        continue
        anna.say("still here")
        anna.board.wait("it is acknowledged", lambda: not anna.unanswered)
        outcome.expect(all(phase is not Phase.OFFLINE for _, phase in anna.phases[1:]), "anna lost the connection")
        anna.stop()
        told = [line for line in server.said.splitlines()[lines:] if "anna" not in line]
        outcome.expect(len(told) == 3, f"the log has {len(told)} lines about three visitors: {told}")
        for line in told:
            outcome.note(line.partition(" INFO ")[2] or line)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


def client_meets_old_tls(folder: Path) -> Outcome:
    """A client that meets a server with TLS 1.2 only says so, and goes on trying."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        server.stop()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.data / CERTIFICATE_FILE, server.data / KEY_FILE)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_server(("127.0.0.1", server.port)) as listener:
            anna = Talker(folder, "anna", server.link)
            anna.start()
            sock, _ = listener.accept()
            try:
                context.wrap_socket(sock, server_side=True).close()
                outcome.faults.append("the client took TLS 1.2")
            except OSError:
                sock.close()
            anna.board.wait("the client gives its reason", lambda: anna.problem is not None)
            anna.stop()
            outcome.expect(not anna.online, "the client logged in")
            outcome.note(f"the client says: {anna.problem.text if anna.problem else ''}")
    return outcome


def captured(folder: Path) -> Outcome:
    """Whoever records a whole conversation finds no text, nick, topic or room name in it."""
    outcome = Outcome()
    words = ("Bartholomea", "Wilhelmine", "zebrafinch room", "a walrus topic", "the porcupine text", "Привет, Вика")
    with ServerProcess(folder) as server:
        server.start()
        with Proxy(server.port) as proxy:
            record = proxy.recorded = bytearray()
            with WireClient(proxy.port) as one, WireClient(proxy.port) as other:
                one.login(words[0])
                other.login(words[1])
                made = one.ask(CreateRoom(new_id(), words[2], words[3]), Ack)
                other.ask(JoinRoom(new_id(), made.room), Ack)
                for text in words[4:]:
                    one.ask(Post(new_id(), made.room, text), Ack)
                said = [event.text for event in other.events(2)]
        outcome.expect(said == list(words[4:]), f"the conversation was not had: {said}")
        for word in words:
            outcome.expect(word.encode() not in record, f"{word!r} could be read on the way")
        outcome.note(f"{len(record)} bytes recorded")
        server.stop()
    return outcome


def relayed_login(folder: Path) -> Outcome:
    """A man in the middle with a key of his own, whom a careless client believes, cannot pass its login on."""
    outcome = Outcome()
    his = load_or_create_identity(folder)  # not the server's folder
    with ServerProcess(folder / "server") as server:
        server.start()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
            relay = threading.Thread(target=_relay, args=(listener, server_context(his), server.port), name="relay")
            relay.start()
            with WireClient(port) as client:
                client.introduce("anna")
                words = client.last_words()
            relay.join()
        codes = [word.code for word in words if isinstance(word, Error)]
        outcome.expect(codes == [ErrorCode.AUTH_FAILED], f"the relayed login was answered with {words}")
        outcome.expect("joined" not in server.said, "the relayed login was accepted")
        server.stop()
    return outcome


def _relay(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Take one connection, and pass what is said on to the real server, and back, until one of them hangs up."""
    accepted, _ = listener.accept()
    with context.wrap_socket(accepted, server_side=True) as client, WireClient(port) as real:
        ends = {client: real.sock, real.sock: client}
        for sock in ends:
            sock.settimeout(PATIENCE)
        while True:
            for source in select.select(list(ends), [], [], PATIENCE)[0]:
                data = source.recv(65_536)
                if not data:
                    return
                ends[source].sendall(data)


def _meet(folder: Path, link: str) -> Talker:
    """Somebody comes, is online once, and goes."""
    anna = Talker(folder, "anna", link)
    anna.start()
    anna.board.wait("anna is online", lambda: anna.online)
    anna.stop()
    return anna
