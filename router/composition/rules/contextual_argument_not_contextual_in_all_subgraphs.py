"""CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: clients cannot give an argument that comes from a context.

So wherever the same argument is an ordinary one, it has to be one that need not be given. Then it is a hint.
"""

from collections.abc import Sequence

from router.composition.report import Report
from router.composition.subgraph import Argument, Subgraph

_CODE = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"


def report_contextual_argument(
    report: Report, where: str, ordinary: Sequence[tuple[Subgraph, Argument]]
) -> None:
    """Report the subgraphs that have an argument as an ordinary one, which comes from a context elsewhere."""
    for subgraph, argument in ordinary:
        site = [(subgraph.name, argument.node)]
        told = f'Argument "{where}" is contextual in at least one subgraph but in subgraph "{subgraph.name}" it has no '
        if argument.is_required:
            advice = "@fromContext, is not nullable and has no default value: make it nullable, or add @fromContext."
            report.error(_CODE, told + advice, site)
        else:
            advice = "@fromContext, so there it will never be given: remove it, or add @fromContext."
            report.hint(_CODE, told + advice, site)
