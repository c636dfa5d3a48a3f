"""INVALID_SUBGRAPH_NAME: `_` stands for the router itself where plans and traces name subgraphs."""

from router.composition.report import Report
from router.composition.subgraph import Subgraph

_RESERVED = "_"


def check_invalid_subgraph_name(subgraph: Subgraph, report: Report) -> None:
    """Check that there is a name, and that it is not reserved."""
    if subgraph.name in {"", _RESERVED}:
        fault = "it is reserved" if subgraph.name else "it is empty"
        report.error(
            "INVALID_SUBGRAPH_NAME",
            f'[{subgraph.name}] Invalid name "{subgraph.name}" for a subgraph: {fault}, choose another one',
            [(subgraph.name, None)],
        )
