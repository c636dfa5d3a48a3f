"""Default values of arguments and input fields, compared by what they mean."""

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLNonNull,
    Undefined,
    coerce_input_literal,
    print_ast,
)

from router.checks.changes import Change, ChangeKind, breaking, dangerous

Input = GraphQLArgument | GraphQLInputField


def is_required(item: Input) -> bool:
    """Whether a value has to be given."""
    return isinstance(item.type, GraphQLNonNull) and not has_default(item)


def has_default(item: Input) -> bool:
    """Whether something is taken where no value is given; a default that the type does not take is none."""
    return _meaning(item) is not Undefined


def write_default(item: Input) -> str:
    """The default as SDL; empty if there is none."""
    literal = item.default.literal if item.default is not None else None
    return print_ast(literal) if literal is not None else ""


def diff_default(
    kind: ChangeKind, coordinate: str, label: str, old: Input, new: Input, *, affects: str
) -> Change | None:
    """Tell of another default; without one, what must not be null has to be given."""
    # The library's Undefined equals None, and a default of null is not no default.
    if has_default(old) == has_default(new) and _meaning(old) == _meaning(new):
        return None
    told = f"{label} has {_describe(new)} instead of {_describe(old)}"
    if is_required(new) and has_default(old):
        return breaking(kind, coordinate, f"{told}: it has to be given now.", affects)
    return dangerous(kind, coordinate, f"{told}: it changes for those who do not give it.", affects)


def _describe(item: Input) -> str:
    return f"the default {write_default(item)}" if has_default(item) else "no default"


def _meaning(item: Input) -> object:
    literal = item.default.literal if item.default is not None else None
    return coerce_input_literal(literal, item.type) if literal is not None else Undefined
