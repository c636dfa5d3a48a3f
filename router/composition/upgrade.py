"""Federation 1 subgraphs as federation 2: what was implied is written down, what had no meaning is dropped.

Each step is a function from a subgraph to the next; their order matters. What others declare and resolve is looked up in
`others`, the subgraphs as they were given.

Spec: Apollo Federation 2, "Moving to Apollo Federation 2".
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from graphql import (
    ConstValueNode,
    EnumValueNode,
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    ListValueNode,
    SelectionSetNode,
    StringValueNode,
    print_ast,
)

from router.composition.field_sets import COMPOSITE, drop_selections, parse_field_set
from router.composition.report import Report
from router.composition.resolvability import find_local_leaves, resolve_subgraph
from router.composition.rules import check_subgraph
from router.composition.rules.extension_with_no_base import report_extension_with_no_base
from router.composition.rules.interface_object_usage_error import report_interface_object_beside_federation_1
from router.composition.rules.type_with_only_unused_external import report_type_with_only_unused_external
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type, argument_text
from router.composition.type_ref import named_type

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})

Declarations: TypeAlias = Mapping[str, Sequence[tuple[Subgraph, Type]]]
"""Of each type, who declares it and how."""


def upgrade_subgraphs(subgraphs: Sequence[Subgraph], report: Report) -> list[Subgraph]:
    """All subgraphs, those of federation 1 upgraded and then checked by the rules for federation 2."""
    given = [s if s.linked.is_fed2 else resolve_subgraph(s) for s in subgraphs]
    others = _index(given)
    upgraded = [s if s.linked.is_fed2 else _upgrade(s, others, report) for s in given]
    for subgraph in upgraded:
        if not subgraph.linked.is_fed2 and not report.has_failed(subgraph.name):
            check_subgraph(subgraph, report)
    return upgraded


def _upgrade(subgraph: Subgraph, others: Declarations, report: Report) -> Subgraph:
    _check_bases(subgraph, others, report)
    _check_interface_objects(subgraph, others, report)
    # Keys that are written as lists do not count yet.
    subgraph = _drop_external_where_it_means_nothing(subgraph, others)
    subgraph = _join_lists(subgraph)
    subgraph = _define_extensions(subgraph)
    subgraph = resolve_subgraph(subgraph)
    subgraph = _drop_local_leaves(subgraph)
    subgraph = _drop_directives_of_interfaces(subgraph)
    subgraph = _drop_provides_of_leaves(subgraph)
    subgraph = resolve_subgraph(subgraph)
    subgraph = _drop_unused(subgraph, report)
    subgraph = _mark_shareable(subgraph, others)
    subgraph = _drop_tags_of_externals(subgraph, others)
    return resolve_subgraph(subgraph)


def _check_bases(subgraph: Subgraph, others: Declarations, report: Report) -> None:
    for declared in subgraph.types.values():
        if declared.kind not in {Kind.OBJECT, Kind.INTERFACE} or not _is_extension(declared):
            continue
        if declared.name not in _ROOTS and not any(
            each.has_definition for each in _elsewhere(declared.name, subgraph, others)
        ):
            report_extension_with_no_base(report, declared.name, [(subgraph, declared)])


def _check_interface_objects(subgraph: Subgraph, others: Declarations, report: Report) -> None:
    for declared in subgraph.types.values():
        if declared.kind is not Kind.INTERFACE or not declared.keys:
            continue
        for other, found in others[declared.name]:
            if found.is_interface_object:
                report_interface_object_beside_federation_1(report, subgraph, other, declared)


def _join_lists(subgraph: Subgraph) -> Subgraph:
    """Field sets that are written as a list of strings, or without quotes."""

    def join(applied: Applied) -> Applied:
        value = applied.arguments.get("fields")
        if applied.name not in {"key", "provides", "requires"} or value is None:
            return applied
        return replace(applied, arguments={**applied.arguments, "fields": _join(value)})

    return _map(
        subgraph,
        lambda declared: replace(declared, directives=tuple(map(join, declared.directives))),
        lambda _, item: replace(item, directives=tuple(map(join, item.directives))),
    )


def _join(value: ConstValueNode) -> ConstValueNode:
    if isinstance(value, EnumValueNode):
        return StringValueNode(value=value.value, block=False, loc=value.loc)
    if isinstance(value, ListValueNode) and all(isinstance(each, StringValueNode) for each in value.values):
        text = " ".join(each.value for each in value.values if isinstance(each, StringValueNode))
        return StringValueNode(value=text, block=False, loc=value.loc)
    return value


def _drop_external_where_it_means_nothing(subgraph: Subgraph, others: Declarations) -> Subgraph:
    """`@external` on interfaces' fields, on whole types, and on the key fields of extensions, which can be read."""
    local = {declared.name: _key_fields(declared, subgraph, others) for declared in subgraph.types.values()}

    def is_kept(declared: Type, item: Field) -> bool:
        return declared.kind is not Kind.INTERFACE and item.name not in local[declared.name]

    return _map(
        subgraph,
        lambda declared: _without(declared, "external"),
        lambda declared, item: item if is_kept(declared, item) else _field_without(item, "external"),
    )


