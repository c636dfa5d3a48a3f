"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION and INTERFACE_OBJECT_USAGE_ERROR within one subgraph."""

from graphql import GraphQLSyntaxError, SelectionSetNode, print_ast

from router.composition.build import argument_text
from router.composition.field_sets import parse_field_set
from router.composition.report import Report
from router.composition.subgraph import Applied, Kind, Subgraph, Type


def check_interfaces(subgraph: Subgraph, report: Report) -> None:
    """Check keys of interfaces against their implementations, and that interface objects have a key."""
    for declared in subgraph.types.values():
        if declared.is_interface_object and not declared.keys:
            report.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f"[{subgraph.name}] The @interfaceObject directive can only be applied to entity types but type "
                f'"{declared.name}" has no @key in this subgraph.',
                [(subgraph.name, declared.node)],
            )
        if declared.kind is Kind.INTERFACE:
            for key in declared.keys:
                _check_implementations(subgraph, declared, key, report)


def _check_implementations(subgraph: Subgraph, interface: Type, key: Applied, report: Report) -> None:
    wanted = _normal_form(key)
    must_resolve = key.is_resolvable
    for other in subgraph.types.values():
        if other.kind is not Kind.OBJECT or interface.name not in other.interfaces:
            continue
        same = [candidate for candidate in other.keys if _normal_form(candidate) == wanted]
        if not same or (must_resolve and not any(candidate.is_resolvable for candidate in same)):
            report.error(
                "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                f'[{subgraph.name}] Key @key(fields: "{argument_text(key, "fields")}") on interface type '
                f'"{interface.name}" is missing on implementation type "{other.name}".',
                [(subgraph.name, other.node)],
            )


def _normal_form(key: Applied) -> str:
    text = argument_text(key, "fields") or ""
    try:
        return _sorted_text(parse_field_set(text))
    except GraphQLSyntaxError:
        return text


def _sorted_text(selections: SelectionSetNode) -> str:
    parts = []
    for node in selections.selections:
        inner = getattr(node, "selection_set", None)
        if inner is None:
            parts.append(print_ast(node))
        else:
            head = print_ast(node).split("{", 1)[0].strip()
            parts.append(f"{head}{{{_sorted_text(inner)}}}")
    return " ".join(sorted(parts))
