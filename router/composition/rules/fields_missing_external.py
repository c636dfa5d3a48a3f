"""PROVIDES_/REQUIRES_FIELDS_MISSING_EXTERNAL: what a subgraph resolves itself need not be required or provided."""

from router.composition.report import Report
from router.composition.resolvability import find_local_leaves
from router.composition.subgraph import Subgraph

_CODES = {"provides": "PROVIDES_FIELDS_MISSING_EXTERNAL", "requires": "REQUIRES_FIELDS_MISSING_EXTERNAL"}


def check_fields_missing_external(subgraph: Subgraph, report: Report) -> None:
    """Check that each leaf of a requirement or provision is external, or below something that is."""
    for found in subgraph.field_sets:
        code = _CODES.get(found.applied.name)
        if code is None or found.faults:
            continue
        for leaf in find_local_leaves(subgraph, found):
            field = subgraph.find_field(leaf.parent, leaf.name)
            if field is not None and field.find("external") is not None:
                advice = (
                    "although it is marked @external, since it is a key field of a type that is extended here: leave "
                    "it out of the selection"
                )
            else:
                advice = "(it is not marked @external): leave it out of the selection, or mark it @external"
            report.error(
                code,
                f'[{subgraph.name}] {found} selects "{leaf.parent}.{leaf.name}", which this subgraph resolves itself '
                f"{advice}",
                [(subgraph.name, found.applied.node)],
            )
