"""Members of unions."""

from collections.abc import Iterator

from graphql import GraphQLUnionType

from router.checks.changes import Change, ChangeKind, breaking, dangerous
from router.checks.diff.pairs import pair_names


def diff_union(old: GraphQLUnionType, new: GraphQLUnionType) -> Iterator[Change]:
    """Compare the members of a union."""
    name = old.name
    pairs = pair_names((each.name for each in old.types), (each.name for each in new.types))
    for member in pairs.removed:
        told = f"Member {member} was removed from the union {name}."
        yield breaking(ChangeKind.UNION_MEMBER_REMOVED, name, told, name, member)
    for member in pairs.added:
        told = f"Member {member} was added to the union {name}: clients may meet it."
        yield dangerous(ChangeKind.UNION_MEMBER_ADDED, name, told)
