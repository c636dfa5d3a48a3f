"""A request and its answer on a connection: what is known whole goes out in one write, one system call and one packet.

Uvicorn writes head and body one by one, and looks at every header of every answer. An answer that is known whole needs
neither; whatever is out of the ordinary goes uvicorn's way.
"""

import asyncio
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from router.server.messages import WHOLE_ANSWER, Headers, split_answer

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveEvent, ASGISendEvent

RawHeaders: TypeAlias = tuple[tuple[bytes, bytes], ...]

_JOINED_BYTES_MAX = 16_384
"""Of a larger body a copy costs more than a second buffer in the same system call."""

_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})
_NO_BODY = frozenset({204, 304})
# RFC 9110, 5.1 and 5.5: what stands in a header, of which a line break would make two.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class OneWriteCycle(RequestResponseCycle):
    """A request and its answer, in a task of `tasks`, which it leaves at its end.

    Uvicorn has each task tell when it is done, which is one more turn of the event loop.
    """

    tasks: set[asyncio.Task[None]]
    task: asyncio.Task[None]
    _is_read = False

    async def run_asgi(self, app: "ASGI3Application") -> None:
        """Serve the request."""
        try:
            await super().run_asgi(app)
        finally:
            self.tasks.discard(self.task)

    async def receive(self) -> "ASGIReceiveEvent":
        """ASGI's `receive`; a body that has come already is waited for no more."""
        if (
            self.more_body
            or self._is_read
            or self.disconnected
            or self.response_complete
            or self.waiting_for_100_continue
            or self.flow.read_paused
        ):
            message = await super().receive()
            # Who has read all that there is waits for the client to leave.
            self._is_read = not self.more_body
            return message
        self._is_read = True
        self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Any) -> None:
        """ASGI's `send`."""
        if message["type"] != WHOLE_ANSWER:
            await super().send(message)
            return
        status, headers, body = message["status"], message["headers"], message["body"]
        if not self._write(status, headers, body):
            for part in split_answer(status, headers, body):
                await super().send(cast("ASGISendEvent", part))

    def _write(self, status: int, headers: Headers, body: bytes) -> bool:
        """Write an answer at once; tells whether that can be done."""
        if self.disconnected or self.flow.write_paused or self.access_log or self.response_started:
            return False
        head = _write_head(status, tuple(self.default_headers), headers)
        if head is None or self.scope["method"] == "HEAD":
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
def _write_head(status: int, default: RawHeaders, headers: Headers) -> bytes | None:
    """An answer's head up to its length; None if uvicorn has to look at it."""
    lines = [STATUS_LINE[status]]
    for raw_name, raw_value in default:
        lines += (raw_name, b": ", raw_value, b"\r\n")
    for name, value in headers:
        lowered = name.lower()
        is_well_formed = _NAME.fullmatch(lowered) and _VALUE.fullmatch(value)
        if status in _NO_BODY or lowered in _FRAMING or not is_well_formed:
            return None
        lines += (lowered.encode("latin-1"), b": ", value.encode("latin-1"), b"\r\n")
    return b"".join((*lines, b"content-length: "))
