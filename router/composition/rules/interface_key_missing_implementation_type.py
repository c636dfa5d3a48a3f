"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: who can be entered by an interface's key knows all that implement it."""

from router.composition.context import Merge
from router.composition.subgraph import Kind


def check_interface_key_missing_implementation_type(merge: Merge) -> None:
    """Check every resolvable key on an interface."""
    for name in merge.type_names:
        for subgraph, declared in merge.sources(name):
            if declared.kind is not Kind.INTERFACE or not any(key.is_resolvable for key in declared.keys):
                continue
            missing = [
                item
                for item in merge.implementations(name)
                if item not in subgraph.types or name not in subgraph.types[item].interfaces
            ]
            if missing:
                merge.report.error(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f'[{subgraph.name}] Interface type "{name}" has a resolvable key in subgraph "{subgraph.name}" but '
                    f"that subgraph is missing some of the supergraph implementation types of it: {', '.join(missing)}. "
                    "Add them, or set `resolvable: false`.",
                    [(subgraph.name, declared.node)],
                )
