"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: what is said of a field is said where it is resolved."""

from router.composition.context import Merge
from router.composition.subgraph import Field, Subgraph


def check_merged_directive_application_on_external(
    merge: Merge, where: str, subgraph: Subgraph, item: Field
) -> None:
    """Check that an external field has no directive that reaches the supergraph."""
    for applied in item.directives:
        if applied.name in merge.composed or applied.name in merge.custom or applied.name == "deprecated":
            merge.report.error(
                "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                f'[{subgraph.name}] Cannot apply merged directive @{applied.node.name.value} to external field "{where}": '
                "apply it where the field is resolved.",
                [(subgraph.name, applied.node)],
            )
