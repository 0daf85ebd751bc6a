"""Frames: a 4-byte big-endian length, then that many bytes of MessagePack. Incremental and bounded."""

from collections.abc import Iterator
from typing import Final

import msgspec

from qtchat.protocol.errors import ErrorCode, RemoteProtocolError
from qtchat.protocol.messages import MAX_FRAME, Message
from qtchat.protocol.plaintext import HTTP_VERBS

HEADER_SIZE: Final = 4
_HTTP_HEADERS: Final = frozenset(verb[:HEADER_SIZE] for verb in HTTP_VERBS)
"""What a request of HTTP would have for a length."""

_encoder = msgspec.msgpack.Encoder()


def encode_frame(message: Message) -> bytes:
    """One message as it travels. ValueError if it exceeds MAX_FRAME: pages must be cut before this."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ValueError(f"a {type(message).__name__} of {len(body)} bytes exceeds a frame")
    return len(body).to_bytes(HEADER_SIZE, "big") + body


class FrameReader:
    """Cuts a byte stream into frame bodies.

    `limit`: bytes a frame may have; it may be raised at any time. A violation is recorded in `error`, never
    raised; from then on all input is discarded.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.error: RemoteProtocolError | None = None
        self._buffer = bytearray()

    @property
    def buffered(self) -> int:
        """Bytes of a frame that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take in what was received; yield the bodies of the frames that it completes.

        The limit is read for each frame, so it may change while the frames are walked through. Walk through all
        of them: what was not taken is seen only with the next call.
        """
        if self.error is not None:
            return
        buffer: bytes | bytearray = data  # nearly always whole frames: then nothing is copied
        if self._buffer:
            self._buffer += data
            buffer = self._buffer
        start, length = 0, len(buffer)
        while length - start >= HEADER_SIZE:
            size = int.from_bytes(buffer[start : start + HEADER_SIZE], "big")
            if not 0 < size <= self.limit:
                self.error = self._violation(bytes(buffer[start : start + HEADER_SIZE]), size)
                self._buffer.clear()
                return
            end = start + HEADER_SIZE + size
            if length < end:
                break
            yield bytes(buffer[start + HEADER_SIZE : end])
            start = end
        if buffer is data:
            self._buffer += data[start:]
        else:
            del self._buffer[:start]

    def _violation(self, header: bytes, size: int) -> RemoteProtocolError:
        if header in _HTTP_HEADERS:
            # A web page can make a browser send anything to any port: nothing of it may reach a handler.
            return RemoteProtocolError(ErrorCode.BAD_FRAME, "this is a qtchat server, not a web server")
        if not size:
            return RemoteProtocolError(ErrorCode.BAD_FRAME, "a frame without content")
        return RemoteProtocolError(ErrorCode.TOO_LARGE, f"a frame of {size} bytes; the limit is {self.limit}")
