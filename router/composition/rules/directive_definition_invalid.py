"""DIRECTIVE_DEFINITION_INVALID: who defines a spec's directive, defines it as the spec does."""

from router.composition.report import Report
from router.composition.spec_definitions import find_directive_faults
from router.composition.subgraph import LinkedSubgraph


def check_directive_definition_invalid(linked: LinkedSubgraph, report: Report) -> None:
    """Check a subgraph's own definitions of directives that it has from a spec."""
    for node, fault in find_directive_faults(linked):
        report.error(
            "DIRECTIVE_DEFINITION_INVALID",
            f'[{linked.name}] Invalid definition for directive "@{node.name.value}": {fault}. Leave the definition out: '
            "it comes with the specification.",
            [(linked.name, node)],
        )
