"""INVALID_SUBGRAPH_NAME: `_` stands for the router itself where plans and traces name subgraphs."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph

_RESERVED = "_"


def check_invalid_subgraph_name(subgraph: Subgraph, report: Report) -> None:
    """Check that the name is not reserved."""
    if subgraph.name == _RESERVED:
        report.error(
            "INVALID_SUBGRAPH_NAME",
            f'[{subgraph.name}] Invalid name "{_RESERVED}" for a subgraph: it is reserved, choose another one',
            [(subgraph.name, None)],
        )
