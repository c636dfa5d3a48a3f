"""The tags of what is kept: those that the supergraph's `@cacheTag` makes of arguments and keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

from router.executor.response_cache.store import TAG_LENGTH_MAX, TAGS_MAX
from router.kit.json import JsonObject, JsonValue, read_json
from router.kit.lru import LruCache
from router.operation.fragments import read_fragments
from router.query_plan.nodes import Fetch
from router.supergraph.cache_tags import CacheTag, CacheTags

OPERATIONS_MAX = 1_000
"""Operations of subgraphs whose root fields are remembered."""


@dataclass(frozen=True, slots=True)
class _TaggedField:
    """A root field of an operation whose definition has tags."""

    tags: tuple[CacheTag, ...]
    arguments: Mapping[str, ValueNode]
    defaults: JsonObject


class TagFinder:
    """Finds the tags of fetches of one supergraph."""

    def __init__(self, tags: CacheTags) -> None:
        self._tags = tags
        self._subgraphs = tags.subgraphs_with_fields
        self._fields: LruCache[tuple[str, str], tuple[_TaggedField, ...]] = LruCache(OPERATIONS_MAX)

    def find_of_root(self, fetch: Fetch, body: bytes) -> list[str]:
        """The tags of the root fields that a fetch asks for with `body`."""
        if fetch.subgraph not in self._subgraphs:
            return []
        fields = self._find_fields(fetch)
        if not fields:
            return []
        variables = read_json(body).get("variables") or {}
        found: list[str] = []
        for each in fields:
            values = {**each.defaults, **_read_values(each.arguments, variables)}
            found += _fill(each.tags, values)
        return found[:TAGS_MAX]

    def find_of_entity(self, subgraph: str, representation: Mapping[str, JsonValue]) -> list[str]:
        """The tags of an entity."""
        tags = self._tags.types.get((subgraph, str(representation.get("__typename"))))
        return _fill(tags, representation) if tags is not None else []

    def _find_fields(self, fetch: Fetch) -> tuple[_TaggedField, ...]:
        key = fetch.subgraph, fetch.operation
        fields = self._fields.find(key)
        if fields is None:
            fields = tuple(self._read_fields(fetch))
            self._fields.put(key, fields)
        return fields

    def _read_fields(self, fetch: Fetch) -> Iterator[_TaggedField]:
        for node in _list_root_fields(fetch.operation):
            name = node.name.value
            tags = self._tags.fields.get((fetch.subgraph, name))
            if tags is not None:
                arguments = {each.name.value: each.value for each in node.arguments or ()}
                yield _TaggedField(tags, arguments, self._tags.defaults.get(name, {}))


def _list_root_fields(operation: str) -> Iterator[FieldNode]:
    try:
        document = parse(operation, no_location=True)
    except GraphQLError:
        # A hook may send what is no GraphQL; its answer has no tags then.
        return
    fragments = read_fragments(document)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            yield from _list_fields(node.selection_set, fragments)


def _list_fields(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _list_fields(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, InlineFragmentNode):
            yield from _list_fields(node.selection_set, fragments)


def _read_values(arguments: Mapping[str, ValueNode], variables: JsonObject) -> JsonObject:
    """The values given to arguments; what a variable without a value stands for is not given."""
    values = {}
    for name, node in arguments.items():
        if isinstance(node, VariableNode) and node.name.value not in variables:
            continue
        values[name] = value_from_ast_untyped(node, variables)
    return values


def _fill(tags: tuple[CacheTag, ...], values: Mapping[str, JsonValue]) -> list[str]:
    filled = (tag.fill(values) for tag in tags)
    return [tag for tag in filled if tag is not None and len(tag) <= TAG_LENGTH_MAX]
