"""The fields that are in a response, by what its operation says of them: what is told of `instruments.graphql`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_list_type,
    parse,
)

from router.hooks.known import FieldFacts
from router.kit.json import JsonValue
from router.operation.fragments import read_fragments


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A field at one place of the operation; `length` of its facts is None. Told apart by identity."""

    key: str
    facts: FieldFacts
    below: tuple[SelectionSetNode, ...]


class ResponseFields:
    """Finds the fields of one operation in its responses."""

    def __init__(self, schema: GraphQLSchema, text: str, name: str | None) -> None:
        """`text` has been served, so it is valid."""
        document = parse(text, no_location=True)
        operation = get_operation_ast(document, name)
        assert operation is not None, "it has been served"
        root = schema.get_root_type(operation.operation)
        assert root is not None, "it has been served"
        self._schema = schema
        self._root = root.name
        self._selections: tuple[SelectionSetNode, ...] = (operation.selection_set,)
        self._fragments = read_fragments(document)
        self._entries: dict[tuple[str, tuple[int, ...]], Mapping[str, _Entry]] = {}

    def count(self, data: JsonValue, path: Sequence[JsonValue] = ()) -> Counter[FieldFacts]:
        """How often each field is in `data`, which stands in the whole response at `path`; lists by their length."""
        counts: Counter[tuple[_Entry, int | None]] = Counter()
        selections, parent = self._selections, self._root
        for key in path:
            entry = self._list_entries(selections, parent).get(key) if isinstance(key, str) else None
            if entry is not None:
                selections, parent = entry.below, entry.facts.type_name
        todo: list[tuple[tuple[SelectionSetNode, ...], str, JsonValue]] = [(selections, parent, data)]
        while todo:
            selections, parent, value = todo.pop()
            if isinstance(value, list):
                todo += [(selections, parent, item) for item in value]
            elif isinstance(value, dict):
                entries = self._list_entries(selections, parent)
                for key, inner in value.items():
                    entry = entries.get(key)
                    if entry is not None:
                        counts[entry, len(inner) if isinstance(inner, list) else None] += 1
                        if entry.below:
                            todo.append((entry.below, entry.facts.type_name, inner))
        found: Counter[FieldFacts] = Counter()
        for (entry, length), number in counts.items():
            found[entry.facts._replace(length=length)] += number
        return found

    def _list_entries(self, selections: tuple[SelectionSetNode, ...], parent: str) -> Mapping[str, _Entry]:
        """The fields of objects at one place, by their response keys; worked out once."""
        place = (parent, tuple(map(id, selections)))
        entries = self._entries.get(place)
        if entries is None:
            nodes: dict[str, list[tuple[FieldNode, str]]] = {}
            for node, owner in self._list_fields(selections, parent, set()):
                nodes.setdefault(node.alias.value if node.alias else node.name.value, []).append(
                    (node, owner)
                )
            entries = self._entries[place] = {
                key: _Entry(
                    key,
                    facts,
                    tuple(node.selection_set for node, _ in found if node.selection_set is not None),
                )
                for key, found in nodes.items()
                if (facts := self._describe(*found[0])) is not None
            }
        return entries

    def _list_fields(
        self, selections: Iterable[SelectionSetNode], parent: str, opened: set[str]
    ) -> Iterator[tuple[FieldNode, str]]:
        for node in [node for one in selections for node in one.selections]:
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, InlineFragmentNode):
                owner = node.type_condition.name.value if node.type_condition else parent
                yield from self._list_fields((node.selection_set,), owner, opened)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in opened:
                opened.add(node.name.value)
                fragment = self._fragments[node.name.value]
                yield from self._list_fields(
                    (fragment.selection_set,), fragment.type_condition.name.value, opened
                )

    def _describe(self, node: FieldNode, owner: str) -> FieldFacts | None:
        """None for `__typename` and introspection."""
        parent, name = self._schema.type_map[owner], node.name.value
        field: GraphQLField | None = None
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            field = parent.fields.get(name)
        if field is None:
            return None
        named = get_named_type(field.type)
        kind = type(named).__name__.removeprefix("GraphQL").removesuffix("Type").lower()
        is_list = is_list_type(get_nullable_type(field.type))
        return FieldFacts(owner, name, named.name, "list" if is_list else kind)