def _key_fields(declared: Type, subgraph: Subgraph, others: Declarations) -> set[str]:
    """The top-level fields of an extension's keys; if it has none, of the first key of each other declaration."""
    if not _is_extension(declared):
        return set()
    if declared.keys:
        return {name for key in declared.keys for name in _top_fields(key)}
    return {
        name
        for found in _elsewhere(declared.name, subgraph, others)
        if found.keys
        for name in _top_fields(found.keys[0])
    }


def _top_fields(key: Applied) -> set[str]:
    with suppress(GraphQLSyntaxError):
        return set(_list_top_fields(parse_field_set(argument_text(key, "fields") or "")))
    return set()


def _list_top_fields(selections: SelectionSetNode) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _list_top_fields(node.selection_set)


def _define_extensions(subgraph: Subgraph) -> Subgraph:
    """Extensions of object and interface types as their definitions; `@extends`, where it is written, stays."""

    def define(declared: Type) -> Type:
        if declared.has_definition or declared.kind not in {Kind.OBJECT, Kind.INTERFACE}:
            return declared
        directives = tuple(replace(applied, on_extension=False) for applied in declared.directives)
        return replace(declared, has_definition=True, directives=directives)

    return _map(subgraph, define, lambda _, item: item)


def _drop_local_leaves(subgraph: Subgraph) -> Subgraph:
    """What `@provides` and `@requires` select and the subgraph resolves anyway; what selects nothing then, goes."""
    pruned: dict[int, Applied | None] = {}
    for found in subgraph.field_sets:
        if found.applied.name != "key" and found.text is not None and not found.faults:
            local = {id(leaf.node) for leaf in find_local_leaves(subgraph, found, is_lenient=True)}
            if local:
                left = drop_selections(parse_field_set(found.text), local)
                pruned[id(found.applied)] = (
                    _with_selections(found.applied, left) if left is not None else None
                )

    def prune(item: Field) -> Field:
        left = (pruned.get(id(applied), applied) for applied in item.directives)
        return replace(item, directives=tuple(applied for applied in left if applied is not None))

    return _map(subgraph, lambda declared: declared, lambda _, item: prune(item))


def _with_selections(applied: Applied, selections: SelectionSetNode) -> Applied:
    text = " ".join(print_ast(node) for node in selections.selections)
    return replace(
        applied, arguments={**applied.arguments, "fields": StringValueNode(value=text, block=False)}
    )


def _drop_directives_of_interfaces(subgraph: Subgraph) -> Subgraph:
    return _map(
        subgraph,
        lambda declared: _without(declared, "key") if declared.kind is Kind.INTERFACE else declared,
        lambda declared, item: (
            _field_without(item, "provides", "requires") if declared.kind is Kind.INTERFACE else item
        ),
    )


def _drop_provides_of_leaves(subgraph: Subgraph) -> Subgraph:
    def is_composite(item: Field) -> bool:
        target = subgraph.types.get(named_type(item.type))
        return target is not None and target.kind in COMPOSITE

    return _map(
        subgraph,
        lambda declared: declared,
        lambda _, item: item if is_composite(item) else _field_without(item, "provides"),
    )


