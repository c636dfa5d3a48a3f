"""Which media types and encodings come in and go out.

Spec: GraphQL over HTTP, 2025 draft, 4 Serialization Format, 6.1 Content-Type, 6.4 Status Codes; RFC 9110, 12.5.
Apollo Router answers with `application/json` whatever is accepted; we answer with the media type that
the client prefers, as the specification says.

Clients repeat the same few headers with every request, so what follows from them is worked out once.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import isfinite

from router.errors import ErrorCode, refuse
from router.kit.content_encoding import ENCODINGS
from router.server.messages import UNSUPPORTED_MEDIA_TYPE, HttpRequest

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
REQUEST_TYPES = (JSON, GRAPHQL_JSON)
NOT_ACCEPTABLE = 406
DEFER_SPEC = ("deferspec", "20220824")

DOCUMENT_FAULTS = frozenset(
    {
        ErrorCode.PARSING_ERROR,
        ErrorCode.GRAPHQL_VALIDATION_FAILED,
        ErrorCode.GRAPHQL_UNKNOWN_OPERATION_NAME,
        ErrorCode.VALIDATION_INVALID_TYPE_VARIABLE,
    }
)
"""Faults of the operation in a request that is well-formed as such."""

CONTENT_TYPE_MESSAGE = (
    '\'content-type\' header must be one of: "application/json" or "application/graphql-response+json"'
)
ACCEPT_MESSAGE = (
    '\'accept\' header must be one of: "*/*", "application/json", "application/graphql-response+json", '
    '"multipart/mixed;subscriptionSpec=1.0" or "multipart/mixed;deferSpec=20220824"'
)

_CACHED = 128


@dataclass(frozen=True, slots=True)
class ResponseType:
    """The media type of a response.

    Attributes:
        is_status_of_transport: whether the client asked for `application/json` by its name. There 200 says that the
            response is GraphQL's, whatever became of the operation. Who asks for anything at all gets Apollo's status.
        has_parts: whether the client takes answers in parts too, in the form that we have.
    """

    name: str
    is_status_of_transport: bool = False
    has_parts: bool = False

    def choose_status(self, status: int, code: object) -> int:
        """The status for a response with `status` and an error's `code`."""
        return 200 if self.is_status_of_transport and code in DOCUMENT_FAULTS else status


_DEFAULT = ResponseType(JSON)
_NAMED = {
    JSON: ResponseType(JSON, is_status_of_transport=True),
    GRAPHQL_JSON: ResponseType(GRAPHQL_JSON),
    # Who can read parts can read a whole, which is what operations without parts get.
    "multipart/mixed": _DEFAULT,
}
_BY_WILDCARD = {JSON: _DEFAULT, GRAPHQL_JSON: _NAMED[GRAPHQL_JSON]}
_WILDCARDS = ("application/*", "*/*")


def check_content_type(request: HttpRequest) -> None:
    """Refuse bodies that are not JSON; a GET may go without.

    Raises:
        RefusedError: 415.
    """
    if not _is_readable(request.values.get("content-type"), request.method):
        code = ErrorCode.INVALID_CONTENT_TYPE_HEADER
        raise refuse(CONTENT_TYPE_MESSAGE, code, status=UNSUPPORTED_MEDIA_TYPE)


@lru_cache(_CACHED)
def _is_readable(content_type: str | None, method: str) -> bool:
    if content_type is None:
        return method == "GET"
    allowed = REQUEST_TYPES if method == "POST" else (JSON,)
    return _essence(content_type) in allowed and _is_utf8(content_type)


def choose_response_type(request: HttpRequest) -> ResponseType:
    """The media type of the response; JSON unless the client prefers GraphQL's own.

    Raises:
        RefusedError: 406; the client accepts nothing that we have.
    """
    chosen = _find_response_type(request.values.get("accept"))
    if chosen is None:
        raise refuse(ACCEPT_MESSAGE, ErrorCode.INVALID_ACCEPT_HEADER, status=NOT_ACCEPTABLE)
    return chosen


def _is_parameter(item: str, wanted: tuple[str, str]) -> bool:
    for parameter in item.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if (name.strip().lower(), value.strip().strip('"')) == wanted:
            return True
    return False


def choose_refusal_type(request: HttpRequest) -> ResponseType:
    """The media type in which to say no, also to those who accept nothing that we have."""
    return _find_response_type(request.values.get("accept")) or _DEFAULT


@lru_cache(_CACHED)
def _find_response_type(accept: str | None) -> ResponseType | None:
    if accept is None or not accept.strip():
        return _DEFAULT
    # By range how much it is liked: of equals the one that the client names first.
    ranges: dict[str, tuple[float, int]] = {}
    for place, item in enumerate(accept.split(",")):
        ranges.setdefault(_essence(item), (_read_quality(item), -place))
    chosen, best = None, (0.0, 0)
    for name, response_type in _NAMED.items():
        liked, offered = ranges.get(name), response_type
        if liked is None and name in _BY_WILDCARD:
            # The narrowest range that speaks of a type decides: `application/json;q=0, */*` is anything but JSON.
            liked = next((ranges[each] for each in _WILDCARDS if each in ranges), None)
            offered = _BY_WILDCARD[name]
        if liked is not None and liked[0] > 0 and (chosen is None or liked > best):
            chosen, best = offered, liked
    has_parts = any(
        _essence(item) == "multipart/mixed" and _read_quality(item) > 0 and _is_parameter(item, DEFER_SPEC)
        for item in accept.split(",")
    )
    return replace(chosen, has_parts=True) if chosen is not None and has_parts else chosen


@lru_cache(_CACHED)
def choose_encoding(accept_encoding: str | None) -> str | None:
    """The encoding that the client likes best, of equals the one that costs us least; None to send as it is."""
    if accept_encoding is None:
        return None
    qualities = {_essence(item): _read_quality(item) for item in accept_encoding.split(",")}
    other = qualities.get("*", 0.0)
    best = max(ENCODINGS, key=lambda name: qualities.get(name, other))
    quality = qualities.get(best, other)
    return best if quality > 0 and quality >= qualities.get("identity", 0.0) else None


def is_page_wanted(request: HttpRequest) -> bool:
    """Whether a browser asks for a page and not for data."""
    accept = request.values.get("accept")
    return request.method == "GET" and accept is not None and _names_page(accept)


@lru_cache(_CACHED)
def _names_page(accept: str) -> bool:
    return any(_essence(item) == "text/html" for item in accept.split(","))


def _read_quality(item: str) -> float:
    for parameter in item.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return min(quality, 1.0) if isfinite(quality) else 0.0
    return 1.0


def _essence(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _is_utf8(value: str) -> bool:
    for parameter in value.split(";")[1:]:
        name, _, charset = parameter.partition("=")
        if name.strip().lower() == "charset":
            return charset.strip().strip('"').lower() in {"utf-8", "utf8"}
    return True
