"""KEY_/PROVIDES_FIELDS_HAS_ARGS: a field whose value depends on arguments is not one value to identify or provide."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph

_CODES = {"key": "KEY_FIELDS_HAS_ARGS", "provides": "PROVIDES_FIELDS_HAS_ARGS"}


def check_fields_has_args(subgraph: Subgraph, report: Report) -> None:
    """Check that no key and no provision selects a field with arguments; a requirement gives them values."""
    for found in subgraph.field_sets:
        code = _CODES.get(found.applied.name)
        if code is None or found.faults:
            continue
        for selected in found.fields:
            field = subgraph.find_field(selected.parent, selected.name)
            if field is not None and field.arguments:
                report.error(
                    code,
                    f'[{subgraph.name}] {found} selects "{selected.parent}.{selected.name}", which has arguments: '
                    "select only fields without",
                    [(subgraph.name, found.applied.node)],
                )
