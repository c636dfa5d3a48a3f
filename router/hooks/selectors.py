"""Apollo's selectors: `request_header`, `operation_name`, ... They choose a value of what is known about a request.

A selector is read once into a function. One that has no value where it is asked gives None, or its `default`.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import unquote

from router.hooks.context import OPERATION_KIND, OPERATION_NAME
from router.hooks.known import FieldFacts, Headers, Known, Selector, SubgraphFacts
from router.kit.cache_control import read_cache_control
from router.kit.did_you_mean import suggest
from router.kit.json import JsonValue, write_json
from router.kit.json_path import read_json_path
from router.telemetry.logs import find_ids

ALL = "all"
SIZES = ("aliases", "depth", "height", "root_fields")
COSTS = {
    "estimated": "apollo::demand_control::estimated_cost",
    "actual": "apollo::demand_control::actual_cost",
    "result": "apollo::demand_control::result",
}
"""Apollo's keys of the context, by the selector's forms."""


def read_selector(value: JsonValue) -> Selector:
    """The selector that `value` stands for; a plain value stands for itself.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, dict):
        return lambda _: value
    default = value.get("default")
    kinds = [kind for kind in value if kind not in {"default", "redact", "entity_type"}]
    if len(kinds) != 1 or kinds[0] not in _SELECTORS:
        meant = suggest(kinds[0], _SELECTORS) if len(kinds) == 1 else ""
        raise ValueError(
            f"{kinds[0]} is no selector.{meant}" if meant else f"a selector is one of {', '.join(_SELECTORS)}"
        )
    if "entity_type" in value and kinds[0] not in LOOKUPS:
        raise ValueError(f"entity_type goes with {' or '.join(LOOKUPS)} alone")
    form = value[kinds[0]]
    lookups = LOOKUPS.get(kinds[0])
    select = _SELECTORS[kinds[0]](form) if lookups is None else lookups(form, value.get("entity_type", ALL))

    def find(known: Known) -> JsonValue:
        found = select(known)
        return default if found is None else found

    return find


def _first(headers: Headers | None, name: str) -> str | None:
    values = (headers or {}).get(name.lower())
    return values[0] if isinstance(values, list) and values else values if isinstance(values, str) else None


def _read_status(find: Callable[[Known], int | None]) -> Callable[[JsonValue], Selector]:
    def read(form: JsonValue) -> Selector:
        if form == "reason":
            return lambda known: _describe_status(find(known))
        return find

    return read


def _describe_status(status: int | None) -> str | None:
    try:
        return None if status is None else HTTPStatus(status).phrase
    except ValueError:
        return None


def _read_operation_name(form: JsonValue) -> Selector:
    if form == "hash":
        return lambda known: _hash(known.entries.get(OPERATION_NAME))
    return lambda known: known.entries.get(OPERATION_NAME)


def _hash(text: JsonValue) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest() if isinstance(text, str) else None


def _read_query(form: JsonValue) -> Selector:
    if form in SIZES:
        return lambda known: None if known.measure is None else known.measure().get(form)
    if form not in ("string", True):
        raise ValueError(f"query is one of string, {', '.join(SIZES)}")
    return lambda known: known.document


def _read_data(find: Callable[[Known], JsonValue]) -> Callable[[JsonValue], Selector]:
    """A selector that follows a JSONPath in what `find` gives."""

    def read(form: JsonValue) -> Selector:
        path = read_json_path(str(form))
        return lambda known: path.find(find(known))

    return read


def _find_answer(known: Known, key: str) -> JsonValue:
    """A member of what a subgraph has answered; None where there is none."""
    answer = _find_body(known)
    return answer.get(key) if isinstance(answer, dict) else None


def _read_cost(form: JsonValue) -> Selector:
    """Costs stand in the context, where demand control is on."""
    if form == "delta":
        return _find_delta
    if form not in COSTS:
        raise ValueError(f"cost is one of delta, {', '.join(COSTS)}")
    key = COSTS[form]
    return lambda known: known.entries.get(key)


