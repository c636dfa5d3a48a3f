"""Input objects and their fields."""

from collections.abc import Iterator

from graphql import GraphQLInputField, GraphQLInputObjectType

from router.checks.changes import Change, ChangeKind, breaking, dangerous, safe
from router.checks.diff.defaults import has_default, is_required, write_default
from router.checks.diff.input_values import diff_input_value
from router.checks.diff.pairs import pair
from router.checks.diff.usages import diff_usages


def diff_input(old: GraphQLInputObjectType, new: GraphQLInputObjectType) -> Iterator[Change]:
    """Compare the fields of an input object."""
    name = old.name
    if new.is_one_of and not old.is_one_of:
        told = f"Input {name} is @oneOf: exactly one of its fields has to be given now."
        yield breaking(ChangeKind.INPUT_ONE_OF_ADDED, name, told)
    if old.is_one_of and not new.is_one_of:
        told = f"Input {name} is no longer @oneOf: any of its fields can be given."
        yield safe(ChangeKind.INPUT_ONE_OF_REMOVED, name, told)
    pairs = pair(old.fields, new.fields)
    for key in pairs.removed:
        coordinate = f"{name}.{key}"
        yield breaking(ChangeKind.INPUT_FIELD_REMOVED, coordinate, f"Input field {coordinate} was removed.")
    for key, field in pairs.added.items():
        yield _add(name, f"{name}.{key}", field)
    for key, (before, after) in pairs.kept.items():
        coordinate = f"{name}.{key}"
        label = f"Input field {coordinate}"
        yield from diff_input_value("INPUT_FIELD", coordinate, label, before, after, affects=name)
        yield from diff_usages(coordinate, before, after)


def _add(owner: str, coordinate: str, field: GraphQLInputField) -> Change:
    kind = ChangeKind.INPUT_FIELD_ADDED
    told = f"Input field {coordinate} of type {field.type} was added"
    if is_required(field):
        return breaking(kind, coordinate, f"{told}, and has to be given.", owner)
    if has_default(field):
        told += f" with the default {write_default(field)}: it counts for those who do not give it"
        return dangerous(kind, coordinate, f"{told}.", owner)
    return safe(kind, coordinate, f"{told}.")
