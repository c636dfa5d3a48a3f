"""Which media types come in and go out.

Spec: GraphQL over HTTP, 2025 draft, 4 Serialization Format, 6.1 Content-Type; RFC 9110, 12.5.1 Accept.
Apollo Router answers with `application/json` whatever is accepted; we answer with the media type that
the client prefers, as the specification says.
"""

from router.errors import ErrorCode, RefusedError, refuse
from router.server.messages import HttpRequest

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
REQUEST_TYPES = (JSON, GRAPHQL_JSON)
UNSUPPORTED_MEDIA_TYPE, NOT_ACCEPTABLE = 415, 406

CONTENT_TYPE_MESSAGE = (
    '\'content-type\' header must be one of: "application/json" or "application/graphql-response+json"'
)
ACCEPT_MESSAGE = (
    '\'accept\' header must be one of: "*/*", "application/json", "application/graphql-response+json", '
    '"multipart/mixed;subscriptionSpec=1.0" or "multipart/mixed;deferSpec=20220824"'
)


def check_content_type(request: HttpRequest) -> None:
    """Refuse bodies that are not JSON; a GET may go without.

    Raises:
        RefusedError: 415.
    """
    content_type = request.find_header("content-type")
    if content_type is None and request.method == "GET":
        return
    allowed = REQUEST_TYPES if request.method == "POST" else (JSON,)
    if content_type is None or _essence(content_type) not in allowed or not _is_utf8(content_type):
        code = ErrorCode.INVALID_CONTENT_TYPE_HEADER
        raise refuse(CONTENT_TYPE_MESSAGE, code, status=UNSUPPORTED_MEDIA_TYPE)


def choose_media_type(request: HttpRequest) -> str:
    """The media type of the response; JSON unless the client prefers GraphQL's own.

    Raises:
        RefusedError: 406; the client accepts nothing that we have.
    """
    accept = request.find_header("accept")
    if accept is None or not accept.strip():
        return JSON
    chosen, best = None, 0.0
    for item in accept.split(","):
        media_type, quality = _read_accept_item(item)
        if media_type is not None and quality > best:
            chosen, best = media_type, quality
    if chosen is None:
        raise refuse(ACCEPT_MESSAGE, ErrorCode.INVALID_ACCEPT_HEADER, status=NOT_ACCEPTABLE)
    return chosen


def choose_refusal_media_type(request: HttpRequest) -> str:
    """The media type in which to say no, also to those who accept nothing that we have."""
    try:
        return choose_media_type(request)
    except RefusedError:
        return JSON


def is_page_wanted(request: HttpRequest) -> bool:
    """Whether a browser asks for a page and not for data."""
    accept = request.find_header("accept") or ""
    return request.method == "GET" and any(_essence(item) == "text/html" for item in accept.split(","))


def _read_accept_item(item: str) -> tuple[str | None, float]:
    essence = _essence(item)
    if essence == GRAPHQL_JSON:
        media_type: str | None = GRAPHQL_JSON
    elif essence in {JSON, "*/*", "application/*", "multipart/mixed"}:
        # Who can read parts can read a whole, which is what operations without parts get.
        media_type = JSON
    else:
        media_type = None
    return media_type, _read_quality(item)


def _read_quality(item: str) -> float:
    for parameter in item.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(float(value), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _essence(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _is_utf8(value: str) -> bool:
    for parameter in value.split(";")[1:]:
        name, _, charset = parameter.partition("=")
        if name.strip().lower() == "charset":
            return charset.strip().strip('"').lower() in {"utf-8", "utf8"}
    return True
