"""What a subgraph can resolve: which fields are external, provided, shareable, used.

Federation says this in several directives at once; the rules and the merge ask it of each field, so it is worked out
once, after intake, and stands in the records.

A field is external if it, or its type, carries `@external`, unless it is a key field of a type that the subgraph
extends: such a key can be read here. External fields that some `@provides` names can be read on that path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import GraphQLSyntaxError, SelectionSetNode, is_interface_type

from router.composition.build import argument_text
from router.composition.field_sets import parse_field_set, validate_field_set, walk_field_set
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type
from router.composition.type_ref import named_type

Coordinate = tuple[str, str]


def resolve_subgraph(subgraph: Subgraph) -> Subgraph:
    """The subgraph with `is_external`, `is_provided`, `is_shareable` and `is_used` of each field worked out."""
    keys = {c for owner, applied in _field_sets(subgraph, "key") for c in _selected(subgraph, owner, applied)}
    provided = {
        c for owner, applied in _field_sets(subgraph, "provides") for c in _selected(subgraph, owner, applied)
    }
    required = {
        c for owner, applied in _field_sets(subgraph, "requires") for c in _selected(subgraph, owner, applied)
    }
    fakes = set(_fake_externals(subgraph))
    types = {}
    for declared in subgraph.types.values():
        fields = {}
        for item in declared.fields.values():
            coordinate = (declared.name, item.name)
            is_external = _is_marked_external(declared, item) and coordinate not in fakes
            fields[item.name] = replace(
                item,
                is_external=is_external,
                is_provided=is_external and coordinate in provided,
                is_shareable=item.is_shareable
                or not subgraph.linked.is_fed2
                or coordinate in keys
                or (is_external and coordinate in provided),
                is_used=coordinate in keys | provided | required
                or _is_demanded(subgraph, declared, item.name),
            )
        types[declared.name] = replace(declared, fields=fields)
    return replace(subgraph, types=types)


def _is_marked_external(declared: Type, item: Field) -> bool:
    return item.find("external") is not None or declared.find("external") is not None


def _fake_externals(subgraph: Subgraph) -> Iterator[Coordinate]:
    """Key fields of extended types: marked external, and yet readable."""
    for declared in subgraph.types.values():
        is_extension = declared.find("extends") is not None
        for key in declared.keys:
            if is_extension or key.on_extension:
                yield from _selected(subgraph, declared.name, key)


def _is_demanded(subgraph: Subgraph, declared: Type, field_name: str) -> bool:
    """Whether an interface of the type asks for the field."""
    return any(
        name in subgraph.types and field_name in subgraph.types[name].fields for name in declared.interfaces
    )


def _field_sets(subgraph: Subgraph, directive: str) -> Iterator[tuple[str, Applied]]:
    """The type that each field set of a directive is about, and the directive."""
    for declared in subgraph.types.values():
        if directive == "key":
            yield from ((declared.name, key) for key in declared.keys)
            continue
        for item in declared.fields.values():
            applied = item.find(directive)
            if applied is not None:
                yield (declared.name if directive == "requires" else named_type(item.type)), applied


def _selected(subgraph: Subgraph, owner: str, applied: Applied) -> Iterable[Coordinate]:
    """The fields that a field set selects, on the types named and on the implementations of interfaces."""
    selections = read_field_set(subgraph, owner, applied)
    if selections is None:
        return
    local = local_name(subgraph, owner)
    for selected in walk_field_set(subgraph.schema, local, selections):
        yield (global_name(subgraph, selected.parent), selected.name)
        parent = subgraph.schema.get_type(selected.parent)
        if is_interface_type(parent):
            for implementation in subgraph.schema.get_possible_types(parent):
                yield (implementation.name, selected.name)


def read_field_set(subgraph: Subgraph, owner: str, applied: Applied) -> SelectionSetNode | None:
    """The selections of a key, requirement or provision on the type `owner`; None if they are unusable."""
    text = argument_text(applied, "fields")
    if text is None:
        return None
    try:
        selections = parse_field_set(text)
    except GraphQLSyntaxError:
        return None
    local = local_name(subgraph, owner)
    parent = subgraph.types.get(owner)
    if parent is None or parent.kind not in {Kind.OBJECT, Kind.INTERFACE, Kind.UNION}:
        return None
    return None if validate_field_set(subgraph.schema, local, selections) else selections


def local_name(subgraph: Subgraph, name: str) -> str:
    """What the subgraph calls a type: only root types may have another name."""
    schema = subgraph.schema
    roots = {
        "Query": schema.query_type,
        "Mutation": schema.mutation_type,
        "Subscription": schema.subscription_type,
    }
    root = roots.get(name)
    return root.name if root is not None else name


def global_name(subgraph: Subgraph, name: str) -> str:
    """What everybody calls a type of the subgraph."""
    schema = subgraph.schema
    roots = {
        "Query": schema.query_type,
        "Mutation": schema.mutation_type,
        "Subscription": schema.subscription_type,
    }
    return next((default for default, root in roots.items() if root is not None and root.name == name), name)
