"""Federation 1 subgraphs as federation 2: what was implied is written down, what had no meaning is dropped.

Spec: Apollo Federation 2, "Moving to Apollo Federation 2"; the order of the steps matters.
"""

from collections.abc import Sequence
from dataclasses import replace

from graphql import FieldNode

from router.composition.report import Report
from router.composition.resolvability import read_field_set, resolve_subgraph
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type
from router.composition.type_ref import named_type

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})
_COMPOSITE = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})


def upgrade_subgraphs(subgraphs: Sequence[Subgraph], report: Report) -> list[Subgraph]:
    """All subgraphs, those of federation 1 upgraded."""
    for subgraph in subgraphs:
        if not subgraph.linked.is_fed2:
            _check_bases(subgraph, subgraphs, report)
    return [s if s.linked.is_fed2 else _upgrade(s, subgraphs) for s in subgraphs]


def _check_bases(subgraph: Subgraph, subgraphs: Sequence[Subgraph], report: Report) -> None:
    for declared in subgraph.types.values():
        is_extension = not declared.has_definition or declared.find("extends") is not None
        if declared.kind not in {Kind.OBJECT, Kind.INTERFACE} or not is_extension or declared.name in _ROOTS:
            continue
        others = (other.types.get(declared.name) for other in subgraphs if other is not subgraph)
        if not any(other is not None and other.has_definition for other in others):
            report.error(
                "EXTENSION_WITH_NO_BASE",
                f'[{subgraph.name}] Type "{declared.name}" is an extension type, but there is no type definition for '
                f'"{declared.name}" in any subgraph.',
                [(subgraph.name, declared.node)],
            )


def _upgrade(subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> Subgraph:
    types = {}
    for declared in subgraph.types.values():
        is_extension = not declared.has_definition or declared.find("extends") is not None
        keyless = (
            _foreign_key_fields(declared, subgraph, subgraphs)
            if is_extension and not declared.keys
            else set()
        )
        types[declared.name] = replace(
            declared,
            directives=tuple(
                applied
                for applied in declared.directives
                if applied.name != "external"
                and not (declared.kind is Kind.INTERFACE and applied.name == "key")
            ),
            fields={
                name: _without_meaningless(subgraph, declared, item, is_local=name in keyless)
                for name, item in declared.fields.items()
            },
            has_definition=True,
        )
    upgraded = resolve_subgraph(replace(subgraph, types=types))
    return _drop_unused(upgraded)


def _foreign_key_fields(declared: Type, subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> set[str]:
    """Top-level fields of the first key that another subgraph gives the type: the extension can read them."""
    for other in subgraphs:
        found = other.types.get(declared.name)
        if other is subgraph or found is None or not found.keys:
            continue
        selections = read_field_set(other, declared.name, found.keys[0])
        if selections is not None:
            return {node.name.value for node in selections.selections if isinstance(node, FieldNode)}
    return set()


def _without_meaningless(subgraph: Subgraph, declared: Type, item: Field, *, is_local: bool) -> Field:
    target = subgraph.types.get(named_type(item.type))

    def is_kept(applied: Applied) -> bool:
        if applied.name == "external":
            return declared.kind is not Kind.INTERFACE and not is_local
        if applied.name in {"provides", "requires"}:
            is_composite = target is not None and target.kind in _COMPOSITE
            return declared.kind is not Kind.INTERFACE and (applied.name == "requires" or is_composite)
        return True

    return replace(item, directives=tuple(applied for applied in item.directives if is_kept(applied)))


def _drop_unused(subgraph: Subgraph) -> Subgraph:
    types = {}
    for declared in subgraph.types.values():
        fields = {
            name: item
            for name, item in declared.fields.items()
            if declared.kind is not Kind.OBJECT or not item.is_external or item.is_used
        }
        if fields or not declared.fields:
            types[declared.name] = replace(declared, fields=fields)
    return replace(subgraph, types=types)
