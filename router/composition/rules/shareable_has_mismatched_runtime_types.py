"""SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: who shares a field must be able to agree on the type of what it returns.

With some types in common it is the hint INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN.
"""

from collections.abc import Mapping

from router.composition.context import Merge
from router.composition.report import Site, list_subgraphs


def report_runtime_types(
    merge: Merge, type_name: str, field_name: str, types: Mapping[str, frozenset[str]]
) -> None:
    """Report a shared field whose subgraphs (by name) return different sets of object types."""
    by_types: dict[frozenset[str], list[str]] = {}
    for subgraph, names in types.items():
        by_types.setdefault(names, []).append(subgraph)
    parts = [
        f"{list_subgraphs(subgraphs)} can return {_list_types(names)}"
        for names, subgraphs in by_types.items()
    ]
    told = f'The shared field "{type_name}.{field_name}" returns different object types: {"; ".join(parts)}.'
    if frozenset.intersection(*by_types):
        merge.report.hint(
            "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
            f"{told} Objects of the types that some of them do not have are missing when the field is asked there.",
            _sites(merge, type_name, field_name, types),
        )
    else:
        merge.report.error(
            "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
            f"{told} They have none in common, so they cannot resolve the field in the same way: let them return the "
            "same types, or resolve the field in one subgraph only.",
            _sites(merge, type_name, field_name, types),
        )


def _list_types(names: frozenset[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names)) or "no object type"


def _sites(merge: Merge, type_name: str, field_name: str, types: Mapping[str, frozenset[str]]) -> list[Site]:
    return [
        (subgraph.name, declared.fields[field_name].node)
        for subgraph, declared in merge.sources(type_name)
        if subgraph.name in types and field_name in declared.fields
    ]
