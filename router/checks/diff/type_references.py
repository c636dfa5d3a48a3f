"""Which types may stand in the place of another without anybody noticing."""

from graphql import GraphQLInputType, GraphQLList, GraphQLNonNull, GraphQLOutputType


def is_safe_output(old: GraphQLOutputType, new: GraphQLOutputType) -> bool:
    """Whether every client that reads `old` can read `new`: it may only promise more.

    A narrower named type is no safe change: a client may tell objects apart by their typename.
    """
    if isinstance(new, GraphQLNonNull):
        return is_safe_output(old.of_type if isinstance(old, GraphQLNonNull) else old, new.of_type)
    if isinstance(old, GraphQLList) and isinstance(new, GraphQLList):
        return is_safe_output(old.of_type, new.of_type)
    return str(old) == str(new)


def is_safe_input(old: GraphQLInputType, new: GraphQLInputType) -> bool:
    """Whether every value and every variable for `old` is one for `new`: it may only ask for less.

    A single value would do for a list of such, and a variable of the single type would not.
    """
    if isinstance(old, GraphQLNonNull):
        return is_safe_input(old.of_type, new.of_type if isinstance(new, GraphQLNonNull) else new)
    if isinstance(old, GraphQLList) and isinstance(new, GraphQLList):
        return is_safe_input(old.of_type, new.of_type)
    return str(old) == str(new)
