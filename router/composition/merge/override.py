"""`@override`: fields that move from one subgraph to another, at once or by a label."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.build import argument_text
from router.composition.context import Merge
from router.composition.report import Site
from router.composition.subgraph import Applied, Field, Kind, Subgraph, Type

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*", re.ASCII)
_PERCENT = re.compile(r"percent\((?:\d{1,2}(?:\.\d{1,8})?|100)\)", re.ASCII)


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
    for subgraph in merge.subgraphs:
        for declared, item in subgraph.fields():
            applied = item.find("override")
            if applied is not None:
                _find(merge, subgraph, declared, item, applied, overrides)
    return overrides


def _find(
    merge: Merge, subgraph: Subgraph, declared: Type, item: Field, applied: Applied, overrides: Overrides
) -> None:
    where = f"{declared.name}.{item.name}"
    site = [(subgraph.name, applied.node)]
    error, hint = merge.report.error, merge.report.hint
    loser_name = argument_text(applied, "from") or ""
    loser = next((other for other in merge.subgraphs if other.name == loser_name), None)
    target = loser.find_field(declared.name, item.name) if loser is not None else None
    if declared.kind is Kind.INTERFACE:
        error("OVERRIDE_ON_INTERFACE", f'@override cannot be used on field "{where}" of an interface', site)
    elif declared.is_interface_object:
        error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'@override is not supported on "{where}" of an @interfaceObject type',
            site,
        )
    elif loser is None:
        hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'Source subgraph "{loser_name}" for field "{where}" on subgraph "{subgraph.name}" does not exist.',
            site,
        )
    elif loser_name == subgraph.name:
        error(
            "OVERRIDE_FROM_SELF_ERROR",
            f'Source and destination subgraphs "{loser_name}" are the same for overridden field "{where}"',
            site,
        )
    elif target is None or target.is_external:
        hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'Field "{where}" on subgraph "{subgraph.name}" no longer exists in the from subgraph. '
            "The @override directive can be removed.",
            site,
        )
    elif target.find("override") is not None:
        error(
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            f'Field "{where}" on subgraph "{subgraph.name}" is also marked with directive @override in '
            f'subgraph "{loser_name}". Only one @override directive is allowed per field.',
            site,
        )
    elif item.is_external or target.find("requires") is not None or target.find("provides") is not None:
        error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'@override cannot be used on field "{where}" together with @external, @requires or @provides',
            site,
        )
    else:
        overrides[declared.name, item.name, loser_name] = Override(
            subgraph.name, _read_label(merge, where, applied, target, site)
        )


def _read_label(
    merge: Merge, where: str, applied: Applied, target: Field, site: Sequence[Site]
) -> str | None:
    """The label of an override that has an effect; what its author may do next is hinted."""
    subgraph, loser = site[0][0], argument_text(applied, "from")
    label = argument_text(applied, "label")
    if label is None:
        advice = (
            "It is still used in some federation directive(s) and cannot be removed."
            if target.is_used
            else "Consider removing it."
        )
        merge.report.hint(
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            f'Field "{where}" on subgraph "{loser}" is overridden. {advice}',
            site,
        )
    elif _LABEL.fullmatch(label) or _PERCENT.fullmatch(label):
        merge.report.hint(
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            f'Field "{where}" is currently being migrated with progressive @override.',
            site,
        )
    else:
        merge.report.error(
            "OVERRIDE_LABEL_INVALID",
            f'Invalid @override label "{label}" on field "{where}" on subgraph "{subgraph}": labels must start with a '
            "letter and after that may contain alphanumerics, underscores, minuses, colons, periods, or slashes. "
            "Alternatively, labels may be of the form percent(x) where x is a float between 0-100 inclusive.",
            site,
        )
    return label
