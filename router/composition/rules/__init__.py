"""The rules of one subgraph, each reporting and none changing anything. `check_subgraph` runs them all."""

from collections.abc import Callable

from router.composition.report import Report
from router.composition.rules.access import check_access
from router.composition.rules.cost import check_cost
from router.composition.rules.external import check_external
from router.composition.rules.field_sets import check_field_sets
from router.composition.rules.interfaces import check_interfaces
from router.composition.rules.shareable import check_shareable
from router.composition.subgraph import Subgraph

RULES: tuple[Callable[[Subgraph, Report], None], ...] = (
    check_field_sets,
    check_external,
    check_interfaces,
    check_shareable,
    check_access,
    check_cost,
)


def check_subgraph(subgraph: Subgraph, report: Report) -> None:
    """Report everything that is wrong with one subgraph by itself."""
    if subgraph.name == "_":
        report.error("INVALID_SUBGRAPH_NAME", 'Invalid name "_" for a subgraph: this name is reserved')
    for rule in RULES:
        rule(subgraph, report)
