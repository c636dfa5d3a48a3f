"""Where a subgraph answers: what its URL says, and the bytes that every request to it begins with."""

import base64
import re
import ssl
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from router.executor.options import Dns
from router.executor.transport import Headers, TransportError

DEFAULT_PORTS = {"http": 80, "https": 443}

_JSON_TYPE = b"content-type: application/json\r\n"
_FIXED = (
    "content-type: application/json\r\n"
    "accept: application/json, application/graphql-response+json\r\n"
    "accept-encoding: gzip, br, zstd, deflate\r\n"
)
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that belong to this connection and are never passed on."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """A place to connect to.

    Attributes:
        socket: the path of a Unix socket, which then stands for host and port.
        tls: None for plain HTTP.
        head: request line and fixed headers, without the empty line that ends them.
        dns: which of the host's addresses are tried, in which order.
    """

    host: str
    port: int
    socket: str | None
    tls: ssl.SSLContext | None
    head: bytes
    dns: Dns = Dns.IPV4_FIRST


def read_origin(url: str, tls: ssl.SSLContext | None = None, dns: Dns = Dns.IPV4_FIRST) -> Origin:
    """Read a routing URL: `http:`, `https:`, or `unix:///path/of.sock?path=/graphql` as in Apollo Router.

    `tls` is for `https:`; None trusts the machine's authorities.

    Raises:
        TransportError: it is none of these.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme == "unix" and parts.path:
        path = parse_qs(parts.query).get("path", ["/"])[0]
        return Origin("", 0, parts.path, None, _write_head(path, "localhost", None))
    host = parts.hostname
    if parts.scheme not in DEFAULT_PORTS or not host or not port:
        msg = "the routing URL is not usable: it must be http://, https:// or unix://"
        raise TransportError(msg)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = f"[{host}]" if ":" in host else host
    if port != DEFAULT_PORTS[parts.scheme]:
        named = f"{named}:{port}"
    login = None
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
    return Origin(host, port, None, tls, _write_head(target, named, login), dns)


def _write_head(target: str, host: str, login: str | None) -> bytes:
    authorization = ""
    if login is not None:
        authorization = f"authorization: Basic {base64.b64encode(login.encode()).decode()}\r\n"
    return f"POST {target} HTTP/1.1\r\nhost: {host}\r\n{_FIXED}{authorization}".encode("latin-1", "replace")


def write_request(origin: Origin, headers: Headers, body: bytes, content_type: str | None = None) -> bytes:
    """All bytes of one request; its body is JSON if `content_type` does not say otherwise.

    Raises:
        TransportError: a header holds what would end it.
    """
    lines = []
    for name, value in headers:
        if not _is_passed_on(name):
            continue
        if "\n" in value or "\r" in value or "\0" in value:
            msg = f"the header {name!r} cannot be sent"
            raise TransportError(msg)
        lines.append(f"{name}: {value}\r\n")
    text = "".join(lines).encode("latin-1", "replace") if lines else b""
    if content_type is not None:
        head = origin.head.replace(_JSON_TYPE, f"content-type: {content_type}\r\n".encode("latin-1"))
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, text, len(body), body)
    return b"%b%bcontent-length: %d\r\n\r\n%b" % (origin.head, text, len(body), body)


@lru_cache(maxsize=256)
def _is_passed_on(name: str) -> bool:
    """Whether a header is one that may be sent.

    Raises:
        TransportError: it is no name, and might be read as more than one. Spec: RFC 9110, 5.1.
    """
    if _NAME.fullmatch(name) is None:
        msg = f"the header {name!r} cannot be sent"
        raise TransportError(msg)
    return name.lower() not in _OURS
