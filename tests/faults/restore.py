"""Row 21 of the fault matrix: yesterday's backup is put back, and people know more than the server."""

import shutil
from pathlib import Path

from tests.faults.judge import judge
from tests.faults.outcome import Outcome
from tests.faults.people import Crowd, Talker
from tests.faults.processes import DATABASE, PATIENCE, ServerProcess, StartError


def yesterdays_backup(
    folder: Path, *, between: int = 30, after: int = 60, whole_folder: bool = False, patience: float = PATIENCE
) -> Outcome:
    """A copy is put back after `between` more messages. Then somebody else says `after` new ones before the others
    return, so that the server's head passes what those had seen. Nothing may stay hidden from anybody, and nobody may
    go on seeing what is not there any more.

    `whole_folder`: not only the database was copied, but all that the server had; then it cannot notice by itself.
    `after`: less than a page, since whoever begins anew is told the newest page. `patience`: seconds within which
    everybody must see what there is.
    """
    outcome = Outcome()
    people = folder / "people"
    backup = folder / "backup"
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(people, server.link, 2) as crowd:
            crowd.wait_online()
            _say(crowd, 20, "before")
            crowd.settle(server.database)
            server.stop()
            shutil.copytree(server.data, backup)
            server.start()
            for talker in crowd.talkers:
                talker.account.connect_now()
            crowd.wait_online()
            _say(crowd, between, "lost")
            crowd.settle(server.database)
        server.stop()
        if whole_folder:
            shutil.rmtree(server.data)
            shutil.copytree(backup, server.data)
            server.start()
        else:
            _restore_database(outcome, server, backup)
        with Crowd(folder / "later", server.link, 1, prefix="new") as later:
            later.wait_online()
            _say(later, after, "after")
            later.settle(server.database)
        with Crowd(people, server.link, 2) as crowd:
            crowd.wait_online()
            for talker in crowd.talkers:
                everything = talker.board.watch(lambda talker=talker: _sees_all(talker, after), patience)  # type: ignore[misc]
                outcome.expect(everything, f"{talker.nick} does not see all that is there, only {_summary(talker)}")
                ghosts = [text for text in talker.texts if text.startswith("lost")]
                outcome.expect(
                    not ghosts, f"{talker.nick} still sees {len(ghosts)} messages that are not there any more"
                )
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        # What was said after the backup is gone, as its owner knows, so nobody is judged as a sender. But what the
        # returned ones read is the log as it is now.
        outcome.add(judge(server.database, [], sorted(people.glob("*.1.read"))))
    return outcome


def _restore_database(outcome: Outcome, server: ServerProcess, backup: Path) -> None:
    for file in server.data.glob(f"{DATABASE}*"):
        file.unlink()
    shutil.copy(backup / DATABASE, server.database)
    try:
        server.start()
        outcome.faults.append("the server did not notice that its database is an old one")
    except StartError as error:
        outcome.expect("--restored" in str(error), f"the refusal does not say how to go on: {error}")
        server.arguments = ("--restored",)
        server.start()
    server.arguments = ()
    server.stop()
    server.start()  # once is enough


def _say(crowd: Crowd, count: int, word: str) -> None:
    for at in range(count):
        crowd.talkers[0].say(f"{word} {at}")
    crowd.board.wait("it is acknowledged", lambda: not crowd.unanswered)


def _sees_all(talker: Talker, after: int) -> bool:
    return {f"after {at}" for at in range(after)} <= set(talker.texts)


def _summary(talker: Talker) -> str:
    words = [text.split()[0] for text in talker.texts]
    return ", ".join(f"{words.count(word)} x {word}" for word in dict.fromkeys(words))
