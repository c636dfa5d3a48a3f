"""One connection: a request out, its answer in, and never a second one before that.

Everything that comes in is bounded while it comes in. A connection on which anything unexpected happens is closed, not
kept: what is left in it may belong to nobody, and must not become the next request's answer.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import httptools

from router.executor.transport import AnswerTooLargeError, SubgraphAnswer, TransportError
from router.kit.content_encoding import (
    DamagedEncodingError,
    UnknownEncodingError,
    UnpackedTooLargeError,
    decode_body,
)
from router.kit.http_headers import join_values

HEAD_BYTES_MAX = 64 * 1024
"""Of an answer's header lines together, and of anything else that is not body; servers and proxies commonly allow
8 to 64 KiB."""

CHUNKS_MAX = 4096
"""Pieces of a body that are held before they are put together: each costs more memory than a few bytes."""

_NAMES_CACHED = 256
_CONTINUE_MAX = 100
_INFORMATIONAL = range(100, 200)
_SWITCHING = 101


class UnansweredError(TransportError):
    """The connection ended before the first byte of the answer."""


class Connection(asyncio.Protocol):
    """A connection of the pool, either idle or waiting for one answer."""

    __slots__ = (
        "_answer",
        "_body_bytes_max",
        "_chunks",
        "_has_begun",
        "_has_length",
        "_headers",
        "_informational",
        "_is_poisoned",
        "_is_reading_head",
        "_on_end",
        "_other_bytes",
        "_packed",
        "_parser",
        "_received",
        "_transport",
        "idle_since",
        "is_reused",
    )

    def __init__(self, on_end: "Callable[[Connection, bool], None]", body_bytes_max: int) -> None:
        """`on_end` is told when an exchange has ended, and whether the connection can be used again."""
        self._on_end = on_end
        self._body_bytes_max = body_bytes_max
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[SubgraphAnswer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._chunks: list[bytes] = []
        self._received = self._other_bytes = self._informational = 0
        self._packed: bytearray | None = None
        self._has_begun = self._has_length = self._is_poisoned = False
        self._is_reading_head = True
        self.idle_since = 0.0
        self.is_reused = False

    @property
    def is_open(self) -> bool:
        """Whether a request can be written."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes, answer: "asyncio.Future[SubgraphAnswer]") -> None:
        """Write a request; `answer` gets what comes back, or the reason why nothing does."""
        assert self._transport is not None, "the connection is open"
        self._answer = answer
        self._other_bytes = self._informational = 0
        self._has_begun = False
        self._is_reading_head = True
        self._transport.write(request)

    def give_up(self, answer: "asyncio.Future[SubgraphAnswer]") -> None:
        """Nobody waits for `answer` any more: close at once, or what still comes would be the next one's.

        If it has come meanwhile, the connection is free by now, or another request's already.
        """
        if self._answer is answer:
            self._answer = None
            self._drop(None)

    def abort(self) -> None:
        """Close at once; who waits for an answer is told."""
        self._drop(TransportError("the router is closing its connections"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        # uvloop's transports behave as asyncio's and are no subclasses of them.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._answer is None:
            self._is_poisoned = True
        self._has_begun = True
        self._other_bytes += len(data)
        try:
            if not self._is_poisoned:
                self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The answer, with its status, has been given; what follows is not HTTP.
            self._drop(None)
        except httptools.HttpParserError as error:
            # Errors of our callbacks come wrapped; they say more than the parser does.
            cause = error.__context__
            known = cause if isinstance(cause, TransportError) else TransportError("the answer is not HTTP")
            self._drop(known)
        if self._is_poisoned:
            # Nobody asked: whatever this is, it must not be taken for the next request's answer.
            self._drop(None)
        elif self._answer is not None and self._other_bytes > HEAD_BYTES_MAX:
            # An endless head, or an endless trailer.
            self._drop(AnswerTooLargeError(f"the answer's headers are larger than {HEAD_BYTES_MAX} bytes"))

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the event loop."""
        self._transport = None
        status = self._parser.get_status_code()
        # It knows us too: nobody but the collector would find the two.
        del self._parser
        if self._answer is None:
            self._on_end(self, False)
            return
        is_whole = error is None and not self._is_reading_head and not self._has_length
        if is_whole and status not in _INFORMATIONAL:
            # An answer without a length ends with its connection.
            self._finish(status, is_reusable=False)
        elif not self._has_begun:
            self._fail(UnansweredError("connection closed before the answer"))
        else:
            self._fail(TransportError("connection closed before the answer was complete"))

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._is_poisoned = self._answer is None
        self._headers = {}
        self._chunks = []
        self._packed = None
        self._received = 0
        self._has_length = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if not self._is_reading_head:
            # What follows the body must not change what has been read of the head.
            return
        key = _read_name(name)
        text = value.decode("latin-1")
        self._has_length = self._has_length or key in {"content-length", "transfer-encoding"}
        known = self._headers.get(key)
        self._headers[key] = text if known is None else join_values(key, known, text)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._is_reading_head = False

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._received += len(body)
        if self._received > self._body_bytes_max:
            raise _too_large(self._body_bytes_max)
        self._other_bytes = 0
        self._chunks.append(body)
        if len(self._chunks) == CHUNKS_MAX:
            self._packed = self._packed or bytearray()
            self._packed += b"".join(self._chunks)
            self._chunks = []

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._answer is None:
            return
        status = self._parser.get_status_code()
        if status in _INFORMATIONAL and status != _SWITCHING:
            self._informational += 1
            if self._informational > _CONTINUE_MAX:
                raise TransportError("the subgraph keeps the router waiting")
            self._is_reading_head = True
            return
        self._finish(status, is_reusable=self._parser.should_keep_alive())

    def _finish(self, status: int, *, is_reusable: bool) -> None:
        answer, self._answer = self._answer, None
        chunks, packed, headers = self._chunks, self._packed, self._headers
        self._chunks, self._packed, self._headers = [], None, {}
        if self._transport is not None:
            if self._transport.get_write_buffer_size():
                # Who answers before it has read all of the request may never read the rest, or take it for the next one.
                is_reusable = False
                self._transport.abort()
            elif not is_reusable:
                self._transport.close()
        self._on_end(self, is_reusable)
        if answer is None or answer.done():
            return
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if packed is not None:
            body = bytes(packed) + body
        try:
            encoding = headers.get("content-encoding")
            if encoding is not None:
                body = _decode(body, encoding, self._body_bytes_max)
        except TransportError as error:
            answer.set_exception(error)
        else:
            answer.set_result(SubgraphAnswer(status, body, headers))

    def _drop(self, error: TransportError | None) -> None:
        if self._transport is not None:
            self._transport.abort()
        if error is not None:
            self._fail(error)

    def _fail(self, error: TransportError) -> None:
        answer, self._answer = self._answer, None
        self._on_end(self, False)
        if answer is not None and not answer.done():
            answer.set_exception(error)


@lru_cache(_NAMES_CACHED)
def _read_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _decode(body: bytes, encoding: str, bytes_max: int) -> bytes:
    try:
        return decode_body(body, encoding, bytes_max)
    except UnknownEncodingError as error:
        msg = f'the answer has the content encoding "{error}", which was not asked for'
        raise TransportError(msg) from error
    except DamagedEncodingError as error:
        msg = f"the answer's {error} encoding is damaged"
        raise TransportError(msg) from error
    except UnpackedTooLargeError as error:
        raise _too_large(bytes_max) from error


def _too_large(bytes_max: int) -> AnswerTooLargeError:
    return AnswerTooLargeError(f"the response is larger than {bytes_max} bytes")
