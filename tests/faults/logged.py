"""What the program itself logs while a row of the fault matrix is tried in this process."""

import logging
from types import TracebackType
from typing import Self


class Logged(logging.Handler):
    """Everything of at least `level` from qtchat's loggers, with tracebacks, while it is entered."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))

    def __enter__(self) -> Self:
        logging.getLogger("qtchat").addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("qtchat").removeHandler(self)
