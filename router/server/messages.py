"""HTTP requests and responses as values, and their passage through ASGI.

Spec: ASGI 3.0, HTTP connection scope.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from msgspec import Struct

from router.errors import ErrorCode, refuse
from router.kit.content_encoding import (
    ENCODINGS,
    DamagedEncodingError,
    UnknownEncodingError,
    UnpackedTooLargeError,
    decode_body,
)
from router.server.streams import ByteStream, pass_on

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = tuple[tuple[str, str], ...]

WHOLE_ANSWER = "router.http.response"
"""An ASGI extension: a message with `status`, `headers` in text and the whole `body`, which takes its server less than two.

Spec: ASGI 3.0, Extensions.
"""

NO_SCOPE: Mapping[str, Any] = MappingProxyType({})

PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE = 413, 415
PARAMETERS_MAX = 100
DIGITS_MAX = 18
"""Of a length that is looked at: a longer one is too large by its first digits, and takes long to read."""


class HttpRequest(Struct, frozen=True):
    """The head of a request.

    Attributes:
        path: below where the application is mounted.
        mount: the path at which it is mounted, empty at the root.
        headers: names in lower case.
        values: the headers by name, values of repeated ones joined by commas.
        address: the client's, as far as it is known.
        scope: what the server says of the connection beside that.
    """

    method: str
    path: str
    mount: str
    query_string: str
    headers: Headers
    values: dict[str, str]
    address: str | None = None
    scope: Mapping[str, Any] = NO_SCOPE

    def find_header(self, name: str) -> str | None:
        """The header's value, values of repeated ones joined by commas; None if there is none."""
        return self.values.get(name)

    def is_like(self, other: "HttpRequest") -> bool:
        """Whether the other one says the same, whichever connection it came over."""
        return (
            self.headers == other.headers
            and self.query_string == other.query_string
            and (self.method, self.path, self.mount) == (other.method, other.path, other.mount)
        )

    def read_parameters(self) -> dict[str, str]:
        """The parameters of the query string; of repeated ones the first.

        Raises:
            ValueError: there are too many, or they are not UTF-8.
        """
        parsed = parse_qs(
            self.query_string, keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX
        )
        return {name: values[0] for name, values in parsed.items()}


class HttpResponse(Struct, frozen=True):
    """A response: whole, or with a body that comes in pieces."""

    status: int
    body: bytes | ByteStream = b""
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
    headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
    query, client = scope["query_string"].decode("latin-1"), scope.get("client")
    address = client[0] if client else None
    return HttpRequest(scope["method"], path, mount, query, headers, index_headers(headers), address, scope)


def index_headers(headers: Headers) -> dict[str, str]:
    """Headers by name, values of repeated ones joined by commas."""
    values = dict(headers)
    return values if len(values) == len(headers) else _join_repeated(headers)


def _join_repeated(headers: Headers) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in headers:
        values[name] = f"{values[name]}, {value}" if name in values else value
    return values


DRAINED_BYTES_MAX = 64_000_000
"""How much of a body that is too large is read for the sake of a readable answer; past it the connection is cut."""


async def read_body(request: HttpRequest, receive: Receive, bytes_max: int) -> bytes:
    """The request's body, unpacked.

    Raises:
        RefusedError: 413, it is longer than `bytes_max`; 415, it has an encoding that we do not know; 400, it is not
            what its encoding says.
        ClientGoneError: it never became complete.
    """
    announced = request.values.get("content-length") or ""
    is_number = announced.isascii() and announced.isdigit()
    # Not every server that runs us looks at the number; ours does.
    if is_number and int(announced[:DIGITS_MAX]) > bytes_max + DRAINED_BYTES_MAX:
        # Reading so much to its end would be a favour to an attacker.
        raise _too_large()
    chunks: list[bytes] = []
    size, has_more = 0, True
    # What is past the bound is read and dropped: a client that is still sending does not read an answer.
    while has_more and size <= bytes_max + DRAINED_BYTES_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk, has_more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= bytes_max:
            chunks.append(chunk)
    if has_more or size > bytes_max:
        raise _too_large()
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    encoding = request.values.get("content-encoding")
    return body if encoding is None else _unpack(body, encoding, bytes_max)


def _unpack(body: bytes, encoding: str, bytes_max: int) -> bytes:
    try:
        return decode_body(body, encoding, bytes_max)
    except UnpackedTooLargeError as error:
        raise _too_large() from error
    except UnknownEncodingError as error:
        code = ErrorCode.INVALID_GRAPHQL_REQUEST
        message = f"the content encoding {error} is not one of {', '.join(ENCODINGS)}"
        refusal = refuse("Invalid GraphQL request", code, status=UNSUPPORTED_MEDIA_TYPE, details=message)
        refusal.headers = (("accept-encoding", ", ".join(ENCODINGS)),)
        raise refusal from error
    except DamagedEncodingError as error:
        code = ErrorCode.INVALID_GRAPHQL_REQUEST
        raise refuse("Invalid GraphQL request", code, details=f"the body is no {error}") from error


async def send_response(response: HttpResponse, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `response`; one that comes in pieces only as long as the client listens."""
    status, body, headers = response.status, response.body, response.headers
    if isinstance(body, ByteStream):
        await _send_stream(status, body, headers, receive, send)
    elif WHOLE_ANSWER in scope.get("extensions", ()):
        await send({"type": WHOLE_ANSWER, "status": status, "headers": headers, "body": body})
    else:
        for message in split_answer(status, headers, body):
            await send(message)


def split_answer(status: int, headers: Headers, body: bytes) -> Iterator[MutableMapping[str, Any]]:
    """A whole answer as the messages that every ASGI server takes."""
    raw = [(b"content-length", b"%d" % len(body)), *_encode_headers(headers)]
    yield {"type": "http.response.start", "status": status, "headers": raw}
    yield {"type": "http.response.body", "body": body}


async def _send_stream(
    status: int, stream: ByteStream, headers: Headers, receive: Receive, send: Send
) -> None:
    async def send_piece(piece: bytes) -> None:
        await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def wait_until_gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await send({"type": "http.response.start", "status": status, "headers": [*_encode_headers(headers)]})
    except BaseException:
        await stream.aclose()
        raise
    if await pass_on(stream, send_piece, wait_until_gone()):
        await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=256)
def _encode_headers(headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)


def _too_large() -> Exception:
    code = ErrorCode.INVALID_GRAPHQL_REQUEST
    return refuse(
        "Request body payload too large", code, status=PAYLOAD_TOO_LARGE, details="payload too large"
    )