def _drop_unused(subgraph: Subgraph, report: Report) -> Subgraph:
    """External fields that nothing uses, and the types of which nothing is left."""
    while True:
        unused = [
            (declared.name, item.name)
            for declared, item in subgraph.fields()
            if declared.kind is Kind.OBJECT and item.is_external and not item.is_used
        ]
        if not unused:
            return subgraph
        # What only these used is unused then.
        subgraph = resolve_subgraph(_without_fields(subgraph, set(unused), report))


def _without_fields(subgraph: Subgraph, unused: Container[tuple[str, str]], report: Report) -> Subgraph:
    referenced = {named_type(item.type) for _, item in subgraph.fields()}
    referenced.update(member for declared in subgraph.types.values() for member in declared.members)
    types = {}
    for declared in subgraph.types.values():
        fields = {name: item for name, item in declared.fields.items() if (declared.name, name) not in unused}
        if fields or not declared.fields:
            types[declared.name] = replace(declared, fields=fields)
        elif declared.name in referenced:
            report_type_with_only_unused_external(report, subgraph, declared)
    return replace(subgraph, types=types)


def _mark_shareable(subgraph: Subgraph, others: Declarations) -> Subgraph:
    """Value types that others have too, and fields that others resolve too: sharing needed no word."""

    def mark(declared: Type, item: Field) -> Field:
        if declared.kind is not Kind.OBJECT or declared.name == "Subscription":
            return item
        elsewhere = _elsewhere(declared.name, subgraph, others)
        if declared.keys or declared.name in _ROOTS:
            is_shared = any(
                found is not None and (not found.is_external or found.is_provided)
                for found in (each.fields.get(item.name) for each in elsewhere)
            )
        else:
            is_shared = bool(elsewhere)
        return replace(item, is_shareable=item.is_shareable or is_shared)

    return _map(subgraph, lambda declared: declared, mark)


def _drop_tags_of_externals(subgraph: Subgraph, others: Declarations) -> Subgraph:
    """Tags of external fields that are on the field elsewhere too, where it is not marked as external."""

    def drop(declared: Type, item: Field) -> Field:
        if not item.is_external:
            return item
        given = {
            print_ast(applied.arguments["name"])
            for each in _elsewhere(declared.name, subgraph, others)
            if (found := each.fields.get(item.name)) is not None and not found.find("external")
            for applied in found.directives
            if applied.name == "tag" and "name" in applied.arguments
        }
        kept = tuple(
            applied
            for applied in item.directives
            if applied.name != "tag"
            or "name" not in applied.arguments
            or print_ast(applied.arguments["name"]) not in given
        )
        return replace(item, directives=kept)

    return _map(subgraph, lambda declared: declared, drop)


def _is_extension(declared: Type) -> bool:
    return not declared.has_definition or declared.find("extends") is not None


def _index(subgraphs: Sequence[Subgraph]) -> Declarations:
    declarations: dict[str, list[tuple[Subgraph, Type]]] = {}
    for subgraph in subgraphs:
        for declared in subgraph.types.values():
            declarations.setdefault(declared.name, []).append((subgraph, declared))
    return declarations


def _elsewhere(name: str, subgraph: Subgraph, others: Declarations) -> list[Type]:
    """The declarations of a type in other subgraphs."""
    return [declared for other, declared in others.get(name, ()) if other.name != subgraph.name]


def _without(declared: Type, directive: str) -> Type:
    return replace(declared, directives=tuple(each for each in declared.directives if each.name != directive))


def _field_without(item: Field, *directives: str) -> Field:
    return replace(item, directives=tuple(each for each in item.directives if each.name not in directives))


def _map(
    subgraph: Subgraph, of_type: Callable[[Type], Type], of_field: Callable[[Type, Field], Field]
) -> Subgraph:
    """The subgraph with its types and then their fields replaced."""
    types = {}
    for name, declared in subgraph.types.items():
        fields = {key: of_field(declared, item) for key, item in declared.fields.items()}
        types[name] = replace(of_type(declared), fields=fields)
    return replace(subgraph, types=types)
