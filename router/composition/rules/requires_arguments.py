"""REQUIRES_INVALID_FIELDS, seen from outside: whoever resolves a required field takes the arguments given with it.

The field set of a `@requires` is checked against its own subgraph first. But the field is resolved by others, who may
declare it with other arguments, or with other types for them.
"""

from collections.abc import Iterator
from itertools import chain

from router.composition.context import Merge
from router.composition.field_sets import find_argument_faults
from router.composition.rules.invalid_fields import report_invalid_fields
from router.composition.subgraph import Field, SelectedField, Subgraph, Type


def check_requires_arguments(merge: Merge) -> None:
    """Check the arguments in each `@requires` against every subgraph that resolves the field."""
    for subgraph in merge.subgraphs:
        for found in subgraph.field_sets:
            if found.applied.name != "requires":
                continue
            for selected in found.fields:
                for resolver, declared, item in _find_resolvers(merge, selected):
                    for fault in find_argument_faults(resolver, declared, item, selected.node):
                        told = f'in subgraph "{resolver.name}", which resolves it, {fault}'
                        report_invalid_fields(
                            merge.report, subgraph, found, told, [(resolver.name, item.node)]
                        )


def _find_resolvers(merge: Merge, selected: SelectedField) -> Iterator[tuple[Subgraph, Type, Field]]:
    """The declarations that may resolve a field, those of interface objects that stand for its type too."""
    stand_ins = (
        (subgraph, declared)
        for interface in merge.interfaces.get(selected.parent, ())
        for subgraph, declared in merge.sources(interface)
        if declared.is_interface_object
    )
    for subgraph, declared in chain(merge.sources(selected.parent), stand_ins):
        item = declared.fields.get(selected.name)
        if item is not None and not item.is_external:
            yield subgraph, declared, item
