"""A subgraph that is made up: its SDL, and values for as much of it as the test is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    graphql_sync,
    is_abstract_type,
    is_enum_type,
    is_object_type,
)

from router.kit.json import JsonObject, JsonValue
from router.testing.executable import build_executable

LIST_LENGTH = 2

SCALARS: Mapping[str, JsonValue] = {"Int": 1, "Float": 1.5, "Boolean": True, "ID": "1", "String": "text"}
"""What stands where nothing is given; a custom scalar is as a string."""

Resolver = Callable[..., JsonValue]


@dataclass
class MockSubgraph:
    """A subgraph for tests. What is asked and not given is made up: always the same values, by type.

    Attributes:
        sdl: its schema, as it is composed.
        root: values of the root fields, or functions of their arguments; also those of mutations.
        entities: for each type, a function from a representation to the entity's fields; None if there is no such
            entity. A type without one gets the representation back, and the rest made up.
        mocks: for a type's name a value, or a function without arguments; an object's holds some of its fields.
        errors: if there are any, every answer is these and no data.
    """

    sdl: str
    root: Mapping[str, JsonValue | Resolver] = field(default_factory=dict)
    entities: Mapping[str, Callable[[JsonObject], JsonObject | None]] = field(default_factory=dict)
    mocks: Mapping[str, JsonValue | Callable[[], JsonValue]] = field(default_factory=dict)
    errors: list[JsonObject] = field(default_factory=list)

    def answer(self, body: JsonObject) -> JsonObject:
        """The GraphQL response to a GraphQL request."""
        if self.errors:
            return {"data": None, "errors": self.errors}
        result = graphql_sync(
            self._schema,
            body["query"],
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            field_resolver=self._resolve,
            type_resolver=self._name_type,
        )
        return dict(result.formatted)

    @cached_property
    def _schema(self) -> GraphQLSchema:
        return build_executable(self.sdl)

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> JsonValue:
        name = info.field_name
        is_root = info.path.prev is None
        if is_root and name == "_entities":
            return [self._find_entity(each) for each in arguments["representations"]]
        if is_root and name == "_service":
            return {"sdl": self.sdl}
        known = self.root if is_root else source
        if isinstance(known, Mapping) and name in known:
            value = known[name]
            return value(**arguments) if callable(value) else value
        return self._make_up(info.return_type, info.schema)

    def _find_entity(self, representation: JsonObject) -> JsonObject | None:
        typename = representation["__typename"]
        find = self.entities.get(typename)
        found = representation if find is None else find(representation)
        return None if found is None else {**self._make_object(typename), "__typename": typename, **found}

    def _make_up(self, type_: Any, schema: GraphQLSchema) -> JsonValue:
        if isinstance(type_, GraphQLNonNull):
            return self._make_up(type_.of_type, schema)
        if isinstance(type_, GraphQLList):
            return [self._make_up(type_.of_type, schema) for _ in range(LIST_LENGTH)]
        if is_abstract_type(type_):
            type_ = schema.get_possible_types(type_)[0]
        if is_object_type(type_):
            return {"__typename": type_.name, **self._make_object(type_.name)}
        given = self._get_mock(type_.name)
        if given is not None:
            return given
        if is_enum_type(type_):
            return next(iter(type_.values))
        return SCALARS.get(type_.name, SCALARS["String"])

    def _make_object(self, typename: str) -> JsonObject:
        given = self._get_mock(typename)
        return dict(given) if isinstance(given, Mapping) else {}

    def _get_mock(self, typename: str) -> JsonValue:
        given = self.mocks.get(typename)
        return given() if callable(given) else given

    def _name_type(self, value: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> str:
        named = value.get("__typename") if isinstance(value, Mapping) else None
        return str(named or info.schema.get_possible_types(abstract)[0].name)
