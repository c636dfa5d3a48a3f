"""NO_CONTEXT_IN_SELECTION: a `@fromContext` names a context, and what to select from it."""

from router.composition.contexts import find_contextual_arguments
from router.composition.report import Report
from router.composition.subgraph import Subgraph


def check_no_context_in_selection(subgraph: Subgraph, report: Report) -> None:
    """Check that each `@fromContext` has the form `$context { selection }` or `$context selection`."""
    for found in find_contextual_arguments(subgraph):
        if found.use is None:
            report.error(
                "NO_CONTEXT_IN_SELECTION",
                f'[{subgraph.name}] The @fromContext of "{found.coordinate}" does not reference a context and a '
                'selection: write its field as "$context { selection }".',
                [(subgraph.name, found.applied.node)],
            )
