"""Fields of objects and interfaces."""

from collections.abc import Iterator

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType

from router.checks.changes import Change, ChangeKind, breaking, safe
from router.checks.diff.arguments import diff_arguments
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.pairs import pair
from router.checks.diff.type_references import is_safe_output
from router.checks.diff.usages import diff_usages

Composite = GraphQLObjectType | GraphQLInterfaceType


def diff_fields(old: Composite, new: Composite) -> Iterator[Change]:
    """Compare the fields of a type."""
    pairs = pair(old.fields, new.fields)
    for name, field in pairs.removed.items():
        coordinate = f"{old.name}.{name}"
        noted = " It was deprecated." if field.deprecation_reason is not None else ""
        yield breaking(ChangeKind.FIELD_REMOVED, coordinate, f"Field {coordinate} was removed.{noted}")
    for name, field in pairs.added.items():
        coordinate = f"{new.name}.{name}"
        yield safe(ChangeKind.FIELD_ADDED, coordinate, f"Field {coordinate}: {field.type} was added.")
    for name, (before, after) in pairs.kept.items():
        yield from _diff(f"{old.name}.{name}", before, after)


def _diff(coordinate: str, old: GraphQLField, new: GraphQLField) -> Iterator[Change]:
    label = f"Field {coordinate}"
    if str(old.type) != str(new.type):
        classify = safe if is_safe_output(old.type, new.type) else breaking
        told = f"{label} changed its type from {old.type} to {new.type}."
        yield classify(ChangeKind.FIELD_TYPE_CHANGED, coordinate, told)
    yield from diff_arguments(coordinate, old, new)
    yield from diff_description(ChangeKind.FIELD_DESCRIPTION_CHANGED, coordinate, label, old, new)
    yield from diff_deprecation("FIELD", coordinate, label, old, new)
    yield from diff_usages(coordinate, old, new)
