"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: who does not resolve a field provides nothing along with it."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph


def check_external_collision_with_another_directive(subgraph: Subgraph, report: Report) -> None:
    """Check that no external field has a `@provides`."""
    for declared, item in subgraph.fields():
        provides = item.find("provides")
        if item.is_external and provides is not None:
            report.error(
                "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f'[{subgraph.name}] Cannot have both @provides and @external on field "{declared.name}.{item.name}": '
                "remove one of them",
                [(subgraph.name, provides.node)],
            )
