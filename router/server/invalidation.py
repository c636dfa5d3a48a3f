"""Throwing away what the response cache has: Apollo Router's invalidation endpoint.

`POST` with `Authorization: <shared_key>` and a list of what to throw away; 202 with `{"count": n}`. Faults are answered as Apollo
Router does: the code is the status's text.
"""

import hmac
from http import HTTPStatus

from msgspec.structs import replace

from router.errors import RefusedError
from router.executor.response_cache.layer import ResponseCache
from router.executor.response_cache.options import ResponseCacheOptions
from router.executor.response_cache.store import tag_of_subgraph, tag_of_tag, tag_of_type
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.server.messages import HttpRequest, HttpResponse, Receive, read_body

BODY_BYTES_MAX = 1_000_000
REQUESTS_MAX = 1_000
JSON = ("content-type", "application/json")


class Invalidation:
    """The endpoint of one cache."""

    def __init__(self, options: ResponseCacheOptions, cache: ResponseCache) -> None:
        self._options = options
        self._cache = cache

    async def answer(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        """Throw away what the request names, if its key is that of all the subgraphs concerned."""
        if request.method != "POST":
            refusal = _refuse(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is allowed")
            return replace(refusal, headers=(*refusal.headers, ("allow", "POST")))
        key = request.find_header("authorization")
        if key is None:
            return _refuse(HTTPStatus.UNAUTHORIZED, "Missing authorization header")
        try:
            tags = _read_all(await read_body(request, receive, BODY_BYTES_MAX))
        except (ValueError, RefusedError) as error:
            return _refuse(HTTPStatus.BAD_REQUEST, f"failed to deserialize the request body: {error}")
        subgraphs = {subgraph for each in tags for subgraph in each}
        if not all(self._is_allowed(subgraph, key) for subgraph in subgraphs):
            return _refuse(HTTPStatus.UNAUTHORIZED, "Invalid authorization header")
        count = await self._cache.invalidate(named for each in tags for named in each.items())
        return HttpResponse(HTTPStatus.ACCEPTED, write_json({"count": count}), (JSON,))

    def _is_allowed(self, subgraph: str, key: str) -> bool:
        options = self._options.of_subgraph(subgraph)
        own = options.shared_key
        return (
            options.is_invalidation_allowed and bool(own) and hmac.compare_digest(own.encode(), key.encode())
        )


def _read_all(body: bytes) -> list[dict[str, str]]:
    wanted = read_json(body)
    if not isinstance(wanted, list) or len(wanted) > REQUESTS_MAX:
        raise ValueError(f"the body must be a list of at most {REQUESTS_MAX}")
    return [_read_tags(each) for each in wanted]


def _read_tags(wanted: JsonValue) -> dict[str, str]:
    """The tag to throw away by the subgraph concerned.

    Raises:
        ValueError: it is no request for an invalidation.
    """
    if not isinstance(wanted, dict):
        raise ValueError("each item must be an object")  # noqa: TRY004 -- it is the client's fault, not a caller's
    match wanted.get("kind"):
        case "subgraph":
            subgraph = _read_text(wanted, "subgraph")
            return {subgraph: tag_of_subgraph(subgraph)}
        case "type":
            subgraph = _read_text(wanted, "subgraph")
            return {subgraph: tag_of_type(subgraph, _read_text(wanted, "type"))}
        case "cache_tag":
            subgraphs, tag = wanted.get("subgraphs"), _read_text(wanted, "cache_tag")
            if not isinstance(subgraphs, list) or not all(isinstance(each, str) for each in subgraphs):
                raise ValueError("`subgraphs` must be a list of names")
            return {subgraph: tag_of_tag(subgraph, tag) for subgraph in subgraphs}
        case _:
            raise ValueError("`kind` must be subgraph, type or cache_tag")


def _read_text(wanted: JsonObject, name: str) -> str:
    value = wanted.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{name}` must be a string")
    return value


def _refuse(status: HTTPStatus, message: str) -> HttpResponse:
    code = f"{status.value} {status.phrase}"
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return HttpResponse(status.value, write_json(body), (JSON,))
