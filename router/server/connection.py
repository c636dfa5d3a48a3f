"""Client connections within bounds: uvicorn's HTTP/1.1 connection, and what it leaves unbounded.

Uvicorn waits for ever for the rest of a request, holds a head of any length, and keeps a connection whose client reads
nothing. Here heads, bodies and unread answers have a size and a time. Nothing is timed on the way of a request: a scan of
all connections once a second notices those that stay in one phase, so a deadline is met to within `SCAN_S`.

Every state ends by itself: waiting for a head, a body or the next request by the bounds here; a request under way, whether its client
still sends, has closed its half or has gone, by its deadlines in the pipeline and in hooks; an answer that is not read, on a connection
that is being closed too, by the rate below; a TLS handshake and a TLS end by uvloop's 60 and 30 s.
"""

import asyncio
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from router.kit.json import write_json
from router.server.messages import WHOLE_ANSWER
from router.server.one_write import OneWriteCycle
from router.server.options import ConnectionOptions

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIVersions, HTTPScope
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

SCAN_S = 1.0

ASGI: "ASGIVersions" = {"version": "3.0", "spec_version": "2.3"}
EXTENSIONS: dict[str, dict[object, object]] = {WHOLE_ANSWER: {}}

PIPELINED_MAX = 64
"""Requests that wait on one connection while the one before them is answered."""

UNREAD_BYTES_PER_S_MIN = 1_000
"""A client that takes less of an answer than this has gone or means harm."""

UPGRADE_HEADERS = frozenset({b"connection", b"upgrade", b"http2-settings"})

BAD_REQUEST, REQUEST_TIMEOUT, URI_TOO_LONG, HEADERS_TOO_LARGE, GATEWAY_TIMEOUT = 400, 408, 414, 431, 504


