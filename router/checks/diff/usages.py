"""Directives that are applied to elements of the schema; what one of an unknown author does, nobody can tell."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import print_ast

from router.checks.changes import Change, ChangeKind, dangerous

# The library reads these into attributes, and each has kinds of its own.
_READ = frozenset({"deprecated", "specifiedBy", "oneOf"})


def diff_usages(coordinate: str, old: Any, new: Any) -> Iterator[Change]:
    """Compare what is applied to one element: a type, field, argument, value, or the schema."""
    before, after = Counter(_usages(old)), Counter(_usages(new))
    for kind, usages, told in (
        (ChangeKind.DIRECTIVE_USAGE_REMOVED, before - after, "is no longer applied to"),
        (ChangeKind.DIRECTIVE_USAGE_ADDED, after - before, "is applied to"),
    ):
        for name, text in usages:
            place = f"{coordinate} @{name}".lstrip()
            yield dangerous(kind, place, f"{text} {told} {coordinate or 'the schema'}.", coordinate)


def _usages(element: Any) -> Iterator[tuple[str, str]]:
    """Name and text of each application, arguments in order of their names."""
    nodes = [element.ast_node, *(getattr(element, "extension_ast_nodes", None) or ())]
    for node in nodes:
        for usage in getattr(node, "directives", None) or ():
            if usage.name.value not in _READ:
                arguments = sorted(print_ast(argument) for argument in usage.arguments or ())
                text = f"@{usage.name.value}" + (f"({', '.join(arguments)})" if arguments else "")
                yield usage.name.value, text
