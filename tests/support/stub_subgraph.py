"""Subgraphs for tests: scripted answers, or a GraphQL schema with `_entities`, behind the in-memory transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync

from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.kit.json import JsonObject, JsonValue, read_json, write_json

Answer = JsonValue | SubgraphAnswer | TransportError | Callable[[JsonObject], JsonValue]


@dataclass
class ScriptedSubgraphs:
    """Answers each request to a subgraph with the next of its answers, and remembers what was asked.

    An answer is a GraphQL response, a raw `SubgraphAnswer`, a `TransportError` to raise, or a function
    of the request body. The last answer repeats.
    """

    answers: Mapping[str, list[Answer]]
    requests: list[tuple[str, JsonObject]] = field(default_factory=list)
    headers: list[tuple[tuple[str, str], ...]] = field(default_factory=list)

    @property
    def transport(self) -> MemoryTransport:
        """A transport that reaches these subgraphs."""
        return MemoryTransport(dict.fromkeys(self.answers, self._answer))

    def requests_to(self, subgraph: str) -> list[JsonObject]:
        """The bodies that `subgraph` was sent, in order."""
        return [body for name, body in self.requests if name == subgraph]

    async def _answer(self, request: SubgraphRequest) -> SubgraphAnswer:
        body = read_json(request.body)
        script = self.answers[request.subgraph]
        answer = script[min(len(self.requests_to(request.subgraph)), len(script) - 1)]
        self.requests.append((request.subgraph, body))
        self.headers.append(request.headers)
        if isinstance(answer, TransportError):
            raise answer
        if isinstance(answer, SubgraphAnswer):
            return answer
        return SubgraphAnswer(200, write_json(answer(body) if callable(answer) else answer))


@dataclass
class SchemaSubgraph:
    """A subgraph that runs graphql-core over plain data.

    Attributes:
        sdl: executable definitions; `_entities` and `_Any` are added if `entities` is given.
        root: values or functions of root fields, `(info, **arguments)`.
        entities: for each type, a function from a representation to an object or None.
    """

    sdl: str
    root: Mapping[str, Any]
    entities: Mapping[str, Callable[[JsonObject], JsonValue]] = field(default_factory=dict)
    requests: list[JsonObject] = field(default_factory=list)

    def build_schema(self) -> GraphQLSchema:
        """The executable schema."""
        if not self.entities:
            return build_schema(self.sdl, assume_valid_sdl=True)
        extra = (
            f"scalar _Any union _Entity = {' | '.join(self.entities)} "
            "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
        )
        return build_schema(f"{self.sdl}\n{extra}", assume_valid_sdl=True)

    async def __call__(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request, as a `SubgraphFunction`."""
        body = read_json(request.body)
        self.requests.append(body)
        root = {**self.root, "_entities": self._resolve_entities}
        result = graphql_sync(
            self.build_schema(),
            body["query"],
            root,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            type_resolver=lambda value, *_: value["__typename"],
        )
        return SubgraphAnswer(200, write_json(result.formatted))

    def _resolve_entities(self, _info: object, representations: list[JsonObject]) -> list[JsonValue]:
        found = []
        for representation in representations:
            typename = representation["__typename"]
            entity = self.entities[typename](representation)
            found.append(None if entity is None else {"__typename": typename, **entity})
        return found
