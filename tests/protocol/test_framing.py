import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import HEADER_SIZE, FrameReader, encode_frame
from qtchat.protocol.messages import MAX_FRAME, Event, History, Ping

bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=8)


def framed(*contents: bytes) -> bytes:
    return b"".join(len(content).to_bytes(HEADER_SIZE, "big") + content for content in contents)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(places)]


def feed_all(reader: FrameReader, data: list[bytes]) -> list[bytes]:
    return [frame for piece in data for frame in reader.feed(piece)]


@given(bodies, st.lists(st.integers(min_value=0)))
def test_however_the_stream_is_cut_the_frames_are_the_same(contents: list[bytes], cuts: list[int]) -> None:
    reader = FrameReader(limit=40)
    assert feed_all(reader, pieces(framed(*contents), cuts)) == contents
    assert reader.error is None
    assert reader.buffered == 0


@given(bodies, st.integers(min_value=1, max_value=43))
def test_an_unfinished_frame_waits(contents: list[bytes], missing: int) -> None:
    last = b"x" * 40
    stream = framed(*contents, last)
    reader = FrameReader(limit=40)
    assert feed_all(reader, [stream[:-missing]]) == contents
    assert reader.buffered == HEADER_SIZE + len(last) - missing
    assert feed_all(reader, [stream[-missing:]]) == [last]


@given(bodies, st.sampled_from([framed(b""), framed(b"x" * 41), b"GET / HTTP/1.1\r\n"]), st.lists(st.integers(0)))
def test_a_violation_ends_it_wherever_the_stream_is_cut(contents: list[bytes], bad: bytes, cuts: list[int]) -> None:
    reader = FrameReader(limit=40)
    assert feed_all(reader, pieces(framed(*contents) + bad + framed(b"later"), cuts)) == contents
    assert reader.error is not None
    assert reader.buffered == 0
    assert list(reader.feed(framed(b"more"))) == []
    assert reader.buffered == 0


@pytest.mark.parametrize("size", [41, 2**31, 2**32 - 1])
def test_an_over_long_frame_is_refused_by_its_header_alone(size: int) -> None:
    reader = FrameReader(limit=40)
    assert list(reader.feed(size.to_bytes(HEADER_SIZE, "big"))) == []
    assert reader.error is not None
    assert reader.error.code is ErrorCode.TOO_LARGE
    assert str(size) in reader.error.text


def test_a_frame_of_exactly_the_limit_passes() -> None:
    reader = FrameReader(limit=40)
    assert list(reader.feed(framed(b"x" * 40))) == [b"x" * 40]
    assert reader.error is None


def test_a_frame_without_content_is_a_bad_frame() -> None:
    reader = FrameReader(limit=40)
    assert list(reader.feed(framed(b""))) == []
    assert reader.error is not None
    assert reader.error.code is ErrorCode.BAD_FRAME


@pytest.mark.parametrize("verb", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"])
def test_a_web_browser_is_told_that_this_is_no_web_server(verb: str) -> None:
    reader = FrameReader(limit=MAX_FRAME)
    assert list(reader.feed(f"{verb} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())) == []
    assert reader.error is not None
    assert reader.error.code is ErrorCode.BAD_FRAME
    assert "web server" in reader.error.text


def test_the_limit_may_change_between_two_frames_of_one_chunk() -> None:
    reader = FrameReader(limit=4)
    seen = []
    for frame in reader.feed(framed(b"abcd", b"x" * 10, b"y" * 11)):
        seen.append(frame)
        reader.limit = 10
    assert seen == [b"abcd", b"x" * 10]
    assert reader.error is not None


def test_encode_frame_puts_the_length_before_the_message() -> None:
    assert encode_frame(Ping()) == bytes.fromhex("00000007 92 a4 70696e67 90")


def test_encode_frame_refuses_what_no_peer_would_take() -> None:
    event = Event(1, 1, bytes(16), 0, 1, "a", "post", "x" * (MAX_FRAME // 2))
    assert len(encode_frame(History(bytes(16), 1, (event,), False, 1))) < MAX_FRAME
    with pytest.raises(ValueError, match="exceeds a frame"):
        encode_frame(History(bytes(16), 1, (event, event), False, 1))
