"""People in another subnet: the programs as they are, in two networks with a router between them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.routed import FAR, FAR6, NEAR, NEAR6, PATIENCE, Routed, RoutedError, missing

if lacking := missing():
    pytest.skip(f"two networks and a router need: {', '.join(lacking)}", allow_module_level=True)


@pytest.fixture
def routed() -> Iterator[Routed]:
    with ExitStack() as stack:
        try:
            networks = stack.enter_context(Routed())
        except RoutedError as error:
            pytest.skip(str(error))
        yield networks


@contextmanager
def server(routed: Routed, folder: Path, *options: str) -> Iterator[str]:
    """`qtchat-server` on the far host; gives its code when it is ready."""
    command = [sys.executable, "-m", "qtchat.server.cli", "--json", "--name", "Kitchen", "--data", str(folder)]
    with subprocess.Popen(
        routed.command(FAR, *command, *options), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["code"])
        finally:
            process.kill()


def find(routed: Routed, *options: str) -> list[dict[str, Any]]:
    """What `qtchat-cli find` finds on the near host."""
    command = [sys.executable, "-m", "qtchat.client.cli", "find", "--json", "--seconds", "2", *options]
    done = subprocess.run(routed.command(NEAR, *command), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == (0 if done.stdout else 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_is_found_only_where_it_is_named_and_says_its_name(routed: Routed, tmp_path: Path) -> None:
    with server(routed, tmp_path) as code:
        assert find(routed) == []
        for host in (FAR, FAR6):
            (found,) = find(routed, "--also", host, "--also", "10.77.2.99")
            assert (found["name"], found["people"], found["code"]) == ("Kitchen", 0, code)
            assert found["addresses"] == [{"host": host, "port": 47300}]


def test_nothing_goes_beyond_an_interface(routed: Routed, tmp_path: Path) -> None:
    both = ("--also", FAR, "--also", FAR6)
    with server(routed, tmp_path, "--interface", FAR):
        assert find(routed, "--interface", "127.0.0.1", *both) == []
        (found,) = find(routed, "--interface", NEAR, *both)
        assert (found["name"], found["addresses"][0]["host"]) == ("Kitchen", FAR)
        assert find(routed, "--interface", NEAR6, *both) == []


def test_where_the_question_is_dropped_the_address_stands_for_the_name(routed: Routed, tmp_path: Path) -> None:
    routed.drop(FAR, "udp dport 47300")
    with server(routed, tmp_path) as code:
        (found,) = find(routed, "--also", FAR)
        assert (found["name"], found["people"], found["code"]) == (FAR, None, code)


def test_a_computer_alone_is_enough_for_a_chat_on_another_port(routed: Routed, tmp_path: Path) -> None:
    with server(routed, tmp_path, "--port", "4000"):
        (found,) = find(routed, "--also", FAR)
        assert found["addresses"] == [{"host": FAR, "port": 4000}]
