"""INVALID_LINK_IDENTIFIER: the url of a `@link` says which specification, and which version of it."""

from graphql import ConstDirectiveNode

from router.composition.report import Report


def report_invalid_link_identifier(
    report: Report, subgraph: str, node: ConstDirectiveNode, fault: str
) -> None:
    """Report a url that names no feature and version."""
    report.error(
        "INVALID_LINK_IDENTIFIER",
        f"[{subgraph}] {fault}. It should look like https://example.com/name/v1.0",
        [(subgraph, node)],
    )
