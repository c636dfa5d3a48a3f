"""CONTEXT_NO_RESOLVABLE_KEY: values of a context are sent along when the field's object is entered by a key."""

from router.composition.contexts import find_contextual_arguments
from router.composition.report import Report
from router.composition.subgraph import Subgraph


def check_context_no_resolvable_key(subgraph: Subgraph, report: Report) -> None:
    """Check that each object with a contextual argument has a key to enter it by."""
    for found in find_contextual_arguments(subgraph):
        owner = found.owner
        if found.use is not None and not any(key.is_resolvable for key in owner.keys):
            report.error(
                "CONTEXT_NO_RESOLVABLE_KEY",
                f'[{subgraph.name}] Object "{owner.name}" has no resolvable key but has a field with a contextual '
                f'argument, "{found.coordinate}": add a @key to it.',
                [(subgraph.name, found.applied.node)],
            )
