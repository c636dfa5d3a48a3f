"""Requests between services: JSON over HTTP, signed with a shared secret.

The signature covers the time, the method, the path and the body, so a recorded request is useless after five minutes
and cannot be changed or sent elsewhere. GraphQL never comes this way, and these routes are not published.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import orjson
from fastapi import HTTPException, Request
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

SIGNATURE_HEADER = "x-internal-signature"
TOLERANCE_S = 300
TIMEOUT_S = 5.0
IDLE_S = 15.0
STATUS_NOT_FOUND = 404
STATUS_OK_MAX = 299

JsonObject = dict[str, Any]


class PeerError(Exception):
    """Another service did not answer, or not as agreed; the request may be repeated."""


class InternalPeer(Protocol):
    """Another service, as the services see it; tests put a fake here."""

    async def get(self, path: str) -> JsonObject | None:
        """The JSON at `path`; None when it is not there."""

    async def post(self, path: str, body: JsonObject) -> JsonObject | None:
        """The answer to `body`; None when there is no such object."""


def sign(secret: str, method: str, path: str, body: bytes, at_s: int) -> str:
    """The header's value: `t=<unix seconds>,v1=<hex HMAC-SHA256>`."""
    message = f"{at_s}\n{method}\n{path}\n".encode() + body
    return f"t={at_s},v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def is_signed(
    header: str, secret: str, method: str, path: str, body: bytes, tolerance_s: float | None = TOLERANCE_S
) -> bool:
    """Whether `header` is a signature of just this request, not older than `tolerance_s`; None is however old."""
    time_part, _, _ = header.partition(",")
    digits = time_part.removeprefix("t=")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):  # noqa: PLR2004 -- a plausible time
        return False
    at_s = int(digits)
    if tolerance_s is not None and abs(time.time() - at_s) > tolerance_s:
        return False
    return hmac.compare_digest(header.encode(), sign(secret, method, path, body, at_s).encode())


def build_signature_check(secret: str) -> Callable[[Request], Awaitable[None]]:
    """A FastAPI dependency that refuses requests without a valid signature, with status 401."""

    async def check_signature(request: Request) -> None:
        header = request.headers.get(SIGNATURE_HEADER, "")
        if not is_signed(header, secret, request.method, request.url.path, await request.body()):
            raise HTTPException(status_code=401, detail="This route is for the marketplace's own services.")

    return check_signature


class KeptConnections:
    """A client of one peer, and its connections."""

    _client: Client | None = None

    async def close(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _get_client(self) -> Client:
        # Made at the first request: the client belongs to the event loop that runs it.
        if self._client is None:
            self._client = (
                ClientBuilder()
                .follow_redirects(enable=False)
                .no_proxy()
                .timeout(timedelta(seconds=TIMEOUT_S))
                .pool_idle_timeout(timedelta(seconds=IDLE_S))
                .build()
            )
        return self._client


class InternalClient(KeptConnections):
    """Signed requests to one service, over kept connections."""

    def __init__(self, base_url: str, secret: str) -> None:
        self._base_url = base_url
        self._secret = secret

    async def get(self, path: str) -> JsonObject | None:
        """See `InternalPeer.get`.

        Raises:
            PeerError: no answer in time, or an unexpected one.
        """
        return await self._request("GET", path, b"")

    async def post(self, path: str, body: JsonObject) -> JsonObject | None:
        """See `InternalPeer.post`.

        Raises:
            PeerError: no answer in time, or an unexpected one.
        """
        return await self._request("POST", path, orjson.dumps(body))

    async def _request(self, method: str, path: str, body: bytes) -> JsonObject | None:
        signature = sign(self._secret, method, path, body, int(time.time()))
        headers = [(SIGNATURE_HEADER, signature), ("content-type", "application/json")]
        try:
            request = (
                self._get_client().request(method, self._base_url + path).headers(headers).body_bytes(body)
            )
            response = await request.build().send()
            content = bytes(await response.bytes())
        except PyreqwestError as error:
            raise PeerError(f"{method} {self._base_url}{path} failed: {type(error).__name__}") from error
        if response.status == STATUS_NOT_FOUND:
            return None
        if response.status > STATUS_OK_MAX:
            raise PeerError(f"{method} {self._base_url}{path} answered {response.status}")
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise PeerError(f"{method} {self._base_url}{path} answered no JSON") from error
        if not isinstance(answer, dict):
            raise PeerError(f"{method} {self._base_url}{path} answered no JSON object")
        return answer
