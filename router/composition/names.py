"""Under which names the directives of Apollo's specs reach the supergraph: those that the subgraphs use."""

from collections.abc import Iterator, Mapping

from router.composition.context import Merge
from router.composition.subgraph import Applied, Subgraph
from router.spec import connect
from router.spec.federation import COMPOSED_BY_DIRECTIVE, DIRECTIVES, JOINED

Uses = Mapping[str, Mapping[str, list[str]]]
"""Directive -> its names in the subgraphs -> the subgraphs that apply it under this name."""


def name_composed_directives(merge: Merge) -> None:
    """Fill `merge.composed` and `merge.joined` with the directives that are applied anywhere."""
    for directive, names in read_uses(merge).items():
        if directive in JOINED:
            merge.joined.add(directive)
        else:
            merge.composed[directive] = next(iter(names))


def read_uses(merge: Merge) -> Uses:
    """The applied directives of Apollo's specs: by subgraph first used in, then in the order of federation's spec."""
    uses: dict[str, dict[str, list[str]]] = {}
    for subgraph in merge.subgraphs:
        used = {applied.name: applied.node.name.value for applied in _applications(subgraph)}
        for directive in DIRECTIVES:
            if directive in used and (directive in COMPOSED_BY_DIRECTIVE or directive in JOINED):
                uses.setdefault(directive, {}).setdefault(used[directive], []).append(subgraph.name)
    return uses


def joined_name(subgraph: Subgraph, applied: Applied) -> str | None:
    """What `@join__directive` calls a directive that reaches the supergraph inside it; None for all others."""
    if applied.name in JOINED:
        return f"federation__{applied.name}"
    local = applied.node.name.value
    for link in subgraph.linked.links:
        if link.identity == connect.IDENTITY and (
            applied.node is link.node or local in {link.local_directive(own) for own in connect.DIRECTIVES}
        ):
            return local
    return None


def _applications(subgraph: Subgraph) -> Iterator[Applied]:
    yield from subgraph.schema_directives
    for declared in subgraph.types.values():
        yield from declared.directives
        for item in declared.fields.values():
            yield from item.directives
            for argument in item.arguments.values():
                yield from argument.directives
        for given in declared.inputs.values():
            yield from given.directives
        for value in declared.values.values():
            yield from value.directives
    for arguments in subgraph.directive_arguments.values():
        for argument in arguments.values():
            yield from argument.directives
