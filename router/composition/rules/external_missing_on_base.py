"""EXTERNAL_MISSING_ON_BASE: somebody resolves each field."""

from router.composition.context import Merge
from router.composition.merged import FieldSources
from router.composition.report import list_subgraphs


def report_external_missing_on_base(merge: Merge, where: str, sources: FieldSources) -> None:
    """Report a field that is external wherever it is declared."""
    merge.report.error(
        "EXTERNAL_MISSING_ON_BASE",
        f'Field "{where}" is marked @external on all the subgraphs in which it is listed '
        f"({list_subgraphs(s.name for s, _, _ in sources)}). Take the @external out where it is resolved.",
        [(s.name, item.node) for s, _, item in sources],
    )
