"""EXTERNAL_TYPE_MISMATCH: who refers to a field that others resolve knows its type."""

from router.composition.context import Merge
from router.composition.report import Report
from router.composition.subgraph import Field, Subgraph
from router.composition.type_ref import TypeRef, is_subtype


def check_external_type_mismatch(
    merge: Merge, where: str, subgraph: Subgraph, item: Field, merged: TypeRef, *, is_uniform: bool
) -> None:
    """Check the type of an external field: the merged one, or where the others differ too, a subtype of it."""
    fits = item.type == merged or (not is_uniform and is_subtype(item.type, merged, merge.is_subtype))
    if not fits:
        _report(merge.report, where, subgraph, item, merged)


def _report(report: Report, where: str, subgraph: Subgraph, item: Field, merged: TypeRef) -> None:
    report.error(
        "EXTERNAL_TYPE_MISMATCH",
        f'Type of field "{where}" is incompatible across subgraphs (where marked @external): it has type "{merged}" but '
        f'type "{item.type}" in subgraph "{subgraph.name}". Give it the type that it has where it is resolved.',
        [(subgraph.name, item.node)],
    )
