"""`@override`: fields that move from one subgraph to another, at once or by a label."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.context import Merge
from router.composition.report import Site
from router.composition.rules.override import (
    report_override_collision,
    report_override_from_self,
    report_override_on_interface,
    report_override_source_has_override,
)
from router.composition.rules.override_label_invalid import check_override_label_invalid
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type, argument_text
from router.kit.did_you_mean import suggest


@dataclass(frozen=True, slots=True)
class Override:
    """A field taken over from a subgraph by another; with a label, only for the requests that the label picks."""

    by: str
    label: str | None


Overrides = dict[tuple[str, str, str], Override]
"""Type, field and the subgraph that loses the field -> who takes it."""


def find_overrides(merge: Merge) -> Overrides:
    """The overrides that have an effect; what is wrong with the others is reported."""
    overrides: Overrides = {}
    for name in merge.type_names:
        sources = merge.sources(name)
        kinds = {Kind.INTERFACE if declared.is_interface_object else declared.kind for _, declared in sources}
        for subgraph, declared in sources if len(kinds) == 1 else ():
            for item in declared.fields.values():
                applied = item.find("override")
                if applied is not None:
                    _find(merge, subgraph, declared, item, applied, overrides)
    return overrides


def _find(
    merge: Merge, subgraph: Subgraph, declared: Type, item: Field, applied: Applied, overrides: Overrides
) -> None:
    where = f"{declared.name}.{item.name}"
    site = [(subgraph.name, applied.node)]
    report = merge.report
    name = argument_text(applied, "from") or ""
    source = next((other for other in merge.subgraphs if other.name == name), None)
    if declared.kind is Kind.INTERFACE:
        report_override_on_interface(report, where, site)
    elif declared.is_interface_object:
        report_override_collision(report, where, "@interfaceObject on its type", site)
    elif source is None:
        report.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'Source subgraph "{name}" for field "{where}" on subgraph "{subgraph.name}" does not exist.'
            f"{suggest(name, [other.name for other in merge.subgraphs])}",
            site,
        )
    elif source is subgraph:
        report_override_from_self(report, where, name, site)
    else:
        label = _find_effect(merge, (subgraph, item), source, where, site)
        if label is not _NONE:
            overrides[declared.name, item.name, name] = Override(subgraph.name, label)


_NONE = "\0"
"""Stands for no effect; no label can be so."""


def _find_effect(
    merge: Merge, taker: tuple[Subgraph, Field], source: Subgraph, where: str, site: Sequence[Site]
) -> str | None:
    """The label of the override, None without one, `_NONE` if the override has no effect."""
    subgraph, item = taker
    type_name = where.partition(".")[0]
    target = source.find_field(type_name, item.name)
    through = None if target is not None else _find_interface_object(merge, source, type_name, item.name)
    report = merge.report
    if through is not None:
        report_override_collision(
            report, where, f'@interfaceObject on "{through}" in subgraph "{source.name}"', site
        )
    elif target is not None and target.find("override") is not None:
        report_override_source_has_override(report, where, (subgraph.name, source.name), site)
    elif target is not None and (directive := _find_collision(item, target)) is not None:
        report_override_collision(report, where, directive, site)
    elif target is None or target.is_external:
        report.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'Field "{where}" on subgraph "{subgraph.name}" '
            + ("no longer exists in" if target is None else "is not resolved anymore by")
            + " the from subgraph. The @override directive can be removed.",
            site,
        )
    else:
        return _read_label(merge, where, item, target, site)
    return _NONE


def _find_interface_object(merge: Merge, source: Subgraph, type_name: str, field_name: str) -> str | None:
    """The interface object by which a subgraph resolves a field of a type that it does not have."""
    for interface in merge.interfaces.get(type_name, ()):
        declared = source.types.get(interface)
        if declared is not None and declared.is_interface_object and field_name in declared.fields:
            return interface
    return None


def _find_collision(item: Field, target: Field) -> str | None:
    if item.is_external:
        return "@external"
    for directive in ("requires", "provides"):
        if target.find(directive) is not None:
            return f"@{directive} in the from subgraph"
    return None


def _read_label(merge: Merge, where: str, item: Field, target: Field, site: Sequence[Site]) -> str | None:
    """The label of an override that has an effect; what its author may do next is hinted."""
    applied = item.find("override")
    assert applied is not None
    label = argument_text(applied, "label")
    if label is None:
        advice = (
            "It is still used in some federation directive(s) (@key, @requires, and/or @provides) and/or to satisfy "
            "interface constraint(s), but consider marking it @external explicitly or removing it along with its "
            "references."
            if target.is_used
            else "Consider removing it."
        )
        source = argument_text(applied, "from")
        merge.report.hint(
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            f'Field "{where}" on subgraph "{source}" is overridden. {advice}',
            site,
        )
    elif check_override_label_invalid(merge.report, where, site[0][0], label, site):
        merge.report.hint(
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            f'Field "{where}" is currently being migrated with progressive @override.',
            site,
        )
    return label
