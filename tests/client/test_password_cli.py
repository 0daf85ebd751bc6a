"""The password that `qtchat-cli` tries."""

import getpass
import io
import signal
import sys
from pathlib import Path

import pytest

from qtchat.client.password_cli import NoPasswordError, PasswordSource

SAID = "This server wants a password."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_is_tried_once(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("sésame \nmore\n", encoding="utf-8")
    source = PasswordSource(file)
    assert source.next(SAID) == "sésame "
    with pytest.raises(NoPasswordError, match="wrong"):
        source.next("That was wrong.")


@pytest.mark.parametrize("content", [None, b"", b"\nsesame\n", b"\xff"])
def test_a_file_without_one_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NoPasswordError, match=file.name):
        PasswordSource(file).next(SAID)


def test_whoever_sits_there_is_asked_as_often_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, prompts = ["wrong", "sesame", ""], []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return answers.pop(0)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", answer)
    source = PasswordSource(None)
    assert [source.next(SAID), source.next("Not that.")] == ["wrong", "sesame"]
    assert prompts == [f"{SAID}\nPassword: ", "Not that.\nPassword: "]
    with pytest.raises(NoPasswordError):
        source.next(SAID)


def test_ctrl_c_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_prompt: str) -> str:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it goes on asking")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", interrupted)
    with pytest.raises(NoPasswordError, match="Interrupted"):
        PasswordSource(None).next(SAID)
    assert signal.getsignal(signal.SIGINT) is before


def test_without_a_terminal_the_option_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("sesame\n"))
    with pytest.raises(NoPasswordError, match="--password-file"):
        PasswordSource(None).next(SAID)


def test_what_is_known_already_is_tried_first(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("sesame\n", encoding="utf-8")
    source = PasswordSource(file, "token")
    assert [source.next(SAID), source.next(SAID)] == ["token", "sesame"]
    with pytest.raises(NoPasswordError):
        source.next(SAID)
