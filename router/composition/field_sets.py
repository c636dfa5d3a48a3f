"""Field sets of one subgraph: parsed, checked against its types, walked."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
    Source,
    get_named_type,
    is_interface_type,
    is_object_type,
    parse,
    validate,
)
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    FragmentsOnCompositeTypesRule,
    KnownArgumentNamesRule,
    KnownTypeNamesRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
)

_RULES = (
    KnownTypeNamesRule,
    FragmentsOnCompositeTypesRule,
    FieldsOnCorrectTypeRule,
    ScalarLeafsRule,
    PossibleFragmentSpreadsRule,
    KnownArgumentNamesRule,
    ProvidedRequiredArgumentsRule,
    ValuesOfCorrectTypeRule,
)


@dataclass(frozen=True, slots=True)
class SelectedField:
    """One field met in a field set: the type it is selected on, and how it is selected."""

    parent: str
    node: FieldNode
    is_top: bool

    @property
    def name(self) -> str:
        """The field's name."""
        return self.node.name.value

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is selected below it."""
        return self.node.selection_set is None


def strip_braces(text: str) -> str:
    """The selections without the optional braces around them."""
    stripped = text.strip()
    return stripped[1:-1] if stripped.startswith("{") and stripped.endswith("}") else text


def parse_field_set(text: str) -> SelectionSetNode:
    """Parse the selections; outer braces may be there or not.

    Raises:
        GraphQLSyntaxError: they are no selections.
    """
    definition = parse(f"fragment fields on fields {{{strip_braces(text)}}}").definitions
    if len(definition) != 1 or not isinstance(definition[0], FragmentDefinitionNode):
        raise GraphQLSyntaxError(Source(text), 0, "a field set is one selection")
    selections = definition[0].selection_set
    if _has_empty(selections):
        raise GraphQLSyntaxError(Source(text), 0, "a selection names at least one field")
    return selections


def _has_empty(selections: SelectionSetNode) -> bool:
    # The parser accepts `{}`.
    if not selections.selections:
        return True
    inner = (getattr(node, "selection_set", None) for node in selections.selections)
    return any(node is not None and _has_empty(node) for node in inner)


def validate_field_set(
    schema: GraphQLSchema, type_name: str, selections: SelectionSetNode
) -> list[GraphQLError]:
    """What GraphQL's rules say against the selections on a type."""
    document = parse(f"fragment fields on {type_name} {{ __typename }}", no_location=True)
    fragment = document.definitions[0]
    assert isinstance(fragment, FragmentDefinitionNode)
    whole = FragmentDefinitionNode(
        name=fragment.name,
        type_condition=fragment.type_condition,
        directives=(),
        variable_definitions=(),
        selection_set=selections,
    )
    return validate(schema, DocumentNode(definitions=(whole,)), _RULES)


def walk_field_set(
    schema: GraphQLSchema, type_name: str, selections: SelectionSetNode, *, is_top: bool = True
) -> Iterator[SelectedField]:
    """Every field of valid selections, outermost first; `__typename` is left out."""
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition is not None else type_name
            yield from walk_field_set(schema, condition, node.selection_set, is_top=is_top)
        elif isinstance(node, FieldNode) and node.name.value != "__typename":
            yield SelectedField(type_name, node, is_top)
            parent = schema.get_type(type_name)
            if node.selection_set is None or not (is_object_type(parent) or is_interface_type(parent)):
                continue
            child = parent.fields.get(node.name.value)
            if child is not None:
                yield from walk_field_set(
                    schema, get_named_type(child.type).name, node.selection_set, is_top=False
                )
