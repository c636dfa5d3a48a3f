"""What a shop's services are answered by the services that are not there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import orjson

PRICE_MINOR = 1999
LIMITED = str(UUID(int=7))
LIMITS = {LIMITED: 100_000}
"""How many are sold of the products that are limited."""


class _World(ThreadingHTTPServer):
    """What the services answer that are not there: the keys of tokens, a price for everything, that somebody is forgotten."""

    daemon_threads = True

    def __init__(self, key_set: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key_set = key_set


class _Handler(BaseHTTPRequestHandler):
    server: _World

    def do_GET(self) -> None:
        self._answer(self.server.key_set)

    def do_POST(self) -> None:
        asked = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        if "after" in asked and self.path.endswith("/revoked"):
            self._answer(b'{"revoked":[]}')
            return
        if "items" not in asked:
            self._answer(b'{"erased": true, "sales": []}')
            return
        lines = [
            {
                "productId": item["productId"],
                "name": "An app",
                "status": "PUBLISHED",
                "availability": "AVAILABLE",
                "unitPrice": {"minor": PRICE_MINOR, "currency": "USD"},
                "licenseLimit": LIMITS.get(item["productId"]),
            }
            for item in asked["items"]
        ]
        self._answer(orjson.dumps({"lines": lines}))

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving_world(key_set: bytes) -> Iterator[int]:
    world = _World(key_set)
    thread = threading.Thread(target=world.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield world.server_address[1]
    finally:
        world.shutdown()
        world.server_close()
        thread.join()
