"""LIST_SIZE_INVALID_ASSUMED_SIZE: a size is a count."""

from graphql import IntValueNode

from router.composition.list_sizes import find_list_sizes
from router.composition.report import Report
from router.composition.subgraph import Subgraph


def check_list_size_invalid_assumed_size(subgraph: Subgraph, report: Report) -> None:
    """Check that no assumed size is negative."""
    for found in find_list_sizes(subgraph):
        size = found.applied.arguments.get("assumedSize")
        if isinstance(size, IntValueNode) and int(size.value) < 0:
            report.error(
                "LIST_SIZE_INVALID_ASSUMED_SIZE",
                f'[{subgraph.name}] The @listSize of "{found.coordinate}" assumes a size of {size.value}: it cannot be '
                "negative",
                [(subgraph.name, found.applied.node)],
            )
