"""EXTERNAL_ON_INTERFACE: an interface's field is resolved by nobody, so it has no other place to be resolved."""

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph


def check_external_on_interface(subgraph: Subgraph, report: Report) -> None:
    """Check that no interface's field is marked `@external`."""
    for declared, item in subgraph.fields():
        external = item.find("external")
        if declared.kind is Kind.INTERFACE and item.is_external and external is not None:
            report.error(
                "EXTERNAL_ON_INTERFACE",
                f'[{subgraph.name}] Interface type field "{declared.name}.{item.name}" is marked @external, which only '
                "fields of object types can be: mark those of the implementations",
                [(subgraph.name, external.node)],
            )