class Phase(IntEnum):
    """What a connection waits for from its client."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An answer to what cannot be understood or waited for; the connection ends with it."""

    phrase: str
    message: str
    code: str

    def write(self, status: int) -> bytes:
        error = {"message": self.message, "extensions": {"code": self.code}}
        body = write_json({"errors": [error]})
        head = (
            f"HTTP/1.1 {status} {self.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        return head.encode() + body


REFUSALS = {
    status: refusal.write(status)
    for status, refusal in {
        BAD_REQUEST: _Refusal("Bad Request", "The request is not HTTP", "INVALID_GRAPHQL_REQUEST"),
        REQUEST_TIMEOUT: _Refusal(
            "Request Timeout", "The request's headers took too long", "GATEWAY_TIMEOUT"
        ),
        URI_TOO_LONG: _Refusal("URI Too Long", "The request's URL is too long", "INVALID_GRAPHQL_REQUEST"),
        HEADERS_TOO_LARGE: _Refusal(
            "Request Header Fields Too Large",
            "The request's headers are too large",
            "INVALID_GRAPHQL_REQUEST",
        ),
        GATEWAY_TIMEOUT: _Refusal("Gateway Timeout", "Your request has been timed out", "GATEWAY_TIMEOUT"),
    }.items()
}


class BoundedConnection(HttpToolsProtocol):
    """One client's connection. `scan` is to be called every `SCAN_S` seconds."""

    options: ClassVar[ConnectionOptions]

    phase = Phase.HEAD
    # Counts changes of the phase, so that a scan sees whether it is still the one that it saw.
    _phases = 0
    _phases_seen = -1
    _phase_since = 0.0
    # Bytes since the last one that belonged to a body or ended a message, to within one read.
    _received = 0
    _refused_with = BAD_REQUEST
    _is_upgrade_offered = False
    _is_ending = False
    # The cycle that is being answered; `cycle` is the latest.
    _answered: "RequestResponseCycle | None" = None
    # Bytes of answers that wait at the last scan, and how many the client has taken since some scan before it.
    _unsent = _taken = 0
    _unsent_since = 0.0

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._received += len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except HttpParserError:
            self._refuse(self._refused_with)
        if self._received > self.options.head_bytes_max:
            # An endless head, or an endless trailer.
            self._refuse(HEADERS_TOO_LARGE)

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn always closes
        """Called by the event loop: the client sends no more, and may well wait for what it has asked for.

        Who reads an answer in parts when it comes is taken for gone: only whole answers are for those who close half.

        Spec: RFC 9293, 3.6 Closing a Connection, case 2. TLS has no half.
        """
        if self.phase is Phase.BODY and self.pipeline:
            # A part of a request is none; those before it have come whole.
            self.pipeline.popleft()
            self._enter(Phase.NOTHING)
        is_in_parts = self._answered is not None and self._answered.response_started
        return self.scheme != "https" and not is_in_parts and self._end_with_whole()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop. Uvicorn tells the latest request, others may be before it."""
        answered = self._answered
        if answered is not None and not answered.response_complete:
            answered.disconnected = True
            answered.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if len(self.pipeline) >= PIPELINED_MAX:
            raise HttpParserError("too many requests at a time")
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._enter(Phase.HEAD)

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self.url += url
        if len(self.url) > self.options.head_bytes_max:
            self._refused_with = URI_TOO_LONG
            raise HttpParserError("the URL is too long")

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        options = self.options
        if len(self.headers) > options.headers_max or (
            self._received > options.head_bytes_max and self._measure_head() > options.head_bytes_max
        ):
            self._refused_with = HEADERS_TOO_LARGE
            raise HttpParserError("the headers are too large")
        version = self.parser.get_http_version()
        if not self._is_head_sound(version):
            raise HttpParserError("the head can be understood in more than one way")
        self._is_upgrade_offered = self.parser.should_upgrade()
        if self._is_upgrade_offered:
            return
        previous = self.cycle
        self.cycle = cycle = self._build_cycle(version)
        # What a client appends to its body must not pass for what a proxy before us has looked at.
        self.headers = []
        if previous is None or previous.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))
        self._enter(Phase.BODY)

    def _build_cycle(self, version: str) -> OneWriteCycle:
        """The request whose head has been read. Spec: ASGI 3.0, HTTP connection scope."""
        url = parse_url(self.url)
        path = url.path.decode("ascii")
        scope: HTTPScope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme or "http",
            "root_path": "",
            "headers": self.headers,
            "method": self.parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": url.path,
            "query_string": url.query or b"",
            "extensions": EXTENSIONS,
        }
        return OneWriteCycle(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            asyncio.Event(),
            self.expect_100_continue,
            version != "1.0" and not self._is_ending and self.parser.should_keep_alive(),
            self.on_response_complete,
        )

    def _start_asgi_task(self, cycle: "RequestResponseCycle", app: "ASGI3Application") -> None:
        assert isinstance(cycle, OneWriteCycle), "no other is made"
        self._answered = cycle
        cycle.tasks = self.tasks
        cycle.task = self.loop.create_task(cycle.run_asgi(app))
        self.tasks.add(cycle.task)

    def _is_head_sound(self, version: str) -> bool:
        """Whether a proxy before us has read the same of the head. Spec: RFC 9112, 3.2 and 6.1."""
        headers = dict(self.headers)
        # The parser takes any list that ends with `chunked`, and unpacks nothing.
        if headers.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            return False
        if len(headers) != len(self.headers) and sum(name == b"host" for name, _ in self.headers) > 1:
            return False
        return version == "1.0" or (version == "1.1" and b"host" in headers)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._received = 0
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._is_upgrade_offered:
            return
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()
        self._received = 0
        self._enter(Phase.NOTHING)

    def on_response_complete(self) -> None:
        """Called when an answer has been written."""
        self.server_state.total_requests += 1
        self._phases += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self.phase is Phase.NOTHING:
            # What is left of a request would be most of what an idle connection holds.
            self.cycle = self.headers = self._answered = None  # type: ignore[assignment]

    def shutdown(self) -> None:
        """Called by uvicorn when the process is to end."""
        if self._is_idle():
            # A request may be on its way: it is answered, and is the last. Some time passes before a scan ends the wait.
            self._is_ending = True
            self._phases += 1
        else:
            super().shutdown()

    def scan(self, now: float) -> None:
        """Give up what has taken too long at the loop's time `now`."""
        if self._phases != self._phases_seen or self.flow.read_paused:
            # A client whose bytes are not read is not the one who keeps others waiting.
            self._phases_seen, self._phase_since = self._phases, now
        elif self._is_ending and self._is_idle() and (self.phase is Phase.NOTHING or not self._received):
            self.transport.close()
        elif self.phase is Phase.HEAD and now - self._phase_since >= self.options.head_timeout_s:
            self._refuse(REQUEST_TIMEOUT)
        elif self.phase is Phase.BODY and now - self._phase_since >= self.options.body_timeout_s:
            self._refuse(GATEWAY_TIMEOUT)
        elif (
            self.phase is Phase.NOTHING
            and self._is_idle()
            and now - self._phase_since >= self.timeout_keep_alive
        ):
            self.transport.close()
        self._scan_unsent(now)

    def _scan_unsent(self, now: float) -> None:
        unsent = self.transport.get_write_buffer_size()
        seconds = now - self._unsent_since
        # What is written meanwhile must not hide what has been taken.
        self._taken += max(0, self._unsent - unsent)
        if not unsent or not self._unsent:
            self._taken, self._unsent_since = 0, now
        elif seconds >= self.options.unread_timeout_s:
            if self._taken < seconds * UNREAD_BYTES_PER_S_MIN:
                self.transport.abort()
            self._taken, self._unsent_since = 0, now
        self._unsent = unsent

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """Read the request as if its client had not offered another protocol.

        The parser takes all that follows the head for that protocol, the body too.
        Spec: RFC 9110, 7.8 Upgrade: a server may ignore it.
        """
        if not any(name == b"upgrade" for name, _ in self.headers):
            # CONNECT: we are no proxy.
            self._refuse(BAD_REQUEST)
            return
        lines = [
            b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        ]
        lines += [b"%b: %b" % header for header in self.headers if header[0] not in UPGRADE_HEADERS]
        self._received = 0
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._phases += 1

    def _is_idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _measure_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, status: int) -> None:
        """End the connection, without an answer ever taken for that of another request."""
        if self.transport.is_closing():
            return
        if self._is_idle() and self.phase is not Phase.BODY:
            self._end_with(REFUSALS[status])
        elif self.phase is Phase.BODY and not self.pipeline and not self.cycle.response_started:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._end_with(REFUSALS[status])
        elif self._end_with_whole():
            self.flow.pause_reading()
        else:
            self.transport.abort()

    def _end_with_whole(self) -> bool:
        """Answer the requests that have come whole, and no more on this connection; tells whether there are any."""
        answered = self._answered
        if self.phase is Phase.BODY or answered is None or answered.response_complete:
            return False
        self.cycle = self.pipeline[0][0] if self.pipeline else answered
        self.cycle.keep_alive = False
        self._enter(Phase.NOTHING)
        return True

    def _end_with(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()


def bind_connection(options: ConnectionOptions) -> type[BoundedConnection]:
    """The class of connections within `options`; uvicorn makes one for each client."""
    return type("Connection", (BoundedConnection,), {"options": options})
