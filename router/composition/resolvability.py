"""What a subgraph can resolve: which fields are external, provided, shareable, used.

Federation says this in several directives at once; the rules and the merge ask it of each field, so it is worked out
once, after intake, and stands in the records.

A field is external if it carries `@external`, unless it is a key field of a type that the subgraph extends: such a key
can be read here. In federation 2 those are too that do not, and whose type does. External fields that some `@provides`
names can be read on that path.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from graphql import GraphQLSyntaxError

from router.composition.contexts import find_contextual_arguments, find_setters
from router.composition.field_sets import read_field_sets, walk_selections
from router.composition.subgraph import FieldSet, Kind, SelectedField, Subgraph, Type

Coordinate = tuple[str, str]


def resolve_subgraph(subgraph: Subgraph) -> Subgraph:
    """The subgraph with its field sets read, and what they and its directives say of each field worked out."""
    subgraph = replace(
        subgraph,
        field_sets=tuple(read_field_sets(subgraph)),
        implementations=_find_implementations(subgraph),
    )
    selected: dict[str, set[Coordinate]] = {"key": set(), "requires": set(), "provides": set()}
    fakes: set[Coordinate] = set()
    for found in subgraph.field_sets:
        coordinates = set(_spread(subgraph, found.fields))
        selected[found.applied.name] |= coordinates
        if _is_on_extension(subgraph, found):
            fakes |= coordinates
    keys, provided = selected["key"], selected["provides"]
    used = keys | provided | selected["requires"] | set(_selected_in_contexts(subgraph))
    types = {}
    for declared in subgraph.types.values():
        fields = {}
        for item in declared.fields.values():
            coordinate = (declared.name, item.name)
            if item.find("external") is not None:
                is_external = coordinate not in fakes
            else:
                is_external = subgraph.linked.is_fed2 and declared.find("external") is not None
            is_provided = is_external and coordinate in provided
            fields[item.name] = replace(
                item,
                is_external=is_external,
                is_provided=is_provided,
                is_shareable=item.is_shareable or coordinate in keys or is_provided,
                is_used=coordinate in used or _is_demanded(subgraph, declared, item.name),
            )
        types[declared.name] = replace(declared, fields=fields)
    return replace(subgraph, types=types)


def _is_on_extension(subgraph: Subgraph, found: FieldSet) -> bool:
    """Whether it is the key of an extended type: its fields may be marked external, and can yet be read."""
    declared = subgraph.types[found.type_name]
    return found.applied.name == "key" and (
        found.applied.on_extension or declared.find("extends") is not None
    )


def _is_demanded(subgraph: Subgraph, declared: Type, field_name: str) -> bool:
    """Whether an interface of the type asks for the field."""
    return any(
        name in subgraph.types and field_name in subgraph.types[name].fields for name in declared.interfaces
    )


def _selected_in_contexts(subgraph: Subgraph) -> Iterator[Coordinate]:
    """The fields that arguments take from contexts."""
    setters = find_setters(subgraph)
    for found in find_contextual_arguments(subgraph):
        if found.use is not None:
            for setter in setters.get(found.use.context, ()):
                with suppress(GraphQLSyntaxError):
                    walk = walk_selections(subgraph, setter.name, found.use.parse())
                    yield from _spread(subgraph, walk.fields)


def _spread(subgraph: Subgraph, fields: Iterable[SelectedField]) -> Iterator[Coordinate]:
    """The fields selected, and for those of interfaces also the fields that implement them."""
    for selected in fields:
        yield selected.parent, selected.name
        for implementation in subgraph.implementations.get(selected.parent, ()):
            yield implementation, selected.name


def _find_implementations(subgraph: Subgraph) -> dict[str, list[str]]:
    """The object types that implement each interface here."""
    implementations: dict[str, list[str]] = {}
    for declared in subgraph.types.values():
        if declared.kind is Kind.OBJECT:
            for interface in declared.interfaces:
                implementations.setdefault(interface, []).append(declared.name)
    return implementations


def find_local_leaves(
    subgraph: Subgraph, found: FieldSet, *, is_lenient: bool = False
) -> list[SelectedField]:
    """The leaves of a field set that are neither external nor below anything that is.

    A field of an interface is taken to be external if one that implements it is, but only for what is below it; if
    `is_lenient` for itself too.
    """
    external: set[int] = set()
    leaves = []
    for selected in found.fields:
        own, *others = (subgraph.find_field(*coordinate) for coordinate in _spread(subgraph, [selected]))
        counted = [own, *others] if is_lenient or not selected.is_leaf else [own]
        if id(selected.above) in external or any(
            field is not None and field.is_external for field in counted
        ):
            external.add(id(selected))
        elif selected.is_leaf:
            leaves.append(selected)
    return leaves
