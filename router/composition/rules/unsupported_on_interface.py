"""KEY_/PROVIDES_/REQUIRES_UNSUPPORTED_ON_INTERFACE: field sets are for objects, keys since v2.3 also for interfaces."""

from router.composition.report import Report
from router.composition.subgraph import Kind, Subgraph

_CODES = {
    "key": "KEY_UNSUPPORTED_ON_INTERFACE",
    "provides": "PROVIDES_UNSUPPORTED_ON_INTERFACE",
    "requires": "REQUIRES_UNSUPPORTED_ON_INTERFACE",
}
_KEYS_SINCE = (2, 3)


def check_unsupported_on_interface(subgraph: Subgraph, report: Report) -> None:
    """Check that no interface has a key that its version does not know, and none of its fields the others."""
    for found in subgraph.field_sets:
        if subgraph.types[found.type_name].kind is not Kind.INTERFACE:
            continue
        name = found.applied.name
        if name != "key":
            advice = "apply it on the field of the implementations"
        elif subgraph.linked.version < _KEYS_SINCE and not found.faults:
            advice = "link federation v2.3 or later, or apply it on the implementations only"
        else:
            continue
        report.error(
            _CODES[name],
            f'[{subgraph.name}] Cannot use @{name} on "{found.coordinate}" of an interface: {advice}',
            [(subgraph.name, found.applied.node)],
        )
