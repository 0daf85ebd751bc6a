"""Rows 3, 4 and 5 of the fault matrix: the disk fails, is full, or the database is damaged."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from qtchat.protocol.messages import Error
from tests.faults.judge import judge
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import Crowd, NotReachedError
from tests.faults.processes import DATABASE, PATIENCE, ServerProcess, StartError, die_with_parent
from tests.faults.raw import RawSender
from tests.faults.tools import injected, need, need_linux, need_root
from tests.helpers.wire import WireClient

if sys.platform == "linux":
    import resource

ROOT: Final = Path(__file__).resolve().parents[2]
INJECTED = (
    "fdatasync:error=EIO:when=20",
    "fdatasync:error=EIO:when=3+7",
    "fdatasync,fsync:error=EIO:when=5..15",
    "pwrite64:error=EIO:when=40..60",
    "pwrite64:error=ENOSPC:when=100+",
    "pwrite64,ftruncate,fallocate:error=ENOSPC:when=20..80",
)
"""What strace makes of system calls in row 3."""


def failing_calls(folder: Path, *, faults: tuple[str, ...] = INJECTED, senders: int = 10) -> Outcome:
    """Row 3: writes and syncs fail under load. While they do, nobody is promised anything; afterwards all goes on."""
    outcome = Outcome()
    for number, fault in enumerate(faults):
        with ServerProcess(folder / str(number)) as server, outcome.part(fault):
            server.start()
            with Crowd(folder / str(number) / "people", server.link, senders) as crowd:
                crowd.wait_online()
                with injected(server.pid, fault):
                    crowd.talk(4)
                    server_failed = crowd.board.watch(lambda: "could not be written" in server.said, 30)
                    crowd.board.watch(lambda: False, 1.0)
                outcome.expect(server_failed, "the server did not notice")
                _goes_on(outcome, crowd, server)
            _check_end(outcome, server, crowd)
    return outcome


def fill_disk(folder: Path) -> Outcome:
    """Row 4: people fill the disk with talk, until there is room again. `folder / "disk"`: a small file system."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.data = folder / "disk" / "server"  # and its log elsewhere
        server.start()
        with Crowd(folder / "people", server.link, 5) as crowd:
            crowd.wait_online()
            ballast = folder / "disk" / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    continue
            # Some room for the log at first: the disk becomes full in the middle of the work.
            os.truncate(ballast, ballast.stat().st_size - 128 * 1024)
            crowd.talk(4)
            crowd.board.wait("the server notices the full disk", lambda: "is full" in server.said)
            outcome.count("acked before", crowd.acked)
            with WireClient(server.port) as late:  # somebody who comes now hears why it cannot be
                late.introduce("late")
                words = late.last_words()
                told = [word for word in words if isinstance(word, Error)]
                outcome.expect(len(told) == 1 and "full" in told[0].text, f"a newcomer hears {words}")
            outcome.expect(server.running, "the server ended")
            ballast.unlink()
            _goes_on(outcome, crowd, server)
        _check_end(outcome, server, crowd)
    return outcome


def no_room_to_grow(folder: Path, *, senders: int = 3) -> Outcome:
    """Rows 3 and 4 without root: files may not grow any more (RLIMIT_FSIZE), and later they may again."""
    if sys.platform != "linux":
        raise CannotRunError("works on Linux only")
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(folder / "people", server.link, senders) as crowd:
            crowd.wait_online()
            soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            limit = max(file.stat().st_size for file in server.data.iterdir()) + 64 * 1024
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit, hard))
            crowd.talk(4)
            crowd.board.wait("the server notices", lambda: "could not be written" in server.said or not server.running)
            outcome.expect(server.running, "the server ended")
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))
            _goes_on(outcome, crowd, server)
        _check_end(outcome, server, crowd)
    return outcome


def _goes_on(outcome: Outcome, crowd: Crowd, server: ServerProcess) -> None:
    """There is room again: writing resumes without anybody's help, and everybody hears everything."""
    goal = crowd.acked + 5 * len(crowd.talkers)
    try:
        crowd.board.wait("writing resumes by itself", lambda: crowd.acked >= goal)
        crowd.settle(server.database)
    except NotReachedError as error:
        outcome.faults.append(str(error))


def _check_end(outcome: Outcome, server: ServerProcess, crowd: Crowd) -> None:
    outcome.expect(server.stop() == 0, "the server did not stop in order")
    outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
    outcome.add(crowd.judge(server.database))


def full_disk(folder: Path) -> Outcome:
    """Row 4, in a mount namespace of its own: the small disk ends with the process that made it, however that ends."""
    need_root()
    command = [need("unshare", "util-linux"), "--mount", "--propagation", "private", "--"]
    command += [sys.executable, "-m", "tests.faults.disk", str(folder)]
    done = subprocess.run(
        [*die_with_parent(), *command], cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE, check=False
    )
    last_words = done.stderr.strip().rpartition("\n")[2]
    if last_words.startswith(("unshare:", "mount:")):
        raise CannotRunError(f"no small disk can be made here: {last_words}")
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout, type=Outcome)


