"""What stands where in the response: every key that the client asked for or a fetch brings.

A place is one position of the merged response; what may stand there is told apart by its runtime type
(`Kind`). Keys are the client's, in the client's order, and after them those that only the planner needs.
Each key knows the sources (root fetches and entity selections) that bring it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedOutputType,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from router.errors import RouterError
from router.executor.interpret.typenames import Typenames
from router.operation.shape import TYPENAME, FieldShape, ObjectShape

KINDS_MAX = 64
"""Types of objects in one program; a struct costs 100 microseconds and some kilobytes."""


class UncompilableError(RouterError):
    """The plan has a feature that only the interpreter has, or is too large to be worth it."""


@dataclass(eq=False, slots=True)
class Key:
    """One key of the objects of a kind.

    Attributes:
        attribute: of the struct; the same for equal names everywhere in the program.
        type: None for a typename, and for a field that the API schema hides.
        entry: the client's; None if only the planner needs the key.
        sources: who brings it, by number.
    """

    name: str
    attribute: str
    is_typename: bool
    type: GraphQLOutputType | None
    entry: FieldShape | None
    child: "Place | None" = None
    sources: set[int] = field(default_factory=set)

    @property
    def is_nullable(self) -> bool:
        """Whether null may stand here when all is merged."""
        return not is_non_null_type(self.type) and not self.is_typename

    @property
    def list_depth(self) -> int:
        """How many lists are around the value."""
        depth, type_ = 0, self.type
        while type_ is not None and hasattr(type_, "of_type"):
            depth += is_list_type(type_)
            type_ = type_.of_type
        return depth


@dataclass(eq=False, slots=True)
class Kind:
    """The objects of one runtime type at one place.

    Attributes:
        keys: by name, the client's first and in its order.
        brought: the names of the keys that each source brings.
        is_typename_checked: whether more hangs on the typename of the answer than that it is this one.
    """

    place: "Place"
    typename: str
    number: int
    is_typename_checked: bool = False
    keys: dict[str, Key] = field(default_factory=dict)
    brought: dict[int, list[str]] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Place:
    """One position of the response.

    Attributes:
        shape: what the client asks for here; None if only the planner does.
        sources: which make the objects that stand here.
        kinds: by typename.
        is_tagged: whether the typename of the answer tells which kind an object is.
    """

    type: GraphQLNamedOutputType
    shape: ObjectShape | None
    sources: set[int] = field(default_factory=set)
    kinds: dict[str, Kind] = field(default_factory=dict)
    is_tagged: bool = False


class Places:
    """All places of one response, as they become known source by source."""

    def __init__(self, shape: ObjectShape, typenames: Typenames) -> None:
        self.typenames = typenames
        self.kinds: list[Kind] = []
        self._view = shape.operation
        self._attributes: dict[str, str] = {}
        self.root = Place(shape.static_type, shape)
        self.root_kind = self._add_kind(self.root, shape.static_type)

    def bring(
        self,
        kinds: Iterable[Kind],
        selection_sets: Sequence[SelectionSetNode],
        source: int,
        fragments: dict[str, FragmentDefinitionNode],
    ) -> None:
        """Note what a source's selections bring to the objects of `kinds`."""
        for kind in kinds:
            found: dict[str, list[FieldNode]] = {}
            for selection_set in selection_sets:
                for node in self._walk_fields(selection_set, kind.typename, fragments):
                    found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            kind.brought[source] = list(found)
            for name, nodes in found.items():
                key = self._get_key(kind, name, nodes[0])
                key.sources.add(source)
                if key.child is not None:
                    sets = [node.selection_set for node in nodes if node.selection_set]
                    self._introduce(key.child, sets, source, fragments)

    def _introduce(
        self,
        place: Place,
        selection_sets: Sequence[SelectionSetNode],
        source: int,
        fragments: dict[str, FragmentDefinitionNode],
    ) -> None:
        is_tagged = is_abstract_type(place.type) and any(_selects_typename(each) for each in selection_sets)
        if not place.sources:
            place.is_tagged = is_tagged
            self._add_kinds(place)
        elif place.is_tagged != is_tagged:
            msg = "one fetch brings the typename, another does not"
            raise UncompilableError(msg)
        if not is_tagged and is_abstract_type(place.type) and _has_fragments(selection_sets):
            msg = "fragments without a typename"
            raise UncompilableError(msg)
        place.sources.add(source)
        self.bring(place.kinds.values(), selection_sets, source, fragments)

    def _add_kinds(self, place: Place) -> None:
        if place.shape is not None and place.shape.is_typename_key_taken:
            msg = "the client gives the key __typename to another field"
            raise UncompilableError(msg)
        if place.is_tagged:
            types: Sequence[GraphQLNamedOutputType] = self._view.schema.get_possible_types(place.type)  # type: ignore[arg-type]
        else:
            types = (place.type,)
        for type_ in types:
            self._add_kind(place, type_)

    def _add_kind(self, place: Place, type_: GraphQLNamedOutputType) -> Kind:
        kind = Kind(place, type_.name, len(self.kinds))
        self.kinds.append(kind)
        if len(self.kinds) > KINDS_MAX:
            msg = "too many types of objects"
            raise UncompilableError(msg)
        place.kinds[type_.name] = kind
        entries = place.shape.find_entries(type_.name) if place.shape is not None else ()
        for entry in entries or ():
            key = Key(entry.key, self._name_attribute(entry.key), entry.name == TYPENAME, entry.type, entry)
            if entry.child is not None:
                key.child = Place(entry.child.static_type, entry.child)
            kind.keys[entry.key] = key
        return kind

    def _get_key(self, kind: Kind, name: str, node: FieldNode) -> Key:
        key = kind.keys.get(name)
        if key is None:
            key = kind.keys[name] = self._build_hidden_key(kind, name, node)
        known = key.entry.name if key.entry is not None else None
        if known is not None and known != node.name.value:
            msg = f"the key {name} stands for two fields"
            raise UncompilableError(msg)
        return key

    def _build_hidden_key(self, kind: Kind, name: str, node: FieldNode) -> Key:
        is_typename = node.name.value == TYPENAME
        key = Key(name, self._name_attribute(name), is_typename, None, None)
        if is_typename:
            return key
        parent = self._view.schema.get_type(kind.typename)
        definition = (
            parent.fields.get(node.name.value)
            if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
            else None
        )
        if definition is not None:
            key.type = definition.type
            named = get_named_type(definition.type)
            if is_composite_type(named):
                key.child = Place(named, None)
        elif node.selection_set is not None:
            msg = "an object that the API schema hides"
            raise UncompilableError(msg)
        return key

    def _name_attribute(self, name: str) -> str:
        return self._attributes.setdefault(name, f"k{len(self._attributes)}")

    def _walk_fields(
        self, selection_set: SelectionSetNode, typename: str, fragments: dict[str, FragmentDefinitionNode]
    ) -> Iterator[FieldNode]:
        for selection in selection_set.selections:
            if not self._view.is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment: FragmentDefinitionNode | InlineFragmentNode = fragments[selection.name.value]
            else:
                assert isinstance(selection, InlineFragmentNode)
                fragment = selection
            condition = fragment.type_condition
            if condition is None or self.typenames.is_a(typename, condition.name.value):
                yield from self._walk_fields(fragment.selection_set, typename, fragments)


def _selects_typename(selection_set: SelectionSetNode) -> bool:
    return any(
        isinstance(selection, FieldNode)
        and selection.name.value == TYPENAME
        and selection.alias is None
        and not selection.directives
        for selection in selection_set.selections
    )


def _has_fragments(selection_sets: Iterable[SelectionSetNode]) -> bool:
    return any(not isinstance(each, FieldNode) for set_ in selection_sets for each in set_.selections)
