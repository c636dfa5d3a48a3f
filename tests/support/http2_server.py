"""A subgraph that speaks HTTP/2, for tests of those who speak to it."""

import asyncio
from typing import cast

import h2.config
import h2.connection
import h2.events


class Http2Subgraph(asyncio.Protocol):
    """Answers every request on its connection with `body` and counts them in `seen`, with their `:path`; pings as `ping`."""

    def __init__(self, body: bytes, seen: list[str]) -> None:
        self._body = body
        self._seen = seen
        self._http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._paths: dict[int, str] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        # uvloop's transports behave as asyncio's and are no subclasses of them.
        self._transport = cast("asyncio.Transport", transport)
        self._http2.initiate_connection()
        self._transport.write(self._http2.data_to_send())

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        for event in self._http2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self._paths[event.stream_id] = dict(event.headers)[b":path"].decode()
            elif isinstance(event, h2.events.PingReceived):
                self._seen.append("ping")
            elif isinstance(event, h2.events.StreamEnded):
                self._answer(event.stream_id)
        self._transport.write(self._http2.data_to_send())

    def close(self) -> None:
        """End the connection."""
        self._transport.abort()

    def _answer(self, stream_id: int) -> None:
        self._seen.append(self._paths.pop(stream_id))
        headers = [(":status", "200"), ("content-type", "application/json")]
        self._http2.send_headers(stream_id, headers)
        self._http2.send_data(stream_id, self._body, end_stream=True)
