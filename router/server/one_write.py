"""Answers that are known whole go out in one write: one system call, one packet.

Uvicorn writes head and body one by one, and looks at every header of every answer. An answer of which the length is said
and the whole body comes at once needs neither; whatever is not so goes uvicorn's way.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent

RawHeaders: TypeAlias = tuple[tuple[bytes, bytes], ...]

_JOINED_BYTES_MAX = 16_384
"""Of a larger body a copy costs more than a second buffer in the same system call."""

_LENGTH = b"content-length"
_FRAMING = frozenset({_LENGTH, b"transfer-encoding", b"connection"})
_NO_BODY = frozenset({204, 304})
# RFC 9110, 5.1 and 5.5: what stands in a header, of which a line break would make two.
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")


class OneWriteCycle(RequestResponseCycle):
    """A request and its response; the head is kept until the body is seen."""

    _start: "HTTPResponseStartEvent | None" = None

    async def send(self, message: "ASGISendEvent") -> None:
        """ASGI's `send`."""
        start = self._start
        if message["type"] == "http.response.start" and not self.response_started:
            # Of two the later: the application failed after the first, which nobody has seen.
            self._start = message
            return
        if start is not None:
            self._start = None
            if message["type"] == "http.response.body" and self._write(start, message):
                return
            await super().send(start)
        await super().send(message)

    def _write(self, start: "HTTPResponseStartEvent", message: "HTTPResponseBodyEvent") -> bool:
        """Write the answer if it is whole; tells whether it was."""
        if message.get("more_body") or self.disconnected or self.flow.write_paused or self.access_log:
            return False
        body = message.get("body", b"")
        headers = cast("list[tuple[bytes, bytes]]", start.get("headers", ()))
        if not headers or headers[0] != (_LENGTH, b"%d" % len(body)) or self.scope["method"] == "HEAD":
            return False
        head = _write_head(start["status"], tuple(self.default_headers), tuple(headers[1:]))
        if head is None:
            return False
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        ends = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
        head = b"%b%d%b" % (head, len(body), ends)
        if len(body) < _JOINED_BYTES_MAX:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


@lru_cache(maxsize=256)
def _write_head(status: int, default: RawHeaders, headers: RawHeaders) -> bytes | None:
    """An answer's head up to its length; None if uvicorn has to look at it."""
    lines = [STATUS_LINE[status]]
    for name, value in default + headers:
        lowered = name.lower()
        is_well_formed = _NAME.fullmatch(lowered) and _VALUE.fullmatch(value)
        if status in _NO_BODY or lowered in _FRAMING or not is_well_formed:
            return None
        lines += (lowered, b": ", value, b"\r\n")
    return b"".join((*lines, _LENGTH, b": "))
