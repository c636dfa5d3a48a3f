"""Errors' paths as the client sees them. Spec: GraphQL, September 2025, 7.1.2 Errors, "Path"."""

from collections.abc import Sequence

from graphql import GraphQLOutputType, is_list_type, is_wrapping_type

from router.operation.shape import FieldShape, ObjectShape


def follow(shape: ObjectShape, path: Sequence[str | int]) -> int:
    """How many steps of `path` lead to what the client asked for below `shape`, of whatever type the objects are."""
    shapes = [shape]
    lists = 0
    for i, step in enumerate(path):
        if isinstance(step, int):
            lists -= 1
            if lists < 0:
                return i
            continue
        entries = _drop_equal([entry for each in shapes for entry in each.find_any_entries(step)])
        if not entries:
            return i
        shapes = [entry.child for entry in entries if entry.child is not None]
        # Were their lists not the same, the operation would not be valid.
        lists = _count_lists(entries[0].type)
    return len(path)


def _drop_equal(entries: list[FieldShape]) -> list[FieldShape]:
    """One entry for each set of nodes and type: below the others there is the same."""
    return list(
        {
            (*map(id, entry.nodes), entry.child.static_type.name if entry.child else None): entry
            for entry in entries
        }.values()
    )


def _count_lists(type_: GraphQLOutputType | None) -> int:
    lists = 0
    while is_wrapping_type(type_):
        lists += is_list_type(type_)
        type_ = type_.of_type
    return lists
