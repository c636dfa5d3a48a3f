"""When a coprocessor is asked: Apollo's conditions (`eq`, `not`, ...) over selectors (`request_header`, ...).

A condition is read once into a function of what is known at its stage. A selector that has no value there gives None.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from router.hooks.context import OPERATION_KIND, OPERATION_NAME
from router.hooks.messages import HeaderLists
from router.kit.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Known:
    """What conditions can look at.

    Attributes:
        request_headers: None where they are no longer known, as at responses.
        response_headers, status: None at requests.
    """

    entries: JsonObject
    request_headers: HeaderLists | None = None
    response_headers: HeaderLists | None = None
    status: int | None = None
    method: str | None = None
    subgraph: str | None = None


Condition: TypeAlias = Callable[[Known], bool]
Selector: TypeAlias = Callable[[Known], JsonValue]

DEPTH_MAX = 32


def read_condition(value: JsonValue, depth: int = 0) -> Condition:
    """The condition that `value` stands for.

    Raises:
        ValueError: it is none; the message says which part.
    """
    if depth > DEPTH_MAX:
        raise ValueError("the condition is too deep")
    if isinstance(value, bool):
        return lambda _: value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(
            "a condition is true, false, or a mapping with one of eq, gt, lt, exists, not, any, all"
        )
    ((kind, given),) = value.items()
    if kind in {"eq", "gt", "lt"}:
        return _read_comparison(kind, given)
    if kind == "exists":
        selector = read_selector(given)
        return lambda known: selector(known) is not None
    if kind == "not":
        inner = read_condition(given, depth + 1)
        return lambda known: not inner(known)
    if kind in {"any", "all"} and isinstance(given, list):
        conditions = [read_condition(each, depth + 1) for each in given]
        combine = any if kind == "any" else all
        return lambda known: combine(each(known) for each in conditions)
    raise ValueError(f"{kind} is no condition: eq, gt, lt, exists, not, any, all are")


def _read_comparison(kind: str, given: JsonValue) -> Condition:
    if not isinstance(given, list) or len(given) != 2:  # noqa: PLR2004 -- left and right
        raise ValueError(f"{kind} compares a list of two")
    left, right = (read_selector(each) for each in given)
    if kind == "eq":
        return lambda known: left(known) == right(known)

    def compare(known: Known) -> bool:
        one, other = left(known), right(known)
        if isinstance(one, str) != isinstance(other, str) or one is None or other is None:
            return False
        return bool(one > other if kind == "gt" else one < other)

    return compare


def read_selector(value: JsonValue) -> Selector:
    """The selector that `value` stands for; a plain value stands for itself.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, dict):
        return lambda _: value
    default = value.get("default")
    kinds = [kind for kind in value if kind not in {"default", "redact"}]
    if len(kinds) != 1 or kinds[0] not in _SELECTORS:
        raise ValueError(f"a selector is one of {', '.join(_SELECTORS)}")
    select = _SELECTORS[kinds[0]](value[kinds[0]])

    def find(known: Known) -> JsonValue:
        found = select(known)
        return default if found is None else found

    return find


def _first(headers: HeaderLists | None, name: str) -> str | None:
    values = (headers or {}).get(name.lower())
    return values[0] if values else None


def _read_status(form: JsonValue) -> Selector:
    if form == "reason":
        return lambda known: None if known.status is None else _describe_status(known.status)
    return lambda known: known.status


def _describe_status(status: int) -> str | None:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


def _read_operation_name(_form: JsonValue) -> Selector:
    return lambda known: known.entries.get(OPERATION_NAME)


_SELECTORS: Mapping[str, Callable[[JsonValue], Selector]] = {
    "request_header": lambda name: lambda known: _first(known.request_headers, str(name)),
    "response_header": lambda name: lambda known: _first(known.response_headers, str(name)),
    "request_method": lambda _: lambda known: known.method,
    "request_context": lambda key: lambda known: known.entries.get(str(key)),
    "response_context": lambda key: lambda known: known.entries.get(str(key)),
    "response_status": _read_status,
    "operation_name": _read_operation_name,
    "operation_kind": lambda _: lambda known: known.entries.get(OPERATION_KIND),
    "subgraph_name": lambda _: lambda known: known.subgraph,
    # A subgraph's stage knows the headers and the status of the subgraph's request and answer.
    "subgraph_request_header": lambda name: lambda known: _first(known.request_headers, str(name)),
    "subgraph_response_header": lambda name: lambda known: _first(known.response_headers, str(name)),
    "subgraph_response_status": _read_status,
    "supergraph_operation_name": _read_operation_name,
    "supergraph_operation_kind": lambda _: lambda known: known.entries.get(OPERATION_KIND),
    "env": lambda name: lambda _: os.environ.get(str(name)),
    "static": lambda given: lambda _: given,
}
