"""What the server logs while peers come and go."""

from collections.abc import Iterator

import pytest

from tests.helpers.logs import LogWatch


@pytest.fixture
def log() -> Iterator[LogWatch]:
    with LogWatch() as watch:
        yield watch
