"""What is known about a request while it is served: what selectors and conditions look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from router.kit.json import JsonObject, JsonValue

Headers: TypeAlias = Mapping[str, list[str]] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SubgraphFacts:
    """What is known of one fetch.

    Attributes:
        read_variables, has_errors: read bodies, which not many want.
        response_headers, status, has_errors, read_answer: None before there is an answer.
        lookups: how much the response cache had (True), and had not (False), by types.
        resends: how often the request was sent again.
    """

    name: str
    operation_name: str | None
    operation_kind: str
    document: str
    request_headers: Headers
    read_variables: Callable[[], JsonObject]
    response_headers: Headers | None = None
    status: int | None = None
    has_errors: Callable[[], bool] | None = None
    read_answer: Callable[[], JsonValue] | None = None
    lookups: Mapping[tuple[str, bool], int] = field(default_factory=dict)
    resends: int = 0


class FieldFacts(NamedTuple):
    """What is known of a field that is in a response.

    Attributes:
        name: in the schema, of the field of `parent`.
        type_name: of its values, without lists.
        kind: `list`, or what the type is: `scalar`, `enum`, `object`, `interface`, `union`.
        length: of the list that it is.
    """

    parent: str
    name: str
    type_name: str
    kind: str
    length: int | None = None


class Lookup(NamedTuple):
    """What the response cache had, or had not, of one type."""

    type_name: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What selectors can look at. What is not known (yet) is None.

    Attributes:
        entries: of the request's context.
        context_id: tells the request from others.
        document, variables: of the client's operation.
        has_errors: whether the response has errors.
        is_primary: False for later parts of it.
        read_data, errors: the response's, once there is one.
        overhead_s: what was not waiting for subgraphs.
        measure: the size of the operation, by Apollo's names: `aliases`, `depth`, `height`, `root_fields`.
        error: why there is no response.
        studio_id: the operation's id in Apollo Studio.
        scope: what the server says of the client's connection. Spec: ASGI 3.0, HTTP connection scope.
        address: the client's, as far as it is known.
        response_size: bytes of the response's body; None where it comes in pieces.
        field: the field of the response that it is about.
        lookup: that of the response cache that it is about.
    """

    entries: JsonObject
    request_headers: Headers | None = None
    response_headers: Headers | None = None
    status: int | None = None
    method: str | None = None
    path: str | None = None
    query_string: str | None = None
    context_id: str | None = None
    document: str | None = None
    variables: JsonObject | None = None
    has_errors: bool | None = None
    is_primary: bool = True
    read_data: Callable[[], JsonValue] | None = None
    errors: Sequence[JsonValue] = ()
    overhead_s: float | None = None
    measure: Callable[[], Mapping[str, int]] | None = None
    error: str | None = None
    subgraph: SubgraphFacts | None = None
    studio_id: Callable[[], str | None] | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    address: str | None = None
    response_size: int | None = None
    field: FieldFacts | None = None
    lookup: Lookup | None = None


Selector: TypeAlias = Callable[[Known], JsonValue]
