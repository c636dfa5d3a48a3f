"""ROOT_QUERY_USED, ROOT_MUTATION_USED, ROOT_SUBSCRIPTION_USED: in a supergraph the root types have their default names."""

from graphql import Node

from router.composition.report import Report

_CODES = {
    "Query": "ROOT_QUERY_USED",
    "Mutation": "ROOT_MUTATION_USED",
    "Subscription": "ROOT_SUBSCRIPTION_USED",
}


def report_root_used(report: Report, subgraph: str, default: str, root: str, node: Node | None) -> None:
    """Report a type that has the default name of a root type, where that root type is `root`."""
    report.error(
        _CODES[default],
        f'[{subgraph}] The schema has a type named "{default}" but it is not set as the {default.lower()} root type '
        f'("{root}" is instead): this is not supported by federation. If a root type does not use its default name, there '
        "should be no other type with that default name.",
        [(subgraph, node)],
    )
