"""KEY_/PROVIDES_/REQUIRES_INVALID_FIELDS: a field set is a valid selection on its type."""

from collections.abc import Iterable

from router.composition.report import Report, Site
from router.composition.rules.key_fields_select_invalid_type import find_abstract_fields
from router.composition.subgraph import FieldSet, Subgraph

_CODES = {
    "key": "KEY_INVALID_FIELDS",
    "provides": "PROVIDES_INVALID_FIELDS",
    "requires": "REQUIRES_INVALID_FIELDS",
}


def check_invalid_fields(subgraph: Subgraph, report: Report) -> None:
    """Check that each field set can be parsed, and selects what there is as it has to be selected."""
    for found in subgraph.field_sets:
        # What to select below a field that cannot be in a key is no question.
        if find_abstract_fields(subgraph, found):
            continue
        for fault in found.faults:
            report_invalid_fields(report, subgraph, found, fault)


def report_invalid_fields(
    report: Report, subgraph: Subgraph, found: FieldSet, fault: str, others: Iterable[Site] = ()
) -> None:
    """Report what is wrong with a field set, and where else the cause lies."""
    report.error(
        _CODES[found.applied.name],
        f"[{subgraph.name}] {found} is invalid: {fault}",
        [(subgraph.name, found.applied.node), *others],
    )
