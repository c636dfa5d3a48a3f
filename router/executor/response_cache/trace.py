"""What the cache did for a request, told to developers in the response: Apollo Router's `response_cache.debug`.

It shows what subgraphs were asked and have answered, keys and all, so it is for a client that asks for it by a header, where the
configuration allows it.
"""

from dataclasses import dataclass

from router.executor.layers import FetchCall
from router.kit.cache_control import CacheControl
from router.kit.json import JsonObject, JsonValue, read_json

HEADER, ASKED = "apollo-cache-debugging", "true"
EXTENSION, VERSION = "apolloCacheDebugging", "1.0"

PARTS_MAX = 500
"""Of one response; what comes after is not told."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One root fetch or entity, as it was found or has been answered.

    Attributes:
        representation: None for a root fetch.
        control: None for what may not be kept.
        tags: by which it can be thrown away.
    """

    key: str
    typename: str
    representation: JsonObject | None
    value: JsonValue
    control: CacheControl | None
    tags: tuple[str, ...]
    is_found: bool
    is_kept: bool


def is_asked(call: FetchCall) -> bool:
    """Whether the client wants to know."""
    return any(name == HEADER and value == ASKED for name, value in call.context.headers)


def tell(call: FetchCall, seen: Seen) -> None:
    """Have the response say what was done for a fetch."""
    told = call.context.extensions.setdefault(EXTENSION, {"version": VERSION, "data": []})["data"]
    if len(told) < PARTS_MAX:
        told.append(_describe(call, seen))


def _describe(call: FetchCall, seen: Seen) -> JsonObject:
    fetch, entity = call.fetch, seen.representation
    control = seen.control or CacheControl(is_stored=False)
    return {
        "key": seen.key,
        "invalidationKeys": list(seen.tags),
        "kind": {"rootFields": _list_root_fields(seen.value)}
        if entity is None
        else {"typename": seen.typename, "entityKey": entity},
        "subgraphName": fetch.subgraph,
        "subgraphRequest": read_json(call.request.body),
        "source": "cache" if seen.is_found else "subgraph",
        "cacheControl": {
            "maxAge": control.max_age_s,
            "private": control.is_private,
            "noStore": not control.is_stored,
        },
        "shouldStore": seen.is_kept,
        "data": seen.value,
    }


def _list_root_fields(value: JsonValue) -> list[str]:
    return list(value) if isinstance(value, dict) else []
