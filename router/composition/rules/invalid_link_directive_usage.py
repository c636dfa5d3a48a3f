"""INVALID_LINK_DIRECTIVE_USAGE: what a `@link` says has one meaning."""

from graphql import ConstDirectiveNode

from router.composition.report import Report


def report_invalid_link_directive_usage(
    report: Report, subgraph: str, node: ConstDirectiveNode, fault: str
) -> None:
    """Report what is wrong with a `@link`."""
    report.error("INVALID_LINK_DIRECTIVE_USAGE", f"[{subgraph}] {fault}", [(subgraph, node)])
