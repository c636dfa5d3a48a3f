"""What hooks are given: the requests and responses of each stage. They are the hooks' to change.

Headers are lists of values by name, names in lower case. A body is bytes at the router stage, where nothing has been
read yet, and a JSON object after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from router.hooks.context import Context, make_id
from router.hooks.errors import HookError
from router.kit.http_headers import FRAMING, is_name, is_value
from router.kit.json import JsonObject, JsonValue, read_faulty_json, write_json

URL_SCHEMES = ("http://", "https://", "unix:///")

HeaderLists: TypeAlias = dict[str, list[str]]


def read_headers(pairs: Iterable[tuple[str, str]]) -> HeaderLists:
    """Headers as hooks see them, from pairs in lower case."""
    headers: HeaderLists = {}
    for name, value in pairs:
        headers.setdefault(name, []).append(value)
    return headers


def write_headers(headers: HeaderLists) -> tuple[tuple[str, str], ...]:
    """Headers as pairs, without those of framing; names may have come in any case.

    Raises:
        HookError: one of them is no header, or would end it and begin another.
    """
    if not isinstance(headers, dict) or not all(isinstance(values, list) for values in headers.values()):
        raise HookError("a hook has left headers that are no lists of values by name")
    pairs = tuple((str(name).lower(), value) for name, values in headers.items() for value in values)
    for name, value in pairs:
        if not is_name(name) or not is_value(value):
            raise HookError(f"a hook has set the header {name!r} to what is no header")
    return tuple((name, value) for name, value in pairs if name not in FRAMING)


def check_status(status: object) -> int:
    """A status that can be answered with.

    Raises:
        HookError: it is none.
    """
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:  # noqa: PLR2004 -- HTTP's
        raise HookError("a hook has left what is no HTTP status")
    return status


def check_url(url: object) -> str | None:
    """A URL to which a request can go; None stays what it is.

    Raises:
        HookError: it is none.
    """
    if url is None:
        return None
    if not isinstance(url, str) or not url.startswith(URL_SCHEMES) or not url.isprintable() or " " in url:
        raise HookError("a hook has left a URL that does not begin with http://, https:// or unix:///")
    return url


def check_object(body: JsonValue) -> JsonObject:
    """A body that is a JSON object.

    Raises:
        HookError: it is none.
    """
    if not isinstance(body, dict):
        raise HookError("a hook has left a body that is no object")
    return body


def check_bytes(body: object) -> bytes:
    """A body in bytes.

    Raises:
        HookError: it is something else.
    """
    if not isinstance(body, bytes):
        raise HookError("a hook has left a body that is no bytes")
    return body


def write_body(body: JsonValue) -> bytes:
    """A body as JSON text.

    Raises:
        HookError: it is none.
    """
    try:
        return write_json(body)
    except (TypeError, ValueError) as error:
        raise HookError("a hook has left a body that is no JSON") from error


def read_object(body: bytes) -> JsonObject:
    """The JSON object in a body; an empty one if there is none."""
    try:
        value = read_faulty_json(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class RouterRequest:
    """A request as it came over HTTP."""

    context: Context
    method: str
    path: str
    query_string: str
    headers: HeaderLists
    body: bytes


@dataclass(slots=True)
class RouterResponse:
    """A response as it goes out over HTTP, before it is packed; of one in parts, one part as it goes out.

    Attributes:
        is_primary: False for later parts, which have neither status nor headers.
    """

    context: Context
    status: int = 200
    headers: HeaderLists = field(default_factory=dict)
    body: bytes = b""
    is_primary: bool = True


@dataclass(slots=True)
class SupergraphRequest:
    """A GraphQL request, before it is served.

    Attributes:
        body: `query`, `operationName`, `variables`, `extensions`; of an operation known by a hash or an id `query` is its text.
        method: of HTTP; not to be changed.
    """

    context: Context
    headers: HeaderLists
    body: JsonObject
    method: str = "POST"


@dataclass(slots=True)
class SupergraphResponse:
    """A GraphQL response, or one part of it; `body` has `data`, `errors`, `extensions`.

    Attributes:
        is_primary: False for later parts, which have neither status nor headers; `body` has `incremental`, `hasNext`.
    """

    context: Context
    body: JsonObject
    status: int = 200
    headers: HeaderLists = field(default_factory=dict)
    is_primary: bool = True


@dataclass(slots=True)
class ExecutionRequest:
    """An operation that has been planned and is to be run.

    Attributes:
        body: as in a `SupergraphRequest`; of it, `variables` may be changed.
        plan: the plan in Apollo's JSON form; not to be changed.
        method: of HTTP; not to be changed.
    """

    context: Context
    headers: HeaderLists
    body: JsonObject
    plan: JsonObject
    method: str = "POST"


@dataclass(slots=True)
class ExecutionResponse:
    """What running an operation gave, or one part of it; as a `SupergraphResponse`."""

    context: Context
    body: JsonObject
    status: int = 200
    headers: HeaderLists = field(default_factory=dict)
    is_primary: bool = True


@dataclass(slots=True)
class SubgraphRequest:
    """One request to one subgraph.

    Attributes:
        headers: those that the `headers` rules have chosen.
        body: `query`, `operationName`, `variables`, `extensions`.
        id: tells it from the others of the same operation.
        url: where it goes in place of the subgraph's own URL; None for that.
    """

    context: Context
    subgraph: str
    headers: HeaderLists
    body: JsonObject
    id: str = field(default_factory=make_id)
    url: str | None = None


@dataclass(slots=True)
class SubgraphResponse:
    """A subgraph's answer; of a body that is no JSON object, the object is empty.

    Attributes:
        request: what was asked, as hooks have left it; None for an answer that a hook has made.
    """

    context: Context
    subgraph: str
    body: JsonObject
    status: int = 200
    headers: HeaderLists = field(default_factory=dict)
    id: str = ""
    request: SubgraphRequest | None = None
