"""Subgraphs of a few resolvers: for what subgraphs may answer that no world of consistent objects does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, execute_sync

from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.kit.json import JsonObject, read_json, write_json
from tests.support.federation_schemas import build_subgraph_schema, read_operation

Resolver = Callable[..., Any]
"""Called with the parent's object (a dict; None at the root) and the field's arguments."""

Find = Callable[[JsonObject], Any]
"""The object of a representation, or None."""


@dataclass
class ResolvedSubgraph:
    """One subgraph; objects are dicts whose `__typename` tells their type.

    Attributes:
        fields: resolvers by `Type.field`; a field without one is what the object has under its name.
        entities: how representations are looked up, by type; without an entry the representation itself is the object.
    """

    name: str
    sdl: str
    fields: Mapping[str, Resolver] = field(default_factory=dict)
    entities: Mapping[str, Find] = field(default_factory=dict)
    requests: list[JsonObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schema: GraphQLSchema = build_subgraph_schema(self.sdl)

    async def __call__(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request; what resolvers raise are errors in the answer."""
        body = read_json(request.body)
        assert isinstance(body, dict)
        self.requests.append(body)
        document, errors = read_operation(self.sdl, body["query"])
        assert not errors, f"{self.name} was sent an invalid operation:\n{body['query']}\n{errors}"
        result = execute_sync(
            self.schema,
            document,
            variable_values=body.get("variables"),
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.get("__typename"),
        )
        answer: JsonObject = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return SubgraphAnswer(200, write_json(answer))

    def _resolve(self, value: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._find(representation) for representation in arguments["representations"]]
        resolver = self.fields.get(f"{info.parent_type.name}.{info.field_name}")
        return resolver(value, **arguments) if resolver is not None else value.get(info.field_name)

    def _find(self, representation: JsonObject) -> Any:
        find = self.entities.get(representation["__typename"])
        found = find(representation) if find is not None else representation
        return None if found is None else {"__typename": representation["__typename"], **found}


def resolved_transport(*subgraphs: ResolvedSubgraph) -> MemoryTransport:
    """A transport that reaches these subgraphs."""
    return MemoryTransport({subgraph.name: subgraph for subgraph in subgraphs})
