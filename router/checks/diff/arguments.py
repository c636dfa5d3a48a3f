"""Arguments of a field."""

from collections.abc import Iterator

from graphql import GraphQLArgument, GraphQLField

from router.checks.changes import Change, ChangeKind, breaking, dangerous, safe
from router.checks.diff.defaults import diff_default, has_default, is_required, write_default
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.pairs import pair
from router.checks.diff.type_references import is_safe_input
from router.checks.diff.usages import diff_usages


def diff_arguments(field: str, old: GraphQLField, new: GraphQLField) -> Iterator[Change]:
    """Compare the arguments of the field with the coordinate `field`."""
    pairs = pair(old.args, new.args)
    for name in pairs.removed:
        coordinate = f"{field}({name}:)"
        yield breaking(ChangeKind.FIELD_ARGUMENT_REMOVED, coordinate, f"Argument {coordinate} was removed.")
    for name, argument in pairs.added.items():
        yield _add(field, f"{field}({name}:)", argument)
    for name, (before, after) in pairs.kept.items():
        yield from _diff(field, f"{field}({name}:)", before, after)


def _add(field: str, coordinate: str, argument: GraphQLArgument) -> Change:
    kind = ChangeKind.FIELD_ARGUMENT_ADDED
    told = f"Argument {coordinate} of type {argument.type} was added"
    if is_required(argument):
        return breaking(kind, coordinate, f"{told}, and has to be given.", field)
    if has_default(argument):
        told += f" with the default {write_default(argument)}"
    return dangerous(kind, coordinate, f"{told}: the field may behave differently without it.", field)


def _diff(field: str, coordinate: str, old: GraphQLArgument, new: GraphQLArgument) -> Iterator[Change]:
    label = f"Argument {coordinate}"
    if str(old.type) != str(new.type):
        kind = ChangeKind.FIELD_ARGUMENT_TYPE_CHANGED
        told = f"{label} changed its type from {old.type} to {new.type}."
        is_safe = is_safe_input(old.type, new.type)
        yield safe(kind, coordinate, told) if is_safe else breaking(kind, coordinate, told, field)
    change = diff_default(
        ChangeKind.FIELD_ARGUMENT_DEFAULT_CHANGED, coordinate, label, old, new, affects=field
    )
    if change is not None:
        yield change
    yield from diff_description(ChangeKind.FIELD_ARGUMENT_DESCRIPTION_CHANGED, coordinate, label, old, new)
    yield from diff_deprecation("FIELD_ARGUMENT", coordinate, label, old, new)
    yield from diff_usages(coordinate, old, new)
