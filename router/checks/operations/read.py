"""The clients' operations, each with the fragments that it needs, from texts of any number of operations.

Fragments are shared by all texts, as clients share files. One in the operation's own text counts first, so that texts
that were completed by a tool may each have their copy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    Source,
    Visitor,
    parse,
    print_ast,
    visit,
)

from router.checks.errors import CheckError
from router.operation.fragments import read_fragments


@dataclass(frozen=True, slots=True)
class ClientOperation:
    """One operation of a client; `name` is the operation's, or its place if it has none. Lines count from 1."""

    name: str
    file: str
    line: int
    document: DocumentNode


def read_client_operations(texts: Mapping[str, str]) -> tuple[ClientOperation, ...]:
    """Read operations from texts by their names, which messages mention.

    Raises:
        CheckError: a text is no GraphQL, a fragment is ambiguous, or there are no operations; all problems at once.
    """
    problems: list[str] = []
    documents = {file: document for file, text in texts.items() if (document := _parse(file, text, problems))}
    fragments = {file: read_fragments(document) for file, document in documents.items()}
    reader = _Reader(fragments, problems)
    operations = tuple(
        reader.read(file, node)
        for file, document in documents.items()
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )
    if not operations and not problems:
        problems.append("there is no operation: a check without any would call every change safe")
    if problems:
        raise CheckError(problems)
    return operations


def _parse(file: str, text: str, problems: list[str]) -> DocumentNode | None:
    try:
        return parse(Source(text, file))
    except GraphQLSyntaxError as error:
        line, column = error.locations[0] if error.locations else (1, 1)
        problems.append(f"{file}:{line}:{column}: {error.message}")
    except RecursionError:
        problems.append(f"{file}: is nested too deeply")
    return None


@dataclass(frozen=True, slots=True)
class _Reader:
    fragments: Mapping[str, Mapping[str, FragmentDefinitionNode]]
    problems: list[str]

    def read(self, file: str, node: OperationDefinitionNode) -> ClientOperation:
        line = node.loc.start_token.line if node.loc is not None else 1
        name = node.name.value if node.name is not None else f"{file}:{line}"
        needed: dict[str, FragmentDefinitionNode] = {}
        waiting = list(_spreads(node))
        while waiting:
            spread = waiting.pop()
            fragment = None if spread in needed else self._find(file, spread)
            if fragment is not None:
                needed[spread] = fragment
                waiting += _spreads(fragment)
        return ClientOperation(name, file, line, DocumentNode(definitions=(node, *needed.values())))

    def _find(self, file: str, name: str) -> FragmentDefinitionNode | None:
        """A fragment; None where there is none, which validation tells."""
        own = self.fragments[file].get(name)
        if own is not None:
            return own
        found = {
            print_ast(each[name]): (other, each[name])
            for other, each in self.fragments.items()
            if name in each
        }
        if len(found) > 1:
            files = " and ".join(other for other, _ in found.values())
            problem = (
                f"{file}: fragment {name} is not the same in {files}, and which one is meant cannot be told"
            )
            if problem not in self.problems:
                self.problems.append(problem)
        return next((fragment for _, fragment in found.values()), None)


def _spreads(node: Node) -> Iterator[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    yield from names