def _main(folder: Path) -> None:
    """Inside the namespace: make the small disk, and tell the outcome on stdout."""
    disk = folder / "disk"
    disk.mkdir(parents=True)
    subprocess.run([need("mount"), "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=True)
    print(msgspec.json.encode(fill_disk(folder)).decode())


# -- row 5 ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Damage:
    """`harm`: does it to the folder of a server that was killed. `of_log`: only the write-ahead log was harmed, so
    that putting it back heals."""

    name: str
    harm: Callable[[Path], None]
    of_log: bool = False


def _flip(offset: int, length: int = 64) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        with (folder / DATABASE).open("r+b") as file:
            file.seek(offset)
            old = file.read(length)
            file.seek(offset)
            file.write(bytes(byte ^ 0xFF for byte in old))

    return harm


def _flip_log(folder: Path) -> None:
    log = folder / f"{DATABASE}-wal"
    with log.open("r+b") as file:
        file.write(b"\xde\xad\xbe\xef" * 8)


def _cut_log(keep: Callable[[int], int]) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        log = folder / f"{DATABASE}-wal"
        os.truncate(log, keep(log.stat().st_size))

    return harm


def _truncate(folder: Path) -> None:
    os.truncate(folder / DATABASE, (folder / DATABASE).stat().st_size // 2)


def _empty(folder: Path) -> None:
    os.truncate(folder / DATABASE, 0)


def _replace(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"this is a letter to my aunt\n" * 1000)


DAMAGES = (
    Damage("header flipped", _flip(0)),
    Damage("page flipped", _flip(4096 * 3, 512)),
    Damage("second half gone", _truncate),
    Damage("empty", _empty),
    Damage("another file", _replace),
    Damage("head of the log flipped", _flip_log, of_log=True),
    Damage("log cut to nothing", _cut_log(lambda _: 0), of_log=True),
    Damage("log cut to 20 bytes", _cut_log(lambda _: 20), of_log=True),
    Damage("log cut in half", _cut_log(lambda size: size // 2), of_log=True),
    Damage("log cut by one byte", _cut_log(lambda size: size - 1), of_log=True),
)


def damaged(folder: Path, damages: tuple[Damage, ...] = DAMAGES) -> Outcome:
    """Row 5: a server that is started on a damaged database refuses, names the file and the way to restore, and leaves
    it untouched; with a backup in its place it starts again."""
    outcome = Outcome()
    original = folder / "original"
    with ServerProcess(original) as server:
        server.start()
        with RawSender(server.port, folder / "raw.sent") as sender:
            sender.say(50)
        server.stop()
        shutil.copytree(server.data, folder / "backup")
        server.start()
        with RawSender(server.port, folder / "raw.sent", again=sender) as sender:
            sender.say(150)
        server.kill()
    for number, damage in enumerate(damages):
        place = folder / str(number)
        shutil.copytree(original, place)
        outcome.count("damages")
        with ServerProcess(place) as server, outcome.part(damage.name):
            damage.harm(server.data)
            _start_damaged(outcome, server, damage, folder, folder / "raw.sent")
    return outcome


def _start_damaged(outcome: Outcome, server: ServerProcess, damage: Damage, folder: Path, acked: Path) -> None:
    before = _contents(server.data)
    server.log.unlink()
    try:
        server.start()
    except StartError as error:
        _check_refusal(outcome, error, server)
        outcome.expect(_contents(server.data) == before, "the damaged files were changed")
    else:
        outcome.faults.append("the server started, and what had been acknowledged is gone without a word")
        return
    if damage.of_log:
        log = f"{DATABASE}-wal"
        shutil.copy(folder / "original" / "server" / log, server.data / log)
        server.start()
    else:
        for file in server.data.glob(f"{DATABASE}*"):
            file.unlink()
        shutil.copy(folder / "backup" / DATABASE, server.database)
        server.arguments = ("--restored",)
        server.start()
    outcome.expect(server.stop() == 0, "the server did not stop in order")
    if damage.of_log:
        outcome.add(judge(server.database, [acked], [], all_sent=True))


def _check_refusal(outcome: Outcome, error: StartError, server: ServerProcess) -> None:
    text = str(error)
    outcome.count("refused")
    outcome.expect(error.status == 1, f"the exit status was {error.status}")
    outcome.expect(str(server.database) in text, f"the file is not named: {text}")
    outcome.expect("backup" in text, f"the way to restore is not named: {text}")
    outcome.expect("Traceback" not in text, f"not in words: {text}")


def _contents(folder: Path) -> dict[str, bytes]:
    # The shared memory file is SQLite's index of the log, made anew at every start.
    return {file.name: file.read_bytes() for file in folder.glob(f"{DATABASE}*") if not file.name.endswith("-shm")}


def read_only(folder: Path) -> Outcome:
    """Row 5: a database that may not be written."""
    outcome = Outcome()
    launcher: tuple[str, ...] = ()
    if sys.platform == "win32" or os.geteuid() == 0:  # root may write everything, unless it gives up that right
        need_linux()
        launcher = (need("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search", "--")
    with ServerProcess(folder, launcher=launcher) as server:
        server.start()
        server.stop()
        server.database.chmod(0o400)
        try:
            server.start()
        except StartError as error:
            outcome.expect(str(server.database) in str(error), f"the file is not named: {error}")
            outcome.expect("cannot be written" in str(error), f"not in words: {error}")
            outcome.count("refused")
        else:
            outcome.faults.append("the server started")
        server.database.chmod(0o600)
        server.start()
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
