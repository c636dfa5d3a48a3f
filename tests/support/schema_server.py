"""A subgraph over HTTP that answers each request by a function: for asking schemas, well and badly."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from graphql import build_schema, graphql_sync

Answer = Callable[[BaseHTTPRequestHandler, str], None]


@dataclass
class SchemaServer:
    """A running server; `asked` are the queries and headers that it got, in order."""

    url: str
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[SchemaServer]:
    """Serve until the end of the block; `answer` gets the request's handler and query."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            query = json.loads(body)["query"]
            served.asked.append((query, {name.lower(): value for name, value in self.headers.items()}))
            try:
                answer(self, query)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        served = SchemaServer(f"http://127.0.0.1:{server.server_port}/graphql")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def replying(body: Any, status: int = 200) -> Answer:
    """An answer of always the same JSON, or of bytes."""

    def reply(handler: BaseHTTPRequestHandler, _query: str) -> None:
        send(handler, body if isinstance(body, bytes) else json.dumps(body).encode(), status)

    return reply


def federated(sdl: str) -> Answer:
    """What a subgraph of federation says when it is asked for its SDL."""
    return replying({"data": {"_service": {"sdl": sdl}}})


def introspected(sdl: str) -> Answer:
    """A server that knows nothing of federation, and runs every query on a schema."""
    schema = build_schema(sdl)

    def reply(handler: BaseHTTPRequestHandler, query: str) -> None:
        result = graphql_sync(schema, query)
        send(handler, json.dumps(result.formatted).encode(), 400 if result.errors else 200)

    return reply


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    """Send a whole answer."""
    handler.send_response(status)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
