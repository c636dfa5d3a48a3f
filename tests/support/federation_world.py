"""A small world that a whole federation talks about: one store of objects behind the monolith and every subgraph.

Nothing is stored: each value is a pure function of the object, the field and the arguments, so the monolith
and the subgraphs agree by construction, and a federated answer is right exactly when it equals the monolith's.

The subgraphs are strict. An operation that is not valid in the subgraph's own schema, a field that is
external there and not provided on this path, a key or a required field with a wrong value: each is an error.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    TypeNode,
    build_ast_schema,
    coerce_input_literal,
    execute_sync,
    get_named_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    parse_type,
)

from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.kit.json import JsonObject, read_json, write_json
from router.query_graph import QueryGraph, build_query_graph
from router.supergraph import Supergraph
from router.supergraph.field_set import FieldSelection, FieldSet, FragmentSelection, read_field_set
from tests.support.federation_schemas import (
    build_subgraph_schema,
    fields_argument,
    find_selection,
    is_external,
    narrow,
    read_operation,
)

ENTITIES_MAX = 4
"""How many entities of each type there are."""

LIST_LENGTH = 3


@dataclass(frozen=True)
class Thing:
    """An object of the world: its real type, and who it is."""

    type_name: str
    id: int | str


@dataclass(frozen=True)
class Placed:
    """An object where the monolith met it: under which other one."""

    thing: Thing
    above: "Placed | None"


@dataclass(frozen=True)
class Handle:
    """An object as one subgraph was given it."""

    thing: Thing
    given: Mapping[str, Any] | None = None
    provided: FieldSet = ()


class World:
    """All objects of one supergraph."""

    def __init__(self, supergraph: Supergraph, *, seed: int = 0, has_nulls: bool = False) -> None:
        self.supergraph = supergraph
        self.seed = seed
        self.has_nulls = has_nulls
        self.schema, self.graph = _read_supergraph(supergraph.sdl)

    def value(self, thing: Thing, field_name: str, arguments: Mapping[str, Any]) -> Any:
        """Tell the value of a field: a leaf, a thing, or lists of them."""
        parent = self.schema.type_map[thing.type_name]
        assert isinstance(parent, GraphQLObjectType)
        type_ = self._strictest(parent.fields[field_name].type, thing.type_name, field_name)
        if arguments:
            hidden = self._hidden_arguments(parent, field_name)
            arguments = {name: each for name, each in arguments.items() if name not in hidden}
        spot = f"{thing.type_name}.{thing.id}.{field_name}{json.dumps(arguments, sort_keys=True) if arguments else ''}"
        mark = "!" if self._is_in_key(thing.type_name, field_name) else ""
        return self._value(type_, thing, field_name, spot + mark)

    def _is_in_key(self, type_name: str, field_name: str) -> bool:
        """Whether objects are told apart by the field: then it has a value."""
        graphs = self.supergraph.types[type_name].graphs.values()
        return any(
            isinstance(each, FieldSelection) and each.name == field_name
            for entry in graphs
            for key in entry.keys
            for each in key.fields
        )

    def _hidden_arguments(self, parent: GraphQLObjectType, field_name: str) -> set[str]:
        """The arguments that clients do not see: subgraphs are called with their defaults."""
        shown = self.supergraph.api_schema.type_map.get(parent.name)
        if not isinstance(shown, GraphQLObjectType) or field_name not in shown.fields:
            return set()
        contexts = {
            argument.name
            for entry in self.supergraph.types[parent.name].fields[field_name].graphs.values()
            for argument in entry.context_arguments
        }
        return set(parent.fields[field_name].args) - set(shown.fields[field_name].args) - contexts

    def _strictest(self, type_: GraphQLOutputType, type_name: str, field_name: str) -> GraphQLOutputType:
        """The type without the nulls that some subgraph rules out."""
        declared = self.supergraph.types[type_name].fields[field_name].graphs.values()
        types = [_read_type(entry.type.text) for entry in declared if entry.type is not None]
        for each in types:
            type_ = narrow(type_, each)
        return type_

    def _value(self, type_: GraphQLOutputType, thing: Thing, field_name: str, spot: str) -> Any:
        if is_non_null_type(type_):
            return self._value(type_.of_type, thing, field_name, spot + "!")
        if self.has_nulls and not spot.endswith("!") and self._hash(spot + "null") % 5 == 0:
            return None
        spot = spot.rstrip("!")
        if is_list_type(type_):
            length = self._hash(spot) % (LIST_LENGTH + 1) if self.has_nulls else LIST_LENGTH
            return [self._value(type_.of_type, thing, field_name, f"{spot}.{i}") for i in range(length)]
        name = get_named_type(type_).name
        if self.supergraph.types.get(name) is not None and self.supergraph.types[name].is_composite:
            return self._thing(name, thing, field_name, spot)
        return self._leaf(name, type_, spot)

    def _thing(self, type_name: str, parent: Thing, field_name: str, spot: str) -> Thing:
        if self.supergraph.types[type_name].is_abstract:
            names = self._possible(type_name, parent.type_name, field_name)
            type_name = names[self._hash(spot + "type") % len(names)]
        if type_name in self.supergraph.root_types.values():
            return Thing(type_name, 0)
        if self.graph.keys_into(type_name) or any(
            g.keys for g in self.supergraph.types[type_name].graphs.values()
        ):
            return Thing(type_name, self._hash(spot) % ENTITIES_MAX)
        return Thing(type_name, spot)

    def _possible(self, type_name: str, parent: str, field_name: str) -> list[str]:
        """Name the types that every subgraph that resolves the field can return."""
        names = list(self.supergraph.possible_types(type_name))
        for entry in self.supergraph.types[parent].fields[field_name].graphs.values():
            node = self.graph.nodes.get((entry.type.name, entry.graph))
            if node is not None and not node.is_interface_object and not entry.external:
                names = [name for name in names if name in node.runtime]
        return names

    def _leaf(self, name: str, type_: Any, spot: str) -> Any:
        number = self._hash(spot)
        match name:
            case "Int":
                return number % 1000
            case "Float":
                return (number % 1000) / 8
            case "Boolean":
                return number % 2 == 0
            case _:
                pass
        named = get_named_type(type_)
        if is_enum_type(named):
            shown = self.supergraph.api_schema.type_map.get(name)
            values = sorted(shown.values if is_enum_type(shown) else named.values)
            return values[number % len(values)]
        return spot

    def _hash(self, text: str) -> int:
        return zlib.crc32(f"{self.seed}:{text}".encode())

    def read(self, thing: Thing, fields: FieldSet) -> Any:
        """Evaluate a field set on a thing: what a right representation holds."""
        found: dict[str, Any] = {}
        for selection in fields:
            if isinstance(selection, FragmentSelection):
                if self.supergraph.is_subtype(thing.type_name, selection.type_condition):
                    found |= self.read(thing, selection.selections)
                continue
            if selection.name == "__typename":
                found["__typename"] = thing.type_name
                continue
            arguments = {name: json.loads(value) for name, value in selection.arguments}
            value = self.value(thing, selection.name, self._defaults(thing, selection.name) | arguments)
            found[selection.name] = self._read_value(value, selection.selections)
        return found

    def _defaults(self, thing: Thing, field_name: str) -> dict[str, Any]:
        parent = self.schema.type_map[thing.type_name]
        assert isinstance(parent, GraphQLObjectType)
        arguments = parent.fields[field_name].args
        return {
            name: coerce_input_literal(argument.default.literal, argument.type)
            for name, argument in arguments.items()
            if argument.default is not None and argument.default.literal is not None
        }

    def _read_value(self, value: Any, fields: FieldSet) -> Any:
        if isinstance(value, list):
            return [self._read_value(item, fields) for item in value]
        return self.read(value, fields) if isinstance(value, Thing) else value

    def answer(self, document: DocumentNode, variables: JsonObject | None = None) -> JsonObject:
        """Answer as the monolith does."""

        def resolve(placed: Placed | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
            placed = placed or Placed(Thing(info.parent_type.name, 0), None)
            from_context = self._context_arguments(placed, info.field_name)
            value = self.value(placed.thing, info.field_name, arguments | from_context)
            return _place(self._hide(value), placed)

        result = execute_sync(
            self.supergraph.api_schema,
            document,
            variable_values=variables,
            field_resolver=resolve,
            type_resolver=lambda placed, *_: placed.thing.type_name,
        )
        assert not result.errors, result.errors
        assert result.data is not None
        return result.data

    def _hide(self, value: Any) -> Any:
        """A value without the objects whose types clients do not see."""
        if isinstance(value, list):
            return [self._hide(item) for item in value]
        is_hidden = isinstance(value, Thing) and value.type_name not in self.supergraph.api_schema.type_map
        return None if is_hidden else value

    def _context_arguments(self, placed: Placed, field_name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entry in self.supergraph.types[placed.thing.type_name].fields[field_name].graphs.values():
            for argument in entry.context_arguments:
                above = placed.above
                while above is not None and above.thing.type_name not in self.supergraph.context_setters(
                    argument.context
                ):
                    above = above.above
                assert above is not None, f"nothing sets {argument.context} here"
                value: Any = self.read(above.thing, read_field_set(argument.selection))
                while isinstance(value, dict):
                    value = next(iter(value.values()), None)
                found[argument.name] = value
        return found


@lru_cache(maxsize=64)
def _read_supergraph(sdl: str) -> tuple[GraphQLSchema, QueryGraph]:
    """What worlds of one supergraph have in common."""
    supergraph = Supergraph.read(sdl)
    return build_ast_schema(supergraph.document, assume_valid_sdl=True), build_query_graph(supergraph)


@cache
def _read_type(text: str) -> TypeNode:
    return parse_type(text, no_location=True)


@dataclass
class WorldSubgraph:
    """One subgraph of the world, answering from its own SDL.

    `never` names fields (`subgraph Type.field`) and entities (`subgraph Type`) that it must not be asked for.
    """

    world: World
    name: str
    sdl: str
    operations: list[str] = field(default_factory=list)
    never: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.graph = next(s.graph for s in self.world.supergraph.subgraphs if s.name == self.name)
        self.schema = build_subgraph_schema(self.sdl)

    async def __call__(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Answer one request."""
        body = read_json(request.body)
        assert isinstance(body, dict)
        return SubgraphAnswer(200, write_json(self.answer(body["query"], body.get("variables"))))

    def answer(self, text: str, variables: JsonObject | None) -> JsonObject:
        """Run an operation; everything that is wrong with it is raised, not answered."""
        self.operations.append(text)
        document, errors = read_operation(self.sdl, text)
        assert not errors, f"{self.name} was sent an invalid operation:\n{text}\n{errors}"
        result = execute_sync(
            self.schema,
            document,
            variable_values=variables,
            field_resolver=self._resolve,
            type_resolver=self._resolve_type,
        )
        assert not result.errors, f"{self.name} failed:\n{text}\n{variables}\n{result.errors}"
        return {"data": result.data}

    def _resolve_type(self, handle: Handle, *_: Any) -> str:
        name = handle.thing.type_name
        if name not in self.schema.type_map:
            for interface in sorted(self.world.supergraph.types[name].interfaces):
                if isinstance(self.schema.type_map.get(interface), GraphQLObjectType):
                    return interface
        return name

    def _resolve(self, handle: Handle | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._find(representation) for representation in arguments["representations"]]
        handle = handle or Handle(Thing(info.parent_type.name, 0))
        type_name, name = info.parent_type.name, info.field_name
        if f"{self.name} {type_name}.{name}" in self.never:
            raise GraphQLError(f"{type_name}.{name} must not be asked of {self.name}")
        provided = find_selection(handle.provided, name)
        node = info.parent_type.fields[name].ast_node
        directives = {d.name.value: d for d in (node.directives or ())} if node is not None else {}
        if provided is None and is_external(info.parent_type, name):
            raise GraphQLError(f"{type_name}.{name} is external in {self.name}")
        if self._is_overridden(type_name, name):
            raise GraphQLError(f"{type_name}.{name} of {self.name} is overridden")
        if "requires" in directives:
            self._check_requires(handle, fields_argument(directives["requires"]))
        below = provided or ()
        if "provides" in directives:
            below = (*below, *fields_argument(directives["provides"]))
        return _wrap(self.world.value(handle.thing, name, arguments), below)

    def _is_overridden(self, type_name: str, field_name: str) -> bool:
        """Whether another subgraph has taken the field over for good."""
        declared = self.world.supergraph.types[type_name].fields.get(field_name)
        entries = declared.graphs.values() if declared is not None else ()
        return any(entry.override_from == self.name and not entry.override_label for entry in entries)

    def _check_requires(self, handle: Handle, fields: FieldSet) -> None:
        expected = self.world.read(handle.thing, fields)
        if handle.given is None or not _holds(handle.given, expected):
            raise GraphQLError(f"{self.name} was given {handle.given}, requires {expected}")

    def _find(self, representation: Mapping[str, Any]) -> Handle:
        name = representation["__typename"]
        if f"{self.name} {name}" in self.never:
            raise GraphQLError(f"{self.name} must not be asked for a {name}")
        info = self.world.supergraph.types[name]
        keys = [key.fields for key in info.graphs[self.graph].keys if key.resolvable]
        for type_name in self.world.supergraph.possible_types(name):
            for number in range(ENTITIES_MAX):
                thing = Thing(type_name, number)
                for key in keys:
                    if _holds(representation, self.world.read(thing, key)):
                        return Handle(thing, representation)
        raise GraphQLError(f"{self.name} knows no entity {representation}")


def world_transport(
    world: World, subgraphs: Mapping[str, str], never: frozenset[str] = frozenset()
) -> tuple[MemoryTransport, list[WorldSubgraph]]:
    """Give a transport to all subgraphs of a world, and these."""
    servers = [WorldSubgraph(world, name, sdl, never=never) for name, sdl in subgraphs.items()]
    return MemoryTransport({server.name: server for server in servers}), servers


def _wrap(value: Any, provided: FieldSet) -> Any:
    if isinstance(value, list):
        return [_wrap(item, provided) for item in value]
    return Handle(value, None, provided) if isinstance(value, Thing) else value


def _place(value: Any, above: Placed) -> Any:
    if isinstance(value, list):
        return [_place(item, above) for item in value]
    return Placed(value, above) if isinstance(value, Thing) else value


def _holds(given: Any, expected: Any) -> bool:
    """Whether what was given has all that is expected (and perhaps more)."""
    if isinstance(expected, dict):
        return isinstance(given, Mapping) and all(
            key in given and _holds(given[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(given, list) and len(given) == len(expected) and all(map(_holds, given, expected))
    return bool(given == expected)


__all__ = ["Thing", "World", "WorldSubgraph", "world_transport"]
