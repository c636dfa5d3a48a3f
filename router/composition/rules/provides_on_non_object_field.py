"""PROVIDES_ON_NON_OBJECT_FIELD: only of what has fields can fields be provided."""

from router.composition.field_sets import COMPOSITE
from router.composition.report import Report
from router.composition.subgraph import FieldSet, Subgraph


def check_provides_on_non_object_field(subgraph: Subgraph, report: Report) -> None:
    """Check that each `@provides` is on a field of an object, interface or union type."""
    for found in subgraph.field_sets:
        if found.applied.name != "provides" or _is_external(subgraph, found):
            continue
        target = subgraph.types.get(found.owner)
        if target is None or target.kind not in COMPOSITE:
            report.error(
                "PROVIDES_ON_NON_OBJECT_FIELD",
                f'[{subgraph.name}] Invalid @provides on field "{found.coordinate}": its type "{found.owner}" has no '
                "fields to provide; remove the directive",
                [(subgraph.name, found.applied.node)],
            )


def _is_external(subgraph: Subgraph, found: FieldSet) -> bool:
    """Whether `@provides` cannot be there at all: that is a rule of its own."""
    field = subgraph.find_field(found.type_name, found.field_name or "")
    return field is not None and field.is_external
