"""Field sets of one subgraph: parsed, and walked once over the subgraph's types for what they select and what is wrong.

They are many and small, so the walk is a direct one: GraphQL's general validation costs twenty times as much.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    Undefined,
    coerce_input_literal,
    is_required_argument,
    parse,
    print_ast,
)

from router.composition.subgraph import (
    Applied,
    Field,
    FieldSet,
    Kind,
    SelectedField,
    Subgraph,
    Type,
    argument_text,
)
from router.composition.type_ref import named_type

COMPOSITE = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})
_DEPTH_MAX = 100
_TEXTS_MAX = 4096


def strip_braces(text: str) -> str:
    """The selections without the optional braces around them."""
    stripped = text.strip()
    return stripped[1:-1] if stripped.startswith("{") and stripped.endswith("}") else text


@lru_cache(maxsize=_TEXTS_MAX)
def parse_field_set(text: str) -> SelectionSetNode:
    """Parse the selections; outer braces may be there or not.

    Raises:
        GraphQLSyntaxError: they are no selections, or nest too deeply.
    """
    if _find_depth(text) > _DEPTH_MAX:
        raise GraphQLSyntaxError(Source(text), 0, f"it nests deeper than {_DEPTH_MAX} levels")
    document = parse(f"fragment fields on fields {{{strip_braces(text)}}}", no_location=True)
    (first, *others) = document.definitions
    if others or not isinstance(first, FragmentDefinitionNode):
        raise GraphQLSyntaxError(Source(text), 0, "a field set is one selection")
    if _has_empty(first.selection_set):
        raise GraphQLSyntaxError(Source(text), 0, "a selection names at least one field")
    return first.selection_set


def _find_depth(text: str) -> int:
    """How deep brackets nest at most: the parser goes down by recursion."""
    depth = depth_max = 0
    for character in text:
        if character in "{[(":
            depth += 1
            depth_max = max(depth, depth_max)
        elif character in "}])":
            depth -= 1
    return depth_max


def _has_empty(selections: SelectionSetNode) -> bool:
    # The parser accepts `{}`.
    if not selections.selections:
        return True
    inner = (getattr(node, "selection_set", None) for node in selections.selections)
    return any(node is not None and _has_empty(node) for node in inner)


def drop_selections(selections: SelectionSetNode, dropped: Container[int]) -> SelectionSetNode | None:
    """The selections without some nodes, by their ids, and without what then selects nothing; None if nothing is left."""
    kept: list[SelectionNode] = []
    for node in selections.selections:
        if id(node) in dropped:
            continue
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
            left = drop_selections(node.selection_set, dropped)
            if left is not None:
                kept.append(replace(node, selection_set=left))
        else:
            kept.append(node)
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def read_field_sets(subgraph: Subgraph) -> Iterator[FieldSet]:
    """Every field set of a subgraph."""
    for declared in subgraph.types.values():
        for key in declared.keys:
            yield _read(subgraph, key, declared.name, None, declared.name)
        for item in declared.fields.values():
            for applied in item.directives:
                if applied.name == "requires":
                    yield _read(subgraph, applied, declared.name, item.name, declared.name)
                elif applied.name == "provides":
                    yield _read(subgraph, applied, declared.name, item.name, named_type(item.type))


def _read(
    subgraph: Subgraph, applied: Applied, type_name: str, field_name: str | None, owner: str
) -> FieldSet:
    text = argument_text(applied, "fields")
    walk = Walk(subgraph)
    if text is not None and owner in subgraph.types:
        try:
            walk.take(subgraph.types[owner], parse_field_set(text))
        except GraphQLSyntaxError as error:
            walk.faults.append(error.message)
    return FieldSet(
        applied=applied,
        type_name=type_name,
        field_name=field_name,
        owner=owner,
        text=text,
        fields=tuple(walk.fields),
        directives=tuple(dict.fromkeys(walk.directives)),
        faults=tuple(dict.fromkeys(walk.faults)),
    )


def walk_selections(subgraph: Subgraph, type_name: str, selections: SelectionSetNode) -> "Walk":
    """Go through selections on a composite type of the subgraph."""
    walk = Walk(subgraph)
    walk.take(subgraph.types[type_name], selections)
    return walk


@dataclass(slots=True)
class Walk:
    """A walk over selections: the fields and directives met, and what is wrong with them."""

    subgraph: Subgraph
    fields: list[SelectedField] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def take(self, parent: Type, selections: SelectionSetNode, above: SelectedField | None = None) -> None:
        """Go through selections on a composite type."""
        for node in selections.selections:
            self._check_directives(node.directives or ())
            if isinstance(node, FieldNode):
                self._take_field(parent, node, above)
            elif isinstance(node, InlineFragmentNode):
                self._take_fragment(parent, node, above)
            else:
                self.faults.append("named fragments cannot be used here: write the fields themselves")

    def _take_field(self, parent: Type, node: FieldNode, above: SelectedField | None) -> None:
        name = node.name.value
        if node.alias is not None:
            self.faults.append(f'"{node.alias.value}: {name}" is an alias: use the field\'s own name')
        found = parent.fields.get(name)
        if found is None and name != "__typename":
            self.faults.append(
                f'there is no field "{name}" on type "{parent.name}" (if it is defined in another subgraph, add it '
                "to this one with @external)"
            )
            return
        selected = SelectedField(parent.name, node, above)
        self.fields.append(selected)
        if found is not None:
            self.faults += find_argument_faults(self.subgraph, parent, found, node)
        target = self.subgraph.types.get(named_type(found.type)) if found is not None else None
        if target is None or target.kind not in COMPOSITE:
            if node.selection_set is not None:
                self.faults.append(f'"{parent.name}.{name}" has no fields of its own to select')
        elif node.selection_set is None:
            self.faults.append(f'"{parent.name}.{name}" is of type "{target.name}": select fields of it')
        else:
            self.take(target, node.selection_set, selected)

    def _take_fragment(self, parent: Type, node: InlineFragmentNode, above: SelectedField | None) -> None:
        condition: Type | None = parent
        if node.type_condition is not None:
            name = node.type_condition.name.value
            condition = self.subgraph.types.get(self.subgraph.global_name(name))
            if condition is None or condition.kind not in COMPOSITE:
                self.faults.append(
                    f'"... on {name}": there is no object type, interface or union of this name'
                )
                return
        assert condition is not None
        self.take(condition, node.selection_set, above)

    def _check_directives(self, directives: tuple[DirectiveNode, ...]) -> None:
        for directive in directives:
            name = directive.name.value
            known = self.subgraph.schema.get_directive(name)
            if known is None:
                self.faults.append(f'unknown directive "@{name}"')
                continue
            self.directives.append(name)
            for argument in directive.arguments or ():
                if argument.name.value not in known.args:
                    self.faults.append(f'"@{name}" has no argument "{argument.name.value}"')


def find_argument_faults(subgraph: Subgraph, parent: Type, found: Field, node: FieldNode) -> Iterator[str]:
    """Why a field of a subgraph cannot be selected with these arguments; those from contexts cannot be given."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    where = f"{parent.name}.{found.name}"
    known = [name for name, argument in found.arguments.items() if argument.find("fromContext") is None]
    yield from (f'"{where}" has no argument "{name}"' for name in given if name not in known)
    if not known:
        return
    schema_type = subgraph.schema.get_type(subgraph.local_name(parent.name))
    assert isinstance(schema_type, GraphQLObjectType | GraphQLInterfaceType)
    arguments = schema_type.fields[found.name].args
    for name in known:
        if name not in given:
            if is_required_argument(arguments[name]):
                yield f'"{where}" needs a value for its argument "{name}"'
        elif coerce_input_literal(given[name], arguments[name].type) is Undefined:
            text = print_ast(given[name])
            yield f'"{where}({name}:)" of type "{arguments[name].type}" cannot be {text}'
