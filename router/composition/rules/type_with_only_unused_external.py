"""TYPE_WITH_ONLY_UNUSED_EXTERNAL: a federation 1 type of which nothing is left."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph, Type


def report_type_with_only_unused_external(report: Report, subgraph: Subgraph, declared: Type) -> None:
    """Report a type that the subgraph refers to, and whose fields are external and used by nothing."""
    report.error(
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
        f'[{subgraph.name}] Type "{declared.name}" contains only external fields and all those fields are unused: '
        "add a key or a field of its own, or remove the type from this subgraph.",
        [(subgraph.name, declared.node)],
    )
