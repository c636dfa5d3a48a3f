"""How large an operation is, and whether that is more than is allowed.

An operation is measured as its client wrote it, fragments included wherever they are spread: a fragment that is spread
a thousand times counts a thousand times for aliases. Each fragment is measured once, so measuring costs no more than
reading; the height, which needs fields put together, stops as soon as it is over the limit. So does the count of repeats,
which puts places together that differ only in their aliases.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_operation_ast,
    parse,
    print_ast,
)

from router.operation.fragments import read_fragments
from router.policy.options import LimitOptions

Fragments = Mapping[str, FragmentDefinitionNode]

HEIGHT_MAX = 10_000
"""Where nothing limits the height, it is told up to this."""

PLACE_FIELDS_MAX = 50_000
"""Fields that are looked at for repeats. Who writes fragments that come to more within a document's tokens means harm."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that an operation exceeds: its code and message are Apollo Router's."""

    code: str
    message: str


def find_excesses(
    document: DocumentNode, operation: OperationDefinitionNode, limits: LimitOptions
) -> tuple[Excess, ...]:
    """The limits that an operation of a valid document exceeds.

    Spec: Apollo Router, `limits.max_depth`, `max_height`, `max_root_fields` and `max_aliases`.
    """
    fragments = read_fragments(document)
    sizes = _Sizes(fragments)
    whole = sizes.measure(operation.selection_set)
    exceeded = []
    if limits.max_depth is not None and whole.depth > limits.max_depth:
        exceeded.append(Excess("MAX_DEPTH_LIMIT", "Maximum depth limit exceeded in this operation"))
    if (
        limits.max_height is not None
        and _measure_height(operation.selection_set, fragments, limits.max_height) > limits.max_height
    ):
        exceeded.append(
            Excess("MAX_HEIGHT_LIMIT", "Maximum height (field count) limit exceeded in this operation")
        )
    if limits.max_root_fields is not None and whole.fields > limits.max_root_fields:
        exceeded.append(
            Excess("MAX_ROOT_FIELDS_LIMIT", "Maximum root fields limit exceeded in this operation")
        )
    if limits.max_aliases is not None and whole.aliases > limits.max_aliases:
        exceeded.append(Excess("MAX_ALIASES_LIMIT", "Maximum aliases limit exceeded in this operation"))
    if limits.max_repeats is not None and _is_repeated(
        operation.selection_set, fragments, limits.max_repeats
    ):
        exceeded.append(Excess("MAX_REPEATS_LIMIT", "Maximum repeats limit exceeded in this operation"))
    return tuple(exceeded)


def count_selections(document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """The selections of an operation of a valid document with all fragments opened, each of which is looked at once."""
    return _Sizes(read_fragments(document)).measure(operation.selection_set).selections


def measure_operation(text: str, name: str | None) -> dict[str, int]:
    """The size of an operation that has been served, by the names of the limits; its height up to `HEIGHT_MAX`."""
    document = parse(text, no_location=True)
    operation = get_operation_ast(document, name)
    assert operation is not None, "it has been served"
    fragments = read_fragments(document)
    whole = _Sizes(fragments).measure(operation.selection_set)
    height = min(HEIGHT_MAX, _measure_height(operation.selection_set, fragments, HEIGHT_MAX))
    return {"aliases": whole.aliases, "depth": whole.depth, "height": height, "root_fields": whole.fields}


@dataclass(frozen=True, slots=True)
class _Size:
    """Of selections: levels of fields, fields on the first level, aliases and selections on all levels."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    selections: int = 0


class _Sizes:
    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}

    def measure(self, selections: SelectionSetNode | None) -> _Size:
        parts = [
            self._measure_one(node) for node in (selections.selections if selections is not None else ())
        ]
        return _Size(
            max((part.depth for part in parts), default=0),
            sum(part.fields for part in parts),
            sum(part.aliases for part in parts),
            sum(part.selections for part in parts) + len(parts),
        )

    def _measure_one(self, node: SelectionNode) -> _Size:
        if isinstance(node, FieldNode):
            below = self.measure(node.selection_set)
            return _Size(below.depth + 1, 1, below.aliases + (node.alias is not None), below.selections)
        if isinstance(node, InlineFragmentNode):
            return self.measure(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name not in self._known:
            self._known[name] = self.measure(self._fragments[name].selection_set)
        return self._known[name]


def _measure_height(selections: SelectionSetNode, fragments: Fragments, height_max: int) -> int:
    """How many different fields there are, up to any number above `height_max`: one that is asked for twice at one place counts once."""
    count = 0
    places: list[list[SelectionSetNode]] = [[selections]]
    while places:
        fields: dict[str, list[SelectionSetNode]] = {}
        for node in _fields(places.pop(), fragments):
            below = fields.setdefault(node.name.value, [])
            if node.selection_set is not None:
                below.append(node.selection_set)
        count += len(fields)
        if count > height_max:
            break
        places += [below for below in fields.values() if below]
    return count


def _is_repeated(selections: SelectionSetNode, fragments: Fragments, repeats_max: int) -> bool:
    """Whether one value is asked for more often than allowed: a field with the same arguments, whatever its aliases."""
    looked_at = 0
    places: list[list[SelectionSetNode]] = [[selections]]
    seen: set[frozenset[int]] = set()
    while places:
        place = places.pop()
        # The same selections below another field say the same.
        identity = frozenset(map(id, place))
        if identity in seen:
            continue
        seen.add(identity)
        count: dict[str | tuple[str, str], int] = {}
        below: dict[str | tuple[str, str], list[SelectionSetNode]] = {}
        for node in _fields(place, fragments):
            looked_at += 1
            name = node.name.value
            key = (name, ", ".join(map(print_ast, node.arguments))) if node.arguments else name
            count[key] = repeats = count.get(key, 0) + 1
            if repeats > repeats_max or looked_at > PLACE_FIELDS_MAX:
                return True
            if node.selection_set is not None:
                below.setdefault(key, []).append(node.selection_set)
        places += below.values()
    return False


def _fields(places: Iterable[SelectionSetNode], fragments: Fragments) -> Iterator[FieldNode]:
    """The fields of some selections at one place, each fragment's once."""
    seen: set[str] = set()
    todo = [node for place in places for node in place.selections]
    while todo:
        node = todo.pop()
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            todo += node.selection_set.selections
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            todo += fragments[node.name.value].selection_set.selections
