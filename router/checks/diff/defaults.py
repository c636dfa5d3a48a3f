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
    """Whether something is taken where no value is given."""
    return item.default is not None


def write_default(item: Input) -> str:
    """The default as SDL; empty if there is none."""
    if item.default is None or item.default.literal is None:
        return ""
    return print_ast(item.default.literal)


def diff_default(
    kind: ChangeKind, coordinate: str, label: str, old: Input, new: Input, *, affects: str
) -> Change | None:
    """Tell of another default; without one, what must not be null has to be given."""
    if _meaning(old) == _meaning(new):
        return None
    told = f"{label} has {_describe(new)} instead of {_describe(old)}"
    if is_required(new) and has_default(old):
        return breaking(kind, coordinate, f"{told}: it has to be given now.", affects)
    return dangerous(kind, coordinate, f"{told}: it changes for those who do not give it.", affects)


def _describe(item: Input) -> str:
    return f"the default {write_default(item)}" if has_default(item) else "no default"


def _meaning(item: Input) -> object:
    if item.default is None or item.default.literal is None:
        return None
    value = coerce_input_literal(item.default.literal, item.type)
    # One that its type does not take is as good as its text. A tuple tells a default of null from none.
    return (print_ast(item.default.literal),) if value is Undefined else (value,)