def _find_delta(known: Known) -> JsonValue:
    estimated, actual = (known.entries.get(COSTS[each]) for each in ("estimated", "actual"))
    return None if estimated is None or actual is None else estimated - actual


def _read_lookups(form: JsonValue, type_name: JsonValue = ALL) -> Selector:
    """How many were found, or were not: of one type, or of all."""
    if form not in ("hit", "miss"):
        raise ValueError("it is hit or miss")

    def find(facts: SubgraphFacts) -> JsonValue:
        hits, misses = _count_lookups(facts, type_name)
        return (hits if form == "hit" else misses) if facts.lookups else None

    return _of_subgraph(find)


def _read_cache_status(form: JsonValue, type_name: JsonValue = ALL) -> Selector:
    """Whether a fetch was answered so, or how."""
    if form not in ("hit", "partial_hit", "miss", "status"):
        raise ValueError("it is hit, partial_hit, miss or status")

    def find(facts: SubgraphFacts) -> JsonValue:
        hits, misses = _count_lookups(facts, type_name)
        if not hits and not misses:
            return None
        status = "hit" if not misses else "partial_hit" if hits else "miss"
        return status if form == "status" else status == form

    return _of_subgraph(find)


def _count_lookups(facts: SubgraphFacts, type_name: JsonValue) -> tuple[int, int]:
    """How many were found, and were not."""
    counts = {True: 0, False: 0}
    for (name, is_hit), number in facts.lookups.items():
        counts[is_hit] += number if type_name in (ALL, name) else 0
    return counts[True], counts[False]


def _read_cache_control(form: JsonValue) -> Selector:
    """What the answer of a fetch says of being kept."""
    if form not in ("max_age", "no_store", "scope"):
        raise ValueError("it is max_age, no_store or scope")

    def find(facts: SubgraphFacts) -> JsonValue:
        control = read_cache_control(_first(facts.response_headers, "cache-control"))
        if control is None:
            return None
        if form == "scope":
            return "private" if control.is_private else "public"
        return control.max_age_s if form == "max_age" else not control.is_stored

    return _of_subgraph(find)


def _read_field_type(form: JsonValue) -> Selector:
    """The name of the type, or what kind it is of."""
    if form not in ("name", "type"):
        raise ValueError("field_type is name or type")
    is_name = form == "name"
    return _of_field(lambda facts: facts.type_name if is_name else facts.kind)


def _of_field(find: Callable[[FieldFacts], JsonValue]) -> Selector:
    return lambda known: None if known.field is None else find(known.field)


def _find_body(known: Known) -> JsonValue:
    facts = known.subgraph
    return facts.read_answer() if facts is not None and facts.read_answer is not None else None


def _read_body(form: JsonValue) -> Selector:
    """All of what a subgraph has answered, or what stands there at a JSONPath."""
    return _find_body if form is True else _read_data(_find_body)(form)


def _read_trace_id(form: JsonValue) -> Selector:
    """`datadog` is the decimal number of the lower 64 bits."""

    def find(_known: Known) -> JsonValue:
        ids = find_ids()
        if ids is None:
            return None
        return str(int(ids[0][16:], 16)) if form == "datadog" else ids[0]

    return find


def _read_baggage(name: JsonValue) -> Selector:
    """A member of W3C's `baggage` header. Spec: W3C Baggage, 3.2.1."""

    def find(known: Known) -> JsonValue:
        for member in (_first(known.request_headers, "baggage") or "").split(","):
            key, separator, value = member.partition("=")
            if separator and key.strip() == name:
                return unquote(value.partition(";")[0].strip())
        return None

    return find


def _of_subgraph(find: Callable[[SubgraphFacts], JsonValue]) -> Selector:
    return lambda known: None if known.subgraph is None else find(known.subgraph)


def _of_header(name: JsonValue, find: Callable[[SubgraphFacts], Headers | None]) -> Selector:
    return _of_subgraph(lambda facts: _first(find(facts), str(name)))


