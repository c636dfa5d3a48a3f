"""NO_QUERIES: a supergraph without a query cannot be asked anything."""

from router.composition.report import Report


def report_no_queries(report: Report) -> None:
    """Report that no subgraph has a query."""
    report.error(
        "NO_QUERIES",
        "No queries found in any subgraph: a supergraph must have a query root type. Give one of them a field on Query.",
    )
