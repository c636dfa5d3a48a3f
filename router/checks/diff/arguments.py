"""Arguments of a field."""

from collections.abc import Iterator

from graphql import GraphQLArgument, GraphQLField

from router.checks.changes import Change, ChangeKind, breaking, dangerous
from router.checks.diff.defaults import has_default, is_required, write_default
from router.checks.diff.input_values import diff_input_value
from router.checks.diff.pairs import pair
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
        coordinate = f"{field}({name}:)"
        label = f"Argument {coordinate}"
        yield from diff_input_value("FIELD_ARGUMENT", coordinate, label, before, after, affects=field)
        yield from diff_usages(coordinate, before, after)


def _add(field: str, coordinate: str, argument: GraphQLArgument) -> Change:
    kind = ChangeKind.FIELD_ARGUMENT_ADDED
    told = f"Argument {coordinate} of type {argument.type} was added"
    if is_required(argument):
        return breaking(kind, coordinate, f"{told}, and has to be given.", field)
    if has_default(argument):
        told += f" with the default {write_default(argument)}"
    return dangerous(kind, coordinate, f"{told}: the field may behave differently without it.", field)
