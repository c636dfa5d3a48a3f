"""UNKNOWN_LINK_VERSION, UNKNOWN_FEDERATION_LINK_VERSION: versions that we do not know may mean anything."""

from graphql import ConstDirectiveNode

from router.composition.report import Report
from router.spec.federation import LATEST


def report_unknown_link_version(
    report: Report, subgraph: str, node: ConstDirectiveNode, version: str, spec: str
) -> None:
    """Report an unknown version of the link specification, or of `core`, which came before it."""
    report.error(
        "UNKNOWN_LINK_VERSION",
        f"[{subgraph}] Schema uses unknown version {version} of the {spec} spec: link v1.0.",
        [(subgraph, node)],
    )


def report_unknown_federation_link_version(
    report: Report, subgraph: str, node: ConstDirectiveNode, version: str
) -> None:
    """Report an unknown version of federation."""
    report.error(
        "UNKNOWN_FEDERATION_LINK_VERSION",
        f"[{subgraph}] Invalid version {version} for the federation feature in @link directive on schema: known are v2.0 to "
        f"v{LATEST[0]}.{LATEST[1]}.",
        [(subgraph, node)],
    )
