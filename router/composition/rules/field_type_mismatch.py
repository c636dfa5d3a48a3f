"""FIELD_TYPE_MISMATCH: the types that subgraphs give a field fit together."""

from router.composition.context import Merge
from router.composition.merged import Declared, describe_types


def report_field_type_mismatch(merge: Merge, where: str, declared: Declared) -> None:
    """Report a field whose types do not fit together."""
    merge.report.error(
        "FIELD_TYPE_MISMATCH",
        f'Type of field "{where}" is incompatible across subgraphs: it has {describe_types(declared)}. Make one of '
        "them the other, or a subtype of it.",
        [(subgraph.name, node) for subgraph, _, node in declared],
    )
