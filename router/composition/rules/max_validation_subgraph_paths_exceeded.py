"""MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: too many ways through the subgraphs for all operations to be checked."""

from router.composition.context import Merge


def report_too_many_paths(merge: Merge, limit: int) -> None:
    """Report that satisfiability was given up."""
    merge.report.error(
        "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
        f"Whether every operation can be answered was not found out: there are more than {limit} ways for data to go "
        "through the subgraphs. Use fewer progressive @overrides at a time, or fewer different keys for one type.",
    )
