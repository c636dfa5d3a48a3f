"""EXTERNAL_UNUSED and EXTERNAL_ON_INTERFACE."""

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph


def check_external(subgraph: Subgraph, report: Report) -> None:
    """Check that every external field is there for a reason."""
    for declared, item in subgraph.fields():
        if declared.kind is Kind.INTERFACE:
            if item.find("external") is not None and subgraph.linked.is_fed2:
                report.error(
                    "EXTERNAL_ON_INTERFACE",
                    f'[{subgraph.name}] Interface type field "{declared.name}.{item.name}" is marked @external but '
                    "@external is not allowed on interface fields.",
                    [(subgraph.name, item.node)],
                )
        elif item.is_external and not item.is_used:
            report.error(
                "EXTERNAL_UNUSED",
                f'[{subgraph.name}] Field "{declared.name}.{item.name}" is marked @external but is not used in any '
                "federation directive (@key, @provides, @requires) or to satisfy an interface; the field declaration "
                "has no use and should be removed (or the field should not be @external).",
                [(subgraph.name, item.node)],
            )
