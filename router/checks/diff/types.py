"""Types as a whole, and the way from a type to what is in it."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
)

from router.checks.changes import Change, ChangeKind, breaking, dangerous, safe
from router.checks.diff.enums import diff_enum
from router.checks.diff.fields import diff_fields
from router.checks.diff.inputs import diff_input
from router.checks.diff.interfaces import diff_interfaces
from router.checks.diff.notes import diff_description
from router.checks.diff.pairs import pair
from router.checks.diff.unions import diff_union
from router.checks.diff.usages import diff_usages

_KEYWORDS: dict[type[GraphQLNamedType], str] = {
    GraphQLObjectType: "type",
    GraphQLInterfaceType: "interface",
    GraphQLUnionType: "union",
    GraphQLEnumType: "enum",
    GraphQLInputObjectType: "input",
    GraphQLScalarType: "scalar",
}


def diff_types(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Compare the types of two schemas; what is in a type that comes or goes is not told one by one."""
    pairs = pair(_product_types(old), _product_types(new))
    for name, declared in pairs.removed.items():
        told = f"The {_keyword(declared)} {name} was removed."
        yield breaking(ChangeKind.TYPE_REMOVED, name, told)
    for name, declared in pairs.added.items():
        yield safe(ChangeKind.TYPE_ADDED, name, f"The {_keyword(declared)} {name} was added.")
    for before, after in pairs.kept.values():
        yield from _diff(before, after)


def _product_types(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    return {
        name: declared
        for name, declared in schema.type_map.items()
        if not is_introspection_type(declared) and not is_specified_scalar_type(declared)
    }


def _keyword(declared: GraphQLNamedType) -> str:
    return next(word for kind, word in _KEYWORDS.items() if isinstance(declared, kind))


def _diff(old: GraphQLNamedType, new: GraphQLNamedType) -> Iterator[Change]:
    name = old.name
    if _keyword(old) == _keyword(new):
        yield from _diff_content(old, new)
        yield from diff_usages(name, old, new)
    else:
        told = f"{name} was a type of the kind {_keyword(old)} and is one of the kind {_keyword(new)} now."
        yield breaking(ChangeKind.TYPE_KIND_CHANGED, name, told)
    yield from diff_description(ChangeKind.TYPE_DESCRIPTION_CHANGED, name, f"Type {name}", old, new)


def _diff_content(old: GraphQLNamedType, new: GraphQLNamedType) -> Iterator[Change]:
    match old, new:
        case (
            (GraphQLObjectType() | GraphQLInterfaceType()) as before,
            (GraphQLObjectType() | GraphQLInterfaceType()) as after,
        ):
            yield from diff_interfaces(before, after)
            yield from diff_fields(before, after)
        case GraphQLUnionType(), GraphQLUnionType():
            yield from diff_union(old, new)
        case GraphQLEnumType(), GraphQLEnumType():
            yield from diff_enum(old, new)
        case GraphQLInputObjectType(), GraphQLInputObjectType():
            yield from diff_input(old, new)
        case GraphQLScalarType(), GraphQLScalarType():
            if old.specified_by_url != new.specified_by_url:
                before_url, after_url = old.specified_by_url or "nothing", new.specified_by_url or "nothing"
                told = f"Scalar {old.name} is specified by {after_url} instead of {before_url}."
                yield dangerous(ChangeKind.SCALAR_SPECIFIED_BY_CHANGED, old.name, told)
        case _:
            raise AssertionError("both are of one kind")
