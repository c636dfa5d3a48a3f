"""EXTERNAL_UNUSED: a field that is resolved elsewhere is declared for a reason."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph


def check_external_unused(subgraph: Subgraph, report: Report) -> None:
    """Check that each external field is needed by a field set, a context or an interface."""
    for declared, item in subgraph.fields():
        if item.is_external and not item.is_used:
            report.error(
                "EXTERNAL_UNUSED",
                f'[{subgraph.name}] Field "{declared.name}.{item.name}" is marked @external but is not used in any '
                "federation directive (@key, @provides, @requires, @fromContext) or to satisfy an interface: remove "
                "the field, or its @external if this subgraph resolves it",
                [(subgraph.name, item.node)],
            )
