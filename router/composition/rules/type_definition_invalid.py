"""TYPE_DEFINITION_INVALID: who defines a spec's type, defines it as the spec does."""

from router.composition.report import Report
from router.composition.spec_definitions import find_type_faults
from router.composition.subgraph import LinkedSubgraph


def check_type_definition_invalid(linked: LinkedSubgraph, report: Report) -> None:
    """Check a subgraph's own definitions of types that it has from a spec."""
    for node, fault in find_type_faults(linked):
        report.error(
            "TYPE_DEFINITION_INVALID",
            f'[{linked.name}] Invalid definition for type "{node.name.value}": {fault}. Leave the definition out: it comes '
            "with the specification.",
            [(linked.name, node)],
        )
