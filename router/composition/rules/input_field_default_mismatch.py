"""INPUT_FIELD_DEFAULT_MISMATCH: an input field has one default, or none."""

from collections.abc import Iterable, Mapping

from router.composition.context import Merge
from router.composition.merged import describe_values
from router.composition.report import Site


def report_input_field_default_mismatch(
    merge: Merge, where: str, given: Mapping[str, list[str]], sites: Iterable[Site]
) -> None:
    """Report an input field with different defaults; `given` has the subgraphs by default."""
    merge.report.error(
        "INPUT_FIELD_DEFAULT_MISMATCH",
        f'Input field "{where}" has incompatible default values across subgraphs: it has {describe_values(given)}. '
        "Give it the same everywhere.",
        sites,
    )
