"""The recipe: everything in which two schemas differ."""

from collections.abc import Iterator

from graphql import GraphQLObjectType, GraphQLSchema

from router.checks.changes import Change, ChangeKind, breaking, safe
from router.checks.diff.directives import diff_directives
from router.checks.diff.notes import diff_description
from router.checks.diff.types import diff_types
from router.checks.diff.usages import diff_usages


def diff_schemas(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Compare two schemas: first what operations start from, then directives, then types in the old order."""
    yield from _diff_roots(old, new)
    yield from diff_description(ChangeKind.SCHEMA_DESCRIPTION_CHANGED, "", "The schema", old, new)
    yield from diff_usages("", old, new)
    yield from diff_directives(old, new)
    yield from diff_types(old, new)


def _diff_roots(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for operation, kind, before, after in (
        ("query", ChangeKind.SCHEMA_QUERY_TYPE_CHANGED, old.query_type, new.query_type),
        ("mutation", ChangeKind.SCHEMA_MUTATION_TYPE_CHANGED, old.mutation_type, new.mutation_type),
        (
            "subscription",
            ChangeKind.SCHEMA_SUBSCRIPTION_TYPE_CHANGED,
            old.subscription_type,
            new.subscription_type,
        ),
    ):
        if _name(before) == _name(after):
            continue
        if before is None:
            yield safe(kind, _name(after), f"The schema has {operation} operations, at {after}.")
        elif after is None:
            yield breaking(kind, before.name, f"The schema has no {operation} operations any more.")
        else:
            told = f"The type that {operation} operations start from is {after} instead of {before}."
            yield breaking(kind, before.name, told)


def _name(root: GraphQLObjectType | None) -> str:
    return root.name if root is not None else ""