def _show(value: JsonValue) -> JsonValue:
    return write_json(value).decode() if isinstance(value, dict | list) else value


LOOKUPS: Mapping[str, Callable[..., Selector]] = {
    "cache": _read_lookups,
    "response_cache": _read_lookups,
    "response_cache_status": _read_cache_status,
}
"""Selectors that may be about one type."""

_SELECTORS: Mapping[str, Callable[[JsonValue], Selector]] = {
    "request_header": lambda name: lambda known: _first(known.request_headers, str(name)),
    "response_header": lambda name: lambda known: _first(known.response_headers, str(name)),
    "request_method": lambda _: lambda known: known.method,
    "request_context": lambda key: lambda known: _show(known.entries.get(str(key))),
    "response_context": lambda key: lambda known: _show(known.entries.get(str(key))),
    "response_status": _read_status(lambda known: known.status),
    "context_id": lambda _: lambda known: known.context_id,
    "operation_name": _read_operation_name,
    "operation_kind": lambda _: lambda known: known.entries.get(OPERATION_KIND),
    "query": _read_query,
    "query_variable": lambda name: lambda known: _show((known.variables or {}).get(str(name))),
    "on_graphql_error": lambda given: (
        lambda known: None if known.has_errors is None else known.has_errors is given
    ),
    "response_data": _read_data(lambda known: None if known.read_data is None else known.read_data()),
    "response_errors": _read_data(lambda known: list(known.errors)),
    "router_overhead": lambda _: lambda known: known.overhead_s,
    "is_primary_response": lambda given: (
        lambda known: None if known.has_errors is None else known.is_primary is given
    ),
    "cost": _read_cost,
    "error": lambda _: lambda known: known.error,
    "trace_id": _read_trace_id,
    "baggage": _read_baggage,
    "env": lambda name: lambda _: os.environ.get(str(name)),
    "static": lambda given: lambda _: given,
    "supergraph_operation_name": _read_operation_name,
    "supergraph_operation_kind": lambda _: lambda known: known.entries.get(OPERATION_KIND),
    "supergraph_request_header": lambda name: lambda known: _first(known.request_headers, str(name)),
    "supergraph_query": _read_query,
    "supergraph_query_variable": lambda name: lambda known: _show((known.variables or {}).get(str(name))),
    "subgraph_name": lambda _: _of_subgraph(lambda facts: facts.name),
    "subgraph_operation_name": lambda _: _of_subgraph(lambda facts: facts.operation_name),
    "subgraph_operation_kind": lambda _: _of_subgraph(lambda facts: facts.operation_kind),
    "subgraph_query": lambda _: _of_subgraph(lambda facts: facts.document),
    "subgraph_query_variable": lambda name: _of_subgraph(
        lambda facts: _show(facts.read_variables().get(str(name)))
    ),
    "subgraph_request_header": lambda name: _of_header(name, lambda facts: facts.request_headers),
    "subgraph_response_header": lambda name: _of_header(name, lambda facts: facts.response_headers),
    "subgraph_response_status": _read_status(
        lambda known: None if known.subgraph is None else known.subgraph.status
    ),
    "subgraph_on_graphql_error": lambda given: _of_subgraph(
        lambda facts: None if facts.has_errors is None else facts.has_errors() is given
    ),
    "subgraph_response_data": _read_data(lambda known: _find_answer(known, "data")),
    "subgraph_response_errors": _read_data(lambda known: _find_answer(known, "errors")),
    "subgraph_response_body": _read_body,
    "subgraph_resend_count": lambda _: _of_subgraph(lambda facts: facts.resends or None),
    **LOOKUPS,
    "response_cache_control": _read_cache_control,
    "studio_operation_id": lambda _: lambda known: None if known.studio_id is None else known.studio_id(),
    "field_name": lambda _: _of_field(lambda facts: facts.name),
    "field_type": _read_field_type,
    "type_name": lambda _: _of_field(lambda facts: facts.parent),
    "list_length": lambda _: _of_field(lambda facts: facts.length),
}
