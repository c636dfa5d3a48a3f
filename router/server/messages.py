"""HTTP requests and responses as values, and their passage through ASGI.

Spec: ASGI 3.0, HTTP connection scope.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from router.errors import ErrorCode, refuse

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = tuple[tuple[str, str], ...]

PAYLOAD_TOO_LARGE = 413
PARAMETERS_MAX = 100


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The head of a request.

    Attributes:
        path: below where the application is mounted.
        mount: the path at which it is mounted, empty at the root.
        headers: names in lower case.
    """

    method: str
    path: str
    mount: str
    query_string: str
    headers: Headers

    def find_header(self, name: str) -> str | None:
        """The header's value, values of repeated ones joined by commas; None if there is none."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    def read_parameters(self) -> dict[str, str]:
        """The parameters of the query string; of repeated ones the first.

        Raises:
            ValueError: there are too many.
        """
        parsed = parse_qs(self.query_string, keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
        return {name: values[0] for name, values in parsed.items()}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole response."""

    status: int
    body: bytes = b""
    headers: Headers = ()


class ClientGoneError(Exception):
    """The client has closed the connection before its request was complete."""


def read_head(scope: Scope) -> HttpRequest:
    """The request's head from its scope."""
    mount = scope.get("root_path", "").rstrip("/")
    path = scope["path"]
    if mount and path.startswith(f"{mount}/"):
        path = path[len(mount) :]
    elif path == mount:
        path = "/"
    return HttpRequest(
        method=scope["method"],
        path=path,
        mount=mount,
        query_string=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
    )


DRAINED_BYTES_MAX = 64_000_000
"""How much of a body that is too large is read for the sake of a readable answer; past it the connection is cut."""


async def read_body(request: HttpRequest, receive: Receive, bytes_max: int) -> bytes:
    """The request's body.

    Raises:
        RefusedError: 413; it is longer than `bytes_max`.
        ClientGoneError: it never became complete.
    """
    chunks: list[bytes] = []
    size = 0
    has_more = not _announces_flood(request, bytes_max)
    # What is past the bound is read and dropped: a client that is still sending does not read an answer.
    while has_more and size <= bytes_max + DRAINED_BYTES_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk, has_more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= bytes_max:
            chunks.append(chunk)
    if has_more or size > bytes_max or _announces_flood(request, bytes_max):
        raise _too_large()
    return b"".join(chunks)


def _announces_flood(request: HttpRequest, bytes_max: int) -> bool:
    """Whether the body is said to be so large that reading it to its end would be a favour to an attacker."""
    announced = request.find_header("content-length")
    is_number = announced is not None and announced.isascii() and announced.isdigit()
    return is_number and int(announced or 0) > bytes_max + DRAINED_BYTES_MAX


async def send_response(response: HttpResponse, send: Send) -> None:
    """Send `response` whole."""
    headers = [
        (b"content-length", b"%d" % len(response.body)),
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers),
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _too_large() -> Exception:
    code = ErrorCode.INVALID_GRAPHQL_REQUEST
    return refuse(
        "Request body payload too large", code, status=PAYLOAD_TOO_LARGE, details="payload too large"
    )
