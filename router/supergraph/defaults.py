"""Default values as clients see them: whole, in the order of their types, however a subgraph wrote them.

A single item stands for a list of one, and a field that is left out for its own default; composers of federation show
what is meant.
"""

from collections.abc import Iterator

from graphql import (
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    Undefined,
    coerce_input_literal,
)


def settle_defaults(schema: GraphQLSchema) -> None:
    """Write every default of a schema out, and drop what its type does not take.

    The schema is valid, so that no default is part of itself.
    """
    for item in list(_inputs(schema)):
        if item.default is not None and item.default.literal is not None:
            literal = _settle(item.default.literal, item.type)
            is_usable = coerce_input_literal(literal, item.type) is not Undefined
            item.default = GraphQLDefaultInput(literal=literal) if is_usable else None


def _inputs(schema: GraphQLSchema) -> Iterator[GraphQLArgument | GraphQLInputField]:
    for item in schema.type_map.values():
        if isinstance(item, GraphQLInputObjectType):
            yield from item.fields.values()
        elif isinstance(item, GraphQLObjectType | GraphQLInterfaceType):
            for field in item.fields.values():
                yield from field.args.values()
    for directive in schema.directives:
        yield from directive.args.values()


def _settle(node: ConstValueNode, of: GraphQLInputType) -> ConstValueNode:
    if isinstance(of, GraphQLNonNull):
        return _settle(node, of.of_type)
    if isinstance(node, NullValueNode):
        return node
    if isinstance(of, GraphQLList):
        items = node.values if isinstance(node, ListValueNode) else (node,)
        return ConstListValueNode(values=tuple(_settle(item, of.of_type) for item in items))
    if isinstance(of, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return ConstObjectValueNode(fields=tuple(_settle_fields(node, of)))
    if isinstance(node, StringValueNode):
        return StringValueNode(value=node.value, block=False)
    return node


def _settle_fields(node: ConstObjectValueNode, of: GraphQLInputObjectType) -> Iterator[ConstObjectFieldNode]:
    given: dict[str, ConstValueNode] = {entry.name.value: entry.value for entry in node.fields}
    for name, item in of.fields.items():
        value = given.get(name)
        if value is None and item.default is not None:
            value = item.default.literal
        if value is not None:
            yield ConstObjectFieldNode(name=NameNode(value=name), value=_settle(value, item.type))
