"""ENUM_VALUE_MISMATCH: an enum that is both read and sent has the same values everywhere."""

from collections.abc import Iterable

from router.composition.context import Merge
from router.composition.report import Site


def report_enum_value_mismatch(merge: Merge, where: str, told: str, sites: Iterable[Site]) -> None:
    """Report a value that some subgraphs lack; `told` says which."""
    merge.report.error(
        "ENUM_VALUE_MISMATCH",
        f'Enum type "{where.partition(".")[0]}" is used as both input type and output type, but value "{where}" is not '
        f"defined in all the subgraphs defining it: {told}. Add it everywhere, or mark it @inaccessible until it is.",
        sites,
    )
