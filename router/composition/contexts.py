"""Contexts of one subgraph: the types that set them, and the arguments that take their values from them.

A type with `@context(name: "c")` sets the context `c` for all that is selected below it. An argument with
`@fromContext(field: "$c { x }")` takes the `x` of the nearest type above that sets `c`, and clients do not see it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import FragmentDefinitionNode, GraphQLSyntaxError, SelectionSetNode, Source, parse

from router.composition.subgraph import Applied, Argument, Field, Kind, Subgraph, Type, argument_text

_IGNORED = r"(?:[\s,]|#[^\n\r]*[\n\r])*"
_USE = re.compile(rf"{_IGNORED}\${_IGNORED}([A-Za-z_]\w*)(?!\w)(.+)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContextUse:
    """What a `@fromContext` asks for: the name of a context, and the selection just as it is written."""

    context: str
    selection: str

    def parse(self) -> SelectionSetNode:
        """Parse the selection; outer braces may be there or not.

        Raises:
            GraphQLSyntaxError: it is no selection.
        """
        text = self.selection if self.selection.lstrip().startswith("{") else f"{{{self.selection}}}"
        definitions = parse(f"fragment value on value {text}").definitions
        if len(definitions) != 1 or not isinstance(definitions[0], FragmentDefinitionNode):
            raise GraphQLSyntaxError(Source(text), 0, "there is more than one selection")
        return definitions[0].selection_set


@dataclass(frozen=True, slots=True)
class ContextualArgument:
    """An argument with `@fromContext`; `use` is None where that does not name a context and select from it."""

    owner: Type
    field: Field
    argument: Argument
    applied: Applied
    use: ContextUse | None

    @property
    def coordinate(self) -> str:
        """`Type.field(argument:)`."""
        return f"{self.owner.name}.{self.field.name}({self.argument.name}:)"


def read_context_use(argument: Argument) -> ContextUse | None:
    """What an argument takes from a context; None if it takes nothing, or does not say so in the right form."""
    applied = argument.find("fromContext")
    text = argument_text(applied, "field") if applied is not None else None
    match = _USE.match(text) if text is not None else None
    return ContextUse(match[1], match[2]) if match is not None else None


def find_contextual_arguments(subgraph: Subgraph, kind: Kind = Kind.OBJECT) -> Iterator[ContextualArgument]:
    """Every argument that is to come from a context, of the fields of all types of a kind."""
    for owner, field in subgraph.fields():
        for argument in field.arguments.values() if owner.kind is kind else ():
            applied = argument.find("fromContext")
            if applied is not None:
                yield ContextualArgument(owner, field, argument, applied, read_context_use(argument))


def find_setters(subgraph: Subgraph) -> Mapping[str, list[Type]]:
    """The types that set each context, in the order declared."""
    setters: dict[str, list[Type]] = {}
    for declared in subgraph.types.values():
        names = {argument_text(a, "name") for a in declared.directives if a.name == "context"}
        for name in sorted(name for name in names if name is not None):
            setters.setdefault(name, []).append(declared)
    return setters
