"""LIST_SIZE_INVALID_SLICING_ARGUMENT: the argument that gives a list's size is a number."""

from collections.abc import Sequence

from router.composition.list_sizes import find_list_sizes
from router.composition.report import Report, list_subgraphs
from router.composition.subgraph import Applied, Subgraph

_CODE = "LIST_SIZE_INVALID_SLICING_ARGUMENT"


def check_list_size_invalid_slicing_argument(subgraph: Subgraph, report: Report) -> None:
    """Check that slicing arguments are arguments of the field, of type Int."""
    for found in find_list_sizes(subgraph):
        for name in found.slicing_arguments:
            argument = found.field.arguments.get(name)
            if argument is None or str(argument.type) not in {"Int", "Int!"}:
                fault = "is no argument of the field" if argument is None else f"is of type {argument.type}"
                report.error(
                    _CODE,
                    f'[{subgraph.name}] The slicing argument "{name}" of "{found.coordinate}" {fault}: name arguments '
                    "of type Int or Int!",
                    [(subgraph.name, found.applied.node)],
                )


def report_dropped_slicing_arguments(
    report: Report, where: str, names: Sequence[str], uses: Sequence[tuple[Subgraph, Applied]]
) -> None:
    """Report that merging drops every slicing argument of a field."""
    told = ", ".join(f'"{name}"' for name in names)
    report.error(
        _CODE,
        f'No slicing argument is left of the @listSize of "{where}" in {list_subgraphs(s.name for s, _ in uses)}: {told} '
        "will not be in the supergraph, since not all subgraphs have it. Add it everywhere, or name another one.",
        [(subgraph.name, applied.node) for subgraph, applied in uses],
    )
