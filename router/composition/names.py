"""Under which names the directives of Apollo's specs reach the supergraph: those that the subgraphs use."""

from collections.abc import Iterator

from router.composition.context import Merge
from router.composition.report import list_subgraphs
from router.composition.subgraph import Applied, Subgraph
from router.spec.federation import COMPOSED_BY_DIRECTIVE


def name_composed_directives(merge: Merge) -> None:
    """Fill `merge.composed`: each composed directive that is applied anywhere -> its name in the supergraph."""
    names: dict[str, dict[str, list[str]]] = {}
    for subgraph in merge.subgraphs:
        for applied in _applications(subgraph):
            if applied.name in COMPOSED_BY_DIRECTIVE:
                users = names.setdefault(applied.name, {}).setdefault(applied.node.name.value, [])
                if subgraph.name not in users:
                    users.append(subgraph.name)
    for directive, locals_ in names.items():
        if len(locals_) > 1:
            told = " but ".join(
                f'as "@{local}" in {list_subgraphs(users)}' for local, users in locals_.items()
            )
            merge.report.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f'The "@{directive}" directive is imported with mismatched names between subgraphs: it is imported {told}',
                [(user, None) for users in locals_.values() for user in users],
            )
        merge.composed[directive] = next(iter(locals_))


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
