import pytest

from qtchat.protocol.errors import ErrorCode, LocalProtocolError, ProtocolError, RemoteProtocolError
from qtchat.protocol.session import known_code


def test_the_type_names_the_culprit_and_both_are_protocol_errors() -> None:
    assert issubclass(LocalProtocolError, ProtocolError)
    assert issubclass(RemoteProtocolError, ProtocolError)
    assert not issubclass(RemoteProtocolError, LocalProtocolError)


def test_a_remote_error_carries_what_to_answer() -> None:
    error = RemoteProtocolError(ErrorCode.TOO_LARGE, "a frame of 9 bytes")
    assert (error.code, error.text) == ("too_large", "a frame of 9 bytes")
    assert str(error) == "too_large: a frame of 9 bytes"


@pytest.mark.parametrize("code", list(ErrorCode))
def test_codes_are_lower_case_words_that_fit_the_wire(code: ErrorCode) -> None:
    assert code.value == code.name.lower()
    assert len(code.value) <= 64
    assert known_code(code.value) is code


def test_a_code_of_a_newer_server_only_means_that_the_connection_ends() -> None:
    assert known_code("made_up_later") is ErrorCode.CLOSING
