"""LINK_IMPORT_NAME_MISMATCH: a directive that reaches the supergraph has one name there."""

from router.composition.context import Merge
from router.composition.names import read_uses
from router.composition.report import list_subgraphs


def check_link_import_name_mismatch(merge: Merge) -> None:
    """Check that all subgraphs which apply a directive call it the same; those that do not apply it are free."""
    links = {subgraph.name: subgraph.linked.links for subgraph in merge.subgraphs}
    for directive, names in read_uses(merge).items():
        if len(names) > 1:
            told = " but ".join(f'as "@{local}" in {list_subgraphs(users)}' for local, users in names.items())
            users = [user for users in names.values() for user in users]
            merge.report.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f'The "@{directive}" directive is imported with mismatched names between subgraphs: it is imported '
                f"{told}. Import it under one name",
                [(user, link.node) for user in users for link in links[user]]
                or [(user, None) for user in users],
            )
