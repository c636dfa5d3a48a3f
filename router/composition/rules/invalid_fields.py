"""KEY_/PROVIDES_/REQUIRES_INVALID_FIELDS: a field set is a valid selection on its type."""

from collections.abc import Iterable, Iterator
from itertools import chain

from router.composition.context import Merge
from router.composition.field_sets import find_argument_faults
from router.composition.report import Report, Site
from router.composition.rules.key_fields_select_invalid_type import find_abstract_fields
from router.composition.subgraph import Field, FieldSet, SelectedField, Subgraph, Type

_CODES = {
    "key": "KEY_INVALID_FIELDS",
    "provides": "PROVIDES_INVALID_FIELDS",
    "requires": "REQUIRES_INVALID_FIELDS",
}


def check_invalid_fields(subgraph: Subgraph, report: Report) -> None:
    """Check that each field set can be parsed, and selects what there is as it has to be selected."""
    for found in subgraph.field_sets:
        # What to select below a field that cannot be in a key is no question.
        if find_abstract_fields(subgraph, found):
            continue
        for fault in found.faults:
            _report(report, subgraph, found, fault)


def check_requires_arguments(merge: Merge) -> None:
    """Check the arguments in each `@requires` against every subgraph that resolves the field they are given to.

    The field set fits its own subgraph; others may declare the field with other arguments, or other types for them.
    """
    for subgraph in merge.subgraphs:
        for found in subgraph.field_sets:
            if found.applied.name != "requires":
                continue
            for selected in found.fields:
                for resolver, declared, item in _find_resolvers(merge, selected):
                    for fault in find_argument_faults(resolver, declared, item, selected.node):
                        told = f'in subgraph "{resolver.name}", which resolves it, {fault}'
                        _report(merge.report, subgraph, found, told, [(resolver.name, item.node)])


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


def _report(
    report: Report, subgraph: Subgraph, found: FieldSet, fault: str, others: Iterable[Site] = ()
) -> None:
    report.error(
        _CODES[found.applied.name],
        f"[{subgraph.name}] {found} is invalid: {fault}",
        [(subgraph.name, found.applied.node), *others],
    )
