"""REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: what one subgraph insists on, others have to know."""

from collections.abc import Iterable, Sequence

from router.composition.context import Merge
from router.composition.report import Site, list_subgraphs


def report_required_argument_missing_in_some_subgraph(
    merge: Merge, where: str, required: Sequence[str], missing: Sequence[str], sites: Iterable[Site]
) -> None:
    """Report what is required in the subgraphs `required` and not there in those of `missing`."""
    merge.report.error(
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        f'Argument "{where}" is required in some subgraphs but does not appear in all subgraphs: it is required in '
        f"{list_subgraphs(required)} but does not appear in {list_subgraphs(missing)}. Make it optional, or add it everywhere.",
        sites,
    )
