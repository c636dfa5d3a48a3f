"""COST_APPLIED_TO_INTERFACE_FIELD: what an interface's field costs is what its implementations' cost."""

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph


def check_cost_applied_to_interface_field(subgraph: Subgraph, report: Report) -> None:
    """Check that no interface's field has a `@cost`."""
    for declared, item in subgraph.fields():
        cost = item.find("cost")
        if declared.kind is Kind.INTERFACE and cost is not None:
            report.error(
                "COST_APPLIED_TO_INTERFACE_FIELD",
                f'[{subgraph.name}] @cost cannot be applied to interface field "{declared.name}.{item.name}": apply it '
                "on the field of the implementations",
                [(subgraph.name, cost.node)],
            )
