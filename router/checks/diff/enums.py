"""Values of enums."""

from collections.abc import Iterator

from graphql import GraphQLEnumType

from router.checks.changes import Change, ChangeKind, breaking, dangerous
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.pairs import pair
from router.checks.diff.usages import diff_usages


def diff_enum(old: GraphQLEnumType, new: GraphQLEnumType) -> Iterator[Change]:
    """Compare the values of an enum."""
    pairs = pair(old.values, new.values)
    for name, value in pairs.removed.items():
        coordinate = f"{old.name}.{name}"
        noted = " It was deprecated." if value.deprecation_reason is not None else ""
        yield breaking(ChangeKind.ENUM_VALUE_REMOVED, coordinate, f"Value {coordinate} was removed.{noted}")
    for name in pairs.added:
        coordinate = f"{new.name}.{name}"
        told = f"Value {coordinate} was added: clients may meet it."
        yield dangerous(ChangeKind.ENUM_VALUE_ADDED, coordinate, told, new.name)
    for name, (before, after) in pairs.kept.items():
        coordinate = f"{old.name}.{name}"
        label = f"Value {coordinate}"
        yield from diff_description(
            ChangeKind.ENUM_VALUE_DESCRIPTION_CHANGED, coordinate, label, before, after
        )
        yield from diff_deprecation("ENUM_VALUE", coordinate, label, before, after)
        yield from diff_usages(coordinate, before, after)
