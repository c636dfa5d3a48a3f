"""KEY_/PROVIDES_/REQUIRES_INVALID_FIELDS_TYPE: a field set is written as a string."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph

_CODES = {
    "key": "KEY_INVALID_FIELDS_TYPE",
    "provides": "PROVIDES_INVALID_FIELDS_TYPE",
    "requires": "REQUIRES_INVALID_FIELDS_TYPE",
}


def check_invalid_fields_type(subgraph: Subgraph, report: Report) -> None:
    """Check that each `fields:` is a string literal."""
    for found in subgraph.field_sets:
        if found.text is None:
            report.error(
                _CODES[found.applied.name],
                f'[{subgraph.name}] The argument "fields" of {found} is no string: write the selection in quotes',
                [(subgraph.name, found.applied.node)],
            )
