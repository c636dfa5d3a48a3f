"""KEY_FIELDS_SELECT_INVALID_TYPE: what identifies an object does not depend on the type of something in it."""

from router.composition.report import Report
from router.composition.subgraph import FieldSet, Kind, Subgraph
from router.composition.type_ref import named_type


def check_key_fields_select_invalid_type(subgraph: Subgraph, report: Report) -> None:
    """Check that no key selects a field of an interface or union type."""
    for found in subgraph.field_sets:
        for coordinate in find_abstract_fields(subgraph, found):
            report.error(
                "KEY_FIELDS_SELECT_INVALID_TYPE",
                f'[{subgraph.name}] {found} selects "{coordinate}", which is of an abstract type: select fields of '
                "object types, enums and scalars",
                [(subgraph.name, found.applied.node)],
            )


def find_abstract_fields(subgraph: Subgraph, found: FieldSet) -> list[str]:
    """The fields that a key selects and that are of an interface or union type; none for other field sets."""
    if found.applied.name != "key":
        return []
    coordinates = []
    for selected in found.fields:
        field = subgraph.find_field(selected.parent, selected.name)
        target = subgraph.types.get(named_type(field.type)) if field is not None else None
        if target is not None and target.kind in {Kind.INTERFACE, Kind.UNION}:
            coordinates.append(f"{selected.parent}.{selected.name}")
    return list(dict.fromkeys(coordinates))
