"""Input objects and their fields."""

from collections.abc import Iterator

from graphql import GraphQLInputField, GraphQLInputObjectType

from router.checks.changes import Change, ChangeKind, breaking, dangerous, safe
from router.checks.diff.defaults import diff_default, has_default, is_required, write_default
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.pairs import pair
from router.checks.diff.type_references import is_safe_input
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
        yield from _diff(name, f"{name}.{key}", before, after)


def _add(owner: str, coordinate: str, field: GraphQLInputField) -> Change:
    kind = ChangeKind.INPUT_FIELD_ADDED
    told = f"Input field {coordinate} of type {field.type} was added"
    if is_required(field):
        return breaking(kind, coordinate, f"{told}, and has to be given.", owner)
    if has_default(field):
        told += f" with the default {write_default(field)}: it counts for those who do not give it"
        return dangerous(kind, coordinate, f"{told}.", owner)
    return safe(kind, coordinate, f"{told}.")


def _diff(owner: str, coordinate: str, old: GraphQLInputField, new: GraphQLInputField) -> Iterator[Change]:
    label = f"Input field {coordinate}"
    if str(old.type) != str(new.type):
        kind = ChangeKind.INPUT_FIELD_TYPE_CHANGED
        told = f"{label} changed its type from {old.type} to {new.type}."
        is_safe = is_safe_input(old.type, new.type)
        yield safe(kind, coordinate, told) if is_safe else breaking(kind, coordinate, told, owner)
    change = diff_default(
        ChangeKind.INPUT_FIELD_DEFAULT_VALUE_CHANGED, coordinate, label, old, new, affects=owner
    )
    if change is not None:
        yield change
    yield from diff_description(ChangeKind.INPUT_FIELD_DESCRIPTION_CHANGED, coordinate, label, old, new)
    yield from diff_deprecation("INPUT_FIELD", coordinate, label, old, new)
    yield from diff_usages(coordinate, old, new)
