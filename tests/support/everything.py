"""Selections of everything that a type has, made from its schema: what nobody thought of is asked for too."""

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_union_type,
)


def select_all(
    schema: GraphQLSchema,
    type_name: str,
    depth: int,
    seen: tuple[str, ...] = (),
    omit: frozenset[str] = frozenset(),
) -> str:
    """All fields of a type that need no argument, and what is below them, `depth` levels; no type within itself.

    `omit` are coordinates that are left out, such as `User.wishlist`.
    """
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType), type_name
    parts = ["__typename"]
    for name, field in type_.fields.items():
        if f"{type_name}.{name}" in omit or any(
            isinstance(a.type, GraphQLNonNull) and a.default_value is None for a in field.args.values()
        ):
            continue
        parts += _select(schema, name, field, depth, (*seen, type_name), omit)
    return " ".join(parts)


def _select(
    schema: GraphQLSchema,
    name: str,
    field: GraphQLField,
    depth: int,
    seen: tuple[str, ...],
    omit: frozenset[str],
) -> list[str]:
    target = get_named_type(field.type)
    if is_leaf_type(target):
        return [name]
    if target.name in seen or depth == 0:
        return []
    if is_union_type(target):
        assert isinstance(target, GraphQLUnionType)
        cases = (f"... on {one.name} {{ __typename }}" for one in target.types)
        return [f"{name} {{ {' '.join(cases)} }}"]
    if is_object_type(target):
        return [f"{name} {{ {select_all(schema, target.name, depth - 1, seen, omit)} }}"]
    return [f"{name} {{ __typename }}"]
