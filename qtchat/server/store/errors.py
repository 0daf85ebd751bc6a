"""Store errors: one tree. Their text is for people: it names the file and says what to do."""

# ruff: noqa: N818   Store... is word enough; StoreFullError would be no clearer

from pathlib import Path
from typing import ClassVar


class StoreError(Exception):
    """Base of everything the store raises. `path`: the file or folder concerned.

    `outcome_known`: the transaction certainly did not take place. Where it is false, look each id up with
    RoomLog.find before answering anybody.
    """

    outcome_known: ClassVar[bool] = True

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path = path


class StoreBusy(StoreError):
    """Another program holds the database; the same call may succeed a moment later."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"Another program is using the database {path}. Close that program, or try again.")


class StoreFull(StoreError):
    """No room on the disk. Nothing was stored; writing works again as soon as there is room."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"The disk that holds {path} is full. Free some space; nothing else needs to be done.")


class StoreReadOnly(StoreError):
    """The folder or a file in it may not be written."""

    def __init__(self, path: Path, detail: object) -> None:
        text = f"{path} cannot be written ({detail}). Give this user the right to write it, or choose another folder."
        super().__init__(path, text)


class StoreDamaged(StoreError):
    """The database is not what it should be. It was left untouched."""

    def __init__(self, path: Path, detail: object) -> None:
        text = (
            f"The database {path} is damaged: {detail}. It was left as it is. To restore it, move {path.name} and, if "
            f"there, {path.name}-wal and {path.name}-shm to another folder, put a backup of {path.name} in their "
            "place, and start the server once with --restored. Without a backup, start it so without a database: it "
            "then begins new and empty."
        )
        super().__init__(path, text)


class StoreBehind(StoreError):
    """Events that were acknowledged are missing: an older copy, or its write-ahead log was lost or cut."""

    def __init__(self, path: Path, missing: int) -> None:
        text = (
            f"The database {path} lacks {missing} events that this server had acknowledged. Either {path.name}-wal, "
            "which belongs to it, was removed or cut: then put it back. Or this is an older copy, a backup: then start "
            "the server once with --restored, so that everybody's program fetches the history anew."
        )
        super().__init__(path, text)
        self.missing = missing


class StoreTooNew(StoreError):
    """The database was made by a newer version. `found` and `known` are schema versions."""

    def __init__(self, path: Path, found: str, known: str) -> None:
        text = (
            f"The database {path} was made by a newer qtchat: it has version {found}, and this program knows versions "
            f"up to {known}. Install the newer qtchat, or choose another folder."
        )
        super().__init__(path, text)
        self.found = found
        self.known = known


class StoreLocked(StoreError):
    """Another server uses this folder."""

    def __init__(self, path: Path) -> None:
        text = f"Another qtchat-server is running on the folder {path}. Stop it, or choose another folder."
        super().__init__(path, text)


class StoreConflict(StoreError):
    """The writes contradict what is stored: a fault of the program. Nothing was stored."""

    def __init__(self, path: Path, detail: object) -> None:
        text = f"What was to be stored in {path} contradicts what is there ({detail}). Please report this fault."
        super().__init__(path, text)


class StoreFailed(StoreError):
    """The disk failed in mid-transaction: it may have taken place, or not."""

    outcome_known: ClassVar[bool] = False

    def __init__(self, path: Path, detail: object) -> None:
        text = f"The database {path} could not be written or read ({detail}). Check the disk; the server tries again."
        super().__init__(path, text)
