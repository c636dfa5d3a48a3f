"""EXTENSION_WITH_NO_BASE: a type that is extended has to be defined somewhere."""

from collections.abc import Iterable

from router.composition.report import Report
from router.composition.subgraph import Subgraph, Type


def report_extension_with_no_base(
    report: Report, name: str, sources: Iterable[tuple[Subgraph, Type]]
) -> None:
    """Report a type that its `sources` extend and nobody defines, once for each."""
    for subgraph, declared in sources:
        report.error(
            "EXTENSION_WITH_NO_BASE",
            f'[{subgraph.name}] Type "{name}" is an extension type, but there is no type definition for "{name}" in any '
            "subgraph. Define it (without `extend`) in the subgraph that owns it.",
            [(subgraph.name, declared.node)],
        )
