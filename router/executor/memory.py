"""Subgraphs in the same process: plain functions and mounted ASGI applications."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from router.executor.transport import (
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)
from router.kit.http_headers import join_values

logger = logging.getLogger(__name__)

SubgraphFunction: TypeAlias = Callable[[SubgraphRequest], Awaitable[SubgraphAnswer]]

AsgiApp: TypeAlias = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


class MemoryTransport:
    """Calls one function for each subgraph; deadlines hold as they do over HTTP."""

    def __init__(self, subgraphs: Mapping[str, SubgraphFunction]) -> None:
        self._subgraphs = dict(subgraphs)

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Call the subgraph's function.

        Raises:
            TransportError: there is no such subgraph, or its function raised something.
            SubgraphTimeoutError: the function took longer than `request.timeout_s`.
        """
        function = self._subgraphs.get(request.subgraph)
        if function is None:
            msg = "no such subgraph in this process"
            raise TransportError(msg)
        if request.url is not None:
            raise TransportError("a subgraph in this process cannot be asked elsewhere")
        try:
            async with asyncio.timeout(request.timeout_s):
                return await function(request)
        except TimeoutError as error:
            raise SubgraphTimeoutError(str(error)) from error
        except TransportError:
            raise
        except Exception as error:
            # A subgraph's fault is no fault of the request, as it would not be in a process of its own.
            logger.exception("the subgraph %s failed", request.subgraph)
            raise TransportError("the subgraph failed") from error

    async def close(self) -> None:
        """Nothing to let go of."""


def mount_asgi(app: AsgiApp, path: str = "/graphql") -> SubgraphFunction:
    """A subgraph served by an ASGI application in this process, without a socket."""

    async def call(request: SubgraphRequest) -> SubgraphAnswer:
        headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
        headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }
        return await _run(app, scope, request.body)

    return call


async def _run(app: AsgiApp, scope: MutableMapping[str, Any], body: bytes) -> SubgraphAnswer:
    incoming: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
    status, chunks = 0, []
    headers: dict[str, str] = {}

    async def receive() -> MutableMapping[str, Any]:
        if incoming:
            return incoming.pop()
        # A well-behaved application waits here for a client that never hangs up.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            for raw_name, raw_value in message.get("headers", ()):
                name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
                headers[name] = join_values(name, headers[name], value) if name in headers else value
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    if not status:
        msg = "the application sent no response"
        raise TransportError(msg)
    return SubgraphAnswer(status, b"".join(chunks), headers)
