"""SATISFIABILITY_ERROR: an operation that the API schema allows, and that no plan over the subgraphs can answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.context import Merge
from router.composition.report import Site

_OPERATIONS_MAX = 10
_ADVICE = (
    "Let the subgraphs named here resolve a @key by which the one that has the field can be entered, or let them "
    "resolve the field too (@shareable)."
)


@dataclass(frozen=True, slots=True)
class Unsatisfied:
    """Operations that fail together, why each subgraph cannot answer them, and the definitions concerned."""

    operations: Sequence[str]
    reasons: Sequence[str]
    sites: Sequence[Site]


def report_unsatisfied(merge: Merge, found: Sequence[Unsatisfied], left_out: int) -> None:
    """Report operations that cannot be answered; the last error tells how many more there are."""
    for item in found:
        lines = [*_write_operations(item), *item.reasons, _ADVICE]
        if left_out and item is found[-1]:
            lines.append(f"{left_out} more operations cannot be answered either; they are not shown.")
        merge.report.error("SATISFIABILITY_ERROR", "\n".join(lines), item.sites)


def _write_operations(item: Unsatisfied) -> list[str]:
    shown = item.operations[:_OPERATIONS_MAX]
    if len(item.operations) == 1:
        return [
            "The API allows the following operation:",
            *shown,
            "The subgraphs cannot answer it, because:",
        ]
    return [
        "The API allows the following operations:",
        *shown,
        "A mutation runs in one of the subgraphs that share it, and none of them can answer all of these, because:",
    ]
