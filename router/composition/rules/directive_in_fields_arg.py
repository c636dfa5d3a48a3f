"""KEY_/PROVIDES_/REQUIRES_DIRECTIVE_IN_FIELDS_ARG: field sets have no conditions."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph

_CODES = {
    "key": "KEY_DIRECTIVE_IN_FIELDS_ARG",
    "provides": "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
    "requires": "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
}


def check_directive_in_fields_arg(subgraph: Subgraph, report: Report) -> None:
    """Check that no directive is applied in a field set; one that does not exist makes it invalid anyway."""
    for found in subgraph.field_sets:
        if found.directives and not found.faults:
            names = ", ".join(f"@{name}" for name in found.directives)
            report.error(
                _CODES[found.applied.name],
                f"[{subgraph.name}] {found} has directives among its fields, which it cannot have: leave {names} out",
                [(subgraph.name, found.applied.node)],
            )
