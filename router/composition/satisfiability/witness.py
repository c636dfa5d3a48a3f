"""The operation that shows a failing path, with made-up values for the arguments that it needs."""

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLScalarType,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from router.composition.satisfiability.visible import VisibleField
from router.composition.satisfiability.walk import Failure, State

_VALUES = {"Int": "0", "Float": "3.14", "Boolean": "true", "ID": '"<any id>"'}


def write_witness(failure: Failure, kind: str) -> str:
    """The operation that cannot be answered; `...` stands for any fields."""
    steps = [*_steps(failure.state), _write_field(failure.field)]
    if failure.object_type is not None:
        steps.append(f"... on {failure.object_type}")
    if failure.field.objects:
        steps.append("...")
    lines = [f"{'  ' * (depth + 1)}{step}" for depth, step in enumerate(steps)]
    opened = [f"{line} {{" for line in lines[:-1]]
    closed = [f"{'  ' * depth}}}" for depth in range(len(steps) - 1, -1, -1)]
    head = "{" if kind == "query" else f"{kind} {{"
    return "\n".join([head, *opened, lines[-1], *closed])


def _steps(state: State) -> list[str]:
    steps: list[str] = []
    at: State | None = state
    while at is not None and at.field is not None:
        if at.field.is_abstract:
            steps.append(f"... on {at.place.type_name}")
        steps.append(_write_field(at.field))
        at = at.parent
    return steps[::-1]


def _write_field(item: VisibleField) -> str:
    values = [
        f"{name}: {write_sample(argument.type)}"
        for name, argument in item.definition.args.items()
        if is_required_argument(argument)
    ]
    return f"{item.name}({', '.join(values)})" if values else item.name


def write_sample(type_: GraphQLInputType) -> str:
    """A value of a type, made up; of lists the empty one, of input objects what is required."""
    if is_non_null_type(type_):
        return write_sample(type_.of_type)
    if is_list_type(type_):
        return "[]"
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values), "null")
    if isinstance(type_, GraphQLInputObjectType):
        needed = (
            f"{name}: {write_sample(item.type)}"
            for name, item in type_.fields.items()
            if is_required_input_field(item)
        )
        return "{" + ", ".join(needed) + "}"
    assert isinstance(type_, GraphQLScalarType)
    return _VALUES.get(type_.name, '"A string value"')
